# SPDX-License-Identifier: Apache-2.0
"""Which figures are kept, where they are read, and what becomes of many within one period."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from node_manager.state import NodeStatus

S = TypeVar("S")

Reader = Callable[[NodeStatus, float], float | None]


class Fold(StrEnum):
    """How many values of one period become one."""

    MEAN = "mean"
    LAST = "last"
    GREATEST = "greatest"
    GROWTH = "growth"
    """By how much a counter grew; one that is smaller than before was begun anew at zero."""


@dataclass(frozen=True, slots=True)
class Metric(Generic[S]):
    """One figure of a status; `read` gives None where it is not known at that moment."""

    name: str
    fold: Fold
    read: Callable[[S, float], float | None]


def _peers(status: NodeStatus, now: float) -> float | None:
    out, inside = status.peers_out.current(now), status.peers_in.current(now)
    return None if out is None or inside is None else float(out + inside)


def _signer(part: str) -> Reader:
    def read(status: NodeStatus, now: float) -> float | None:
        figures = status.signer.current(now)
        return None if figures is None else getattr(figures, part)

    return read


METRICS: tuple[Metric[NodeStatus], ...] = (
    Metric("height", Fold.LAST, lambda status, now: status.height.current(now)),
    Metric("network_height", Fold.LAST, lambda status, now: status.network_height.current(now)),
    Metric("peers", Fold.MEAN, _peers),
    Metric("block_seconds", Fold.MEAN, lambda status, now: status.block_seconds.current(now)),
    Metric("latency_p50", Fold.MEAN, _signer("latency_p50")),
    Metric("latency_p99", Fold.GREATEST, _signer("latency_p99")),
    Metric("data_bytes", Fold.LAST, lambda status, now: status.usage.data_bytes.current(now)),
    Metric("disk_free", Fold.LAST, lambda status, now: status.usage.disk_free.current(now)),
    Metric("memory", Fold.MEAN, lambda status, now: status.usage.node_memory.current(now)),
)
"""In the order of a row; latencies in seconds, sizes in bytes. New ones come at the end."""

NAMES = tuple(metric.name for metric in METRICS)
