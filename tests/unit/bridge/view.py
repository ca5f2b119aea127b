# SPDX-License-Identifier: Apache-2.0
"""Validators that exist only as figures, for tests of the doors."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from node_manager.explanation import OneClickError
from node_manager.figures import read
from node_manager.state import NodeState, NodeStatus

KEY = bytes(range(32))


class CannotStart(OneClickError):
    code = "cannot-start"
    what = "The validator cannot start."
    why = "The disk is full."


def running(node_id: str = "alpha", height: int = 4182) -> NodeStatus:
    """A node whose figures were read just now."""
    return NodeStatus(
        node_id=node_id,
        network="localnet",
        chain_id="omniphi-localnet-1",
        moniker="Tester",
        program="posd",
        version="v1",
        state=NodeState.RUNNING,
        started_at=1_000.0,
        consensus_pubkey=KEY,
        rpc_port=26657,
        p2p_port=26656,
        height=read(height, "this node"),
        network_height=read(height + 1, "2 public nodes"),
        catching_up=read(False, "this node"),
        peers_out=read(2, "this node"),
        peers_in=read(1, "this node"),
    )


class FewNodes:
    """A `NodesView` over statuses that a test sets."""

    def __init__(self, folder: Path, *statuses: NodeStatus) -> None:
        self.folder = folder
        self.nodes = {status.node_id: status for status in statuses}
        self.fails = False

    def statuses(self) -> list[NodeStatus]:
        return list(self.nodes.values())

    def log_path(self, node_id: str, source: str) -> Path:
        if node_id not in self.nodes:
            raise KeyError(node_id)
        return self.folder / f"{node_id}-{source}.log"

    async def start(self, node_id: str) -> None:
        if self.fails:
            raise CannotStart()
        self._set(node_id, NodeState.STARTING)

    async def stop(self, node_id: str) -> None:
        self._set(node_id, NodeState.STOPPED)

    async def restart(self, node_id: str) -> None:
        await self.stop(node_id)
        await self.start(node_id)

    def _set(self, node_id: str, state: NodeState) -> None:
        self.nodes[node_id] = dataclasses.replace(self.nodes[node_id], state=state)
