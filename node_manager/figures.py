# SPDX-License-Identifier: Apache-2.0
"""A figure that is shown has a source and an age."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

STALE_PERIODS = 3
"""Periods of its source after which a figure reads "stale"."""

UNKNOWN_PERIODS = 10
"""Periods of its source after which a figure reads "unknown"."""


@dataclass(frozen=True, slots=True)
class Figure(Generic[T]):
    """A value, where it came from and when.

    Attributes:
        value: the value, None when it is not known.
        source: in words: "this node", "2 public nodes", "chain", "computer".
        at: Unix time in seconds at which the source was read, None for never.
        period: seconds between two readings of this source.
        why: why the value is not known, for a person.
    """

    value: T | None = None
    source: str = ""
    at: float | None = None
    period: float = 5.0
    why: str = ""

    def age(self, now: float | None = None) -> float | None:
        """Seconds since the source was read, None for never."""
        if self.at is None:
            return None
        return max(0.0, (time.time() if now is None else now) - self.at)

    def stale(self, now: float | None = None) -> bool:
        """Whether the reading is older than three periods of its source."""
        age = self.age(now)
        return age is not None and age > STALE_PERIODS * self.period

    def current(self, now: float | None = None) -> T | None:
        """The value, or None when it is unknown or too old to be shown as one."""
        age = self.age(now)
        if age is None or age > UNKNOWN_PERIODS * self.period:
            return None
        return self.value


def read(value: T, source: str, *, period: float = 5.0) -> Figure[T]:
    """A figure that was read from its source just now."""
    return Figure(value, source, time.time(), period)


def unknown(why: str, source: str = "") -> Figure[T]:
    """A figure that is not known, with the reason."""
    return Figure(None, source, None, why=why)
