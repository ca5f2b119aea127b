# SPDX-License-Identifier: Apache-2.0
"""A past of figures, for tests of the Charts page and for its pictures."""

from __future__ import annotations

import math
import random
import time

from node_manager.history.metrics import NAMES
from node_manager.history.recorder import SHAPES, Past, Span
from node_manager.obol.past import metrics_of


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


def cluster_past(span: Span, now: float | None = None) -> Past:
    """Figures of a cluster of four: one operator was away for a while, and charon too."""
    now = time.time() if now is None else now
    seconds, dice = SHAPES[span].seconds, random.Random(7)
    count = span.seconds // seconds
    first = int(now // seconds) - count + 1
    times, rows = [], []
    for place in range(count):
        if count * 0.30 < place < count * 0.34:
            continue
        wave = math.sin(place / count * 9) + dice.uniform(-0.3, 0.3)
        away = count * 0.6 < place < count * 0.75
        duties = float(dice.random() < 0.7) * max(1, seconds // 30)
        row: dict[str, float | None] = {
            "duties_succeeded": duties,
            "duties_failed": float(away and dice.random() < 0.08),
            "peers_alive": 2.0 if away else 3.0,
            "beacon_peers": 70.0 + round(6 * wave),
            "beacon_latency": 0.042 + 0.012 * wave,
            "charon_memory": 66e6 + 2e6 * wave,
            "client_memory": 410e6 + 9e6 * wave,
            "data_bytes": 48e6 + 9e3 * place,
            "disk_free": 303e9 - 2e6 * place,
        }
        for number in range(1, 5):
            gone = away and number == 4
            row[f"expected_{number}"] = duties
            row[f"participated_{number}"] = (
                0.0 if gone or (number == 3 and dice.random() < 0.04) else duties
            )
            known = number > 1 and not gone
            row[f"ping_{number}"] = (0.03 * number + 0.008 * wave) if known else None
            row[f"clock_{number}"] = 0.012 * (number - 2) + 0.002 * wave if known else None
        rows.append(row)
        times.append((first + place + 0.5) * seconds)
    names = [metric.name for metric in metrics_of(4)]
    return Past(
        span, seconds, tuple(times), {name: tuple(row[name] for row in rows) for name in names}
    )


def nothing(span: Span) -> Past:
    """A past of which nothing is known."""
    return Past(span, SHAPES[span].seconds)
