# SPDX-License-Identifier: Apache-2.0
"""One validator on this computer: its public face.

    stopped → preparing → starting → syncing ⇄ running → stopping → stopped
                  ↘ failed ↙    ↘ backoff ↗   ↘ upgrading ↗

The way in: `start` brings it up, `care` watches it and meets what happens to it, `children` are its
two processes, `portrait` is what everybody sees of it, `identity` is what is remembered of it.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from node_manager.checks.doctor import examine
from node_manager.checks.result import CheckResult
from node_manager.errors import BusyNode, RecordIsWhole, RepairUnconfirmed
from node_manager.events import Broadcast
from node_manager.explanation import Explanation, OneClickError
from node_manager.keys.errors import KeysError
from node_manager.keys.secret import SecretBytes
from node_manager.layout import Layout
from node_manager.networks.catalogue import Catalogue
from node_manager.node.care import Care
from node_manager.node.children import Children
from node_manager.node.custody import Custody
from node_manager.node.examination import engine_trouble, examination_plan
from node_manager.node.identity import Identity
from node_manager.node.portrait import Portrait
from node_manager.node.preparation import Preparation, require_state_sync
from node_manager.node.record import NodeRecord, Ports
from node_manager.node.repair import repair_record
from node_manager.node.reset import reset_chain_data
from node_manager.node.signing import Signing
from node_manager.node.start import Start
from node_manager.node.steps import Steps
from node_manager.node.work import WorkInHand
from node_manager.runtime.supervision import Phase
from node_manager.signer.errors import REPAIRABLE
from node_manager.state import NodeState, NodeStatus, Step


class Node:
    """One validator; all of it runs on the engine's loop."""

    def __init__(
        self, layout: Layout, record: NodeRecord, catalogue: Catalogue, broadcast: Broadcast
    ) -> None:
        self._identity = Identity(layout, record, catalogue)
        self._custody = Custody(self._identity.folder, record)
        self._steps = Steps(self.publish)
        self._portrait = Portrait(record, self._custody, self._steps, broadcast)
        self._work = WorkInHand()
        self._taking_over: asyncio.Task[None] | None = None
        self._children = Children(
            self._identity,
            self._custody,
            on_exited=lambda end: self._care.exited(end),
            on_change=lambda supervision: self._care.supervised(supervision),
            on_signer=lambda: self._care.show(),
        )
        self._preparation = Preparation(layout, self._identity.folder, self.home, self._steps)
        self._care = Care(
            self._identity,
            self._custody,
            self._children,
            Start(
                self._identity,
                self._children,
                self._preparation,
                self._portrait,
                self._steps,
            ),
            self._portrait,
            self._work,
        )

    @property
    def status(self) -> NodeStatus:
        """Everything that is known of it now."""
        return self._portrait.status

    @property
    def home(self) -> Path:
        """The node program's home."""
        return self._identity.home

    @property
    def custody(self) -> Custody:
        """The key and its record."""
        return self._custody

    @property
    def ports(self) -> tuple[int, ...]:
        """The ports that are this node's, used or not."""
        record = self._identity.record
        return (*record.ports.model_dump().values(), record.signer_port)

    @property
    def contained(self) -> bool:
        """Whether it runs in a container."""
        return self._identity.record.runtime == "docker"

    @property
    def wallet(self) -> str:
        """The account that operates the validator, empty when not known."""
        return self._identity.record.wallet_address

    @property
    def needs_passphrase(self) -> bool:
        """Whether a person must enter the passphrase before the signer can be started."""
        try:
            return self._signing.locked and self._custody.info().mode == "passphrase"
        except KeysError:
            return False

    async def resume(self, *, start_wanted: bool) -> None:
        """After a start of the app: take over what runs, start what should run."""
        try:
            node_lives = await self._children.node_lives()
        except OneClickError as error:
            await self._resume_unknown(error.explanation, start_wanted)
            return
        signer_lives = await self._signing.adopt()
        if node_lives:
            act = self._care.take_over(signer_lives)
            self._taking_over = self._work.begin(act, f"adopt {self._identity.id}")
        elif self._identity.record.wanted and start_wanted:
            await self.start()
        elif signer_lives:
            await self._signing.stop()
        self.publish()

    async def start(self) -> None:
        """Bring the node up and keep it up; returns at once, the status tells the rest."""
        await self._identity.want(True)
        if self._work.busy or self.status.state.alive:
            return
        self._work.begin(self._care.bring_up(), f"start {self._identity.id}")

    async def stop(self) -> None:
        """End the node, then its signer."""
        await self._identity.want(False)
        await self._end()

    async def restart(self) -> None:
        """End the node in order and start it again; the signer stays."""
        await self._identity.want(True)
        await self._work.cancel()
        self._portrait.enter(NodeState.STOPPING)
        await self._care.stop_watching()
        await self._children.stop_node()
        self._work.begin(self._care.bring_up(), f"restart {self._identity.id}")

    async def unlock(self, passphrase: SecretBytes) -> None:
        """Open the key; a node that waited for it goes on.

        Raises:
            KeysError: the passphrase does not open it.
        """
        await self._signing.unlock(passphrase)
        if self._taking_over is not None:
            await asyncio.wait({self._taking_over})
        if self._children.phase is Phase.UP:
            await self._signing.start()
            self._care.show()
        elif self._waits_for_passphrase():
            await self.start()

    async def lock(self) -> None:
        """Stop, and overwrite the open key: a signer lives no longer than its key may be open."""
        await self.stop()
        self._signing.lock()
        self.publish()

    async def repair_record(self, *, other_machines_are_off: bool) -> int:
        """End the node and give its key a signing record above everything that was signed.

        Returns the height up to which nothing is signed. It takes ten blocks of the network.

        Raises:
            OneClickError: the record is as it was (`repair.repair_record` says when).
        """
        if not other_machines_are_off:
            raise RepairUnconfirmed()
        signer = self._signing.supervision.reason
        if self.status.state.alive and (signer is None or signer.code not in REPAIRABLE):
            raise BusyNode(act="Repairing the record", state=self.status.state.value)
        await self._end()
        return await self._work.alone("The repair", self._repair())

    async def reset_chain_data(self, *, state_sync: bool = False) -> int:
        """Remove the chain data of the stopped node; key, signing record and settings stay.

        Args:
            state_sync: whether the next start begins with a snapshot instead of the first block.

        Returns:
            Bytes that were freed.

        Raises:
            BusyNode: it is not stopped.
            StateSyncNotOffered: by the profile; nothing was removed.
            FileTrouble: some of the data are left.
        """
        self._require_rest("Removing the chain data")
        if state_sync:
            require_state_sync(self._identity.profile())
        return await self._work.alone("The reset", self._reset(state_sync))

    async def use_file(self, file: Path) -> None:
        """Take `file` in place of the node program's download, and start.

        It is held against the checksum that the network publishes, as a download is.

        Raises:
            BusyNode: it is not stopped.
            OneClickError: it is not the published program, or cannot be installed; nothing
                was changed.
        """
        self._require_rest("Using a file")
        profile = self._identity.profile()
        install = self._preparation.take_file(
            file, profile, self._identity.release(profile), self._children.way.target
        )
        await self._work.alone("Using a file", install)
        await self.start()

    async def change_ports(self, ports: Ports, signer_port: int = 0) -> None:
        """Use other ports from the next start on; a contained node awaits its signer at one, too.

        Raises:
            BusyNode: it runs.
            FileTrouble: they could not be noted; the old ones stand.
        """
        self._require_rest("Changing the ports")
        await self._identity.use_ports(ports, signer_port)
        self._portrait.set_ports(ports)
        self.publish()

    def _require_rest(self, act: str) -> None:
        if self._work.busy or not self.status.state.at_rest:
            raise BusyNode(act=act, state=self.status.state.value)

    async def close(self, *, stop: bool) -> None:
        """Let go of the node: end it, or leave it running for the next start of the app."""
        self._care.close()
        if stop:
            await self._end()
        else:
            await self._work.cancel()
            await self._care.stop_watching()
            await self._children.leave()
        self._signing.lock()
        await self._work.close()
        await self._children.close()
        await self._identity.close()

    def publish(self) -> None:
        """Tell everybody the present status."""
        self._portrait.publish()

    def refresh_backup(self) -> None:
        """Read again which backup was proved."""
        self._portrait.refresh_backup()

    async def examine(self) -> list[CheckResult]:
        """The doctor's findings, the gravest first."""
        children = self._children
        contained = children.node is not None and children.node.pid is None
        plan = examination_plan(self._identity, children.pids, container_lives=contained)
        trouble = await children.way.trouble()
        engine = [] if trouble is None else [engine_trouble(trouble)]
        return [*engine, *await examine(plan, self.status)]

    @property
    def _signing(self) -> Signing:
        return self._children.signing

    async def _resume_unknown(self, reason: Explanation, start_wanted: bool) -> None:
        """Nobody can tell whether it runs (its engine does not answer yet): nothing is ended."""
        await self._signing.adopt()
        if self._identity.record.wanted and start_wanted:
            await self.start()
        else:
            self._portrait.enter(NodeState.FAILED, reason)

    async def _end(self) -> None:
        await self._work.cancel()
        if not self.status.state.at_rest:
            self._portrait.enter(NodeState.STOPPING)
        await self._care.stop_watching()
        await self._children.stop()
        self._portrait.enter(NodeState.STOPPED)

    async def _repair(self) -> int:
        self._steps.begin_again()
        self._portrait.enter(NodeState.PREPARING)

        def watched(seen: int, wanted: int) -> None:
            self._steps.update(Step.KEY, done=seen, total=wanted)

        try:
            with self._steps.working(Step.KEY, "watching the network for another signer"):
                above = await repair_record(
                    self._custody,
                    self._identity.network_views(),
                    other_machines_are_off=True,
                    on_block=watched,
                )
        except RecordIsWhole:
            self._portrait.enter(NodeState.STOPPED)
            raise
        except OneClickError as error:
            self._portrait.enter(NodeState.FAILED, error.explanation)
            raise
        self._portrait.enter(NodeState.STOPPED)
        return above

    async def _reset(self, state_sync: bool) -> int:
        if await self._children.node_lives():
            raise BusyNode(act="Removing the chain data", state="still ending")
        freed = await reset_chain_data(self._identity, state_sync=state_sync)
        self._steps.begin_again()
        self._portrait.enter(NodeState.STOPPED)
        return freed

    def _waits_for_passphrase(self) -> bool:
        reason = self.status.reason
        return reason is not None and reason.code == "passphrase-needed"
