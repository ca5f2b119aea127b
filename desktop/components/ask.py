# SPDX-License-Identifier: Apache-2.0
"""A question before an act that costs something."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop.components.dialog import Dialog
from desktop.components.dress import button, label
from desktop.components.flow import flow
from desktop.words.translation import tr

WIDTH = 520


class Ask(Dialog):
    """A question, what it costs, and buttons that say the act.

    `choice` holds the key of the button that was pressed: "yes", "no" or "third"; Escape is "no".
    """

    def __init__(
        self,
        parent: QWidget | None,
        title: str,
        text: str,
        *,
        yes: str,
        no: str = "",
        third: str = "",
    ) -> None:
        super().__init__(parent, title, WIDTH)
        self.choice = "no"
        layout = self.column
        heading, body = label(title, "title", wrap=True), label(text, "second", wrap=True)
        layout.addWidget(heading)
        layout.addWidget(body)
        layout.addSpacing(12)
        self.no_button = button(no or tr("Cancel"), lambda: self._choose("no"))
        self.yes_button = button(yes, lambda: self._choose("yes"), kind="primary")
        buttons = flow(None, self.no_button, gap=10)
        self.third_button = None
        if third:
            self.third_button = button(third, lambda: self._choose("third"))
            buttons.addWidget(self.third_button)
        buttons.addWidget(self.yes_button)
        layout.addLayout(buttons)
        self.setAccessibleDescription(text)
        self.no_button.setFocus()

    def _choose(self, choice: str) -> None:
        self.choice = choice
        if choice == "no":
            self.reject()
        else:
            self.accept()
