# SPDX-License-Identifier: Apache-2.0
"""A card of settings: a heading, and rows of a name, a note and a control."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QWidget

from desktop.components.choice import Check
from desktop.components.chooser import Chooser
from desktop.components.dress import Card, button, column, label, row, rule
from desktop.components.flow import flow
from desktop.components.folded import Folded
from desktop.look.theme import theme
from node_manager.settings import Settings

CONTROL_WIDTH = 300

Change = Callable[[Settings], None]
"""Changes a copy of the settings in place."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a card."""

    title: QLabel
    note: QLabel
    parts: tuple[QWidget, ...]

    def set_shown(self, shown: bool) -> None:
        """Show the row with its divider, or neither."""
        for part in self.parts:
            part.setVisible(shown)

    def say(self, note: str) -> None:
        """Put another note; an empty one takes no room."""
        self.note.setText(note)
        self.note.setVisible(bool(note))


class SettingsCard(Card):
    """One subject. A subclass adds rows, and shows settings in them by `show_settings`.

    Signals:
        changed: a `Change` to be made.
    """

    changed = Signal(object)

    def __init__(self, title: str) -> None:
        super().__init__(margins=(1, 1, 1, 1), gap=0)
        self.setAccessibleName(title)
        heading = QWidget()
        heading.setLayout(row(16, label(title, "heading"), None, gap=0))
        heading.setMinimumHeight(theme().px(33))
        self.body.addWidget(heading)
        self._filling = False

    def fill(self, settings: Settings) -> None:
        """Show settings without taking that for the person's act."""
        self._filling = True
        try:
            self.show_settings(settings)
        finally:
            self._filling = False

    def show_settings(self, settings: Settings) -> None:
        """Put the settings into the controls."""

    def change(self, act: Change) -> None:
        """Ask for a change, unless the controls are only being filled."""
        if not self._filling:
            self.changed.emit(act)

    def add_row(self, name: str, control: QWidget, note: str = "") -> QLabel:
        """Add a row; its note, to be changed later."""
        return self.add_line(name, control, note).note

    def add_line(self, name: str, control: QWidget, note: str = "") -> Line:
        """Add a row whose name and note change, or which comes and goes."""
        divider = rule()
        self.body.addWidget(divider)
        title, told = Folded(name, "name"), Folded(note, "note")
        # Shown before it has a parent it would be a window for a moment, and take the keyboard.
        if not note:
            told.hide()
        title.setBuddy(control)
        words = column(None, title, told, None, gap=1)
        holder = QWidget()
        layout = flow(words, 16, control, gap=0)
        layout.setContentsMargins(16, 7, 14, 7)
        holder.setLayout(layout)
        holder.setMinimumHeight(theme().px(46))
        self.body.addWidget(holder)
        if not control.accessibleName():
            control.setAccessibleName(name)
        if note and not control.accessibleDescription():
            control.setAccessibleDescription(note)
        return Line(title, told, (divider, holder))

    def check(self, name: str, on_toggle: Callable[[bool], None]) -> Check:
        """A check box that tells when the person sets it."""
        result = Check("")
        result.setAccessibleName(name)
        result.clicked.connect(lambda: on_toggle(result.isChecked()))
        return result

    def choice(self, options: list[tuple[str, str]], on_choice: Callable[[str], None]) -> QComboBox:
        """A list of (key, text) of which one is chosen."""
        result = Chooser()
        for key, text in options:
            result.addItem(text, key)
        result.setMinimumWidth(theme().px(190))
        result.activated.connect(lambda _place: on_choice(str(result.currentData())))
        return result


def choose(box: QComboBox, key: str) -> None:
    """Choose the option of this key; one that is not offered is added as it stands."""
    place = box.findData(key)
    if place < 0:
        box.addItem(key, key)
        place = box.count() - 1
    box.setCurrentIndex(place)


class Address(QWidget):
    """A field with a button that takes what was typed.

    Signals:
        taken: the text.
    """

    taken = Signal(str)

    def __init__(self, name: str, placeholder: str, act: str) -> None:
        super().__init__()
        self.field = QLineEdit()
        self.field.setAccessibleName(name)
        self.field.setPlaceholderText(placeholder)
        self.field.setMinimumWidth(theme().px(CONTROL_WIDTH))
        self.button = button(act, self._take, kind="small", name=f"{act}: {name}")
        self.button.setEnabled(False)
        self._stored = ""
        self.field.textChanged.connect(
            lambda text: self.button.setEnabled(text.strip() != self._stored)
        )
        self.field.returnPressed.connect(self._take)
        self.setLayout(flow(self.field, self.button))
        self.setFocusProxy(self.field)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_text(self, text: str) -> None:
        """Show what is stored, unless the person is typing something else."""
        if self.field.text().strip() == self._stored or not self.field.hasFocus():
            self.field.setText(text)
        self._stored = text
        self.button.setEnabled(self.field.text().strip() != text)

    def _take(self) -> None:
        if self.button.isEnabled():
            self.taken.emit(self.field.text().strip())
