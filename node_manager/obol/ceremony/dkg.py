# SPDX-License-Identifier: Apache-2.0
"""The key ceremony: `charon dkg`, watched line by line, begun anew where that can help.

charon waits for peers without end and its `--timeout` bounds nothing: the deadline once all
peers are there is ours. A lock that exists ends every thought of a ceremony.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from node_manager.checks.ports import EVERYWHERE, holder_of, port_trouble
from node_manager.explanation import Explanation
from node_manager.obol.ceremony.artefacts import archive_leftovers
from node_manager.obol.ceremony.dkg_progress import DkgPhase, DkgProgress
from node_manager.obol.charon.command_lines import dkg_launch, host_of, port_of
from node_manager.obol.charon.failures import (
    CEREMONY_PAUSE_SECONDS,
    RELAY_REFUSAL_SECONDS,
    Finding,
    diagnose,
)
from node_manager.obol.charon.program import CharonProgram
from node_manager.obol.cluster.documents import Definition, read_definition
from node_manager.obol.errors import DefinitionChanged, DkgFailed, LockExists, PortInTheWay
from node_manager.obol.folder import ClusterFolder
from node_manager.obol.keys.key_lock import seconds_to_wait
from node_manager.obol.keys.key_users import require_alone
from node_manager.obol.run_log import RunLog
from node_manager.obol.settings import DvSettings
from node_manager.obol.status import CeremonyView
from node_manager.runtime.backoff import Backoff
from node_manager.runtime.child import Child
from node_manager.runtime.process import Outcome

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.1
STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Pause:
    """A wait before the next attempt; `until` in Unix time."""

    finding: Finding
    until: float


class Ceremony:
    """One cluster's key ceremony, with as many attempts as it takes.

    Args:
        agreed: the definition that was checked, and confirmed where that is asked for: charon
            makes keys for this one and no other.
        on_change: told what to show.
        on_pause: told why the next attempt waits, None when it begins.
    """

    def __init__(
        self,
        folder: ClusterFolder,
        settings: DvSettings,
        program: CharonProgram,
        *,
        agreed: Definition,
        on_change: Callable[[CeremonyView], object],
        on_pause: Callable[[Pause | None], object],
    ) -> None:
        self._folder = folder
        self._settings = settings
        self._program = program
        self._agreed = agreed
        self._runner = program.runner(folder.logs / "dkg.log")
        self._on_change = on_change
        self._on_pause = on_pause
        self._attempt = 0
        self._leaving = False
        self._backoff = Backoff(first=CEREMONY_PAUSE_SECONDS, longest=300.0, factor=1.5)
        self.started_at: float | None = None

    def leave(self) -> None:
        """From now on a cancellation lets charon go on; the next start of the app adopts it."""
        self._leaving = True

    async def hold(self) -> None:
        """Hold the ceremony until its lock is there.

        Raises:
            LockExists: there is a lock already; nothing was started.
            DefinitionChanged: the definition on disk is another one than was agreed.
            DkgFailed: beginning again cannot help.
            OneClickError: the program or the port is not there.
        """
        while True:
            finding = await self._attempt_once()
            if finding is None:
                return
            if not finding.again:
                raise _failed(finding)
            delay = finding.delay
            if delay is None:
                delay = self._backoff.delay(self._attempt)
            pause = Pause(finding, time.time() + delay)
            self._on_pause(pause)
            await asyncio.sleep(delay)
            self._on_pause(None)

    async def _attempt_once(self) -> Finding | None:
        """One run of `charon dkg`; None when it made the lock."""
        self._attempt += 1
        record = self._program.record(self._folder, "dkg")
        process = await self._runner.adopt(record)
        if process is None:
            process, run_log = await self._begin(record)
        else:
            run_log = RunLog(self._folder.logs / "dkg.log", process.started_at)
        self.started_at = process.started_at
        progress = DkgProgress()
        try:
            stopped_for = await self._watch(process, run_log, progress)
            outcome = await process.wait()
        except asyncio.CancelledError:
            await self._give_up(process)
            raise
        await self._read(run_log, progress)
        return self._judge(outcome, progress, stopped_for)

    async def _begin(self, record: Path) -> tuple[Child, RunLog]:
        if self._folder.lock.exists():
            raise LockExists(where=self._folder.lock)
        await asyncio.to_thread(archive_leftovers, self._folder)
        await asyncio.sleep(await asyncio.to_thread(seconds_to_wait, self._folder.key_lock))
        await asyncio.to_thread(require_alone, self._folder.key)
        address = self._settings.charon.p2p_tcp_address
        await asyncio.to_thread(require_port, "peers", address)
        await asyncio.to_thread(self._require_agreed)
        launch = dkg_launch(self._program.path, self._folder, self._settings)
        run_log = RunLog(launch.log)
        spawning = asyncio.ensure_future(self._runner.spawn(launch, record))
        try:
            return await asyncio.shield(spawning), run_log
        except asyncio.CancelledError:
            # who stops in this moment must not leave a ceremony behind
            await self._give_up(await spawning)
            raise

    def _require_agreed(self) -> None:
        """The last look at what charon is about to read. Blocks for the disk."""
        if read_definition(self._folder.definition) != self._agreed:
            raise DefinitionChanged(path=self._folder.definition)

    async def _watch(
        self, process: Child, run_log: RunLog, progress: DkgProgress
    ) -> Finding | None:
        """Follow a run to its end, or to the point where it is stopped and why."""
        ended = asyncio.ensure_future(process.wait())
        began: float | None = None
        try:
            while not ended.done():
                await self._read(run_log, progress)
                if progress.phase is DkgPhase.CEREMONY and began is None:
                    began = time.monotonic()
                finding = self._stuck(progress, began)
                if finding is not None:
                    log.info("ceremony stopped", code=finding.explanation.code)
                    await process.stop(STOP_SECONDS)
                    return finding
                await asyncio.wait({ended}, timeout=POLL_SECONDS)
        finally:
            ended.cancel()
        return None

    async def _read(self, run_log: RunLog, progress: DkgProgress) -> None:
        lines = await asyncio.to_thread(run_log.added)
        changed = [progress.feed(line) for line in lines]
        if any(changed) or (not lines and progress.phase is DkgPhase.STARTING):
            self._on_change(
                CeremonyView(
                    progress.phase, self._attempt, tuple(progress.listed), note_of(progress)
                )
            )

    def _stuck(self, progress: DkgProgress, began: float | None) -> Finding | None:
        ours = f"0x{self._agreed.definition_hash.hex()}"
        if progress.definition_hash not in {"", ours}:
            changed = DefinitionChanged(path=self._folder.definition)
            return Finding(changed.explanation, again=False)
        if progress.restarted_peer:
            return Finding(
                Explanation(
                    "dkg-restarted",
                    "The node {peer} was started again in the middle of the ceremony.",
                    "The ceremony only goes on when all nodes begin it together. Nothing was"
                    " written.",
                    "All operators stop, wait six seconds and start. This app does so by itself.",
                    {"peer": progress.restarted_peer},
                ),
                again=True,
                delay=CEREMONY_PAUSE_SECONDS,
            )
        limit = self._settings.charon.dkg_sidecar.ceremony_seconds
        making = progress.phase is DkgPhase.CEREMONY
        if making and began is not None and time.monotonic() - began > limit:
            return Finding(_overdue(limit), again=True, delay=CEREMONY_PAUSE_SECONDS)
        refused = any("RESERVATION_REFUSED" in line.message for line in progress.lines)
        met = any(peer.connected and not peer.ours for peer in progress.listed)
        if refused and not met and progress.phase in {DkgPhase.RELAYS, DkgPhase.WAITING}:
            found = diagnose(progress.lines, "was refused")
            return Finding(found.explanation, again=True, delay=RELAY_REFUSAL_SECONDS)
        return None

    def _judge(
        self, outcome: Outcome, progress: DkgProgress, stopped_for: Finding | None
    ) -> Finding | None:
        done = outcome.clean or (outcome.adopted and progress.phase is DkgPhase.DONE)
        if done and self._folder.lock.exists():
            return None
        if self._folder.lock.exists():
            # It wrote its lock and then ended badly: the lock's checks decide what it is worth.
            log.info("lock written by a run that failed", outcome=str(outcome))
            return None
        return stopped_for or diagnose(progress.lines, str(outcome))

    async def _give_up(self, process: Child) -> None:
        if self._leaving:
            process.leave()
        else:
            await asyncio.shield(process.stop(STOP_SECONDS))


def note_of(progress: DkgProgress) -> str:
    """What the ceremony does now, in words."""
    if progress.phase is DkgPhase.WAITING:
        missing = progress.missing
        if not missing:
            return "All peers were met; the ceremony is about to begin."
        names = ", ".join(peer.name for peer in missing)
        return (
            f"Not met yet: {names}. Charon waits for them without end. Every operator must have"
            " started the ceremony, and all must use the same relays."
        )
    if progress.phase in {DkgPhase.STARTING, DkgPhase.RELAYS} and progress.relay_trouble:
        return f"No relay answers yet: {progress.relay_trouble}"
    return {
        DkgPhase.STARTING: "Charon starts.",
        DkgPhase.RELAYS: "Reaching the relays.",
        DkgPhase.CEREMONY: "All peers are here; the keys are being made.",
        DkgPhase.DONE: "The keys are made.",
        DkgPhase.FAILED: "Charon ended.",
    }[progress.phase]


def require_port(service: str, address: str) -> None:
    """Refuse to start on a port that another program has. Blocks for the system.

    Raises:
        PortInTheWay: with who has it.
    """
    port, host = port_of(address), host_of(address) or EVERYWHERE
    if port_trouble(port, host) is not None:
        raise PortInTheWay(port=port, service=service, holder=str(holder_of(port)))


def _overdue(limit: float) -> Explanation:
    return Explanation(
        "dkg-stuck",
        "The ceremony did not end within {seconds} s.",
        "A peer was lost in the middle; charon itself would wait for ever. Nothing was written.",
        "All operators stop, wait six seconds and start. This app does so by itself.",
        {"seconds": round(limit)},
    )


def _failed(finding: Finding) -> DkgFailed:
    what, why, todo = finding.explanation.filled()
    return DkgFailed(
        first=what,
        why_words=why or "Charon gave no more reason.",
        todo_words=todo or "Look at its log.",
        cause=finding.explanation.code,
    )
