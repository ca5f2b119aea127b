# SPDX-License-Identifier: Apache-2.0
"""The line below a log: whether it follows, how much there is, the last error, ways to others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QWidget

from desktop.components.dress import button, label, put
from desktop.components.flow import flow
from desktop.components.glyph_label import spoken
from desktop.look.glyphs import Glyph
from desktop.look.theme import theme
from desktop.tray import glyph_icon
from desktop.words import wording
from desktop.words.translation import tr

if TYPE_CHECKING:
    from desktop.logview.index import Snapshot
    from desktop.logview.view import LogView

ROOMY = 860
"""Narrower than this, at the usual size of text, the foot leaves out what can be missed."""


class LogFoot(QWidget):
    """Tells of one `LogView`.

    Signals:
        follow_asked: the newest lines shall be followed again.
        error_asked: -1 for the error before, 1 for the next one.
    """

    follow_asked = Signal()
    error_asked = Signal(int)

    def __init__(self, view: LogView) -> None:
        super().__init__()
        self._view = view
        self._roomy = True
        self._error_at: float | None = None
        self._error_line = -1
        self._dot = QLabel()
        self.state = label("", "heading")
        self.follow = button(tr("Follow"), self.follow_asked.emit, kind="small")
        self._facts = label("", "note")
        self._note = label("", "note", tone="good")
        self._last_error = label("", "note")
        self.before = button(
            tr("Previous error"), lambda: self.error_asked.emit(-1), kind="small", symbol="up"
        )
        self.next = button(
            tr("Next error"), lambda: self.error_asked.emit(1), kind="small", symbol="down"
        )
        self.follow.hide()
        told = (self._dot, self.state, self.follow, 6, self._facts, 6, self._note)
        ways = (self._last_error, 6, self.before, 6, self.next)
        layout = flow(*told, None, *ways)
        layout.setContentsMargins(14, 0, 8, 0)
        self.setLayout(layout)
        self.setMinimumHeight(theme().px(40))

    def fit(self, width: int) -> None:
        """Leave out what can be missed where `width` pixels are little."""
        self._roomy = width >= theme().px(ROOMY)
        self._last_error.setVisible(self._roomy)
        self._facts.setVisible(self._roomy or self._view.follows)

    def begin(self) -> None:
        """Another log is shown from now on."""
        self._error_at, self._error_line = None, -1

    def show_view(self, place: int, now: float) -> None:
        """Tell of the view; the errors before and after line `place` can be gone to."""
        snapshot, follows = self._view.snapshot, self._view.follows
        self._show_following(follows=follows)
        self._show_size(snapshot, follows=follows)
        errors = snapshot is not None and len(snapshot.errors) > 0
        self.before.setEnabled(
            errors and snapshot is not None and snapshot.before(snapshot.errors, place) is not None
        )
        self.next.setEnabled(
            errors and snapshot is not None and snapshot.after(snapshot.errors, place) is not None
        )
        self.show_last_error(now)

    def _show_following(self, *, follows: bool) -> None:
        put(self.state, "tone", "")
        if follows:
            self.state.setText(tr("Following"))
        else:
            new = self._view.new_lines
            self.state.setText(
                tr("Paused, {count} new lines").format(count=wording.number(new))
                if new != 1
                else tr("Paused, 1 new line")
            )
        self.follow.setVisible(not follows)
        mark = theme().px(9)
        glyph = Glyph.GOOD if follows else Glyph.STOPPED
        self._dot.setPixmap(glyph_icon(glyph).pixmap(mark + 3, mark + 3))
        self._dot.setAccessibleName(spoken(glyph))

    def _show_size(self, snapshot: Snapshot | None, *, follows: bool) -> None:
        self._facts.setVisible(follows or self._roomy)
        count = 0 if snapshot is None else snapshot.count
        lines = (
            tr("1 line") if count == 1 else tr("{count} lines").format(count=wording.number(count))
        )
        size = 0 if snapshot is None else snapshot.size
        disk = tr("{size} on disk").format(size=wording.size(size))
        self._facts.setText(f"{lines} · {disk}" if follows else lines)

    def show_last_error(self, now: float) -> None:
        """Tell how long ago the last error was, at the Unix time `now`."""
        snapshot = self._view.snapshot
        if snapshot is None or not len(snapshot.errors):
            self._last_error.setText("")
            return
        line = int(snapshot.errors[-1])
        if line != self._error_line:
            self._error_line, self._error_at = line, self._view.line(line).at
        if self._error_at is not None:
            age = wording.ago(max(0.0, now - self._error_at))
            self._last_error.setText(tr("Last error {age}").format(age=age))

    def say_unreadable(self, why: str) -> None:
        """Say that there is no log to show, and why."""
        put(self.state, "tone", "bad")
        self.state.setText(tr("The log cannot be read: {why}.").format(why=why))

    def say_saved(self, why: str) -> None:
        """Say that a copy was saved, or why not."""
        put(self._note, "tone", "bad" if why else "good")
        self._note.setText(tr("Not saved: {why}.").format(why=why) if why else tr("Saved."))
