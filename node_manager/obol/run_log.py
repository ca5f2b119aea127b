# SPDX-License-Identifier: Apache-2.0
"""The lines that one run of a program adds to its log file."""

from __future__ import annotations

from collections import deque
from pathlib import Path

from node_manager.obol.charon.log import CharonLine, parse_line

KEPT = 200
MAX_READ = 4 * 1024 * 1024
SLACK_SECONDS = 1.0


class RunLog:
    """Reads what is added to a log; `lines` are the last ones of charon's own.

    Args:
        since: Unix time of the start of a run that was taken over: its lines from then on
            count. None: only what is added from now on. Calls block for the disk.
    """

    def __init__(self, path: Path, since: float | None = None) -> None:
        self._path = path
        self._since = since
        self._offset = 0 if since is not None else _size(path)
        self._rest = b""
        self.lines: deque[CharonLine] = deque(maxlen=KEPT)

    def added(self) -> list[str]:
        """The whole lines that were added since the last call."""
        size = _size(self._path)
        if size < self._offset:  # the log was rotated
            self._offset, self._rest = 0, b""
        if size == self._offset:
            return []
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                content = file.read(MAX_READ)
        except OSError:
            return []
        self._offset += len(content)
        *whole, self._rest = (self._rest + content).split(b"\n")
        found = []
        for raw in whole:
            text = raw.decode("utf-8", "replace")
            line = parse_line(text)
            if self._since is not None and not _from(line, self._since):
                continue
            if line is not None:
                self.lines.append(line)
            found.append(text)
        return found


def _from(line: CharonLine | None, since: float) -> bool:
    return line is not None and line.at is not None and line.at >= since - SLACK_SECONDS


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
