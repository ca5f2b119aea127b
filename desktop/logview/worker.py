# SPDX-License-Identifier: Apache-2.0
"""The thread that indexes, follows and searches one log, and tells the view how far it is."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from desktop.logview.search import BadPattern, Wanted

if TYPE_CHECKING:
    from desktop.logview.index import LogIndex, Snapshot
    from desktop.logview.logfile import LogText

POLL_SECONDS = 0.15
TELL_SECONDS = 0.1
"""Between two snapshots while there is much to do."""

BREATH = 0.002
"""Rest after each block, so that the window's thread gets the interpreter at once."""


class LogWorker(QObject):
    """Follows one log until it is closed.

    Signals:
        told: a `Snapshot`.
        refused: why a search is none, in words.
        unreadable: why the log cannot be read.
    """

    told = Signal(object)
    refused = Signal(str)
    unreadable = Signal(str)
    _news = Signal()

    def __init__(self, path: Path, spool_folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path, self._folder = path, spool_folder
        self._wish: tuple[str, Wanted] | None = None
        self._latest: Snapshot | None = None
        self._text: LogText | None = None
        self._lock = threading.Lock()
        self._woken = threading.Event()
        self._ended = False
        self._news.connect(self._on_news, Qt.ConnectionType.QueuedConnection)
        self._thread = threading.Thread(target=self._run, name="log index", daemon=True)

    def start(self) -> None:
        """Begin to index."""
        self._thread.start()

    def close(self) -> None:
        """End the thread; its files close with it."""
        self._ended = True
        self._woken.set()

    def wait(self, seconds: float = 5.0) -> None:
        """Wait for the end of the thread."""
        self._thread.join(seconds)

    def wish(self, level: str, wanted: Wanted) -> None:
        """Show these levels and search for this from now on."""
        with self._lock:
            self._wish = (level, wanted)
        self._woken.set()

    def read(self, start: int, end: int) -> bytes:
        """Bytes of the text, from any thread."""
        text = self._text
        return b"" if text is None else text.read(start, end)

    def _on_news(self) -> None:
        with self._lock:
            latest, self._latest = self._latest, None
        if latest is not None and not self._ended:
            self.told.emit(latest)

    def _run(self) -> None:
        from desktop.logview.index import LogIndex
        from desktop.logview.logfile import LogText

        text = LogText(self._path, self._folder)
        try:
            text.open()
            self._text = text
            self._live(text, LogIndex(text))
        except OSError as error:
            if not self._ended:
                self.unreadable.emit(error.strerror or str(error))
        finally:
            self._text = None
            text.close()

    def _live(self, text: LogText, index: LogIndex) -> None:
        told_at, changed = 0.0, True
        while not self._ended:
            self._woken.clear()
            changed |= self._take_wish(index)
            text.grow()
            worked = index.take_in()
            # A search goes on while the index grows: the newest lines wait for neither.
            worked |= index.search()
            changed |= worked
            now = time.monotonic()
            if changed and (not worked or now - told_at >= TELL_SECONDS):
                self._tell(index)
                told_at, changed = now, False
            if worked:
                time.sleep(BREATH)
            else:
                self._woken.wait(POLL_SECONDS)

    def _take_wish(self, index: LogIndex) -> bool:
        with self._lock:
            wish, self._wish = self._wish, None
        if wish is None:
            return False
        try:
            index.wish(*wish)
        except BadPattern as error:
            self.refused.emit(str(error))
            index.wish(wish[0], Wanted())
        return True

    def _tell(self, index: LogIndex) -> None:
        snapshot = index.snapshot()
        with self._lock:
            asleep = self._latest is None
            self._latest = snapshot
        if asleep and not self._ended:
            self._news.emit()
