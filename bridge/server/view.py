# SPDX-License-Identifier: Apache-2.0
"""What the doors need of the engine."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from node_manager.state import NodeStatus


class NodesView(Protocol):
    """The validators of this computer, as the doors see them."""

    def statuses(self) -> list[NodeStatus]:
        """The newest status of every node, from memory."""

    def log_path(self, node_id: str, source: str) -> Path:
        """The log file of one child; `source` is "node" or "signer".

        Raises:
            KeyError: no such node or source.
        """

    async def start(self, node_id: str) -> None:
        """Make the node run.

        Raises:
            KeyError: no such node.
            OneClickError: it cannot be started, and why.
        """

    async def stop(self, node_id: str) -> None:
        """Stop the node in order; raises as `start`."""

    async def restart(self, node_id: str) -> None:
        """Stop and start the node; raises as `start`."""


def found(view: NodesView, node_id: str) -> NodeStatus | None:
    """The status of the node `node_id`, None where there is none."""
    return next((status for status in view.statuses() if status.node_id == node_id), None)


def first(view: NodesView) -> NodeStatus | None:
    """The node that an answer without a node's name speaks of: the first with a key."""
    statuses = view.statuses()
    with_key = (status for status in statuses if status.consensus_pubkey is not None)
    return next(with_key, statuses[0] if statuses else None)
