# SPDX-License-Identifier: Apache-2.0
"""What the checks look at for one node."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from node_manager.checks.preflight import PreflightPlan
from node_manager.checks.result import CheckResult, CheckState
from node_manager.cosmos.home import NodePorts
from node_manager.explanation import OneClickError
from node_manager.networks.targets import container_target, this_target
from node_manager.node.identity import Identity


def examination_plan(
    identity: Identity,
    own_pids: Collection[int] = (),
    binary: Path | None = None,
    *,
    container_lives: bool = False,
) -> PreflightPlan:
    """The plan of the checks of this node.

    Args:
        own_pids: processes of the node, which may hold its ports.
        binary: the program, None before it is installed.
        container_lives: its ports are held by the Docker engine for it.
    """
    profile, record = identity.profile(), identity.record
    ports = NodePorts(**record.ports.model_dump()).named()
    target = this_target()
    if record.runtime == "docker":
        ports["signer"] = record.signer_port
        target, binary = container_target(), None
    return PreflightPlan(
        folder=identity.home,
        ports={} if container_lives else ports,
        public_ports=() if profile.is_local else ("P2P",),
        target=target,
        offered=profile.targets,
        binary=binary,
        rpc_urls=profile.rpc_urls,
        disk_gb=profile.needs.disk_gb,
        memory_gb=profile.needs.memory_gb,
        own_pids=frozenset(own_pids),
    )


def engine_trouble(trouble: OneClickError) -> CheckResult:
    """The Docker engine of a contained node does not answer."""
    return CheckResult("docker", "Docker", CheckState.FAIL, trouble.explanation)
