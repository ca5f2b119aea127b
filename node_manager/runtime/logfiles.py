# SPDX-License-Identifier: Apache-2.0
"""Reading the log files of children: their last lines, and what is added to them."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from node_manager.runtime.logrotation import LogKeeper
from node_manager.runtime.logtail import BLOCK, MAX_LINE, MAX_SCAN, newest_kept, shown, tail

__all__ = ["LogKeeper", "follow", "tail"]

POLL_SECONDS = 0.25
_MARK = 64


async def follow(
    path: Path, *, lines: int = 0, poll_seconds: float = POLL_SECONDS
) -> AsyncIterator[str]:
    """Yield the last `lines` lines of `path`, then each line that is added, until closed.

    Goes on across a rotation, a truncation, a replaced file and one that is not there yet.
    """
    reader = _Reader(path)
    for line in await asyncio.to_thread(reader.begin, lines):
        yield line
    while True:
        for line in await asyncio.to_thread(reader.added):
            yield line
        if not reader.behind:
            await asyncio.sleep(poll_seconds)


@dataclass(slots=True)
class _Reader:
    """Where the reading of a growing file has come to.

    The bytes before `position` are remembered: when they are no longer there the file was
    truncated, also if it has grown past `position` again since. `behind` tells that the file had
    more than one reading takes.
    """

    path: Path
    position: int = 0
    inode: int | None = None
    mark: bytes = b""
    rest: bytes = b""
    left_out: int = 0
    behind: bool = False

    def begin(self, lines: int) -> list[str]:
        """The last `lines` whole lines; reading goes on after them."""
        try:
            file = self.path.open("rb")
        except FileNotFoundError:
            return []
        with file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - BLOCK))
            block = file.read(BLOCK)
            half = len(block) - (block.rfind(b"\n") + 1)
            self._remember(file, size - half if half < len(block) else size)
        found = tail(self.path, lines + bool(half)) if lines > 0 else []
        return found[: len(found) - bool(half)][-lines:] if found else []

    def added(self) -> list[str]:
        """The lines that became whole since the last call."""
        self.behind = False
        try:
            file = self.path.open("rb")
        except FileNotFoundError:
            return []
        with file:
            if os.fstat(file.fileno()).st_size == self.position and self._continues(file):
                return []
            found = [] if self._continues(file) else self._rest_of_rotated(file)
            file.seek(self.position)
            content = file.read(BLOCK)
            self.behind = len(content) == BLOCK
            self._remember(file, self.position + len(content))
        return found + self._cut(content)

    def _continues(self, file: BinaryIO) -> bool:
        if self.inode is not None and os.fstat(file.fileno()).st_ino != self.inode:
            return False
        return self._has_mark(file)

    def _has_mark(self, file: BinaryIO) -> bool:
        file.seek(self.position - len(self.mark))
        return file.read(len(self.mark)) == self.mark

    def _rest_of_rotated(self, file: BinaryIO) -> list[str]:
        """What was written between the last reading and the rotation; then start anew."""
        content = b""
        if (kept := newest_kept(self.path)) is not None:
            with contextlib.suppress(FileNotFoundError), kept.open("rb") as old:
                if self._has_mark(old):
                    content = old.read(MAX_SCAN)
        found = self._cut(content)
        self.rest = b""
        self.left_out = 0
        self._remember(file, 0)
        return found

    def _remember(self, file: BinaryIO, position: int) -> None:
        self.position = position
        self.inode = os.fstat(file.fileno()).st_ino
        start = max(0, position - _MARK)
        file.seek(start)
        self.mark = file.read(position - start)

    def _cut(self, content: bytes) -> list[str]:
        """The whole lines of what was left and `content`; keeps the half-written end."""
        *whole, self.rest = (self.rest + content).split(b"\n")
        found = []
        for line in whole:
            found.append(shown(line, self.left_out))
            self.left_out = 0
        if len(self.rest) > 2 * MAX_LINE:
            self.left_out += len(self.rest) - 2 * MAX_LINE
            self.rest = self.rest[: 2 * MAX_LINE]
        return found
