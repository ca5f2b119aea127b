# SPDX-License-Identifier: Apache-2.0
"""Rate limits: a bucket of tokens for each address and kind of request."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable

from bridge.web.errors import TooMany

KEPT = 50_000
"""Addresses remembered; the one not seen for longest is forgotten first."""


class RateLimit:
    """Lets `per_minute` requests of one key through, in bursts of up to a quarter of them."""

    def __init__(self, per_minute: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = per_minute / 60
        self._burst = max(1.0, per_minute / 4)
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> None:
        """Count one request.

        Raises:
            TooMany: the bucket is empty.
        """
        if self._rate <= 0:
            return
        now = self._clock()
        tokens, at = self._buckets.pop(key, (self._burst, now))
        tokens = min(self._burst, tokens + (now - at) * self._rate)
        if tokens < 1:
            self._buckets[key] = (tokens, now)
            seconds = max(1, math.ceil((1 - tokens) / self._rate))
            raise TooMany(
                reason="This address sent too many of this kind.",
                seconds=seconds,
                headers={"Retry-After": str(seconds)},
            )
        self._buckets[key] = (tokens - 1, now)
        if len(self._buckets) > KEPT:
            self._buckets.popitem(last=False)
