# SPDX-License-Identifier: Apache-2.0
"""The last hour of a validator's figures, one point a minute, for the small charts."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from node_manager.state import NodeStatus

MINUTES = 60

Points = list[tuple[float, float | None]]
"""Unix time and value; None where the value was not known."""


def _peers(status: NodeStatus, now: float) -> float | None:
    out, inside = status.peers_out.current(now), status.peers_in.current(now)
    return None if out is None or inside is None else float(out + inside)


def _latency(part: str) -> Callable[[NodeStatus, float], float | None]:
    def value(status: NodeStatus, now: float) -> float | None:
        signer = status.signer.current(now)
        seconds = getattr(signer, part) if signer is not None else None
        return None if seconds is None else float(seconds) * 1000

    return value


SERIES: dict[str, Callable[[NodeStatus, float], float | None]] = {
    "block time": lambda status, now: status.block_seconds.current(now),
    "blocks per second": lambda status, now: status.blocks_per_second.current(now),
    "peers": _peers,
    "latency p50": _latency("latency_p50"),
    "latency p99": _latency("latency_p99"),
    "memory": lambda status, now: status.usage.node_memory.current(now),
}
"""What is kept; latencies in milliseconds, memory in bytes."""


@dataclass(slots=True)
class History:
    """The points of one validator, newest last."""

    points: dict[str, deque[tuple[float, float | None]]] = field(
        default_factory=lambda: {name: deque(maxlen=MINUTES + 1) for name in SERIES}
    )

    def add(self, status: NodeStatus, now: float) -> None:
        """Take a reading; within the same minute the newest one stands."""
        for name, value_of in SERIES.items():
            series = self.points[name]
            value = value_of(status, now)
            if series and int(series[-1][0] // 60) == int(now // 60):
                if value is not None:
                    series[-1] = (now, value)
            else:
                series.append((now, value))

    def series(self, name: str) -> Points:
        """The points of one figure."""
        return list(self.points[name])
