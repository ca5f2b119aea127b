# SPDX-License-Identifier: Apache-2.0
"""Which figures of a distributed validator are kept, and where."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from node_manager.events import Event
from node_manager.history.metrics import Fold, Metric
from node_manager.history.source import Told
from node_manager.layout import Layout
from node_manager.obol.events import DvChanged, DvRemoved
from node_manager.obol.folder import cluster_folder
from node_manager.obol.status import DvStatus, OperatorRow

_Figure = Callable[[DvStatus, float], float | None]


def _figure(name: str) -> _Figure:
    return lambda status, now: getattr(status.figures, name).current(now)


FIXED: tuple[Metric[DvStatus], ...] = (
    Metric("duties_succeeded", Fold.GROWTH, _figure("duties_succeeded")),
    Metric("duties_failed", Fold.GROWTH, _figure("duties_failed")),
    Metric("peers_alive", Fold.MEAN, _figure("peers_alive")),
    Metric("beacon_peers", Fold.MEAN, _figure("beacon_peers")),
    Metric("beacon_latency", Fold.MEAN, _figure("beacon_latency")),
    Metric("charon_memory", Fold.MEAN, _figure("charon_memory")),
    Metric("client_memory", Fold.MEAN, _figure("client_memory")),
    Metric("data_bytes", Fold.LAST, _figure("data_bytes")),
    Metric("disk_free", Fold.LAST, _figure("disk_free")),
)
"""Seconds and bytes; counters by how much they grew. The operators' figures follow them."""


def metrics_of(operators: int) -> tuple[Metric[DvStatus], ...]:
    """The figures of a cluster of so many, each operator's by its number: `ping_2`."""
    return (
        *FIXED,
        *(metric for number in range(1, operators + 1) for metric in _of_operator(number)),
    )


def _of_operator(number: int) -> tuple[Metric[DvStatus], ...]:
    def figure(name: str) -> _Figure:
        def value(status: DvStatus, now: float) -> float | None:
            row = _row(status, number)
            return None if row is None else getattr(row, name).current(now)

        return value

    return (
        Metric(f"participated_{number}", Fold.GROWTH, figure("participated")),
        Metric(f"expected_{number}", Fold.GROWTH, figure("expected")),
        Metric(f"ping_{number}", Fold.MEAN, figure("ping")),
        Metric(f"clock_{number}", Fold.MEAN, figure("clock_offset")),
    )


def _row(status: DvStatus, number: int) -> OperatorRow | None:
    return next((row for row in status.operators if row.number == number), None)


class ClusterSource:
    """Distributed validators of which charon tells something.

    How many operators a cluster has is learnt from its first status: every run of the app tells
    one of each that is set up.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._metrics: dict[str, tuple[Metric[Any], ...]] = {}

    def told(self, event: Event) -> Told | None:
        """The status of one with keys, or that one is gone."""
        if isinstance(event, DvRemoved):
            self._metrics.pop(event.cluster_id, None)
            return Told(event.cluster_id, None)
        if not isinstance(event, DvChanged):
            return None
        status = event.status
        if status.cluster is None or not status.cluster.lock_hash:
            return None
        count = status.cluster.operators
        known = self._metrics.get(status.cluster_id, ())
        if len(known) != len(metrics_of(count)):
            self._metrics[status.cluster_id] = metrics_of(count)
        return Told(status.cluster_id, status)

    def metrics(self, owner: str) -> tuple[Metric[Any], ...]:
        """None before its first status."""
        return self._metrics.get(owner, ())

    def folder(self, owner: str) -> Path:
        """In the validator's own folder."""
        return cluster_folder(self._layout, owner).root / "history"
