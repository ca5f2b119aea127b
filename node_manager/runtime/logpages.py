# SPDX-License-Identifier: Apache-2.0
"""A log page by page, from its end backwards, while it grows and is rotated.

Where a page began is told as "position.checksum": the checksum of the bytes before it finds the
place again, in the file in use or, when that was rotated meanwhile, in the newest kept one. A "k"
behind it says that it was the kept one already.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from node_manager.runtime.logtail import last_lines, newest_kept, shown

_MARK = 64
_KEPT = "k"


class PlaceGone(Exception):
    """The lines there are in no file any more that is read."""


@dataclass(frozen=True, slots=True)
class LogPage:
    """Lines, oldest first; `older` is the place to go on from, None at the beginning."""

    lines: list[str]
    older: str | None


def read_page(path: Path, lines: int, before: str | None = None) -> LogPage:
    """The last `lines` lines of the log at `path`, or those before a place that a page told.

    Blocks for the disk.

    Raises:
        PlaceGone: `before` was rotated away, or is of another log.
        OSError: the file is there and cannot be read.
    """
    if before is None:
        return _page(path, path, lines, None)
    text, _, mark = before.partition(".")
    position = int(text)
    kept = newest_kept(path)
    for file in filter(None, (None if mark.endswith(_KEPT) else path, kept)):
        try:
            with file.open("rb") as content:
                if _mark(content, position) == mark.removesuffix(_KEPT):
                    return _page(path, file, lines, position)
        except FileNotFoundError:
            continue
    raise PlaceGone


def _page(path: Path, file: Path, lines: int, end: int | None) -> LogPage:
    found, start = last_lines(file, lines, end)
    shown_lines = [shown(line) for line in found]
    if start > 0:
        with file.open("rb") as content:
            place = f"{start}.{_mark(content, start)}{_KEPT if file != path else ''}"
        return LogPage(shown_lines, place)
    kept = newest_kept(path) if file == path else None
    if kept is None:
        return LogPage(shown_lines, None)
    before = _page(path, kept, lines - len(found), None)
    return LogPage(before.lines + shown_lines, before.older)


def _mark(content: BinaryIO, position: int) -> str:
    """The checksum of what stands before `position`; that of nothing where the file ends sooner."""
    start = max(0, position - _MARK)
    content.seek(start)
    found = content.read(position - start)
    return f"{zlib.crc32(found):08x}" if len(found) == position - start else ""
