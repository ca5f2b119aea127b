# SPDX-License-Identifier: Apache-2.0
"""A number with a button that takes it: half a number must not move a door."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSpinBox, QWidget

from desktop.components.dress import button
from desktop.components.flow import flow
from desktop.look.theme import theme


class Number(QWidget):
    """A whole number within bounds.

    Signals:
        taken: the number.
    """

    taken = Signal(int)

    def __init__(self, name: str, bounds: tuple[int, int], act: str, unit: str = "") -> None:
        super().__init__()
        self.field = QSpinBox()
        self.field.setRange(*bounds)
        self.field.setGroupSeparatorShown(False)
        self.field.setAccessibleName(name)
        self.field.setSuffix(f" {unit}" if unit else "")
        self.field.setMinimumWidth(theme().px(96))
        self.field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.button = button(act, self._take, kind="small", name=f"{act}: {name}")
        self.button.setEnabled(False)
        self._stored = 0
        self.field.valueChanged.connect(lambda _value: self._show_button())
        # The style sheet's padding does not reach the editor inside.
        self.field.lineEdit().setTextMargins(theme().px(9), 0, theme().px(6), 0)
        self.field.lineEdit().returnPressed.connect(self._take)
        self.setLayout(flow(self.field, self.button))
        self.setFocusProxy(self.field)
        self.setAccessibleName(name)

    def show_number(self, number: int) -> None:
        """Show what is stored, unless the person is typing another."""
        if self.field.value() == self._stored or not self.field.hasFocus():
            self.field.setValue(number)
        self._stored = number
        self._show_button()

    def _show_button(self) -> None:
        self.button.setEnabled(self.field.value() != self._stored)

    def _take(self) -> None:
        self.field.interpretText()
        if self.field.value() != self._stored:
            self.taken.emit(self.field.value())
