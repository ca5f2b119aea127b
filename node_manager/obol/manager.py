# SPDX-License-Identifier: Apache-2.0
"""All distributed validators of this computer: create, take up again at start, end in order."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import structlog

from node_manager.durable import PRIVATE_FOLDER, make_private_folder
from node_manager.events import Broadcast
from node_manager.explanation import OneClickError
from node_manager.keys.protection import Passphrase
from node_manager.layout import Layout, folder_name
from node_manager.obol.ceremony.artefacts import holds_shares
from node_manager.obol.errors import ClusterUnknown, EnrInUse, NoBackup, StillRunning
from node_manager.obol.events import DvRemoved
from node_manager.obol.folder import cluster_folder, clusters
from node_manager.obol.keys.restoring import DvRestore
from node_manager.obol.node import DvNode
from node_manager.obol.record import DvRecord, load_record, save_record
from node_manager.obol.settings import DvSettings
from node_manager.obol.status import DvStage, DvStatus

WAITS = frozenset({DvStage.WAITING, DvStage.VERIFYING, DvStage.BACKUP, DvStage.CONFIRM})
"""Nothing runs then that an interruption could harm."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DvPlan:
    """What a person decided before a distributed validator exists.

    Attributes:
        name: what the person calls it; also part of its folder's name.
        key_source: an ENR key file, or a charon data folder with one, to be taken over.
        backup: where the encrypted backup of the ENR key goes; without it the ceremony waits.
        restore: a backup instead of a new key; what it holds is proved by opening it.
        ask_addresses: let the ceremony wait until `DvNode.confirm` was called with its definition.
    """

    name: str
    settings: DvSettings
    key_source: Path | None = None
    backup: Path | None = None
    backup_passphrase: Passphrase | None = field(default=None, repr=False)
    restore: DvRestore | None = None
    ask_addresses: bool = False


