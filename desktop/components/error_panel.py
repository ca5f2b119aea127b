# SPDX-License-Identifier: Apache-2.0
"""Trouble in three parts: what happened, why, what to do."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.components.dress import button, clear, label
from desktop.components.flow import flow
from desktop.components.folded import Folded
from desktop.words.translation import engine_words, explained, tr
from node_manager.explanation import Explanation

NAME_WIDTH = 104


class ErrorPanel(QWidget):
    """What happened / why / what to do, the ways out, and "Copy report"."""

    def __init__(self) -> None:
        super().__init__()
        self._explanation: Explanation | None = None
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(7)
        self._grid.setColumnMinimumWidth(0, NAME_WIDTH)
        self._grid.setColumnStretch(1, 1)
        self._rows: list[tuple[str, str, str]] = []
        self._copy = button(tr("Copy report"), self._on_copy, kind="link")
        self._ways = flow(self._copy, None, gap=10)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(14)
        layout.addLayout(self._grid)
        layout.addLayout(self._ways)
        self.hide()

    @property
    def explained(self) -> bool:
        """Whether it shows an explanation."""
        return self._explanation is not None

    def add_way(
        self, text: str, on_click: Callable[[], object], *, primary: bool = False, symbol: str = ""
    ) -> QPushButton:
        """Add a way out; the primary one comes first."""
        way = button(text, on_click, kind="primary" if primary else "plain", symbol=symbol)
        self._ways.insertWidget(0 if primary else self._ways.count() - 2, way)
        return way

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        ways = [self._ways.itemAt(at).widget() for at in range(self._ways.count() - 1)]
        for one, other in pairwise(ways):
            self.setTabOrder(one, other)

    def explain(self, explanation: Explanation | None) -> None:
        """Show an explanation, or hide for None."""
        self._explanation = explanation
        self.setVisible(explanation is not None)
        if explanation is None:
            return
        what, why, todo = explained(explanation)
        rows = [(tr("What happened"), what, "body"), (tr("Why"), why, "body")]
        rows += [(name, text, "mono") for name, text in unsaid_facts(explanation)]
        rows.append((tr("What to do"), todo, "body"))
        self._show_rows([row for row in rows if row[1]])
        self.setAccessibleName(" ".join(filter(None, (what, why, todo))))

    def _show_rows(self, rows: list[tuple[str, str, str]]) -> None:
        if rows == self._rows:
            return
        self._rows = rows
        clear(self._grid)
        for at, (name, text, kind) in enumerate(rows):
            shown = Folded(text, kind, selectable=True)
            self._grid.addWidget(label(name, "second"), at, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(shown, at, 1)

    def report(self) -> str:
        """The trouble as text, with its code; facts hold no secret."""
        if self._explanation is None:
            return ""
        what, why, todo = explained(self._explanation)
        facts = "\n".join(f"{name}: {fact}" for name, fact in self._explanation.facts.items())
        return "\n".join(filter(None, (self._explanation.code, what, why, todo, facts)))

    def _on_copy(self) -> None:
        QApplication.clipboard().setText(self.report())


def unsaid_facts(explanation: Explanation) -> list[tuple[str, str]]:
    """Facts that no sentence mentions, such as two hashes to compare."""
    said = explanation.what + explanation.why + explanation.todo
    return [
        (engine_words(name.replace("_", " ").capitalize()), str(fact))
        for name, fact in explanation.facts.items()
        if f"{{{name}" not in said and fact not in (None, "")
    ]
