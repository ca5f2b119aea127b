# SPDX-License-Identifier: Apache-2.0
"""What is searched for: plain words or a regular expression, letter case left aside."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from PySide6.QtCore import QRegularExpression

_OPTIONS = (
    QRegularExpression.PatternOption.CaseInsensitiveOption
    | QRegularExpression.PatternOption.MultilineOption
)

_SHOWN = (
    (b'":"', b"="),
    (b'": "', b"="),
    (b'","', b" "),
    (b'", "', b" "),
    (b'":', b"="),
    (b',"', b" "),
)
"""How JSON's marks between fields read on the screen."""


class BadPattern(ValueError):
    """The expression is not one, with the place and reason in words."""


class TooCostly(Exception):
    """The expression tries so many ways on one line that the search was given up."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search; `only` shows no other lines than those found."""

    text: str = ""
    regex: bool = False
    only: bool = False


class Matcher:
    """Finds the lines that match, and the places within a line.

    Regular expressions are Perl's (PCRE2 through Qt): it gives an expression up that would take
    exponential time, where Python's own would stand still and the window with it.
    """

    def __init__(self, wanted: Wanted) -> None:
        """Raises BadPattern."""
        self._needle = wanted.text.lower()
        self._bytes = self._needle.encode("utf-8", "surrogatepass")
        self._line: QRegularExpression | None = None
        self._spot: QRegularExpression | None = None
        if wanted.regex:
            spot = QRegularExpression(wanted.text, _OPTIONS)
            if not spot.isValid():
                raise BadPattern(f"{spot.errorString()} ({spot.patternErrorOffset() + 1})")
            self._spot = spot
            # One match a line: the rest of it belongs to the match.
            self._line = QRegularExpression(f"(?:{wanted.text})[^\\n]*", _OPTIONS)
            self._line.optimize()

    def lines(self, block: bytes) -> list[int]:
        """Numbers within `block` of the lines that match.

        Raises:
            TooCostly: the expression tries too many ways.
        """
        block = _as_shown(block)
        if self._line is None:
            return self._plain_lines(block.lower())
        text = block.decode("utf-8", "replace")
        starts = _starts(text.split("\n"))
        found: list[int] = []
        matches = self._line.globalMatch(text)
        while matches.hasNext():
            line = bisect_right(starts, matches.next().capturedStart()) - 1
            if not found or line != found[-1]:
                found.append(line)
        if not matches.isValid():
            raise TooCostly
        return found

    def _plain_lines(self, block: bytes) -> list[int]:
        needle, found = self._bytes, []
        at = block.find(needle)
        starts = _starts(block.split(b"\n")) if at >= 0 else []
        while at >= 0:
            line = bisect_right(starts, at) - 1
            found.append(line)
            if line + 1 >= len(starts):
                break
            at = block.find(needle, starts[line + 1])
        return found

    def spots(self, text: str) -> list[tuple[int, int]]:
        """Start and length of each match within a shown line."""
        if not self._needle:
            return []
        if self._spot is None:
            return self._plain_spots(text.lower())
        found: list[tuple[int, int]] = []
        matches: Any = self._spot.globalMatch(text)
        while matches.hasNext() and len(found) < 200:
            match = matches.next()
            if match.capturedLength():
                found.append((match.capturedStart(), match.capturedLength()))
        return found

    def _plain_spots(self, text: str) -> list[tuple[int, int]]:
        found, width = [], len(self._needle)
        at = text.find(self._needle)
        while at >= 0 and len(found) < 200:
            found.append((at, width))
            at = text.find(self._needle, at + width)
        return found


def _as_shown(block: bytes) -> bytes:
    """Fields of JSON as they are shown: a person who reads height=12 searches for that."""
    if b'{"' not in block:
        return block
    for written, shown in _SHOWN:
        block = block.replace(written, shown)
    return block


def _starts(lines: Sequence[bytes] | Sequence[str]) -> list[int]:
    return list(accumulate((len(line) + 1 for line in lines), initial=0))
