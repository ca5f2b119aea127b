# SPDX-License-Identifier: Apache-2.0
"""The app with its window, as it is, plus a timer that notes how late the window's loop is.

Arguments: data folder, seconds, file for the lateness of each tick (JSON, milliseconds), and the
command, where it is another one than `window`.
"""

import json
import sys
import time
from pathlib import Path

from PySide6.QtCore import Qt, QTimer

from bridge.cli.parser import parse
from desktop import app as desktop_app

TICK_MS = 5


class Stall:
    """Asks to be called every TICK_MS and notes by how much it was late, once told to begin."""

    def __init__(self, begin: Path) -> None:
        self.late: list[float] = []
        self._begin = begin
        self._noting = False
        self._due = time.perf_counter()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._tick)
        self._watch = QTimer()
        self._watch.timeout.connect(self._look)

    def start(self) -> None:
        self._watch.start(100)
        self._again()

    def _again(self) -> None:
        self._due = time.perf_counter() + TICK_MS / 1000
        self._timer.start(TICK_MS)

    def _tick(self) -> None:
        if self._noting:
            self.late.append(max(0.0, (time.perf_counter() - self._due) * 1000))
        self._again()

    def _look(self) -> None:
        self._noting = self._begin.exists()


def main() -> int:
    data, seconds, target = sys.argv[1], float(sys.argv[2]), Path(sys.argv[3])
    chosen = parse(["--data", data, *(sys.argv[4:] or ["window"])])
    chosen.exit_after = seconds
    make = desktop_app.make_application
    stall: list[Stall] = []

    def make_and_watch() -> object:
        app = make()
        stall.append(Stall(target.with_suffix(".noting")))
        stall[0].start()
        return app

    desktop_app.make_application = make_and_watch  # type: ignore[assignment]
    code = desktop_app.run(chosen)
    target.write_text(json.dumps(stall[0].late))
    return code


if __name__ == "__main__":
    sys.exit(main())
