# SPDX-License-Identifier: Apache-2.0
"""What the steps of the wizard share."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from desktop.components.dress import label
from desktop.components.ground import Scrolled
from desktop.context import Context
from desktop.wizard.draft import Draft

CONTENT_WIDTH = 888


class Step(Scrolled):
    """One decision. It reads and fills the draft; nothing is made before the last step.

    Signals:
        readiness: whether the wizard may go on.
    """

    readiness = Signal()

    def __init__(self, context: Context, draft: Draft, title: str, line: str) -> None:
        super().__init__(CONTENT_WIDTH, (32, 22, 32, 20))
        self.context, self.draft = context, draft
        self.setAccessibleName(title)
        self.title, self.line = (
            label(title, "sentence", wrap=True),
            label(line, "second", wrap=True),
        )
        self.before_title = QHBoxLayout()
        self.before_title.setSpacing(10)
        self.before_title.addWidget(self.title, 1)
        heading = QVBoxLayout()
        heading.setSpacing(4)
        heading.addLayout(self.before_title)
        heading.addWidget(self.line)
        self.content.addLayout(heading)

    @property
    def ready(self) -> bool:
        """Whether the decision is made."""
        return True

    @property
    def go_on(self) -> str:
        """What the button to go on says; empty for the usual word."""
        return ""

    @property
    def note(self) -> str:
        """The note at the foot."""
        return ""

    def enter(self) -> None:
        """The step is shown: bring it up to date with the draft."""

    def leave(self) -> None:
        """The person goes on: fill the draft."""
