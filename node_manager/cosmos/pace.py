# SPDX-License-Identifier: Apache-2.0
"""How fast a node and its network move, and how long until the one has caught up."""

from __future__ import annotations

import statistics
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

RATE_SECONDS = 30.0
"""The node's speed is taken over this time: long enough to be calm, short enough to be true."""

BLOCK_TIMES = 60


@dataclass(slots=True)
class HeightPace:
    """The node's own progress, by this computer's monotonic clock."""

    _seen: deque[tuple[float, int]] = field(default_factory=deque)
    _grew_at: float | None = None
    _began_at: float | None = None

    def add(self, height: int, now: float) -> bool:
        """Take in a height; returns whether it has grown."""
        if self._began_at is None:
            self._began_at = now
        grown = bool(self._seen) and height > self._seen[-1][1]
        if not self._seen or height < self._seen[-1][1]:
            self._seen.clear()  # first reading, or the node began anew
            self._grew_at = None
        if grown:
            self._grew_at = now
        self._seen.append((now, height))
        while len(self._seen) > 2 and now - self._seen[0][0] > RATE_SECONDS:
            self._seen.popleft()
        return grown

    def blocks_per_second(self) -> float | None:
        """Blocks a second over the last half minute; None before there are two readings."""
        if len(self._seen) < 2:
            return None
        (since, low), (until, high) = self._seen[0], self._seen[-1]
        return (high - low) / (until - since) if until > since else None

    def stalled_for(self, now: float) -> float | None:
        """Seconds since the height grew last (or was read first); None before any reading."""
        since = self._grew_at if self._grew_at is not None else self._began_at
        return None if since is None else max(0.0, now - since)

    def still_for(self) -> float | None:
        """The same, up to the last reading: silence is no evidence of standing still."""
        return self.stalled_for(self._seen[-1][0]) if self._seen else None


@dataclass(slots=True)
class BlockPace:
    """The network's seconds a block, from heights and times of blocks."""

    _last: tuple[int, float] | None = None
    _seconds: deque[float] = field(default_factory=lambda: deque(maxlen=BLOCK_TIMES))

    def add(self, height: int, time: float) -> None:
        """Take in a block; several blocks at once count with their mean."""
        if time <= 0:
            return
        if self._last is not None:
            blocks, seconds = height - self._last[0], time - self._last[1]
            if blocks <= 0 or seconds < 0:
                return
            self._seconds.extend([seconds / blocks] * min(blocks, BLOCK_TIMES))
        self._last = (height, time)

    def add_all(self, blocks: Iterable[tuple[int, float]]) -> None:
        """Take in blocks in any order."""
        for height, time in sorted(blocks):
            self.add(height, time)

    def median(self) -> float | None:
        """Median seconds between blocks; None before two were seen."""
        return statistics.median(self._seconds) if self._seconds else None


def seconds_left(behind: int, own_rate: float | None, block_seconds: float | None) -> float | None:
    """Seconds until a node that is `behind` blocks has caught up with a network that moves on.

    None when its speed is not known or it does not gain on the network.
    """
    if behind <= 0:
        return 0.0
    if own_rate is None or own_rate <= 0:
        return None
    gain = own_rate - (1 / block_seconds if block_seconds else 0.0)
    return behind / gain if gain > 0 else None
