# SPDX-License-Identifier: Apache-2.0
"""What the checks look at for one node."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from node_manager.checks.preflight import PreflightPlan
from node_manager.cosmos.home import NodePorts
from node_manager.networks.profile import Profile
from node_manager.networks.targets import this_target
from node_manager.node.record import NodeRecord


def examination_plan(
    profile: Profile,
    record: NodeRecord,
    home: Path,
    own_pids: Collection[int],
    binary: Path | None = None,
) -> PreflightPlan:
    """The plan of the checks of this node; `own_pids` may hold its ports."""
    return PreflightPlan(
        folder=home,
        ports=NodePorts(**record.ports.model_dump()).named(),
        public_ports=() if profile.is_local else ("P2P",),
        target=this_target(),
        offered=profile.targets,
        binary=binary,
        rpc_urls=profile.rpc_urls,
        disk_gb=profile.needs.disk_gb,
        memory_gb=profile.needs.memory_gb,
        own_pids=frozenset(own_pids),
    )
