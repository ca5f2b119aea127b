# SPDX-License-Identifier: Apache-2.0
"""Everything that is read about a running node, each by its own rhythm, merged into one picture."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from node_manager.cosmos.errors import CosmosError
from node_manager.cosmos.failures import LogDiagnosis
from node_manager.cosmos.liveness import judge
from node_manager.cosmos.rest import Rest
from node_manager.cosmos.standing import STANDING_SECONDS, StandingReader
from node_manager.cosmos.upgrades import UpgradePlan, UpgradeWatch, is_due
from node_manager.cosmos.watch import Watch, WatchReading
from node_manager.explanation import Explanation
from node_manager.figures import Figure, read, unknown
from node_manager.node.children import Children
from node_manager.node.custody import Custody
from node_manager.node.identity import Identity
from node_manager.node.signing import FIGURES_PERIOD
from node_manager.node.twin import TwinWatch
from node_manager.runtime.child import Child, ProcessUsage
from node_manager.runtime.logfiles import follow
from node_manager.state import ChainStanding, SignerFigures, Usage

log = structlog.get_logger(__name__)

USAGE_PERIOD = 5.0
DISK_PERIOD = 60.0
GROWTH_AFTER = 600.0
"""Seconds of watching before a growth of the disk use is worth telling."""

UPGRADE_PERIOD = 60.0
DAY = 86_400.0
LOG_LINES = 400
LOG_PERIOD = 2.0


@dataclass(frozen=True, slots=True)
class Picture:
    """What is known of the node now.

    Attributes:
        halted: why it makes no more blocks although its process lives.
        trouble: what hinders it, or what its figures say against it.
        twin: what shows that another machine signs with the key.
        compared: the newest block whose vote was found to be the own signer's.
        due_upgrade: the upgrade it has stopped for.
        next_upgrade: what the chain has planned.
    """

    reading: WatchReading = WatchReading()
    standing: ChainStanding = ChainStanding()
    signer: Figure[SignerFigures] = Figure()
    usage: Usage = Usage()
    halted: Explanation | None = None
    trouble: Explanation | None = None
    twin: Explanation | None = None
    compared: Figure[int] = Figure()
    due_upgrade: UpgradePlan | None = None
    next_upgrade: UpgradePlan | None = None


class Observation:
    """Reads one running node until it is cancelled."""

    def __init__(
        self,
        identity: Identity,
        custody: Custody,
        children: Children,
        on_picture: Callable[[Picture], None],
    ) -> None:
        """Nothing is read yet.

        Raises:
            KeysError: the key file cannot be read.
        """
        key = custody.info().public_key
        self._identity = identity
        self._profile = profile = identity.profile()
        self._pubkey = key.raw
        self._address = key.address
        self._children = children
        self._signing = children.signing
        self._on_picture = on_picture
        self._picture = Picture()
        self._diagnosis = LogDiagnosis(profile.chain_id)
        self._twin = TwinWatch(custody, self._diagnosis, children.signing.votes)
        self._upgrade = UpgradeWatch(identity.home)
        self._first_size: tuple[float, int] | None = None

    async def run(self) -> None:
        """Read by every rhythm at once."""
        watch = Watch(
            self._identity.rpc_url,
            chain_id=self._profile.chain_id,
            network_urls=self._profile.rpc_urls,
            address=self._address,
        )
        own = f"http://127.0.0.1:{self._identity.record.ports.rest}"
        rest = Rest([*self._profile.rest_urls, own])
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(watch.run(self._took_reading))
                tasks.create_task(self._read_standing(rest))
                tasks.create_task(self._read_signer())
                tasks.create_task(self._read_usage())
                tasks.create_task(self._read_disk())
                tasks.create_task(self._read_log())
        finally:
            await watch.close()
            await rest.close()

    async def _took_reading(self, reading: WatchReading) -> None:
        if reading.height.value is not None:
            self._diagnosis.reached(reading.height.value)
        process = self._children.node
        up_seconds = time.time() - process.started_at if process else 0.0
        trouble = judge(
            reading,
            chain_id=self._profile.chain_id,
            address=self._address,
            up_seconds=up_seconds,
        )
        plan = self._upgrade.look()
        due = plan if plan is not None and is_due(plan, reading.height.value) else None
        twin = await self._twin.look(reading.blocks)
        self._change(
            reading=reading,
            halted=self._diagnosis.halted,
            trouble=trouble or self._diagnosis.hindered,
            due_upgrade=due,
            twin=twin,
            compared=self._twin.compared,
        )

    async def _read_standing(self, rest: Rest) -> None:
        profile = self._profile
        reader = StandingReader(
            rest, self._pubkey, profile.bech32_prefix, consensus_prefix=profile.consensus_prefix
        )
        while True:
            standing = await reader.read()
            try:
                plan = await rest.upgrade_plan()
            except CosmosError:
                plan = self._picture.next_upgrade
            self._change(standing=standing, next_upgrade=plan)
            # A validator that was just made is worth finding sooner than the usual rhythm.
            known = standing.registered.value
            await asyncio.sleep(STANDING_SECONDS if known else STANDING_SECONDS / 3)

    async def _read_signer(self) -> None:
        while True:
            figures = await self._signing.figures()
            if figures.at is None and self._picture.signer.at is not None:
                # What it said last stays with its age; it grows stale by itself.
                figures = replace(self._picture.signer, why=figures.why)
            self._change(signer=figures)
            await asyncio.sleep(FIGURES_PERIOD)

    async def _read_usage(self) -> None:
        while True:
            taken, of_signer = await asyncio.to_thread(
                _usage_of, self._children.node, self._signing.process
            )
            usage = self._picture.usage
            if taken is None:
                gone: Figure[int] = unknown("The node is not running.", "computer")
                usage = replace(usage, node_memory=gone, node_cpu=Figure())
            else:
                cpu = taken.cpu
                usage = replace(
                    usage,
                    node_memory=read(taken.memory, "computer", period=USAGE_PERIOD),
                    node_cpu=Figure()
                    if cpu is None
                    else read(cpu, "computer", period=USAGE_PERIOD),
                )
            if of_signer is not None:
                memory = read(of_signer.memory, "computer", period=USAGE_PERIOD)
                usage = replace(usage, signer_memory=memory)
            self._change(usage=usage)
            await asyncio.sleep(USAGE_PERIOD)

    async def _read_disk(self) -> None:
        while True:
            try:
                size = await asyncio.to_thread(folder_size, self._identity.home)
                disk = await asyncio.to_thread(shutil.disk_usage, self._identity.home)
            except OSError as error:
                log.info("disk not readable", reason=str(error))
            else:
                self._change(usage=self._with_disk(size, disk.free, disk.total))
            await asyncio.sleep(DISK_PERIOD)

    def _with_disk(self, size: int, free: int, total: int) -> Usage:
        now = time.time()
        if self._first_size is None:
            self._first_size = (now, size)
        since, first = self._first_size
        growth: Figure[int] = unknown("It is known after ten minutes of watching.", "computer")
        left: Figure[float] = unknown("The growth is not known yet.", "computer")
        if now - since >= GROWTH_AFTER:
            per_day = int((size - first) / (now - since) * DAY)
            growth = read(per_day, "computer", period=DISK_PERIOD)
            if per_day > 0:
                left = read(free / per_day, "computer", period=DISK_PERIOD)
            else:
                left = unknown("The data does not grow.", "computer")
        return replace(
            self._picture.usage,
            data_bytes=read(size, "computer", period=DISK_PERIOD),
            disk_free=read(free, "computer", period=DISK_PERIOD),
            disk_total=read(total, "computer", period=DISK_PERIOD),
            growth_per_day=growth,
            days_left=left,
        )

    async def _read_log(self) -> None:
        # The last lines too: an adopted node may have said why it halted before we looked.
        async for line in follow(self._identity.node_log, lines=LOG_LINES, poll_seconds=LOG_PERIOD):
            self._diagnosis.feed(line)

    def _change(self, **parts: object) -> None:
        self._picture = replace(self._picture, **parts)  # type: ignore[arg-type]
        self._on_picture(self._picture)


def _usage_of(*children: Child | None) -> list[ProcessUsage | None]:
    return [child.usage() if child is not None else None for child in children]


def folder_size(folder: Path) -> int:
    """Bytes of all files below `folder`; those that vanish meanwhile do not count."""
    size = 0
    for root, _folders, names in os.walk(folder):
        for name in names:
            try:
                size += (Path(root) / name).stat().st_size
            except OSError:
                continue
    return size
