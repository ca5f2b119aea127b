# SPDX-License-Identifier: Apache-2.0
"""Where lines begin in a block of a log, and how grave each is.

Formats: zerolog's console and JSON writers, which CometBFT and the Cosmos SDK log with
(`--log_format`), and the JSON lines of structlog, which the app and its signer write.
"""

from __future__ import annotations

import numpy as np

from desktop.logview.columns import Numbers

NONE, DEBUG, INFO, WARN, ERROR = range(5)

_WORDS = {
    b"INF": INFO,
    b"WRN": WARN,
    b"ERR": ERROR,
    b"FTL": ERROR,
    b"PNC": ERROR,
    b"DBG": DEBUG,
    b"TRC": DEBUG,
}
_WORD_WITHIN = 40
"""The word of the console format stands behind the time and its colours."""

_KEY = b'"level"'
_LETTERS = np.zeros(256, "u1")
for _letter, _level in zip(b"tdiwefpc", (1, 1, 2, 3, 4, 4, 4, 4), strict=True):
    _LETTERS[_letter] = _level
"""Level by the first letter of its name: trace, debug, info, warn(ing), error, fatal, panic,
critical."""


def line_starts(block: bytes) -> Numbers:
    """Where each whole line of `block` begins; `block` begins a line and ends with a break."""
    breaks = np.flatnonzero(np.frombuffer(block, "u1") == 10)
    starts = np.empty(len(breaks), "i8")
    starts[:1] = 0
    starts[1:] = breaks[:-1] + 1
    return starts


def levels(block: bytes, starts: Numbers) -> Numbers:
    """The level of each line; NONE for what is no record, such as a stack trace."""
    found = np.zeros(len(starts), "u1")
    text = np.frombuffer(block, "u1")
    braces = text[starts] == ord("{")
    if braces.any():
        _by_key(block, text, starts, found, braces)
    if not braces.all():
        _by_word(block, text, starts, found, braces)
    return found


def _by_word(block: bytes, text: Numbers, starts: Numbers, found: Numbers, other: Numbers) -> None:
    # Backwards, so that the first word of a line is the one that stays.
    places, kinds = [], []
    for word, level in _WORDS.items():
        at = _places(block, text, word)
        places.append(at)
        kinds.append(np.full(len(at), level, "u1"))
    at, level_at = np.concatenate(places), np.concatenate(kinds)
    order = np.argsort(at)[::-1]
    at, level_at = at[order], level_at[order]
    line = np.searchsorted(starts, at, "right") - 1
    near = (at - starts[line] <= _WORD_WITHIN) & ~other[line]
    found[line[near]] = level_at[near]


def _by_key(block: bytes, text: Numbers, starts: Numbers, found: Numbers, braces: Numbers) -> None:
    at = _places(block, text, _KEY)[::-1]
    line = np.searchsorted(starts, at, "right") - 1
    at = np.minimum(at + len(_KEY), len(text) - 4)
    # `:"x` and `: "x`
    letter = np.where(text[at + 1] == ord(" "), text[at + 3], text[at + 2])
    mine = braces[line]
    found[line[mine]] = _LETTERS[letter[mine]]


def _places(block: bytes, text: Numbers, word: bytes) -> Numbers:
    if word not in block:
        return np.empty(0, "i8")
    last = len(text) - len(word) + 1
    # The rarest letters first would be quicker still; the first one alone leaves few.
    at = np.flatnonzero(text[:last] == word[0])
    for place in range(1, len(word)):
        at = at[text[at + place] == word[place]]
    return at
