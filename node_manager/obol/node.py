# SPDX-License-Identifier: Apache-2.0
"""One distributed validator of this computer: from the ENR to attesting, and what is said of it."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import structlog
from filelock import FileLock, Timeout

from node_manager.durable import make_private_folder, write_durably
from node_manager.events import Broadcast
from node_manager.explanation import Explanation, OneClickError
from node_manager.keys.protection import Passphrase
from node_manager.layout import Layout
from node_manager.obol import portrait
from node_manager.obol.alerts import alerts
from node_manager.obol.artefacts import check_artefacts, require_artefacts, set_modes
from node_manager.obol.charon import read_charon_version
from node_manager.obol.cluster_backup import back_up_cluster
from node_manager.obol.dkg import Ceremony, Pause
from node_manager.obol.documents import Definition, Lock, parse_definition, read_lock
from node_manager.obol.enr_backup import back_up_key, prove_backup
from node_manager.obol.errors import (
    BackupFirst,
    ClusterInUse,
    EnrNotInCluster,
    LockExists,
    StillRunning,
)
from node_manager.obol.events import DvChanged
from node_manager.obol.folder import cluster_folder
from node_manager.obol.invites import Invite
from node_manager.obol.joining import Joining
from node_manager.obol.keyfile import create_key, read_public, take_over
from node_manager.obol.lock_verification import verify_lock
from node_manager.obol.record import DvRecord, save_record
from node_manager.obol.releases import ceremony_note, install_charon
from node_manager.obol.running import HEALABLE_SECONDS, ClusterRun, RunView
from node_manager.obol.settings import DvSettings
from node_manager.obol.status import (
    CeremonyView,
    DvStage,
    DvStatus,
    DvStep,
    OperatorRow,
    Wait,
)
from node_manager.obol.steps import Steps
from node_manager.obol.verification import Check, CheckState, Verification
from node_manager.obol.waiting import Round
from node_manager.runtime.supervisor import Phase
from node_manager.tasks import TaskGroup

__all__ = ["DvNode", "DvStage", "DvStatus"]

log = structlog.get_logger(__name__)

_HEALABLE = frozenset({"beacon-node-trouble", "dv-port-taken"})


class DvNode:
    """One distributed validator; lives on one asyncio loop.

    Attributes:
        times: Unix times of what happened: "signed", "dkg", "lock", "charon", "vc".
    """

    def __init__(self, layout: Layout, record: DvRecord, broadcast: Broadcast) -> None:
        self.layout = layout
        self.folder = cluster_folder(layout, record.id)
        self.record = record
        self.times: dict[str, float] = {}
        self._broadcast = broadcast
        self._tasks = TaskGroup()
        self._steps = Steps(self._show_steps)
        self._life: asyncio.Task[None] | None = None
        self._run: ClusterRun | None = None
        self._ceremony: Ceremony | None = None
        self._joining: Joining | None = None
        self._backed_up = asyncio.Event()
        self._lock_file = FileLock(self.folder.run / "manager.lock", thread_local=False)
        charon = record.settings.charon
        self.status = DvStatus(
            cluster_id=record.id,
            name=record.name,
            stage=DvStage.STOPPED,
            since=time.time(),
            network=record.settings.network,
            operator_address=charon.operator_address,
            enr=record.enr,
            enr_backup_at=record.enr_backup_at,
            artefacts_backup_at=record.artefacts_backup_at,
            charon_version=record.charon_version,
            client=record.settings.validator_client.kind,
            launchpad=portrait.launchpad_steps(charon.dkg_sidecar.api_endpoint),
            steps=self._steps.listed,
        )
        if record.enr_backup_at is not None:
            self._backed_up.set()

    @property
    def settings(self) -> DvSettings:
        """How it is set up."""
        return self.record.settings

    # --- what a person does -------------------------------------------------------------

    async def make_enr(self, source: Path | None = None) -> str:
        """Make the ENR key, or take over the one of `source`; return the public record.

        Raises:
            EnrKeyExists, EnrKeyMissing, EnrKeyDamaged: nothing was changed.
        """
        if source is not None:
            enr = await asyncio.to_thread(take_over, source, self.folder.charon)
        elif self.folder.key.exists():
            enr = await asyncio.to_thread(read_public, self.folder.charon)
        else:
            enr = await asyncio.to_thread(create_key, self.folder.charon)
        await self._remember(enr=enr.text)
        self._steps.done(DvStep.ENR, "key made" if source is None else "key taken over")
        self._show(enr=enr.text)
        return enr.text

    async def back_up_key(self, target: Path, passphrase: Passphrase) -> None:
        """Write the encrypted backup of the ENR key and prove it by opening it.

        Raises:
            OneClickError: there is no proven backup at `target`.
        """
        await asyncio.to_thread(back_up_key, self.folder.charon, target, passphrase)
        await self._key_backed_up()

    async def prove_key_backup(self, path: Path, passphrase: Passphrase) -> None:
        """Open a backup and hold it against the ENR key.

        Raises:
            OneClickError: it does not open, or holds another key.
        """
        enr = await asyncio.to_thread(read_public, self.folder.charon)
        await asyncio.to_thread(prove_backup, path, passphrase, enr)
        await self._key_backed_up()

    async def back_up_files(self, target: Path, passphrase: Passphrase) -> None:
        """Write the encrypted backup of charon's whole folder and prove it.

        Raises:
            OneClickError: there is no proven backup at `target`.
        """
        lock_hash = self.status.cluster.lock_hash if self.status.cluster else ""
        await asyncio.to_thread(
            back_up_cluster, self.folder, target, passphrase, lock_hash=lock_hash
        )
        now = time.time()
        await self._remember(artefacts_backup_at=now)
        self._show(artefacts_backup_at=now)
        await self._key_backed_up()

    async def give_definition(self, content: bytes) -> None:
        """Use a definition that the person has as a file: their own cluster may be unsigned.

        Raises:
            LockExists: the ceremony was held already.
            DocumentNotUnderstood, VersionNotSupported: it is none.
        """
        if self.folder.lock.exists():
            raise LockExists(where=self.folder.lock)
        definition = parse_definition(content)
        make_private_folder(self.folder.charon)
        await asyncio.to_thread(write_durably, self.folder.definition, content)
        await self._remember(allow_unsigned=definition.unsigned)

    def ask_again(self) -> None:
        """Ask the Obol API now instead of at the next interval."""
        if self._joining is not None:
            self._joining.hurry()

    async def change_settings(self, settings: DvSettings) -> None:
        """Take new settings; they count from the next start.

        Raises:
            StillRunning: it is not stopped.
        """
        if self._life is not None:
            raise StillRunning(act="Changing settings", stage=self.status.stage.text)
        await self._remember(settings=settings)
        self._show(
            network=settings.network,
            operator_address=settings.charon.operator_address,
            client=settings.validator_client.kind,
        )

    # --- start and end -------------------------------------------------------------------

    async def start(self) -> None:
        """Go on from wherever it stands, and keep going from now on.

        Raises:
            ClusterInUse: another run of the app looks after it.
        """
        if self._life is not None and not self._life.done():
            return
        self._claim()
        await self._remember(wanted=True)
        self._life = self._tasks.spawn(self._live(), f"distributed validator {self.record.id}")

    async def stop(self) -> None:
        """End the client, then charon, or the ceremony, and stay stopped."""
        self._enter(DvStage.STOPPING)
        await self._remember(wanted=False)
        await self._end_life()
        if self._run is not None:
            await self._run.stop()
            self._run = None
        self._enter(DvStage.STOPPED, figures=replace(self.status.figures, ready=portrait.NO_RUN))
        self._lock_file.release()

    async def resume(self, *, start_wanted: bool = True) -> None:
        """After the app's start: go on when it is wanted."""
        if self.record.enr:
            self._steps.done(DvStep.ENR)
        if self.record.enr_backup_at:
            self._steps.done(DvStep.BACKUP)
        if start_wanted and self.record.wanted:
            await self.start()
        self.publish()

    async def close(self, *, stop: bool) -> None:
        """End this object: stop what runs, or leave it to the next start of the app."""
        if stop and self._life is not None:
            wanted = self.record.wanted
            await self.stop()
            await self._remember(wanted=wanted)
            return
        if self._ceremony is not None:
            self._ceremony.leave()
        await self._end_life()
        if self._run is not None:
            await self._run.leave()
            self._run = None
        self._lock_file.release()

    def pids(self) -> dict[str, int]:
        """Processes that run now, by name."""
        return self._run.pids() if self._run is not None else {}

    def publish(self) -> None:
        """Tell everybody the status."""
        self._broadcast.publish(DvChanged(self.status))

    # --- the way -------------------------------------------------------------------------

    async def _live(self) -> None:
        try:
            await self._reach_identity()
            if not self.folder.lock.exists():
                await self._reach_lock()
            lock = await self._accept_lock()
            await self._keep_running(lock)
        except OneClickError as error:
            log.info("distributed validator failed", cluster=self.record.id, why=str(error))
            self._steps.fail()
            self._enter(DvStage.FAILED, error.explanation)

    async def _reach_identity(self) -> None:
        self._enter(DvStage.ENR)
        self._steps.begin(DvStep.ENR)
        await self.make_enr()
        if self.record.enr_backup_at is not None:
            self._steps.done(DvStep.BACKUP, "proved by opening it")

    async def _reach_lock(self) -> None:
        """Wait for the cluster, check it, hold the ceremony."""
        program = self._tasks.spawn(self._find_program(), "charon's program")
        self._steps.begin(DvStep.INVITE)
        self._enter(DvStage.WAITING)
        self._joining = Joining(
            self.folder,
            self.settings,
            self.record.enr,
            allow_unsigned=self.record.allow_unsigned,
            on_round=self._on_round,
            on_checks=self._on_checks,
            on_refused=lambda reason: self._show(reason=reason),
        )
        try:
            definition = await self._joining.definition()
        finally:
            self._joining = None
            if not program.done():
                await asyncio.wait({program}, timeout=0)
        self._steps.done(DvStep.VERIFY, "every check is right")
        await self._remember(config_hash=f"0x{definition.config_hash.hex()}")
        await self._require_backup()
        found = await program
        self._steps.begin(DvStep.DKG)
        self._enter(DvStage.DKG)
        self._ceremony = Ceremony(
            self.folder,
            self.settings,
            found,
            on_change=self._on_ceremony,
            on_pause=self._on_pause,
        )
        try:
            await self._ceremony.hold()
        finally:
            if self._ceremony.started_at is not None:
                self.times["dkg"] = self._ceremony.started_at
        self._ceremony = None
        self.times["lock"] = self.folder.lock.stat().st_mtime
        self._steps.done(DvStep.DKG, "the cluster's lock is written")

    async def _require_backup(self) -> None:
        if not self._backed_up.is_set():
            self._steps.begin(DvStep.BACKUP)
            self._enter(DvStage.BACKUP, BackupFirst().explanation)
            await self._backed_up.wait()

    async def _accept_lock(self) -> Lock:
        """Check the lock and this node's key shares; everything once, the hashes each time."""
        self._enter(DvStage.VERIFYING)
        self._steps.begin(DvStep.ARTEFACTS)
        lock = await asyncio.to_thread(read_lock, self.folder.lock)
        digest = hashlib.sha256(await asyncio.to_thread(self.folder.lock.read_bytes)).hexdigest()
        definition = lock.definition
        self._show(
            cluster=portrait.cluster_facts(definition, lock),
            operators=self._rows(definition),
        )
        if self.record.verified_lock == digest:
            note = "checked when it was made; unchanged since"
            checks: tuple[Check, ...] = (Check("lock", "Cluster lock", CheckState.OK, note),)
        else:
            verification = await asyncio.to_thread(
                verify_lock,
                lock,
                network=self.settings.network,
                allow_unsigned=self.record.allow_unsigned or definition.unsigned,
                contracts_checked_later=bool(self.settings.charon.execution_client_rpc_endpoint),
            )
            operator = self._operator_of(definition)
            shares = await asyncio.to_thread(check_artefacts, self.folder, lock, operator)
            checks = (*verification.checks, *shares)
            self._show(checks=checks)
            verification.require()
            require_artefacts(shares)
            await asyncio.to_thread(set_modes, self.folder)
            await self._remember(
                verified_lock=digest, config_hash=f"0x{definition.config_hash.hex()}"
            )
        self._show(checks=checks)
        for step in (DvStep.INVITE, DvStep.SIGNATURES, DvStep.VERIFY, DvStep.DKG):
            self._steps.done(step)
        self._steps.done(DvStep.ARTEFACTS, "key shares open and fit the lock")
        return lock

    async def _keep_running(self, lock: Lock) -> None:
        program = await self._find_program()
        self._steps.begin(DvStep.START)
        self._enter(DvStage.STARTING)
        self._run = ClusterRun(
            self.folder,
            self.settings,
            program,
            not_before=self.record.not_before,
            on_change=self._on_run,
            on_refused=lambda until: self._tasks.spawn(
                self._remember(not_before=until), "remember the refusal"
            ),
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
                return
            except OneClickError as error:
                if error.explanation.code not in _HEALABLE:
                    raise
                until = time.time() + HEALABLE_SECONDS
                self._enter(DvStage.BACKOFF, error.explanation, next_try=until)
                await asyncio.sleep(HEALABLE_SECONDS)

    async def _find_program(self) -> Path:
        charon = self.settings.charon
        path = charon.program
        if path is None:
            installed = await install_charon(self.layout, charon.version)
            path = installed.path
        version = await read_charon_version(path)
        await self._remember(charon_version=version)
        self._show(charon_version=version, version_note=ceremony_note(version))
        return path

    # --- what is heard -------------------------------------------------------------------

    def _on_round(self, asked: Round) -> None:
        best = _best(asked.invites)
        if best is not None:
            self._steps.done(DvStep.INVITE, best.name or best.config_hash[:12])
            signed = sum(one.signed for one in best.operators)
            note = f"{signed} of {len(best.operators)} operators"
            if best.fully_signed:
                self._steps.done(DvStep.SIGNATURES, note)
                self.times.setdefault("signed", time.time())
            else:
                self._steps.begin(DvStep.SIGNATURES, note)
        self._show(
            wait=Wait(
                asked.invites, asked.unreadable, asked.asked_at, asked.next_at, asked.trouble
            ),
            operators=portrait.operator_rows(best, self.record.enr) if best else (),
            reason=asked.trouble or (_not_ours(best) if best else None),
        )
        if self.status.stage is DvStage.VERIFYING:
            self._enter(DvStage.WAITING)

    def _on_checks(self, definition: Definition, verification: Verification) -> None:
        self._enter(DvStage.VERIFYING)
        self._steps.begin(DvStep.VERIFY)
        self._show(
            checks=verification.checks,
            cluster=portrait.cluster_facts(definition),
            operators=self._rows(definition),
        )

    def _on_ceremony(self, view: CeremonyView) -> None:
        self._steps.begin(DvStep.DKG, view.note)
        self._show(ceremony=view, operators=portrait.with_peers(self.status.operators, view.peers))

    def _on_pause(self, pause: Pause | None) -> None:
        if pause is None:
            self._enter(DvStage.DKG)
        else:
            self._enter(DvStage.BACKOFF, pause.finding.explanation, next_try=pause.until)

    def _on_run(self, view: RunView) -> None:
        if self.status.stage in {DvStage.STOPPING, DvStage.STOPPED}:
            return
        reading = view.health
        stage, reason, next_try = self._stage_of(view)
        if view.charon.phase is Phase.UP and self._run is not None and "charon" in self._run.pids():
            self.times.setdefault("charon", view.charon.since)
        if view.client is not None and view.client.phase is Phase.UP:
            self.times.setdefault("vc", view.client.since)
        if stage is DvStage.RUNNING:
            self._steps.done(DvStep.START)
            self._steps.done(DvStep.READY)
        elif view.charon.phase is Phase.UP:
            self._steps.done(DvStep.START)
            self._steps.begin(DvStep.READY, str(reading.reason) if reading else "")
        simulated = self.settings.charon.simnet_beacon_mock
        self._enter(
            stage,
            reason,
            next_try=next_try,
            beacons=view.beacons,
            figures=portrait.figures(view),
            operators=portrait.with_metrics(self.status.operators, reading),
            failed_duties=reading.metrics.failed if reading and reading.metrics else (),
            alerts=tuple(alerts(reading, simulated=simulated)) if reading else (),
        )

    def _stage_of(self, view: RunView) -> tuple[DvStage, Explanation | None, float | None]:
        phase, charon = view.charon.phase, view.charon
        if phase is Phase.FAILED:
            return DvStage.FAILED, charon.reason, None
        if phase is Phase.BACKOFF:
            return DvStage.BACKOFF, charon.reason, charon.next_start
        if view.client is not None and view.client.phase in {Phase.FAILED, Phase.BACKOFF}:
            stage = DvStage.FAILED if view.client.phase is Phase.FAILED else DvStage.BACKOFF
            return stage, view.client.reason, view.client.next_start
        if phase is not Phase.UP:
            if self.status.stage is DvStage.BACKOFF and phase is Phase.STOPPED:
                return DvStage.BACKOFF, self.status.reason, self.status.next_try
            return DvStage.STARTING, None, None
        reading = view.health
        if reading is not None and reading.ready:
            return DvStage.RUNNING, None, None
        was = self.status.stage is DvStage.RUNNING and reading is not None
        return (
            (DvStage.RUNNING if was else DvStage.STARTING),
            (reading.reason if reading else None),
            None,
        )

    # --- small things --------------------------------------------------------------------

    def _rows(self, definition: Definition) -> tuple[OperatorRow, ...]:
        charon = self.settings.charon
        return portrait.rows_of(
            definition, charon.operator_address, self.record.enr, self.settings.network
        )

    def _operator_of(self, definition: Definition) -> int:
        """This node's place in the cluster, from 0.

        Raises:
            EnrNotInCluster: it has none.
        """
        enrs = [operator.enr for operator in definition.operators]
        if self.record.enr not in enrs:
            raise EnrNotInCluster(
                cluster=definition.name, ours=self.record.enr, theirs=", ".join(enrs)
            )
        return enrs.index(self.record.enr)

    async def _key_backed_up(self) -> None:
        now = time.time()
        await self._remember(enr_backup_at=now)
        self._steps.done(DvStep.BACKUP, "proved by opening it")
        self._show(enr_backup_at=now)
        self._backed_up.set()

    async def _remember(self, **changes: object) -> None:
        record = self.record.model_copy(update=changes)
        if record != self.record:
            self.record = record
            await asyncio.to_thread(save_record, self.folder.record, record)

    def _claim(self) -> None:
        make_private_folder(self.folder.run)
        try:
            self._lock_file.acquire(blocking=False)
        except Timeout:
            raise ClusterInUse(cluster_id=self.record.id) from None

    async def _end_life(self) -> None:
        if self._life is not None:
            self._life.cancel()
            await asyncio.wait({self._life})
            self._life = None
        await self._tasks.close()

    def _show_steps(self) -> None:
        self._show(steps=self._steps.listed)

    def _enter(
        self,
        stage: DvStage,
        reason: Explanation | None = None,
        *,
        next_try: float | None = None,
        **changes: object,
    ) -> None:
        since = self.status.since if stage is self.status.stage else time.time()
        self._show(stage=stage, since=since, reason=reason, next_try=next_try, **changes)

    def _show(self, **changes: object) -> None:
        changed: Callable[..., DvStatus] = replace
        status = changed(self.status, **changes)
        if status != self.status:
            self.status = status
            self.publish()


def _best(invites: tuple[Invite, ...]) -> Invite | None:
    """The invite that is shown: the ready one, else one without trouble, else any."""
    ready = [one for one in invites if one.ready]
    fine = [one for one in invites if not one.trouble]
    return next(iter([*ready, *fine, *invites]), None)


def _not_ours(invite: Invite) -> Explanation | None:
    if not invite.trouble:
        return None
    return Explanation(
        "invite-not-ours",
        "The cluster {name} is not gone on with.",
        "{trouble}",
        "Nothing is started for it. Other invitations are still waited for.",
        {"name": invite.name or invite.config_hash, "trouble": invite.trouble},
    )