class DvManager:
    """Lives on one asyncio loop, beside the Cosmos nodes' manager."""

    def __init__(self, layout: Layout, broadcast: Broadcast) -> None:
        self.layout = layout
        self.broadcast = broadcast
        self._nodes: dict[str, DvNode] = {}
        self._creating = asyncio.Lock()

    async def open(self, *, start_wanted: bool = True) -> None:
        """Take up what runs, and go on with what is wanted."""
        for record in await asyncio.to_thread(self._records):
            node = DvNode(self.layout, record, self.broadcast)
            self._nodes[record.id] = node
            try:
                await node.resume(start_wanted=start_wanted)
            except OneClickError as error:
                log.error("distributed validator left alone", id=record.id, reason=str(error))

    async def close(self, *, stop_nodes: bool) -> None:
        """End watching; stop clients and charons too, or leave them running."""
        await asyncio.gather(*(node.close(stop=stop_nodes) for node in self._nodes.values()))

    async def vacate(self) -> None:
        """Have nothing running, whoever left it: all files are about to go elsewhere.

        Raises:
            OneClickError: something may still run.
        """
        for node in self._nodes.values():
            await node.vacate()

    def nodes(self) -> list[DvNode]:
        """Each of them, in the order of their making."""
        return list(self._nodes.values())

    def statuses(self) -> list[DvStatus]:
        """The status of each, in the order of their making."""
        return [node.status for node in self._nodes.values()]

    def status(self, cluster_id: str) -> DvStatus:
        """The status of one.

        Raises:
            ClusterUnknown: there is none of this id.
        """
        return self.node(cluster_id).status

    def node(self, cluster_id: str) -> DvNode:
        """The distributed validator of this id.

        Raises:
            ClusterUnknown: there is none of this id.
        """
        if cluster_id not in self._nodes:
            raise ClusterUnknown(cluster_id=cluster_id)
        return self._nodes[cluster_id]

    async def create(self, plan: DvPlan) -> str:
        """Make one with its ENR key and that key's backup, and return its id; not started.

        Raises:
            OneClickError: nothing was made; a key that was made a moment ago is gone again.
        """
        async with self._creating:  # one after another: each sees the keys of those before it
            return await self._create(plan)

    async def _create(self, plan: DvPlan) -> str:
        cluster_id = await asyncio.to_thread(self._new_folder, plan.name)
        record = DvRecord(
            id=cluster_id,
            name=plan.name,
            created_at=time.time(),
            settings=plan.settings,
            ask_addresses=plan.ask_addresses,
        )
        node = DvNode(self.layout, record, self.broadcast)
        try:
            await asyncio.to_thread(save_record, node.folder.record, record)
            if plan.restore is not None:
                await node.restore(plan.restore)
            else:
                await node.make_enr(plan.key_source)
            await self._require_new(node.record)
            if plan.backup is not None and plan.backup_passphrase is not None:
                await node.back_up_key(plan.backup, plan.backup_passphrase)
        except BaseException:
            # nobody has seen its ENR yet, and a key that was taken over lies where it came from
            await asyncio.to_thread(shutil.rmtree, node.folder.root, ignore_errors=True)
            raise
        self._nodes[cluster_id] = node
        node.publish()
        return cluster_id

    async def _require_new(self, record: DvRecord) -> None:
        """Two charons of one computer with one key are not to be, whichever run made them.

        Raises:
            EnrInUse: with whose key it is.
        """
        known = [node.record for node in self._nodes.values()]
        for other in (*known, *await asyncio.to_thread(self._records)):
            if other.id != record.id and other.enr == record.enr:
                raise EnrInUse(name=other.name)

    async def start(self, cluster_id: str) -> None:
        """Go on with it from wherever it stands."""
        await self.node(cluster_id).start()

    async def stop(self, cluster_id: str) -> None:
        """Stop its client, then its charon."""
        await self.node(cluster_id).stop()

    async def use_definition(self, cluster_id: str, content: bytes) -> None:
        """Go on with a definition that the person has as a file, instead of waiting for one.

        Raises:
            OneClickError: it cannot be one; the validator goes on as before.
        """
        await self._apart_from_its_run(cluster_id, lambda node: node.give_definition(content))

    async def drop_definition(self, cluster_id: str) -> None:
        """Look for the cluster anew.

        Raises:
            OneClickError: its keys are made, or are being made.
        """
        await self._apart_from_its_run(cluster_id, DvNode.drop_definition)

    async def _apart_from_its_run(
        self, cluster_id: str, act: Callable[[DvNode], Awaitable[None]]
    ) -> None:
        """Do something between two runs; one that only waits for its cluster is begun again."""
        node = self.node(cluster_id)
        goes_on = node.under_way and node.status.stage in WAITS
        if goes_on:
            await node.stop()
        try:
            await act(node)
        finally:
            if goes_on:
                await node.start()

    async def remove(self, cluster_id: str, *, lose_keys: bool = False) -> None:
        """Forget a stopped one and delete its folder.

        Raises:
            StillRunning: it is not stopped.
            ClusterInUse: another run of the app looks after it.
            RuntimeTrouble: what an earlier run left may still sign; it is kept.
            NoBackup: its files have no proven backup and `lose_keys` is False.
        """
        node = self.node(cluster_id)
        if node.status.stage not in {DvStage.STOPPED, DvStage.FAILED}:
            raise StillRunning(act="Removing", stage=node.status.stage.text)
        has_shares = holds_shares(node.folder)
        kept = node.record.artefacts_backup_at if has_shares else node.record.enr_backup_at
        if kept is None and not lose_keys:
            raise NoBackup()
        await node.vacate()
        await node.close(stop=True)
        del self._nodes[cluster_id]
        await asyncio.to_thread(shutil.rmtree, node.folder.root, ignore_errors=True)
        self.broadcast.publish(DvRemoved(cluster_id))

    def log_path(self, cluster_id: str, source: str = "charon") -> Path:
        """The log of one child: `source` is "dkg", "charon" or "vc"."""
        return self.node(cluster_id).folder.logs / f"{source}.log"

    def log_paths(self) -> list[Path]:
        """All logs, to be kept within bounds."""
        return [
            node.folder.logs / f"{name}.log"
            for node in self._nodes.values()
            for name in ("dkg", "charon", "vc")
        ]

    def _records(self) -> list[DvRecord]:
        found = []
        for file in sorted(clusters(self.layout).glob("*/cluster.json")):
            try:
                found.append(load_record(file))
            except OneClickError as error:
                log.error("record left alone", reason=str(error))
        return sorted(found, key=lambda record: record.created_at)

    def _new_folder(self, name: str) -> str:
        """The id of one whose folder is made here and now: nobody else has it. Blocks."""
        stem = folder_name(name, otherwise="cluster", longest=56)
        make_private_folder(clusters(self.layout))
        for number in count(1):
            cluster_id = stem if number == 1 else f"{stem}-{number}"
            try:
                cluster_folder(self.layout, cluster_id).root.mkdir(mode=PRIVATE_FOLDER)
            except FileExistsError:
                continue
            return cluster_id
        raise AssertionError("numbers do not end")
