# SPDX-License-Identifier: Apache-2.0
"""Everything that is looked at before a node starts."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from node_manager.checks.clock import check_clock
from node_manager.checks.computer import check_disk, check_folder, check_memory, check_open_files
from node_manager.checks.ports import check_ports
from node_manager.checks.program import check_platform, check_program
from node_manager.checks.result import CheckResult


@dataclass(frozen=True, slots=True)
class PreflightPlan:
    """What a node will use.

    Attributes:
        folder: where its data will lie.
        ports: by the name of the service: "P2P", "RPC", "REST", "gRPC", "Prometheus".
        public_ports: services that listen on every interface.
        target: this computer's platform, "linux/amd64"; empty to leave the check out.
        offered: platforms the network publishes programs for.
        binary: the installed program, None before it is installed.
        own_pids: processes of this node that may hold its ports (when it is checked while it runs).
    """

    folder: Path
    ports: Mapping[str, int]
    public_ports: Collection[str] = ("P2P",)
    target: str = ""
    offered: tuple[str, ...] = ()
    binary: Path | None = None
    rpc_urls: Sequence[str] = ()
    disk_gb: float | None = None
    memory_gb: float | None = None
    own_pids: Collection[int] = field(default_factory=frozenset)


async def preflight(plan: PreflightPlan) -> list[CheckResult]:
    """Run every check; what could not be found out reads unknown and does not hinder a start.

    `result.require` raises on what does.
    """
    clock = asyncio.create_task(check_clock(plan.rpc_urls))
    try:
        results = [check_platform(plan.target, plan.offered)] if plan.target else []
        results.append(await check_program(plan.binary))
        results.append(await asyncio.to_thread(check_folder, plan.folder))
        results.extend(
            await check_ports(plan.ports, own_pids=plan.own_pids, public=plan.public_ports)
        )
        results.append(await asyncio.to_thread(check_disk, plan.folder, plan.disk_gb))
        results.append(await asyncio.to_thread(check_memory, plan.memory_gb))
        results.append(await asyncio.to_thread(check_open_files))
        results.append(await clock)
    finally:
        clock.cancel()
    return results
