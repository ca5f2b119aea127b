# SPDX-License-Identifier: Apache-2.0
"""One validator on this computer: its state machine and its public face.

    stopped → preparing → starting → syncing ⇄ running → stopping → stopped
                  ↘ failed ↙    ↘ backoff ↗   ↘ upgrading ↗

Order matters: the signer dials before the node is spawned, and the node ends before the signer
does (a node that has lost its signer ignores the request to end).
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import structlog

from node_manager.checks.doctor import examine
from node_manager.checks.preflight import preflight
from node_manager.checks.result import CheckResult, require
from node_manager.cosmos.failures import diagnose_exit, retry_helps
from node_manager.cosmos.program import Program
from node_manager.cosmos.rpc import Rpc
from node_manager.cosmos.upgrades import UpgradePlan, read_upgrade_info
from node_manager.durable import make_private_folder
from node_manager.errors import (
    BusyNode,
    FileTrouble,
    Interrupted,
    RecordIsWhole,
    RepairUnconfirmed,
    UpgradeAgain,
    UpgradeUnknown,
)
from node_manager.events import Broadcast
from node_manager.explanation import Explained, Explanation, OneClickError
from node_manager.keys.errors import KeysError
from node_manager.keys.secret import SecretBytes
from node_manager.layout import Layout
from node_manager.networks.catalogue import Catalogue
from node_manager.networks.profile import Profile, Release
from node_manager.node.custody import Custody
from node_manager.node.examination import examination_plan
from node_manager.node.observation import Observation, Picture, folder_size
from node_manager.node.portrait import Portrait
from node_manager.node.preparation import Preparation, require_state_sync
from node_manager.node.record import NodeRecord, save_record
from node_manager.node.repair import repair_record
from node_manager.node.reset import BEING_REMOVED, remove_aside, set_aside
from node_manager.node.signing import Signing
from node_manager.node.steps import Steps
from node_manager.node.verdict import FATAL_TROUBLE
from node_manager.runtime.logfiles import tail
from node_manager.runtime.process import Launch, ManagedProcess, still_lives
from node_manager.runtime.supervision import Decision, Exit, Phase, Supervision
from node_manager.runtime.supervisor import Supervisor
from node_manager.signer.errors import REPAIRABLE
from node_manager.state import NodeState, NodeStatus, Step
from node_manager.tasks import TaskGroup

log = structlog.get_logger(__name__)

T = TypeVar("T")

NODE_GRACE = 30.0
LAST_LINES = 400
UPGRADE_NEEDED = "upgrade-needed"
NODE_BEFORE_SIGNER = 3.0
"""Seconds for the node to end; a signer that must not sign any more ends then all the same."""

HALT_CONFIRMED = 5.0
"""Seconds for which the log must say that the node makes no more blocks before it is acted on."""


class Node:
    """One validator; all of it runs on the engine's loop."""

    def __init__(
        self, layout: Layout, record: NodeRecord, catalogue: Catalogue, broadcast: Broadcast
    ) -> None:
        self._layout = layout
        self._record = record
        self._catalogue = catalogue
        self._folder = layout.node(record.id)
        self._custody = Custody(self._folder, record)
        self._steps = Steps(self.publish)
        self._portrait = Portrait(record, self._custody, self._steps, broadcast)
        self._tasks = TaskGroup()
        self._work: asyncio.Task[Any] | None = None
        self._taking_over: asyncio.Task[None] | None = None
        self._observing: asyncio.Task[None] | None = None
        self._halted_since: float | None = None
        self._views: list[Rpc] = []
        self._program: Program | None = None
        self._closed = False
        self._preparation = Preparation(layout, self._folder, self.home, self._steps)
        self._signing = Signing(self._folder, self._custody, self._network_views, self._merge)
        self._process_record = self._folder.run / "node-process.json"
        self._supervisor = Supervisor(
            "node",
            self._make_launch,
            self._process_record,
            on_exited=self._exited,
            on_change=self._supervised,
            grace_seconds=NODE_GRACE,
        )
        self._picture = Picture()

    @property
    def status(self) -> NodeStatus:
        """Everything that is known of it now."""
        return self._portrait.status

    @property
    def home(self) -> Path:
        """The node program's home."""
        return self._record.home or self._folder.home

    @property
    def custody(self) -> Custody:
        """The key and its record."""
        return self._custody

    @property
    def ports(self) -> tuple[int, ...]:
        """The ports that are this node's, used or not."""
        return tuple(self._record.ports.model_dump().values())

    @property
    def wallet(self) -> str:
        """The account that operates the validator, empty when not known."""
        return self._record.wallet_address

    @property
    def needs_passphrase(self) -> bool:
        """Whether a person must enter the passphrase before the signer can be started."""
        try:
            return self._signing.locked and self._custody.info().mode == "passphrase"
        except KeysError:
            return False

    async def resume(self, *, start_wanted: bool) -> None:
        """After a start of the app: take over what runs, start what should run."""
        node_lives = await still_lives(self._process_record)
        signer_lives = await self._signing.adopt()
        if node_lives:
            act = self._take_over(signer_lives)
            self._work = self._taking_over = self._tasks.spawn(act, f"adopt {self._record.id}")
        elif self._record.wanted and start_wanted:
            await self.start()
        elif signer_lives:
            await self._signing.stop()
        self.publish()

    async def start(self) -> None:
        """Bring the node up and keep it up; returns at once, the status tells the rest."""
        await self._want(True)
        if self._busy() or self.status.state.alive:
            return
        self._work = self._tasks.spawn(self._bring_up(), f"start {self._record.id}")

    async def stop(self) -> None:
        """End the node, then its signer."""
        await self._want(False)
        await self._end()

    async def restart(self) -> None:
        """End the node in order and start it again; the signer stays."""
        await self._want(True)
        await self._cancel_work()
        self._enter(NodeState.STOPPING)
        await self._stop_observing()
        await self._supervisor.stop()
        self._work = self._tasks.spawn(self._bring_up(), f"restart {self._record.id}")

    async def unlock(self, passphrase: SecretBytes) -> None:
        """Open the key; a node that waited for it goes on.

        Raises:
            KeysError: the passphrase does not open it.
        """
        await self._signing.unlock(passphrase)
        if self._taking_over is not None:
            await asyncio.wait({self._taking_over})
        if self._supervisor.phase is Phase.UP:
            await self._signing.start()
            self._merge()
        elif self._waits_for_passphrase():
            await self.start()

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
        return await self._alone("The repair", self._repair())

    async def _repair(self) -> int:
        self._steps.begin_again()
        self._enter(NodeState.PREPARING)

        def watched(seen: int, wanted: int) -> None:
            self._steps.update(Step.KEY, done=seen, total=wanted)

        try:
            with self._steps.working(Step.KEY, "watching the network for another signer"):
                above = await repair_record(
                    self._custody,
                    self._network_views(),
                    other_machines_are_off=True,
                    on_block=watched,
                )
        except RecordIsWhole:
            self._enter(NodeState.STOPPED)
            raise
        except OneClickError as error:
            self._enter(NodeState.FAILED, error.explanation)
            raise
        self._enter(NodeState.STOPPED)
        return above

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
        if self._busy() or self.status.state not in {NodeState.STOPPED, NodeState.FAILED}:
            raise BusyNode(act="Removing the chain data", state=self.status.state.value)
        profile = self._profile()
        if state_sync:
            require_state_sync(profile)
        return await self._alone("The reset", self._reset(state_sync))

    async def _reset(self, state_sync: bool) -> int:
        aside = self.home / BEING_REMOVED
        try:
            if await still_lives(self._process_record):
                raise BusyNode(act="Removing the chain data", state="still ending")
            await asyncio.to_thread(set_aside, self.home)
            self._record.state_sync = state_sync
            if not state_sync:
                # From the first block on, the chain asks for each of its releases again.
                self._record.upgrade = ""
            await self._save()
            freed = await asyncio.to_thread(folder_size, aside)
            await asyncio.to_thread(remove_aside, self.home)
        except OSError as error:
            raise FileTrouble(reason=error) from error
        log.info("chain data removed", node=self._record.id, bytes=freed, state_sync=state_sync)
        self._steps.begin_again()
        self._enter(NodeState.STOPPED)
        return freed

    async def close(self, *, stop: bool) -> None:
        """Let go of the node: end it, or leave it running for the next start of the app."""
        self._closed = True
        if stop:
            await self._end()
        else:
            await self._cancel_work()
            await self._stop_observing()
            await self._supervisor.leave()
            await self._signing.leave()
        self._signing.lock()
        await self._tasks.close()
        await asyncio.gather(*(view.close() for view in self._views))

    def publish(self) -> None:
        """Tell everybody the present status."""
        self._portrait.publish()

    def refresh_backup(self) -> None:
        """Read again which backup was proved."""
        self._portrait.refresh_backup()

    async def examine(self) -> list[CheckResult]:
        """The doctor's findings, the gravest first."""
        plan = examination_plan(self._profile(), self._record, self.home, self._own_pids())
        return await examine(plan, self.status)

    # From nothing to running

    async def _bring_up(self) -> None:
        try:
            self._steps.begin_again()
            self._enter(NodeState.PREPARING)
            profile = self._profile()
            installed = await self._preparation.program(profile, self._release(profile))
            if not await still_lives(self._process_record):
                checks = examination_plan(profile, self._record, self.home, (), installed.path)
                require(await preflight(checks))
            self._program = await self._preparation.prepare(
                installed, profile, self._record, self._signing.node_address
            )
            await self._preparation.genesis(profile)
            await self._set_version(installed.version)
            with self._steps.working(Step.KEY, "opening the key, starting the signer"):
                await self._signing.start()
            self._steps.update(Step.KEY, note="signer started, guard in force")
            with self._steps.working(Step.START, f"starting {self._program.name}"):
                self._enter(NodeState.STARTING)
                await self._supervisor.start()
                await self._until_it_answers()
            self._steps.update(Step.START, note="the node answers")
            self._observe(profile)
        except OneClickError as error:
            plan = await asyncio.to_thread(read_upgrade_info, self.home)
            if error.explanation.code == UPGRADE_NEEDED and plan is not None:
                await self._upgrade(plan)
            else:
                await self._give_up(error.explanation)
        except OSError as error:
            await self._give_up(FileTrouble(reason=error).explanation)

    async def _take_over(self, signer_lives: bool) -> None:
        """Adopt the running node without touching it; bring its signer back if that has ended."""
        try:
            profile = self._profile()
            installed = await self._preparation.program(profile, self._release(profile))
            self._program = Program(installed.path)
            if not signer_lives:
                await self._start_signer_beside()
            self._enter(NodeState.STARTING)
            await self._supervisor.start()
            for step in (Step.PREPARE, Step.GENESIS, Step.KEY, Step.START):
                self._steps.done(step, "taken over from the last start of the app")
            self._observe(profile)
        except OneClickError as error:
            # The node lives and is left alone: only what we know of it is wanting.
            log.error("running node not taken over", node=self._record.id, reason=str(error))
            self._enter(NodeState.FAILED, error.explanation)

    async def _start_signer_beside(self) -> None:
        """A locked key leaves the node without a signer: told, and mended by the person."""
        try:
            await self._signing.start()
        except OneClickError as error:
            log.info("signer waits", node=self._record.id, reason=str(error))
            self._portrait.tell(error.explanation)

    async def _make_launch(self) -> Launch:
        assert self._program is not None  # noqa: S101  (prepared before it is supervised)
        await asyncio.to_thread(self._signing.socket.unlink, missing_ok=True)
        await asyncio.to_thread(make_private_folder, self._folder.logs)
        return Launch(
            name="node",
            argv=self._program.start_argv(self.home),
            cwd=self._folder.root,
            log=self._folder.logs / "node.log",
        )

    async def _until_it_answers(self) -> None:
        """Wait for the RPC; a node that ends meanwhile is met by the supervisor."""
        async with Rpc(f"http://127.0.0.1:{self._record.ports.rpc}") as rpc:
            while self._supervisor.phase not in {Phase.FAILED, Phase.STOPPED}:
                with contextlib.suppress(OneClickError):
                    await rpc.status()
                    return
                await asyncio.sleep(0.2)
        reason = self._supervisor.supervision.reason
        raise Explained(reason or Explanation("node-ended", "The node ended."))

    async def _give_up(self, reason: Explanation) -> None:
        await self._stop_observing()
        await self._end_both(NODE_GRACE)
        self._enter(NodeState.FAILED, reason)

    # Ending

    async def _end(self) -> None:
        await self._cancel_work()
        if self.status.state not in {NodeState.STOPPED, NodeState.FAILED}:
            self._enter(NodeState.STOPPING)
        await self._stop_observing()
        await self._supervisor.stop()
        await self._signing.stop()
        self._enter(NodeState.STOPPED)

    async def _cancel_work(self) -> None:
        work, self._work = self._work, None
        if work is not None and work is not asyncio.current_task():
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)

    # While it runs

    def _observe(self, profile: Profile) -> None:
        if self._observing is not None and not self._observing.done():
            return
        observation = Observation(
            self._record,
            profile,
            self.home,
            self._folder.logs / "node.log",
            self._custody,
            self._signing,
            lambda: self._supervisor.process,
            self._took_picture,
        )
        self._observing = self._tasks.spawn(observation.run(), f"observe {self._record.id}")

    async def _stop_observing(self) -> None:
        observing, self._observing = self._observing, None
        if observing is not None:
            observing.cancel()
            await asyncio.gather(observing, return_exceptions=True)

    def _took_picture(self, picture: Picture) -> None:
        self._picture = picture
        self._merge()
        if picture.twin is not None:
            self._tasks.spawn(self._meet_twin(picture.twin), f"twin of {self._record.id}")
            return
        if self._busy() or self._supervisor.phase is not Phase.UP:
            return
        due = picture.due_upgrade
        if due is not None and due.name != self._record.upgrade:
            self._work = self._tasks.spawn(self._upgrade(due), f"upgrade {self._record.id}")
        elif picture.trouble is not None and picture.trouble.code in FATAL_TROUBLE:
            self._work = self._tasks.spawn(self._give_up(picture.trouble), "give up")
        elif (reason := self._confirmed_halt(picture)) is not None:
            # The file stays after an upgrade: whether the new program stops for it, too, only
            # its log can say.
            asks_again = due if reason.code == UPGRADE_NEEDED else None
            act = self._upgrade(asks_again) if asks_again else self._meet_halt(reason)
            self._work = self._tasks.spawn(act, f"halt {self._record.id}")

    def _confirmed_halt(self, picture: Picture) -> Explanation | None:
        """The log says that it halted, and its height has stood still since."""
        if picture.halted is None or (picture.reading.stalled_for or 0.0) < HALT_CONFIRMED:
            self._halted_since = None
            return None
        now = time.monotonic()
        self._halted_since = self._halted_since or now
        return picture.halted if now - self._halted_since >= HALT_CONFIRMED else None

    async def _meet_twin(self, reason: Explanation) -> None:
        """Somebody else signs with our key: end our part at once and for good."""
        if self._record.twin_seen and not self._record.wanted:
            return
        log.error("key in use elsewhere", node=self._record.id, reason=str(reason))
        self._record.wanted, self._record.twin_seen = False, True
        await self._save()
        await self._cancel_work()
        self._enter(NodeState.STOPPING, reason)
        await self._stop_observing()
        await self._end_both(NODE_BEFORE_SIGNER)
        self._enter(NodeState.FAILED, reason)

    async def _end_both(self, patience: float) -> None:
        """End the node, then its signer; the signer too when the node is not quick about it."""
        ending = asyncio.ensure_future(self._supervisor.stop())
        await asyncio.wait({ending}, timeout=patience)
        for end in (self._signing.stop(), ending):
            try:
                await end
            except OneClickError as error:
                log.error("not ended", node=self._record.id, reason=str(error))

    async def _meet_halt(self, reason: Explanation) -> None:
        """A halted node lives on for nothing: start it again where that helps, else end it."""
        log.warning("node halted", node=self._record.id, reason=str(reason))
        self._halted_since = None
        if not retry_helps(reason.code):
            await self._give_up(reason)
            return
        self._enter(NodeState.BACKOFF, reason)
        await self._stop_observing()
        try:
            await self._supervisor.stop()
            await self._bring_up()
        except OneClickError as error:
            await self._give_up(error.explanation)

    async def _upgrade(self, plan: UpgradePlan) -> None:
        """The node stopped for an upgrade: end it and bring it up with the release it asks for."""
        log.info("upgrade due", node=self._record.id, name=plan.name, height=plan.height)
        self._enter(NodeState.UPGRADING)
        await self._stop_observing()
        try:
            if self._record.upgrade == plan.name:
                raise UpgradeAgain(name=plan.name, height=plan.height)
            await self._supervisor.stop()
            await self._note_upgrade(plan)
        except OneClickError as error:
            await self._give_up(error.explanation)
            return
        await self._bring_up()

    async def _note_upgrade(self, plan: UpgradePlan) -> None:
        profile = self._profile()
        if profile.release_for(plan.name) is None:
            raise UpgradeUnknown(name=plan.name, height=plan.height, network=profile.display_name)
        self._record.upgrade = plan.name
        await self._save()

    async def _exited(self, end: Exit) -> Decision:
        """The node ended by itself: an upgrade, a cause that no restart mends, or a crash."""
        if end.outcome is None:
            reason = end.error.explanation if end.error else None
            return Decision.restart(reason)
        plan = await asyncio.to_thread(read_upgrade_info, self.home)
        height = self._picture.reading.height.value
        lines = await asyncio.to_thread(tail, self._folder.logs / "node.log", LAST_LINES)
        outcome = end.outcome
        code = outcome.code if outcome.signal is None else -outcome.signal
        reason = diagnose_exit(code, lines, upgrade=plan, height=height)
        upgrade = reason.code == UPGRADE_NEEDED and plan is not None
        if upgrade or not retry_helps(reason.code):
            if not self._busy():  # else the work in hand meets the failed phase
                act = self._upgrade(plan) if upgrade and plan else self._give_up(reason)
                self._work = self._tasks.spawn(act, f"meet the end of {self._record.id}")
            return Decision.fail(reason)
        log.info("node ended, starting it again", node=self._record.id, reason=str(reason))
        try:
            await self._signing.start()
        except OneClickError as error:
            # Without its signer the node would only end again.
            if not self._busy():
                self._work = self._tasks.spawn(self._give_up(error.explanation), "no signer")
            return Decision.fail(error.explanation)
        return Decision.restart(reason)

    # The status

    def _supervised(self, supervision: Supervision) -> None:
        if self._closed or self._ending():
            return
        if supervision.phase is Phase.BACKOFF:
            self._enter(NodeState.BACKOFF, supervision.reason)
        elif supervision.phase in {Phase.STARTING, Phase.UP} and not self._busy():
            self._enter(NodeState.STARTING)

    def _merge(self) -> None:
        """Show what is known; while the process is up its figures decide about the state."""
        if self._closed:
            return
        up = self._supervisor.phase is Phase.UP and not self._ending()
        self._portrait.show(self._picture, self._supervisor.process, up, self._signing.trouble)

    def _ending(self) -> bool:
        return self.status.state in {NodeState.STOPPING, NodeState.UPGRADING}

    def _enter(self, state: NodeState, reason: Explanation | None = None) -> None:
        if not state.alive and state is not NodeState.STOPPING:
            self._picture = Picture()
        self._portrait.enter(state, reason)

    # Small things

    async def _alone(self, act: str, work: Coroutine[Any, Any, T]) -> T:
        """Do `work` as the work in hand: no start comes between, and a stop ends it."""
        task = asyncio.ensure_future(work)
        self._work = task
        await asyncio.wait({task})
        if task.cancelled():
            raise Interrupted(act=act)
        return task.result()

    def _busy(self) -> bool:
        return self._work is not None and not self._work.done()

    def _waits_for_passphrase(self) -> bool:
        reason = self.status.reason
        return reason is not None and reason.code == "passphrase-needed"

    def _profile(self) -> Profile:
        profile = self._catalogue.get(self._record.network)
        return profile.with_answers(self._record.answers) if self._record.answers else profile

    def _release(self, profile: Profile) -> Release | None:
        return profile.release_for(self._record.upgrade) if self._record.upgrade else None

    def _network_views(self) -> list[Rpc]:
        known = {view.url: view for view in self._views}
        self._views = [known.get(url) or Rpc(url) for url in self._profile().rpc_urls]
        return self._views

    def _own_pids(self) -> tuple[int, ...]:
        processes: list[ManagedProcess | None] = [self._supervisor.process, self._signing.process]
        return tuple(process.pid for process in processes if process is not None)

    async def _want(self, wanted: bool) -> None:
        if self._record.wanted != wanted:
            self._record.wanted = wanted
            await self._save()

    async def _set_version(self, version: str) -> None:
        self._portrait.set_program(self._profile().daemon_name, version)
        if self._record.program_version != version:
            self._record.program_version = version
            await self._save()

    async def _save(self) -> None:
        await asyncio.to_thread(save_record, self._folder.record, self._record)
