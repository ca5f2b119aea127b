# SPDX-License-Identifier: Apache-2.0
"""One timer of one second for every age on the screen; it rests when nothing listens."""

from __future__ import annotations

import time
from collections.abc import Callable

import shiboken6
from PySide6.QtCore import QCoreApplication, QObject, QTimer


class Ticker(QObject):
    """Calls what is on the screen once a second."""

    def __init__(self, parent: QObject | None) -> None:
        super().__init__(parent)
        self._listeners: dict[QObject, tuple[Callable[[float], None], int]] = {}
        self._beats = 0
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self._on_second)

    def add(self, owner: QObject, listener: Callable[[float], None], *, every: int = 1) -> None:
        """Call `listener(now)` every so many seconds; to be called when `owner` is shown."""
        self._listeners[owner] = listener, every
        self._timer.start()

    def remove(self, owner: QObject) -> None:
        """Stop calling; to be called when `owner` is hidden."""
        self._listeners.pop(owner, None)
        if not self._listeners:
            self._timer.stop()

    def _on_second(self) -> None:
        now = time.time()
        self._beats += 1
        for owner, (listener, every) in list(self._listeners.items()):
            if not shiboken6.isValid(owner):
                self.remove(owner)
            elif self._beats % every == 0:
                listener(now)


_tickers: list[Ticker] = []


def ticker() -> Ticker:
    """The application's ticker."""
    if not _tickers or not shiboken6.isValid(_tickers[0]):
        _tickers[:] = [Ticker(QCoreApplication.instance())]
    return _tickers[0]
