# SPDX-License-Identifier: Apache-2.0
"""The last lines of a log file.

Standard library only: the bare interpreter in our container reads logs with it, too. Lines are
decoded as UTF-8 with bad bytes replaced, and cut at `MAX_LINE` bytes: a program that writes a
gigabyte without a line break must not take the app's memory.
"""

from __future__ import annotations

import os
from pathlib import Path

MAX_LINE = 16 * 1024
"""Bytes of a line that are shown; the rest is left out and said so."""

BLOCK = 64 * 1024
MAX_SCAN = 32 * 1024 * 1024
"""Bytes from the end within which the last lines are looked for."""


def newest_kept(path: Path) -> Path | None:
    """The newest kept file of the log at `path` (logrotation), None when it was never rotated."""
    kept = path.with_name(f"{path.name}.1")
    return kept if kept.is_file() else None


def tail(path: Path, lines: int) -> list[str]:
    """The last `lines` lines of `path`, oldest first, without their line breaks.

    Reads blocks from the end, so that it costs the same for a file of any size. Where the file
    was rotated a moment ago, the lines before come from the newest kept file. A missing file
    has no lines. Blocks for the disk.

    Raises:
        OSError: the file is there and cannot be read.
    """
    if lines <= 0:
        return []
    found, _ = last_lines(path, lines)
    if len(found) < lines and (kept := newest_kept(path)) is not None:
        found = last_lines(kept, lines - len(found))[0] + found
    return [shown(line) for line in found]


def last_lines(path: Path, lines: int, end: int | None = None) -> tuple[list[bytes], int]:
    """The last `lines` lines before the position `end` of one file, and where they begin."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return [], 0
    with file:
        position = end = file.seek(0, os.SEEK_END) if end is None else end
        start = max(0, position - MAX_SCAN)
        blocks: list[bytes] = []
        breaks = 0
        # one more than asked: a break at the very end opens no line of its own
        while position > start and breaks <= lines:
            size = min(BLOCK, position - start)
            position -= size
            file.seek(position)
            blocks.append(file.read(size))
            breaks += blocks[-1].count(b"\n")
    content = b"".join(reversed(blocks))
    whole = content.removesuffix(b"\n")
    found = whole.split(b"\n")[-lines:] if content and lines > 0 else []
    size = sum(map(len, found)) + len(found) - 1 + len(content) - len(whole) if found else 0
    return found, end - size


def shown(line: bytes, left_out: int = 0) -> str:
    """A line as text; `left_out` bytes of it were dropped before."""
    if len(line) > MAX_LINE:
        # a cut in the middle of a character would show as a bad byte
        text = line[:MAX_LINE].decode("utf-8", "ignore")
        return f"{text} … ({len(line) - MAX_LINE + left_out} more bytes)"
    return line.removesuffix(b"\r").decode("utf-8", "replace")
