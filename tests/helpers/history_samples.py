# SPDX-License-Identifier: Apache-2.0
"""A past of figures, for tests of the Charts page and for its pictures."""

from __future__ import annotations

import math
import random
import time

from node_manager.history.metrics import NAMES
from node_manager.history.recorder import SHAPES, Past, Span


def past(span: Span, now: float | None = None) -> Past:
    """Figures of a validator that was away for a while."""
    now = time.time() if now is None else now
    seconds, dice = SHAPES[span].seconds, random.Random(5)
    count = span.seconds // seconds
    first = int(now // seconds) - count + 1
    times, rows = [], []
    for place in range(count):
        if count * 0.55 < place < count * 0.62:
            continue
        at = (first + place + 0.5) * seconds
        wave = math.sin(place / count * 9) + dice.uniform(-0.3, 0.3)
        height = 4_182_907 - (count - place) * seconds / 2.03
        rows.append(
            {
                "height": float(int(height)),
                "network_height": float(int(height)),
                "peers": 20.0 + round(2 * wave),
                "block_seconds": 2.03 + 0.05 * wave,
                "latency_p50": 0.0004 + 0.00004 * wave,
                "latency_p99": 0.0010 + 0.0003 * abs(wave),
                "data_bytes": 60e9 + 1.05e9 * place * seconds / 86400,
                "disk_free": 303e9 - 1.05e9 * place * seconds / 86400,
                "memory": 3.1e9 + 0.2e9 * wave,
            }
        )
        times.append(at)
    return Past(
        span, seconds, tuple(times), {name: tuple(row[name] for row in rows) for name in NAMES}
    )


def nothing(span: Span) -> Past:
    """A past of which nothing is known."""
    return Past(span, SHAPES[span].seconds)
