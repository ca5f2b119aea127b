# SPDX-License-Identifier: Apache-2.0
"""All validators of this computer: create, adopt at start, end in order."""

from __future__ import annotations

import asyncio
import shutil
import time
from pathlib import Path

import structlog

from node_manager.errors import BusyNode, KeyKept, MonikerRefused, UnknownNode
from node_manager.events import Broadcast, NodeChanged, NodeRemoved
from node_manager.explanation import Explained, OneClickError
from node_manager.keys.secret import SecretBytes
from node_manager.layout import Layout, folder_name
from node_manager.networks.catalogue import Catalogue
from node_manager.node.custody import Custody
from node_manager.node.free_ports import free_ports, free_signer_port
from node_manager.node.node import Node
from node_manager.node.plan import MONIKER_BYTES, NodePlan
from node_manager.node.preparation import require_state_sync
from node_manager.node.record import NodeRecord, Ports, load_record, save_record
from node_manager.node.way import choose_runtime
from node_manager.runtime.logfiles import LogKeeper
from node_manager.state import NodeState, NodeStatus
from node_manager.tasks import TaskGroup

log = structlog.get_logger(__name__)


class Manager:
    """The engine's public face; lives on one asyncio loop."""

    def __init__(self, layout: Layout, broadcast: Broadcast) -> None:
        self.layout = layout
        self.broadcast = broadcast
        self.catalogue = Catalogue(layout)
        self._nodes: dict[str, Node] = {}
        self._left_alone: dict[str, NodeStatus] = {}
        self._creating = asyncio.Lock()
        self._tasks = TaskGroup()

    async def open(self, *, start_wanted: bool = True) -> None:
        """Take over the nodes that still run and start those that should."""
        self._tasks.spawn(LogKeeper(self._logs).run(), "keep the logs small")
        for record in await asyncio.to_thread(self._records):
            if isinstance(record, tuple):
                self._leave_alone(*record)
                continue
            node = self._take(record)
            if node is not None:
                await node.resume(start_wanted=start_wanted)

    async def close(self, *, stop_nodes: bool) -> None:
        """End watching; stop the nodes too (node before signer), or leave them running."""
        await self._tasks.close()
        await asyncio.gather(*(node.close(stop=stop_nodes) for node in self._nodes.values()))

    def statuses(self) -> list[NodeStatus]:
        """The status of each node, in the order of their making; what is damaged comes last."""
        return [*(node.status for node in self._nodes.values()), *self._left_alone.values()]

    def nodes(self) -> list[Node]:
        """The nodes that can be acted on, in the order of their making."""
        return list(self._nodes.values())

    def status(self, node_id: str) -> NodeStatus:
        """The status of one node.

        Raises:
            UnknownNode: there is none of this id.
        """
        return self._left_alone.get(node_id) or self.node(node_id).status

    def node(self, node_id: str) -> Node:
        """The node of this id.

        Raises:
            UnknownNode: there is none of this id.
            Explained: its files are damaged and it is left alone.
        """
        if (damaged := self._left_alone.get(node_id)) is not None and damaged.reason is not None:
            raise Explained(damaged.reason)
        if node_id not in self._nodes:
            raise UnknownNode(node_id=node_id)
        return self._nodes[node_id]

    async def create(self, plan: NodePlan) -> str:
        """Make a validator of `plan` (its key included) and return its id; it is not started.

        Raises:
            OneClickError: nothing was made.
        """
        check_moniker(plan.moniker)
        profile = self.catalogue.get(plan.network)
        answered = profile.with_answers(plan.answers) if plan.answers else profile
        if plan.state_sync:
            require_state_sync(profile)
        async with self._creating:
            node_id = self._free_id(plan.network)
            folder = self.layout.node(node_id)
            ports = plan.ports or await self._free_ports()
            runtime = choose_runtime(answered, plan.runtime)
            record = NodeRecord(
                id=node_id,
                network=plan.network,
                chain_id=profile.chain_id,
                moniker=plan.moniker,
                created_at=time.time(),
                ports=ports,
                runtime=runtime,
                signer_port=await self._free_signer_port(ports) if runtime == "docker" else 0,
                home=plan.data_folder / f"{node_id}-home" if plan.data_folder else None,
                answers=dict(plan.answers),
                wallet_address=plan.wallet_address,
                state_sync=plan.state_sync,
            )
            try:
                await Custody(folder, record).take_key(plan)
                await asyncio.to_thread(save_record, folder.record, record)
            except OneClickError:
                # The record comes last: without it there is no node, and a key that was made
                # a moment ago has never signed.
                if plan.key_source is None:
                    await asyncio.to_thread(shutil.rmtree, folder.root, ignore_errors=True)
                raise
            node = Node(self.layout, record, self.catalogue, self.broadcast)
            self._nodes[node_id] = node
            if plan.passphrase is not None:
                await node.unlock(plan.passphrase)
            node.publish()
        return node_id

    async def start(self, node_id: str) -> None:
        """Start the node and keep it running from now on."""
        await self.node(node_id).start()

    async def stop(self, node_id: str) -> None:
        """Stop the node, then its signer; returns when both have ended."""
        await self.node(node_id).stop()

    async def restart(self, node_id: str) -> None:
        """Stop the node and start it again; the signer stays."""
        await self.node(node_id).restart()

    async def unlock(self, node_id: str, passphrase: SecretBytes) -> None:
        """Open the node's key with its passphrase and let it sign."""
        await self.node(node_id).unlock(passphrase)

    async def lock(self, node_id: str) -> None:
        """Stop a validator and overwrite its open key; the next start asks for the passphrase."""
        await self.node(node_id).lock()

    async def repair_record(self, node_id: str, *, other_machines_are_off: bool) -> int:
        """Give a stopped validator a signing record above everything its key has signed.

        Returns the height up to which nothing is signed.

        Raises:
            OneClickError: the record is as it was.
        """
        node = self.node(node_id)
        return await node.repair_record(other_machines_are_off=other_machines_are_off)

    async def reset_chain_data(self, node_id: str, *, state_sync: bool = False) -> int:
        """Remove a stopped node's chain data; key, signing record and settings stay.

        Returns the bytes that were freed; raises as `Node.reset_chain_data`.
        """
        return await self.node(node_id).reset_chain_data(state_sync=state_sync)

    async def use_file(self, node_id: str, file: Path) -> None:
        """Take a file of this computer in place of the program's download, and start the node.

        Raises as `Node.use_file`.
        """
        await self.node(node_id).use_file(file)

    async def choose_free_ports(self, node_id: str) -> Ports:
        """Give a node that does not run ports that nobody has; they hold from its next start.

        Raises:
            BusyNode: it runs.
        """
        node = self.node(node_id)
        async with self._creating:
            chosen = await self._free_ports()
            signer = await self._free_signer_port(chosen) if node.contained else 0
            await node.change_ports(chosen, signer)
        return chosen

    async def remove(self, node_id: str, *, lose_key: bool = False) -> None:
        """Forget a stopped node and delete its folder, chain data included.

        Raises:
            BusyNode: it is not stopped.
            KeyKept: its key has no verified backup and `lose_key` is False.
        """
        node = self.node(node_id)
        if not node.status.state.at_rest:
            raise BusyNode(act="Removing", state=node.status.state.value)
        if node.status.backup_verified_at is None and not lose_key:
            raise KeyKept()
        await node.close(stop=True)
        del self._nodes[node_id]
        homes = [node.home, self.layout.node(node_id).root]
        for folder in homes:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        self.broadcast.publish(NodeRemoved(node_id))

    def wallet_of(self, node_id: str) -> str:
        """The account that operates the validator, empty when not known."""
        return self.node(node_id).wallet

    def log_path(self, node_id: str, source: str = "node") -> Path:
        """The log file of one child: `source` is "node" or "signer"."""
        if node_id not in self._left_alone:
            self.node(node_id)
        return self.layout.node(node_id).logs / f"{source}.log"

    def _logs(self) -> list[Path]:
        return [
            path for node_id in self._nodes for path in self.layout.node(node_id).logs.glob("*.log")
        ]

    def _records(self) -> list[NodeRecord | tuple[str, OneClickError]]:
        """The records in the order of their making; for a damaged one its id and what it is."""
        found: list[NodeRecord | tuple[str, OneClickError]] = []
        for file in sorted(self.layout.nodes.glob("*/node.json")):
            try:
                found.append(load_record(file))
            except OneClickError as error:
                found.append((file.parent.name, error))
        return sorted(found, key=lambda one: getattr(one, "created_at", time.time()))

    def _take(self, record: NodeRecord) -> Node | None:
        try:
            node = Node(self.layout, record, self.catalogue, self.broadcast)
        except OneClickError as error:
            self._leave_alone(record.id, error)
            return None
        self._nodes[record.id] = node
        return node

    def _leave_alone(self, node_id: str, error: OneClickError) -> None:
        """Show a validator whose files are damaged, and touch nothing of it."""
        log.error("node left alone", node=node_id, reason=str(error))
        status = NodeStatus(
            node_id, "", "", node_id, state=NodeState.FAILED, reason=error.explanation
        )
        self._left_alone[node_id] = status
        self.broadcast.publish(NodeChanged(status))

    def _free_id(self, network: str) -> str:
        stem = folder_name(network, otherwise="node", longest=56)
        taken = {path.name for path in self.layout.nodes.glob("*")}
        number = 1
        while (name := stem if number == 1 else f"{stem}-{number}") in taken:
            number += 1
        return name

    async def _free_ports(self) -> Ports:
        return await asyncio.to_thread(free_ports, self._used_ports())

    async def _free_signer_port(self, ports: Ports) -> int:
        used = self._used_ports() | set(ports.model_dump().values())
        return await asyncio.to_thread(free_signer_port, used)

    def _used_ports(self) -> set[int]:
        return {port for node in self._nodes.values() for port in node.ports}


def check_moniker(moniker: str) -> None:
    """Refuse a name that the chain would refuse.

    Raises:
        MonikerRefused: with the reason.
    """
    if not moniker.strip():
        raise MonikerRefused(moniker=moniker, reason="It is empty.")
    if len(moniker.encode()) > MONIKER_BYTES:
        raise MonikerRefused(moniker=moniker, reason=f"It is longer than {MONIKER_BYTES} bytes.")
    if not moniker.isprintable():
        raise MonikerRefused(moniker=moniker, reason="It has characters that cannot be shown.")
