# SPDX-License-Identifier: Apache-2.0
"""Tells the engine's events as lines of text, each thing once."""

from __future__ import annotations

import time
from collections.abc import Callable

from node_manager.events import DoorChanged, Event, NodeChanged
from node_manager.state import NodeState, NodeStatus, StepProgress, StepState

HEIGHT_PERIOD = 10.0
"""Seconds between two lines about the height alone."""


class Narrator:
    """Turns events into lines; repeats nothing that has not changed."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._told: dict[tuple[str, str], str] = {}
        self._height_at = 0.0

    def __call__(self, event: Event) -> None:
        """Tell what is new in `event`."""
        if isinstance(event, DoorChanged):
            why = f" {event.reason}" if event.reason else ""
            self._tell((event.door, "door"), f"{event.door}: {event.note}{why}")
        elif isinstance(event, NodeChanged):
            self._node(event.status)

    def _node(self, status: NodeStatus) -> None:
        for step in status.steps:
            if step.state is not StepState.WAITING:
                self._tell((status.node_id, step.step), f"{status.moniker}: {describe_step(step)}")
        why = f" {status.reason}" if status.reason else ""
        # The same trouble with grown figures, such as its seconds, is no news.
        code = status.reason.code if status.reason else ""
        line = f"{status.moniker}: {status.state}.{why}"
        self._tell((status.node_id, "state"), line, news=f"{status.state} {code}")
        height, network = status.height.current(), status.network_height.current()
        due = time.monotonic() - self._height_at > HEIGHT_PERIOD
        if height is not None and due and status.state in {NodeState.SYNCING, NodeState.RUNNING}:
            self._height_at = time.monotonic()
            behind = "unknown" if network is None else f"{network:,}"
            peers = "unknown" if status.peers is None else status.peers
            self._say(
                f"{status.moniker}: height {height:,} of the network's {behind}, {peers} peers"
            )

    def _tell(self, subject: tuple[str, str], line: str, news: str = "") -> None:
        if self._told.get(subject) != (news or line):
            self._told[subject] = news or line
            self._say(line)


def describe_step(step: StepProgress) -> str:
    """One step in words; progress in tenths so that it is not told too often."""
    words = f"{step.step}: {step.note or step.state}"
    if step.state is StepState.WORKING and step.done is not None and step.total:
        words += f", {step.done * 10 // step.total * 10} %"
    if step.reason:
        words += f". {step.reason}"
    return words
