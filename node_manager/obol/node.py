# SPDX-License-Identifier: Apache-2.0
"""One distributed validator of this computer: from the ENR to attesting, and what is said of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import structlog
from filelock import FileLock, Timeout

from node_manager.checks.result import CheckResult
from node_manager.durable import make_private_folder, write_durably
from node_manager.events import Broadcast
from node_manager.keys.backup_place import check_destination
from node_manager.keys.protection import Passphrase
from node_manager.layout import Layout
from node_manager.obol import portrait
from node_manager.obol.ceremony.artefacts import archive_definition
from node_manager.obol.clients.place import end_left
from node_manager.obol.clients.signing_record import carry_record
from node_manager.obol.cluster.documents import parse_definition
from node_manager.obol.cluster.joining import ask_once
from node_manager.obol.desk import Desk
from node_manager.obol.errors import (
    ClusterInUse,
    DefinitionNotShown,
    LockExists,
    StillRunning,
)
from node_manager.obol.folder import ClusterFolder
from node_manager.obol.journey import Journey
from node_manager.obol.keys.cluster_backup import back_up_cluster
from node_manager.obol.keys.enr_backup import back_up_key, prove_backup
from node_manager.obol.keys.key_users import take_over
from node_manager.obol.keys.keyfile import create_key, read_public
from node_manager.obol.keys.restoring import DvRestore, restore, settings_of
from node_manager.obol.record import RESTORED_SECONDS, DvRecord
from node_manager.obol.settings import DvSettings
from node_manager.obol.standing import living, with_documents
from node_manager.obol.status import (
    DvStage,
    DvStatus,
    DvStep,
)
from node_manager.obol.wait_story import tell_round

__all__ = ["DvNode", "DvStage", "DvStatus"]

log = structlog.get_logger(__name__)


class DvNode:
    """One distributed validator; lives on one asyncio loop."""

    def __init__(self, layout: Layout, record: DvRecord, broadcast: Broadcast) -> None:
        self._desk = Desk(layout, record, broadcast)
        self._journey: Journey | None = None
        self._resting = asyncio.Lock()
        folder = self._desk.folder
        self._lock_file = FileLock(folder.run / "manager.lock", thread_local=False)

    @property
    def status(self) -> DvStatus:
        """Everything that is known of it now."""
        return self._desk.status

    @property
    def record(self) -> DvRecord:
        """What is remembered of it."""
        return self._desk.record

    @property
    def folder(self) -> ClusterFolder:
        """Where its files lie."""
        return self._desk.folder

    @property
    def settings(self) -> DvSettings:
        """How it is set up."""
        return self._desk.settings

    @property
    def times(self) -> dict[str, float]:
        """Unix times of what happened: "signed", "dkg", "lock", "charon", "vc"."""
        return self._desk.times

    # --- what a person does -------------------------------------------------------------

    async def make_enr(self, source: Path | None = None) -> str:
        """Make the ENR key, or take over the one of `source`; return the public record.

        Raises:
            ObolError: the key cannot be used, or a charon has it; nothing was changed.
        """
        if source is not None:
            enr = await asyncio.to_thread(take_over, source, self.folder.charon)
        elif self.folder.key.exists():
            enr = await asyncio.to_thread(read_public, self.folder.charon)
        else:
            enr = await asyncio.to_thread(create_key, self.folder.charon)
        await self._desk.remember(enr=enr.text)
        self._desk.steps.done(DvStep.ENR, "key made" if source is None else "key taken over")
        self._desk.show(enr=enr.text)
        return enr.text

    async def restore(self, wanted: DvRestore) -> None:
        """Put back what a backup holds; opening it has proved it.

        Raises:
            OneClickError: nothing is to be kept of this validator.
        """
        found = await asyncio.to_thread(restore, self.folder, wanted)
        settings = await asyncio.to_thread(settings_of, self.folder, self.settings, found.enr)
        now = time.time()
        whole = now if found.whole else None
        signs = now + RESTORED_SECONDS if found.whole else 0.0
        proved = {"enr_backup_at": now, "artefacts_backup_at": whole}
        await self._desk.remember(enr=found.enr, settings=settings, signs_from=signs, **proved)
        self._desk.backed_up.set()
        self._desk.steps.done(DvStep.ENR, "restored from a backup")
        self._desk.steps.done(DvStep.BACKUP, "proved by opening it")
        self._desk.show(enr=found.enr, **proved)
        self._show_settings()
        await self._show_documents()

    async def back_up_key(self, target: Path, passphrase: Passphrase) -> None:
        """Write the encrypted backup of the ENR key and prove it by opening it.

        Raises:
            OneClickError: there is no proven backup at `target`.
        """
        await asyncio.to_thread(check_destination, target, self.folder)
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
        await asyncio.to_thread(check_destination, target, self.folder)
        lock_hash = self.status.cluster.lock_hash if self.status.cluster else ""
        await asyncio.to_thread(
            back_up_cluster, self.folder, target, passphrase, lock_hash=lock_hash
        )
        now = time.time()
        await self._desk.remember(artefacts_backup_at=now)
        self._desk.show(artefacts_backup_at=now)
        await self._key_backed_up()

    async def give_definition(self, content: bytes) -> None:
        """Use a definition that the person has as a file: their own cluster may be unsigned.

        Raises:
            StillRunning: it is not stopped.
            ClusterInUse: another run of the app looks after it.
            LockExists: the ceremony was held already.
            DocumentNotUnderstood, VersionNotSupported: it is none.
        """
        definition = parse_definition(content)
        async with self._at_rest("Giving another definition"):
            if self.folder.lock.exists():
                raise LockExists(where=self.folder.lock)
            make_private_folder(self.folder.charon)
            # first: a definition from elsewhere must never count as the person's own
            await self._desk.remember(allow_unsigned=False)
            await asyncio.to_thread(write_durably, self.folder.definition, content)
            await self._desk.remember(allow_unsigned=definition.unsigned)
            await self._show_documents()

    async def drop_definition(self) -> None:
        """Move the definition away and look for the cluster anew; what was confirmed is void.

        Raises:
            StillRunning: it is not stopped.
            ClusterInUse: another run of the app looks after it.
            LockExists: the ceremony was held already.
        """
        async with self._at_rest("Leaving its cluster"):
            if self.folder.lock.exists():
                raise LockExists(where=self.folder.lock)
            await self._desk.remember(allow_unsigned=False, confirmed="")
            await asyncio.to_thread(archive_definition, self.folder)
        self._desk.show(cluster=None, operators=(), checks=(), reason=None, ceremony=None)

    async def confirm(self, definition_hash: str) -> None:
        """Remember that the person compared the addresses of this definition; the DKG may begin.

        Raises:
            DefinitionNotShown: it is not the one that is shown; the ceremony still waits.
            OSError: it could not be remembered; the ceremony still waits.
        """
        shown = self.status.cluster.definition_hash if self.status.cluster is not None else "none"
        if definition_hash != shown:
            raise DefinitionNotShown(given=definition_hash[:70], shown=shown)
        await self._desk.remember(confirmed=definition_hash)
        self._desk.confirmed.set()

    def ask_again(self) -> None:
        """Ask the Obol API now instead of at the next interval."""
        if self._journey is not None:
            self._journey.hurry()

    async def change_settings(self, settings: DvSettings) -> None:
        """Take new settings; they count from the next start.

        Another validator client gets the record of what the one before it signed.

        Raises:
            StillRunning: it is not stopped.
            ClusterInUse: another run of the app looks after it.
            RecordNotCarried: the settings stay as they were.
            RuntimeTrouble: the client before may still run; the settings stay as they were.
        """
        async with self._at_rest("Changing settings"):
            if settings.validator_client.kind != self.settings.validator_client.kind:
                await self._end_left()
                await carry_record(self.folder, self.settings, settings)
            await self._desk.remember(settings=settings)
        self._show_settings()

    async def vacate(self) -> None:
        """Have nothing of it running, whoever left it, before its files go.

        Raises:
            ClusterInUse: another run of the app looks after it.
            RuntimeTrouble: whether something runs is unknown, or it does not end.
        """
        await self._halt()
        async with self._at_rest("Removing"):
            await self._end_left()

    async def _end_left(self) -> None:
        """End what a failure, or an earlier run of the app, has left."""
        if self._journey is not None:
            await self._journey.stop()
            self._journey = None
        await end_left(self.folder)

    def _show_settings(self) -> None:
        settings = self.settings
        self._desk.show(
            network=settings.network,
            operator_address=settings.charon.operator_address,
            client=settings.validator_client.kind,
        )

    async def ask_once(self) -> bool:
        """Ask the API once, apart from any wait; whether it answered.

        Raises:
            EnrKeyMissing, EnrKeyDamaged: there is no key whose invites could be looked for.
        """
        enr = await asyncio.to_thread(read_public, self.folder.charon)
        asked = await ask_once(self.folder, self.settings, enr.text)
        tell_round(self._desk, asked)
        return asked.trouble is None

    # --- start and end -------------------------------------------------------------------

    async def start(self, *, until: DvStage | None = None) -> None:
        """Go on from wherever it stands, and keep going from now on.

        Args:
            until: end before the work of this stage (DKG or STARTING), None to stay.

        Raises:
            ClusterInUse: another run of the app looks after it.
        """
        async with self._resting:
            if self.under_way:
                return
            if self._journey is not None:
                await self._journey.stop()  # what failed may have left its other half running
            self._claim()
            if until is None:
                await self._desk.remember(wanted=True)
            self._journey = Journey(self._desk, until=until)
            self._journey.begin()

    async def stop(self) -> None:
        """End the client, then charon, or the ceremony, and stay stopped."""
        await self._desk.remember(wanted=False)
        await self._halt()

    async def resume(self, *, start_wanted: bool = True) -> None:
        """After the app's start: go on when it is wanted.

        Raises:
            ClusterInUse: another run of the app looks after it.
        """
        if self.record.enr:
            self._desk.steps.done(DvStep.ENR)
        if self.record.enr_backup_at:
            self._desk.steps.done(DvStep.BACKUP)
        await self._show_documents()
        if start_wanted and self.record.wanted:
            await self.start()
        self.publish()

    async def _show_documents(self) -> None:
        """Show what the disk tells of its cluster, also while nothing runs."""
        found = await asyncio.to_thread(with_documents, self.folder, self.record, self.status)
        self._desk.show(cluster=found.cluster, operators=found.operators, reason=found.reason)
        if found.cluster is not None and found.cluster.lock_hash:
            for step in (DvStep.INVITE, DvStep.SIGNATURES, DvStep.VERIFY, DvStep.DKG):
                self._desk.steps.done(step)

    async def close(self, *, stop: bool) -> None:
        """End this object: stop what runs, or leave it to the next start of the app."""
        if stop:
            await self._halt()
        elif self._journey is not None:
            await self._journey.leave()
            self._journey = None
        await self._desk.settle()
        self._lock_file.release(force=True)

    @property
    def under_way(self) -> bool:
        """Whether it does something now, by this object."""
        return self._journey is not None and self._journey.under_way

    async def examine(self) -> list[CheckResult]:
        """Every check of the doctor, the gravest first."""
        from node_manager.obol.examination import examine_cluster

        own = set(self.pids().values()) | set(
            (await asyncio.to_thread(living, self.folder)).values()
        )
        return await examine_cluster(self.folder, self.record, self.status, own)

    def pids(self) -> dict[str, int]:
        """Processes that run now, by name."""
        return self._journey.pids() if self._journey is not None else {}

    def publish(self) -> None:
        """Tell everybody the status."""
        self._desk.publish()

    async def _halt(self) -> None:
        async with self._resting:
            if self._journey is not None:
                self._desk.enter(DvStage.STOPPING)
                await self._journey.stop()
                self._journey = None
                figures = replace(self.status.figures, ready=portrait.NO_RUN, alive=portrait.NO_RUN)
                self._desk.enter(DvStage.STOPPED, figures=figures)
            await self._desk.settle()
            self._lock_file.release(force=True)

    async def _key_backed_up(self) -> None:
        now = time.time()
        await self._desk.remember(enr_backup_at=now)
        self._desk.steps.done(DvStep.BACKUP, "proved by opening it")
        self._desk.show(enr_backup_at=now)
        self._desk.backed_up.set()

    @asynccontextmanager
    async def _at_rest(self, act: str) -> AsyncIterator[None]:
        """Change files that a run reads only while there is none, here or elsewhere."""
        if self.under_way:
            raise StillRunning(act=act, stage=self.status.stage.text)
        async with self._resting:  # a start waits until the change is made
            if self.under_way:
                raise StillRunning(act=act, stage=self.status.stage.text)
            held = self._lock_file.is_locked
            self._claim()
            try:
                yield
            finally:
                if not held:
                    self._lock_file.release(force=True)

    def _claim(self) -> None:
        if self._lock_file.is_locked:
            return
        make_private_folder(self.folder.run)
        try:
            self._lock_file.acquire(blocking=False)
        except Timeout:
            raise ClusterInUse(cluster_id=self.record.id) from None
