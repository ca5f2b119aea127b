# SPDX-License-Identifier: Apache-2.0
"""One timer of one second for every age on the screen; it rests when nothing listens."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import shiboken6
from PySide6.QtCore import QCoreApplication, QObject, QTimer

from desktop.attention import Attention


@dataclass(frozen=True, slots=True)
class _Listener:
    call: Callable[[float], None]
    every: int
    alone: int


class Ticker(QObject):
    """Calls what is on the screen once a second, or as seldom as it wants."""

    def __init__(self, parent: QObject | None) -> None:
        super().__init__(parent)
        self._listeners: dict[QObject, _Listener] = {}
        self._beats = 0
        self._attention = Attention(self)
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(lambda: self.beat(time.time()))

    def add(
        self,
        owner: QObject,
        listener: Callable[[float], None],
        *,
        every: int = 1,
        alone: int | None = None,
    ) -> None:
        """Call `listener(now)` every so many seconds; to be called when `owner` is shown.

        `alone` is how many seconds while nobody is at the window, if they are others.
        """
        self._listeners[owner] = _Listener(listener, every, every if alone is None else alone)
        self._attention.give()
        self._timer.start()

    def remove(self, owner: QObject) -> None:
        """Stop calling; to be called when `owner` is hidden."""
        self._listeners.pop(owner, None)
        if not self._listeners:
            self._timer.stop()

    def beat(self, now: float) -> None:
        """A second has passed; it is the Unix time `now`."""
        self._beats += 1
        attended = self._attention.given(now)
        for owner, listener in list(self._listeners.items()):
            if not shiboken6.isValid(owner):
                self.remove(owner)
            elif self._beats % (listener.every if attended else listener.alone) == 0:
                listener.call(now)


_tickers: list[Ticker] = []


def ticker() -> Ticker:
    """The application's ticker."""
    if not _tickers or not shiboken6.isValid(_tickers[0]):
        _tickers[:] = [Ticker(QCoreApplication.instance())]
    return _tickers[0]
