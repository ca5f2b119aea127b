# SPDX-License-Identifier: Apache-2.0
"""How long to wait before a program that ended is started again."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Delays that grow with every quick end in a row, each moved a little by chance.

    The first restart comes within a second: a validator that was killed must not miss blocks
    for nothing. From then on the delay doubles up to `longest`, so that a program which ends
    at once costs the computer nothing. Jitter keeps several validators from restarting in step.

    Attributes:
        first: seconds before the first restart.
        longest: seconds that no delay exceeds.
        factor: growth from one delay to the next.
        jitter: largest share by which chance moves a delay, either way.
        healthy_seconds: a life at least this long starts the row anew.
    """

    first: float = 0.5
    longest: float = 60.0
    factor: float = 2.0
    jitter: float = 0.25
    healthy_seconds: float = 60.0

    def delay(
        self, failures: int, uniform: Callable[[float, float], float] = random.uniform
    ) -> float:
        """Seconds to wait after `failures` quick ends in a row (1 for the first)."""
        # the exponent is bounded: a float overflows after a thousand failures
        grown = self.first * self.factor ** min(max(failures - 1, 0), 64)
        moved = min(grown, self.longest) * uniform(1 - self.jitter, 1 + self.jitter)
        return min(moved, self.longest)
