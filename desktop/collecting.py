# SPDX-License-Identifier: Apache-2.0
"""Garbage is looked for on Qt's thread, and nowhere else."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

LOOK_MS = 5_000
MIDDLE_LOOKS = 10
WHOLE_LOOKS = 120


class Collector(QObject):
    """Takes the search for garbage from Python while it lives.

    Python searches on whichever thread makes an object just then. On the engine's that frees
    widgets where none may be touched, and the app ends with a segmentation fault. As Python does,
    the young are looked through often and all there is seldom: that holds the window up. What the
    start made, a hundred thousand objects that live as long as the app, is never looked through
    again: that alone would be fifty milliseconds of standing still.
    """

    def __init__(self, parent: QObject | None) -> None:
        super().__init__(parent)
        self._looks = 0
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()
        gc.disable()

    def close(self) -> None:
        """Leave it to Python again."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    def _look(self) -> None:
        self._looks += 1
        if self._looks == 1:
            gc.collect(0)
            gc.freeze()
        elif self._looks % WHOLE_LOOKS == 0:
            gc.collect()
        elif self._looks % MIDDLE_LOOKS == 0:
            gc.collect(1)
        elif gc.get_count()[0] > gc.get_threshold()[0]:
            gc.collect(0)
