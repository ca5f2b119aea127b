# SPDX-License-Identifier: Apache-2.0
"""What the dialogs about keys share: a title, fields with names, trouble, buttons."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.components.dialog import Dialog
from desktop.components.dress import button, label
from desktop.components.error_panel import ErrorPanel
from desktop.components.flow import flow
from desktop.context import Context
from desktop.words.translation import tr
from node_manager.explanation import Explanation

WIDTH = 520


class KeyDialog(Dialog):
    """Stays open with the reason when the engine refuses."""

    def __init__(
        self, context: Context, parent: QWidget | None, title: str, line: str, go_on: str
    ) -> None:
        super().__init__(parent, title, WIDTH)
        self.context = context
        layout = self.column
        layout.addWidget(label(title, "title", wrap=True))
        self.line = label(line, "second", wrap=True)
        layout.addWidget(self.line)
        layout.addSpacing(6)
        self.body = QVBoxLayout()
        self.body.setSpacing(5)
        layout.addLayout(self.body)
        self._first: QWidget | None = None
        self.trouble = ErrorPanel()
        layout.addWidget(self.trouble)
        layout.addSpacing(10)
        self.cancel = button(tr("Cancel"), self.reject)
        self.go_on = button(go_on, self.begin, kind="primary")
        self.go_on.setDefault(True)
        layout.addLayout(flow(None, self.cancel, self.go_on, gap=10))

    def add_field(self, name: str, field: QWidget) -> None:
        """Add a field with its name above."""
        self._first = self._first or field
        heading = label(name, "label")
        heading.setBuddy(field)
        self.body.addWidget(heading)
        self.body.addWidget(field)
        self.body.addSpacing(4)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._first is not None:
            self._first.setFocus()

    @property
    def ready(self) -> bool:
        """Whether all that is needed was typed."""
        raise NotImplementedError

    def ask(self) -> Future[Any]:
        """Hand the act to the engine."""
        raise NotImplementedError

    def show_ready(self) -> None:
        """Let the button follow the fields."""
        self.go_on.setEnabled(self.ready)

    def begin(self) -> None:
        """Do it; the dialog closes when it is done."""
        self.trouble.explain(None)
        self.go_on.setEnabled(False)
        self.cancel.setEnabled(False)
        self.context.adapter.when(self.ask(), self, self.on_done, self.on_refused)

    def on_done(self, _result: object) -> None:
        """The engine did it."""
        self.accept()

    def on_refused(self, reason: Explanation) -> None:
        """The engine refused: say why and stay."""
        self.trouble.explain(reason)
        self.fit()
        self.cancel.setEnabled(True)
        self.show_ready()

    def reject(self) -> None:
        """Close, but not while the engine is at it."""
        if self.cancel.isEnabled():
            super().reject()
