# SPDX-License-Identifier: Apache-2.0
"""How far a download is, how fast it goes and how long it still takes."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Phase = Literal["download", "verify", "unpack", "try"]

SMOOTHING_SECONDS = 4.0
"""Time constant of the shown rate: long enough not to jump, short enough to tell the truth."""

REPORT_SECONDS = 0.1
"""At most one report in this time: a window shows no more."""

RATE_AFTER_SECONDS = 0.5
"""Before this there is no rate worth showing."""


@dataclass(frozen=True, slots=True)
class Progress:
    """One moment of an installation.

    Attributes:
        done: bytes done in this phase, those of an earlier try included.
        total: bytes in all, None when the server does not tell.
        rate: bytes per second, smoothed; None while unknown.
        seconds_left: estimate of what remains of this phase, None while unknown.
    """

    phase: Phase
    done: int
    total: int | None = None
    rate: float | None = None
    seconds_left: float | None = None


OnProgress = Callable[[Progress], None]


def ignore_progress(_progress: Progress) -> None:
    """A listener that does not care."""


class Meter:
    """Turns counts of bytes into progress, not more often than a person can see."""

    def __init__(
        self,
        phase: Phase,
        report: OnProgress,
        *,
        total: int | None = None,
        done: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._phase = phase
        self._report = report
        self._clock = clock
        self._total = total
        self._done = done
        self._rate: float | None = None
        self._started = self._counted_at = self._reported_at = clock()
        self._counted_bytes = 0
        self._emit()

    @property
    def done(self) -> int:
        """Bytes done so far."""
        return self._done

    def add(self, count: int) -> None:
        """`count` more bytes are done."""
        self._done += count
        self._counted_bytes += count
        now = self._clock()
        if now - self._reported_at >= REPORT_SECONDS:
            self._settle(now)
            self._reported_at = now
            self._emit()

    def finish(self) -> None:
        """Report the last state, whatever the time since the one before."""
        self._settle(self._clock())
        self._emit()

    def _settle(self, now: float) -> None:
        passed = now - self._counted_at
        if passed <= 0:
            return
        fresh = self._counted_bytes / passed
        # The average over the first seconds, then exponential: no jump when one becomes the other.
        span = min(SMOOTHING_SECONDS, max(now - self._started, passed))
        weight = 1 - math.exp(-passed / span) if self._rate is not None else 1.0
        self._rate = fresh if self._rate is None else self._rate + weight * (fresh - self._rate)
        self._counted_at, self._counted_bytes = now, 0

    def _emit(self) -> None:
        settled = self._clock() - self._started >= RATE_AFTER_SECONDS
        rate = self._rate if settled else None
        left = None
        if rate and self._total is not None:
            left = max(0, self._total - self._done) / rate
        self._report(Progress(self._phase, self._done, self._total, rate, left))
