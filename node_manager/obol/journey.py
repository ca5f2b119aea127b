# SPDX-License-Identifier: Apache-2.0
"""The way of one distributed validator: identity, cluster, checks, ceremony, lock, running."""

from __future__ import annotations

import asyncio
import hashlib
import time
from dataclasses import replace

import structlog

from node_manager.explanation import OneClickError
from node_manager.obol import portrait
from node_manager.obol.ceremony.agreement import as_agreed
from node_manager.obol.ceremony.artefacts import check_artefacts, require_artefacts, set_modes
from node_manager.obol.ceremony.dkg import Ceremony, Pause
from node_manager.obol.charon.failures import RELAY_REFUSAL_SECONDS, relay_refusal
from node_manager.obol.charon.program import CharonProgram, find_charon
from node_manager.obol.charon.versions import ceremony_note
from node_manager.obol.cluster.documents import Definition, Lock, read_lock
from node_manager.obol.cluster.joining import Joining
from node_manager.obol.cluster.lock_verification import verify_lock
from node_manager.obol.cluster.typed_data import warm_up
from node_manager.obol.cluster.verification import Check, CheckState, Verification
from node_manager.obol.desk import Desk
from node_manager.obol.errors import (
    BackupFirst,
    EnrKeyOther,
    EnrNotInCluster,
    LockLost,
    RestoredWaits,
)
from node_manager.obol.keys.key_users import OtherCharon
from node_manager.obol.keys.keyfile import create_key, read_public
from node_manager.obol.record import RESTORED_SECONDS
from node_manager.obol.run_story import tell_run
from node_manager.obol.running import HEALABLE_SECONDS, ClusterRun
from node_manager.obol.standing import images_of
from node_manager.obol.status import CeremonyView, DvStage, DvStep, OperatorRow
from node_manager.obol.wait_story import tell_round
from node_manager.runtime.docker.errors import DockerTrouble
from node_manager.tasks import TaskGroup

log = structlog.get_logger(__name__)

_HEALABLE = frozenset({"beacon-node-trouble", "dv-port-taken", OtherCharon.code})


