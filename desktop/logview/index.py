# SPDX-License-Identifier: Apache-2.0
"""The index of a log: where its lines are, how grave, and which ones are wanted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from desktop.logview.columns import Column, Numbers
from desktop.logview.levels import ERROR, INFO, NONE, WARN, levels, line_starts
from desktop.logview.logfile import LogText
from desktop.logview.search import Matcher, TooCostly, Wanted

BLOCK = 256 * 1024
"""Bytes taken in at one go: some milliseconds, so that the window gets its turn."""

SEARCH_BLOCK = 64 * 1024
RULER = 1024
"""Places of the ruler that are told apart."""

LEVELS = {"all": None, "info": INFO, "warn": WARN, "error": ERROR}
"""Keys of the level segments."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The log as far as it is known at one moment; it does not change.

    Attributes:
        count: lines found.
        starts: place of each line, and after the last one the end.
        grave: level of each line.
        rows: the lines that are shown, None for all of them.
        hits: lines that match the search.
        searched: lines the search has seen.
        warnings, errors: line numbers.
        ruler: level per place of the ruler.
        size: bytes of the text, those not indexed yet included.
        end: where the last line found ends.
        level, wanted: what rows and hits answer to.
        trouble: "costly" when the search was given up.
    """

    count: int
    starts: Numbers
    grave: Numbers
    rows: Numbers | None
    hits: Numbers
    searched: int
    warnings: Numbers
    errors: Numbers
    ruler: bytes
    size: int
    end: int
    level: str
    wanted: Wanted
    trouble: str = ""

    @property
    def shown(self) -> int:
        """How many rows there are."""
        return self.count if self.rows is None else len(self.rows)

    def line_at(self, row: int) -> int:
        """The line that the row shows."""
        return row if self.rows is None else int(self.rows[row])

    def row_of(self, line: int) -> int:
        """The row of a line, or of the first one after it that is shown."""
        return line if self.rows is None else int(np.searchsorted(self.rows, line))

    def span(self, line: int) -> tuple[int, int]:
        """Where a line lies in the text, its break left out."""
        start = int(self.starts[line])
        last = self.end if line + 1 >= self.count else int(self.starts[line + 1])
        return start, max(start, last - 1)

    def before(self, of: Numbers, line: int) -> int | None:
        """The last of the lines `of` before `line`."""
        at = int(np.searchsorted(of, line, "left")) - 1
        return int(of[at]) if at >= 0 else None

    def after(self, of: Numbers, line: int) -> int | None:
        """The first of the lines `of` after `line`."""
        at = int(np.searchsorted(of, line, "right"))
        return int(of[at]) if at < len(of) else None


class LogIndex:
    """Grows with the text; to be used from one thread."""

    def __init__(self, text: LogText) -> None:
        self._text = text
        self._starts = Column("i8")
        self._grave = Column("u1")
        self._warnings, self._errors = Column("i8"), Column("i8")
        self._rows, self._hits = Column("i8"), Column("i8")
        self._end = 0
        self._last = NONE
        self._level = "all"
        self._wanted = Wanted()
        self._matcher: Matcher | None = None
        self._searched = 0
        self._filtered = 0
        self._trouble = ""

    def wish(self, level: str, wanted: Wanted) -> None:
        """Show these levels and search for this from now on; raises BadPattern."""
        if wanted.text != self._wanted.text or wanted.regex != self._wanted.regex:
            self._matcher = Matcher(wanted) if wanted.text else None
            self._hits.clear()
            self._searched = 0
            self._trouble = ""
        self._level, self._wanted = level, wanted
        self._rows.clear()
        self._filtered = 0

    def take_in(self) -> bool:
        """Index the next block of the text; whether there was one."""
        size = self._text.size
        if size <= self._end:
            return False
        block = self._text.read(self._end, min(size, self._end + BLOCK))
        cut = block.rfind(b"\n") + 1
        if cut == 0:
            if len(block) < BLOCK:
                return False  # the line is still being written
            block, cut = self._long_line(block), 0
            cut = len(block)
            if not cut:
                return False
        block = block[:cut]
        starts = line_starts(block)
        grave = levels(block, starts)
        self._mark(grave)
        self._starts.extend(starts + self._end)
        self._grave.extend(self._carried(grave))
        self._end += cut
        return True

    def _long_line(self, block: bytes) -> bytes:
        """A line longer than a block, up to its break; nothing while it has none."""
        at = self._end + len(block)
        while at < self._text.size:
            more = self._text.read(at, min(self._text.size, at + BLOCK))
            if not more:
                return b""
            found = more.find(b"\n")
            if found >= 0:
                return b"\xff" * (at - self._end + found) + b"\n"
            at += len(more)
        return b""

    def _mark(self, grave: Numbers) -> None:
        base = len(self._starts)
        self._warnings.extend(np.flatnonzero(grave == WARN) + base)
        self._errors.extend(np.flatnonzero(grave == ERROR) + base)

    def _carried(self, grave: Numbers) -> Numbers:
        """A line that is no record belongs to the one before: the trace of an error is error."""
        if grave.all():
            self._last = int(grave[-1])
            return grave
        places = np.where(grave > 0, np.arange(len(grave)), -1)
        np.maximum.accumulate(places, out=places)
        carried = np.where(places >= 0, grave[places], self._last).astype("u1")
        self._last = int(carried[-1])
        return carried

    def search(self) -> bool:
        """Search the next block of what is indexed; whether there was one."""
        if self._matcher is None or self._trouble or self._searched >= len(self._starts):
            return False
        starts = self._starts.view()
        first = self._searched
        begin = int(starts[first])
        last = int(np.searchsorted(starts, begin + SEARCH_BLOCK, "left"))
        last = max(first + 1, min(last, len(starts)))
        end = self._end if last >= len(starts) else int(starts[last])
        block = self._text.read(begin, min(end, begin + 4 * SEARCH_BLOCK))
        try:
            found = self._matcher.lines(block)
        except TooCostly:
            self._trouble = "costly"
            return False
        if found:
            self._hits.extend(np.array(found, "i8") + first)
        self._searched = last
        return True

    def filter(self) -> None:
        """Bring the rows up to date with lines and hits."""
        if self._level == "all" and not self._wanted.only:
            return
        if self._wanted.only and self._matcher is not None:
            hits = self._hits.view()
            lines = hits[np.searchsorted(hits, self._filtered) :]
            until = self._searched
        else:
            until = len(self._starts)
            lines = np.arange(self._filtered, until)
        level = LEVELS[self._level]
        if level is not None and len(lines):
            lines = lines[self._grave.view()[lines] == level]
        self._rows.extend(lines)
        self._filtered = until

    def snapshot(self) -> Snapshot:
        """What is known now."""
        self.filter()
        filtered = self._level != "all" or (self._wanted.only and self._matcher is not None)
        return Snapshot(
            count=len(self._starts),
            starts=self._starts.view(),
            grave=self._grave.view(),
            rows=self._rows.view() if filtered else None,
            hits=self._hits.view(),
            searched=self._searched,
            warnings=self._warnings.view(),
            errors=self._errors.view(),
            ruler=self._ruler(),
            size=self._text.size,
            end=self._end,
            level=self._level,
            wanted=self._wanted,
            trouble=self._trouble,
        )

    def _ruler(self) -> bytes:
        marks = np.zeros(RULER, "u1")
        count = max(1, len(self._starts))
        for lines, level in ((self._warnings.view(), WARN), (self._errors.view(), ERROR)):
            marks[lines * RULER // count] = level
        return marks.tobytes()
