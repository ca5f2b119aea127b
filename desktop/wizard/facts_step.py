# SPDX-License-Identifier: Apache-2.0
"""The last step of a wizard: what was chosen, as facts to read once more."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout

from desktop.components.dress import Card, clear, label
from desktop.components.error_panel import ErrorPanel
from desktop.components.folded import Folded
from desktop.context import Context
from desktop.wizard.draft import Draft
from desktop.wizard.step import Step


class FactsStep(Step):
    """A card of names and values; the wizard's button does what they say."""

    def __init__(self, context: Context, draft: Draft, title: str, line: str) -> None:
        super().__init__(context, draft, title, line)
        card = Card(margins=(18, 16, 18, 16))
        self._facts = QGridLayout()
        self._facts.setHorizontalSpacing(16)
        self._facts.setVerticalSpacing(9)
        self._facts.setColumnMinimumWidth(0, 132)
        self._facts.setColumnStretch(1, 1)
        card.body.addLayout(self._facts)
        self.trouble = ErrorPanel()
        card.body.addWidget(self.trouble)
        self.content.addWidget(card)
        self.content.addStretch(1)

    def enter(self) -> None:
        self.trouble.explain(None)
        clear(self._facts)
        for line, (name, value) in enumerate(self.facts()):
            self._facts.addWidget(label(name, "second"), line, 0, Qt.AlignmentFlag.AlignTop)
            self._facts.addWidget(Folded(value, "body"), line, 1)

    def facts(self) -> Sequence[tuple[str, str]]:
        """Names and values as they stand now."""
        raise NotImplementedError
