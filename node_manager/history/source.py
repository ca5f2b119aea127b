# SPDX-License-Identifier: Apache-2.0
"""Whose figures a history keeps, and where: one source for each kind of validator."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from node_manager.events import Event, NodeChanged, NodeRemoved
from node_manager.history.metrics import METRICS, Metric
from node_manager.layout import Layout


@dataclass(frozen=True, slots=True)
class Told:
    """What an event says of one validator; `status` is None when it is no longer there."""

    owner: str
    status: Any


class Source(Protocol):
    """One kind of validator."""

    def told(self, event: Event) -> Told | None:
        """Whose figures the event brings; None when there is nothing to be kept of it."""
        ...

    def metrics(self, owner: str) -> tuple[Metric[Any], ...]:
        """The figures of this one in the order of a row; none while they are not known."""
        ...

    def folder(self, owner: str) -> Path:
        """Where its files lie."""
        ...


class NodeSource:
    """The validators of chains, while they live."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def told(self, event: Event) -> Told | None:
        """The status of a living node, or that one is gone."""
        if isinstance(event, NodeRemoved):
            return Told(event.node_id, None)
        if isinstance(event, NodeChanged) and event.status.state.alive:
            return Told(event.status.node_id, event.status)
        return None

    def metrics(self, owner: str) -> tuple[Metric[Any], ...]:
        """The same for every node."""
        return METRICS

    def folder(self, owner: str) -> Path:
        """In the node's own folder."""
        return self._layout.node(owner).root / "history"
