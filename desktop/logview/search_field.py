# SPDX-License-Identifier: Apache-2.0
"""The search field of the logs: words or expression, which match one is at, and the next one."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QToolButton, QWidget

from desktop.components.dress import icon_button, label, put, row
from desktop.logview.search import Wanted
from desktop.look.icons import icon
from desktop.words import wording
from desktop.words.translation import tr

PAUSE_MILLISECONDS = 180
"""A search begins when typing rests."""


class SearchField(QLineEdit):
    """Asks for a search.

    Signals:
        wanted: a `Wanted`.
        stepped: -1 for the match before, 1 for the next one.
    """

    wanted = Signal(object)
    stepped = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setPlaceholderText(tr("Search"))
        self.setAccessibleName(tr("Search the log"))
        lens = self.addAction(icon("search", "t2"), QLineEdit.ActionPosition.LeadingPosition)
        lens.setText(tr("Search"))
        self.regex = _toggle(".*", tr("Regular expression"))
        self.only = _toggle(tr("Only"), tr("Show only the lines that match"))
        self.count = label("", "note")
        self.before = icon_button("up", tr("Match before"), lambda: self.stepped.emit(-1))
        self.next = icon_button("down", tr("Next match"), lambda: self.stepped.emit(1))
        self._inside = QWidget(self)
        self._inside.setCursor(Qt.CursorShape.ArrowCursor)
        self._inside.setLayout(
            row(self.count, 4, self.before, self.next, self.only, self.regex, gap=2)
        )
        for one in (self.before, self.next):
            one.setIconSize(QSize(12, 12))
        for one, other in pairwise((self, self.before, self.next, self.only, self.regex)):
            QWidget.setTabOrder(one, other)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(PAUSE_MILLISECONDS)
        self._rest.timeout.connect(self._ask)
        self.textChanged.connect(lambda _text: self._rest.start())
        self.regex.toggled.connect(lambda _on: self._ask())
        self.only.toggled.connect(lambda _on: self._ask())
        self.show_count(None, 0)

    def show_count(self, at: int | None, of: int, *, unfinished: bool = False) -> None:
        """Say which match one is at: "48,109 of 48,112"; `at` counts from 0."""
        put(self.count, "tone", "")
        if not self.text():
            text = ""
        elif not of:
            text = tr("searching") if unfinished else tr("none")
        else:
            place = "–" if at is None else wording.number(at + 1)
            text = tr("{at} of {count}").format(at=place, count=wording.number(of))
            text += "…" if unfinished else ""
        self._say(text, of > 0)

    def show_trouble(self, text: str) -> None:
        """Say why there is no search."""
        put(self.count, "tone", "bad")
        self._say(text, can_step=False)
        self.count.setToolTip(text)

    def _say(self, text: str, can_step: bool) -> None:
        self.count.setText(text)
        self.before.setEnabled(can_step)
        self.next.setEnabled(can_step)
        self._place()

    def _ask(self) -> None:
        self._rest.stop()
        self.wanted.emit(self.current())

    def current(self) -> Wanted:
        """What is asked for now."""
        text = self.text()
        return Wanted(text, self.regex.isChecked(), self.only.isChecked() and bool(text))

    def _place(self) -> None:
        size = self._inside.sizeHint()
        width = min(size.width(), self.width() - 60)
        top = (self.height() - size.height()) // 2
        self._inside.setGeometry(self.width() - width - 6, top, width, size.height())
        self.setTextMargins(0, 0, width, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._rest.isActive():
                self._ask()
            back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self.stepped.emit(-1 if back else 1)
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)


def _toggle(text: str, name: str) -> QToolButton:
    result = QToolButton()
    result.setText(text)
    result.setCheckable(True)
    result.setProperty("kind", "toggle")
    result.setToolTip(name)
    result.setAccessibleName(name)
    result.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return result