class Journey:
    """Goes the way from wherever it stands; one task at a time.

    Args:
        until: stage before whose work it ends, None to stay and run.
    """

    def __init__(self, desk: Desk, *, until: DvStage | None = None) -> None:
        self._desk = desk
        self._until = until
        self._tasks = TaskGroup()
        self._way: asyncio.Task[None] | None = None
        self._run: ClusterRun | None = None
        self._ceremony: Ceremony | None = None
        self._joining: Joining | None = None
        self._program: CharonProgram | None = None

    @property
    def under_way(self) -> bool:
        """Whether it still does something."""
        return self._way is not None and not self._way.done()

    def begin(self) -> None:
        """Set out."""
        self._way = self._tasks.spawn(self._go(), f"distributed validator {self._desk.record.id}")

    def hurry(self) -> None:
        """Ask the API now."""
        if self._joining is not None:
            self._joining.hurry()

    def pids(self) -> dict[str, int]:
        """Processes that run now, by name."""
        return self._run.pids() if self._run is not None else {}

    async def stop(self) -> None:
        """End client, charon or ceremony, in this order."""
        await self._end_way()
        if self._run is not None:
            await self._run.stop()
            self._run = None

    async def leave(self) -> None:
        """Let what runs go on without the app."""
        if self._ceremony is not None:
            self._ceremony.leave()
        await self._end_way()
        if self._run is not None:
            await self._run.leave()
            self._run = None

    async def _end_way(self) -> None:
        if self._way is not None:
            self._way.cancel()
            await asyncio.wait({self._way})
        await self._tasks.close()

    async def _go(self) -> None:
        desk = self._desk
        try:
            await self._reach_identity()
            if not desk.folder.lock.exists():
                definition = await self._reach_definition()
                if self._until is DvStage.DKG:
                    if not desk.backed_up.is_set():
                        desk.enter(DvStage.BACKUP, BackupFirst().explanation)
                    return
                await self._reach_lock(definition)
            lock = await self._accept_lock()
            if self._until is DvStage.STARTING:
                return
            await self._keep_running(lock)
        except OneClickError as error:
            log.info("distributed validator failed", cluster=desk.record.id, why=str(error))
            desk.steps.fail()
            desk.enter(DvStage.FAILED, error.explanation)

    async def _reach_identity(self) -> None:
        self._desk.enter(DvStage.ENR)
        self._desk.steps.begin(DvStep.ENR)
        desk = self._desk
        folder = desk.folder.charon
        make = read_public if desk.folder.key.exists() or desk.record.enr else create_key
        enr = await asyncio.to_thread(make, folder)
        if enr.text != (known := desk.record.enr or enr.text):
            raise EnrKeyOther(path=desk.folder.key, found=enr.text, expected=known)
        await self._desk.remember(enr=enr.text)
        self._desk.show(enr=enr.text)
        self._desk.steps.done(DvStep.ENR)
        if self._desk.record.enr_backup_at is not None:
            self._desk.steps.done(DvStep.BACKUP, "proved by opening it")

    async def _reach_definition(self) -> Definition:
        """Wait for the cluster and check it.

        Raises:
            LockLost: its ceremony was held here before.
        """
        self._desk.steps.begin(DvStep.INVITE)
        self._desk.enter(DvStage.WAITING)
        self._joining = Joining(
            self._desk.folder,
            self._desk.settings,
            self._desk.record.enr,
            allow_unsigned=self._desk.record.allow_unsigned,
            on_round=lambda asked: tell_round(self._desk, asked),
            on_checks=self._on_checks,
            on_refused=lambda reason: self._desk.show(reason=reason),
        )
        # meanwhile, so that a ceremony does not wait for a download
        fetched = self._tasks.spawn(self._prepare(), "charon's program")
        try:
            definition = await self._joining.definition()
        finally:
            self._joining = None
        await asyncio.wait({fetched})
        self._desk.steps.done(DvStep.VERIFY, "every check is right")
        config_hash = f"0x{definition.config_hash.hex()}"
        if self._desk.record.verified_lock and self._desk.record.config_hash == config_hash:
            raise LockLost(path=self._desk.folder.lock)
        await self._desk.remember(config_hash=config_hash)
        return definition

    async def _reach_lock(self, definition: Definition) -> None:
        """Hold the ceremony."""
        await self._require_backup()
        await self._require_word(f"0x{definition.definition_hash.hex()}")
        program = await self._find_program()
        await self._sit_out_refusal()
        self._desk.steps.begin(DvStep.DKG)
        self._desk.enter(DvStage.DKG)
        self._ceremony = Ceremony(
            self._desk.folder,
            self._desk.settings,
            program,
            agreed=definition,
            on_change=self._on_ceremony,
            on_pause=self._on_pause,
        )
        await self._ceremony.hold()
        self._desk.times["dkg"] = self._ceremony.started_at or time.time()
        self._desk.times["lock"] = self._desk.folder.lock.stat().st_mtime
        self._ceremony = None
        self._desk.steps.done(DvStep.DKG, "the cluster's lock is written")

    async def _prepare(self) -> None:
        """Have ready what a ceremony needs: everybody else waits in it already."""
        try:
            await asyncio.to_thread(warm_up)
            await self._find_program()
        except OneClickError as error:
            log.info("charon is not there yet", why=str(error))

    async def _require_backup(self) -> None:
        if not self._desk.backed_up.is_set():
            self._desk.steps.begin(DvStep.BACKUP)
            self._desk.enter(DvStage.BACKUP, BackupFirst().explanation)
            await self._desk.backed_up.wait()

    async def _require_word(self, definition_hash: str) -> None:
        """Wait until the person has confirmed where rewards and withdrawals go."""
        desk = self._desk
        while desk.record.ask_addresses and desk.record.confirmed != definition_hash:
            desk.enter(DvStage.CONFIRM)
            desk.confirmed.clear()
            await desk.confirmed.wait()

    async def _sit_out_refusal(self) -> None:
        """A relay that refused this node is not asked sooner because the app was restarted."""
        until = self._desk.record.not_before
        if until > time.time():
            self._desk.enter(DvStage.BACKOFF, relay_refusal().explanation, next_try=until)
            await asyncio.sleep(until - time.time())

    def _remember_refusal(self, until: float) -> None:
        self._tasks.spawn(self._desk.remember(not_before=until), "remember the refusal")

    async def _accept_lock(self) -> Lock:
        """Check the lock and this node's key shares; everything once, the hashes each time."""
        self._desk.enter(DvStage.VERIFYING)
        self._desk.steps.begin(DvStep.ARTEFACTS)
        lock = await asyncio.to_thread(read_lock, self._desk.folder.lock)
        digest = hashlib.sha256(
            await asyncio.to_thread(self._desk.folder.lock.read_bytes)
        ).hexdigest()
        definition = lock.definition
        self._desk.show(
            cluster=portrait.cluster_facts(definition, lock),
            operators=self._rows(definition),
        )
        if self._desk.record.verified_lock == digest:
            note = "checked when it was made; unchanged since"
            checks: tuple[Check, ...] = (Check("lock", "Cluster lock", CheckState.OK, note),)
        else:
            verification = await asyncio.to_thread(
                verify_lock,
                lock,
                network=self._desk.settings.network,
                allow_unsigned=self._desk.record.allow_unsigned or definition.unsigned,
                contracts_checked_later=bool(
                    self._desk.settings.charon.execution_client_rpc_endpoint
                ),
            )
            operator = self._operator_of(definition)
            shares = await asyncio.to_thread(check_artefacts, self._desk.folder, lock, operator)
            agreed = await asyncio.to_thread(
                as_agreed, self._desk.folder, self._desk.record.confirmed, definition
            )
            verification = replace(verification, checks=(*verification.checks, *agreed))
            checks = (*verification.checks, *shares)
            self._desk.show(checks=checks)
            verification.require()
            require_artefacts(shares)
            await self._desk.remember(
                verified_lock=digest, config_hash=f"0x{definition.config_hash.hex()}"
            )
        await asyncio.to_thread(set_modes, self._desk.folder)
        self._desk.show(checks=checks)
        for step in (DvStep.INVITE, DvStep.SIGNATURES, DvStep.VERIFY, DvStep.DKG):
            self._desk.steps.done(step)
        self._desk.steps.done(DvStep.ARTEFACTS, "key shares open and fit the lock")
        return lock

    async def _sit_out_restore(self) -> None:
        """Let pass what these key shares may have signed on the computer before."""
        desk = self._desk
        left = min(desk.record.signs_from - time.time(), RESTORED_SECONDS)
        if left > 0 and not desk.settings.charon.simnet_beacon_mock:
            desk.enter(DvStage.BACKOFF, RestoredWaits().explanation, next_try=time.time() + left)
            await asyncio.sleep(left)

    async def _keep_running(self, lock: Lock) -> None:
        program = await self._find_program()
        self._desk.steps.begin(DvStep.START)
        await self._sit_out_restore()
        self._desk.enter(DvStage.STARTING)
        self._run = ClusterRun(
            self._desk.folder,
            self._desk.settings,
            program,
            not_before=self._desk.record.not_before,
            on_change=lambda view: tell_run(self._desk, view),
            on_refused=self._remember_refusal,
        )
        watch = self._tasks.spawn(self._run.watch(), "watch charon")
        try:
            await self._bring_up(self._run)
            await watch
        finally:
            watch.cancel()

    async def _bring_up(self, run: ClusterRun) -> None:
        """Start, and start again while what stands in the way can go away by itself."""
        while True:
            try:
                await run.start()
                images = await asyncio.to_thread(images_of, self._desk.folder)
                self._desk.show(images=images)
                return
            except OneClickError as error:
                if error.explanation.code not in _HEALABLE:
                    raise
                until = time.time() + HEALABLE_SECONDS
                self._desk.enter(DvStage.BACKOFF, error.explanation, next_try=until)
                await asyncio.sleep(HEALABLE_SECONDS)

    async def _find_program(self) -> CharonProgram:
        if self._program is None:
            desk = self._desk
            self._program = await self._found_program()
            version = self._program.version
            await desk.remember(charon_version=version)
            desk.show(charon_version=version, version_note=ceremony_note(version))
            desk.show(images=await asyncio.to_thread(images_of, desk.folder))
        return self._program

    async def _found_program(self) -> CharonProgram:
        """A Docker engine that is away comes back by itself."""
        desk = self._desk
        while True:
            try:
                return await find_charon(desk.layout, desk.folder, desk.settings)
            except DockerTrouble as error:
                if not error.passing:
                    raise
                stage, until = desk.status.stage, time.time() + HEALABLE_SECONDS
                desk.enter(DvStage.BACKOFF, error.explanation, next_try=until)
                await asyncio.sleep(HEALABLE_SECONDS)
                desk.enter(stage)

    # --- what is heard -------------------------------------------------------------------

    def _on_checks(self, definition: Definition, verification: Verification) -> None:
        self._desk.enter(DvStage.VERIFYING)
        self._desk.steps.begin(DvStep.VERIFY)
        self._desk.show(
            checks=verification.checks,
            cluster=portrait.cluster_facts(definition),
            operators=self._rows(definition),
        )

    def _on_ceremony(self, view: CeremonyView) -> None:
        self._desk.steps.begin(DvStep.DKG, view.note)
        self._desk.show(
            ceremony=view, operators=portrait.with_peers(self._desk.status.operators, view.peers)
        )

    def _on_pause(self, pause: Pause | None) -> None:
        if pause is None:
            self._desk.enter(DvStage.DKG)
        else:
            if pause.finding.delay == RELAY_REFUSAL_SECONDS:
                self._remember_refusal(pause.until)
            self._desk.enter(DvStage.BACKOFF, pause.finding.explanation, next_try=pause.until)

    def _rows(self, definition: Definition) -> tuple[OperatorRow, ...]:
        charon = self._desk.settings.charon
        return portrait.rows_of(
            definition, charon.operator_address, self._desk.record.enr, self._desk.settings.network
        )

    def _operator_of(self, definition: Definition) -> int:
        """This node's place in the cluster, from 0.

        Raises:
            EnrNotInCluster: it has none.
        """
        enrs = [operator.enr for operator in definition.operators]
        if self._desk.record.enr not in enrs:
            raise EnrNotInCluster(
                cluster=definition.name, ours=self._desk.record.enr, theirs=", ".join(enrs)
            )
        return enrs.index(self._desk.record.enr)
