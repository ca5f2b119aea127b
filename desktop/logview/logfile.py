# SPDX-License-Identifier: Apache-2.0
"""A log with its kept files as one text that only grows, whatever rotation does to the files.

Rotation (`node_manager.runtime.logrotation`, and the app's own log) moves what was in the log to
`NAME.1` and empties it. Kept content lies in a spool of this view's own, so that a place in the
text stays valid: first the spool, then the log in use.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import shutil
import tempfile
import threading
from pathlib import Path
from typing import IO, BinaryIO

MARK = 256
_BLOCK = 1 << 20


class LogText:
    """Read by place; `grow` finds what was added. Used from one thread, `read` from any."""

    def __init__(self, path: Path, spool_folder: Path) -> None:
        self._path = path
        self._folder = spool_folder
        self._spool: IO[bytes] | None = None
        self._spooled = 0
        self._live: BinaryIO | None = None
        self._seen = 0
        self._mark = b""
        self._moving = threading.Lock()

    def open(self) -> None:
        """Take in the kept files; the log in use may be missing.

        Raises:
            OSError: a file is there and cannot be read, or the spool cannot be written.
        """
        for kept in kept_files(self._path):
            self._take_in(kept)
        self._open_live()

    @property
    def size(self) -> int:
        """Bytes found so far."""
        return self._spooled + self._seen

    def grow(self) -> int:
        """Look for more; the size of the text now.

        Raises:
            OSError: the log is there and cannot be read.
        """
        if self._live is None:
            self._open_live()
        if self._live is None:
            return self.size
        if self._was_rotated(self._live):
            with self._moving:
                self._follow_rotation()
        if self._live is not None:
            self._seen = max(self._seen, os.fstat(self._live.fileno()).st_size)
            self._remember()
        return self.size

    def read(self, start: int, end: int) -> bytes:
        """The bytes from `start` to `end`, fewer where the text has them no more."""
        parts = []
        if start < self._spooled and self._spool is not None:
            parts.append(os.pread(self._spool.fileno(), min(end, self._spooled) - start, start))
        if end > self._spooled and self._live is not None:
            begin = max(0, start - self._spooled)
            with contextlib.suppress(OSError):
                parts.append(os.pread(self._live.fileno(), end - self._spooled - begin, begin))
        return b"".join(parts)

    def close(self) -> None:
        """Close the files; the spool vanishes with it."""
        for file in (self._spool, self._live):
            if file is not None:
                file.close()
        self._spool = self._live = None

    def _open_live(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._live = self._path.open("rb")

    def _remember(self) -> None:
        if self._live is not None:
            start = max(0, self._seen - MARK)
            self._mark = _read(self._live, start, self._seen)

    def _was_rotated(self, live: BinaryIO) -> bool:
        try:
            here = self._path.stat()
        except FileNotFoundError:
            return False
        mine = os.fstat(live.fileno())
        if (here.st_ino, here.st_dev) != (mine.st_ino, mine.st_dev) or mine.st_size < self._seen:
            return True
        start = max(0, self._seen - MARK)
        return _read(live, start, self._seen) != self._mark

    def _follow_rotation(self) -> None:
        """Take what was in the log from where it was moved to, then begin at the new one."""
        kept = self._path.with_name(f"{self._path.name}.1")
        if self._seen and kept.is_file() and self._holds_mark(kept):
            self._take_in(kept)
        elif self._seen:
            # It is gone: as many empty bytes keep the places of what comes later.
            self._fill(self._seen)
        if self._live is not None:
            self._live.close()
        self._live = None
        self._seen, self._mark = 0, b""
        self._open_live()

    def _holds_mark(self, kept: Path) -> bool:
        with kept.open("rb") as file:
            file.seek(max(0, self._seen - MARK))
            return file.read(len(self._mark)) == self._mark

    def _take_in(self, kept: Path) -> None:
        spool = self._spool_file()
        spool.seek(self._spooled)
        opener = gzip.open if kept.suffix == ".gz" else Path.open
        try:
            with opener(kept, "rb") as file:
                shutil.copyfileobj(file, spool, _BLOCK)  # type: ignore[misc]
        except (EOFError, gzip.BadGzipFile):
            pass  # half of a kept file is more than none
        spool.flush()
        end = spool.tell()
        if end and _read(spool, end - 1, end) != b"\n":
            spool.seek(end)
            spool.write(b"\n")
            spool.flush()
            end += 1
        self._spooled = end

    def _fill(self, count: int) -> None:
        spool = self._spool_file()
        spool.seek(self._spooled)
        for start in range(0, count, _BLOCK):
            spool.write(b"\n" * min(_BLOCK, count - start))
        spool.flush()
        self._spooled += count

    def _spool_file(self) -> IO[bytes]:
        if self._spool is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._spool = tempfile.TemporaryFile(  # noqa: SIM115 (closed by close)
                dir=self._folder, prefix="log-", buffering=_BLOCK
            )
        return self._spool


def _read(file: IO[bytes], start: int, end: int) -> bytes:
    """Read beside the file's own place where the system can, else move it."""
    if hasattr(os, "pread"):
        return os.pread(file.fileno(), end - start, start)
    file.seek(start)
    return file.read(end - start)


def kept_files(path: Path) -> list[Path]:
    """The kept files of the log at `path`, oldest first: NAME.3.gz, NAME.2.gz, NAME.1."""
    found: list[tuple[int, Path]] = []
    for kept in path.parent.glob(f"{path.name}.*"):
        number = kept.name[len(path.name) + 1 :].removesuffix(".gz")
        if number.isdigit():
            found.append((int(number), kept))
    return [kept for _number, kept in sorted(found, reverse=True)]
