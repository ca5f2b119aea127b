# SPDX-License-Identifier: Apache-2.0
"""Typed events of the engine and the one broadcast that carries them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from node_manager.explanation import Explanation
from node_manager.state import NodeStatus

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Event:
    """Root of the events."""


@dataclass(frozen=True, slots=True)
class NodeChanged(Event):
    """The status of a node is now `status`."""

    status: NodeStatus


@dataclass(frozen=True, slots=True)
class NodeRemoved(Event):
    """The node is no longer managed here."""

    node_id: str


@dataclass(frozen=True, slots=True)
class DoorChanged(Event):
    """The bridge, the heartbeat or the orchestrator changed its state.

    Attributes:
        door: "bridge", "heartbeat" or "orchestrator".
        state: "off", "working", "ok" or "failed".
        note: in words: "accepted", "built in, answering", "no website has asked yet".
        at: Unix time of the last success, None for never.
    """

    door: str
    state: str
    note: str
    at: float | None = None
    reason: Explanation | None = None


Listener = Callable[[Event], None]


class Broadcast:
    """Hands each event to every listener, in the publisher's thread and in order."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with each event from now on; the returned call ends it."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def publish(self, event: Event) -> None:
        """Hand `event` to every listener; one that fails is logged and the rest still hear it."""
        for listener in tuple(self._listeners):
            try:
                listener(event)
            except Exception:  # one deaf listener must not silence the others
                log.exception("listener failed", event_kind=type(event).__name__)
