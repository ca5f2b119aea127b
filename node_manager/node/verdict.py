# SPDX-License-Identifier: Apache-2.0
"""What a reading means for the state of a node whose process lives."""

from __future__ import annotations

from node_manager.cosmos.watch import WatchReading
from node_manager.node.steps import Steps
from node_manager.state import NodeState, NodeStatus, Step, StepState

FATAL_TROUBLE = frozenset({"data-of-other-chain", "other-key"})
"""Findings for which the node is ended: going on could sign wrongly or for nobody."""


def state_of(reading: WatchReading, before: NodeState) -> NodeState:
    """Starting until it has answered, then syncing or running."""
    if not reading.answers:
        return before if before.alive else NodeState.STARTING
    return NodeState.SYNCING if reading.catching_up.value else NodeState.RUNNING


def sync_step(steps: Steps, status: NodeStatus) -> None:
    """Tell the last step how far the blocks are read."""
    if status.state is NodeState.RUNNING:
        steps.update(
            Step.SYNC,
            state=StepState.DONE,
            note="in step with the network",
            done=None,
            total=None,
            rate=None,
            seconds_left=None,
        )
    elif status.state is NodeState.SYNCING:
        steps.update(
            Step.SYNC,
            state=StepState.WORKING,
            note="reading blocks",
            done=status.height.current(),
            total=status.network_height.current(),
            rate=status.blocks_per_second.current(),
            seconds_left=status.seconds_left.current(),
        )
