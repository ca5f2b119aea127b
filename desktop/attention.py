# SPDX-License-Identifier: Apache-2.0
"""Whether somebody is at the window: what nobody looks at need not be painted so often."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject
from PySide6.QtGui import QCursor, QGuiApplication

GOES_AFTER = 30.0
"""Seconds without a sign of a person until nobody is thought to be there."""


class Attention(QObject):
    """Takes a moved pointer, another focus and a window that comes up as signs of a person.

    Not every event of the application: to hear them all would cost more than it saves.
    """

    def __init__(self, parent: QObject | None) -> None:
        super().__init__(parent)
        self._pointer = QCursor.pos()
        self._given_at = time.time()
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.focusObjectChanged.connect(self.give)
            app.applicationStateChanged.connect(self.give)

    def give(self) -> None:
        """Somebody is there now."""
        self._given_at = time.time()

    def given(self, now: float) -> bool:
        """Whether somebody is there at the Unix time `now`."""
        pointer = QCursor.pos()
        if pointer != self._pointer:
            self._pointer, self._given_at = pointer, now
        # A clock that was set back says nothing of the person.
        return abs(now - self._given_at) < GOES_AFTER
