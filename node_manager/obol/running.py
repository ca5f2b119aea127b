# SPDX-License-Identifier: Apache-2.0
"""charon and its validator client, kept alive: start order, waits, restart policy, health.

charon comes first and the client at once after it: every client waits for its beacon node by
itself. At the end the client goes first, so that it asks nobody who is gone.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from node_manager.explanation import Explanation, OneClickError
from node_manager.obol.beacon import BeaconReading, read_beacons, require_beacon
from node_manager.obol.ceremony.dkg import require_port
from node_manager.obol.charon.command_lines import run_launch
from node_manager.obol.charon.failures import RELAY_REFUSAL_SECONDS, Finding, diagnose
from node_manager.obol.charon.health import HealthReader, HealthReading
from node_manager.obol.charon.program import CharonProgram
from node_manager.obol.clients.kinds import client_of
from node_manager.obol.clients.log import last_words
from node_manager.obol.clients.place import client_place, end_elsewhere
from node_manager.obol.disk import DiskReader, DiskReading
from node_manager.obol.errors import BeaconTrouble, PortInTheWay
from node_manager.obol.folder import ClusterFolder
from node_manager.obol.keys.key_lock import seconds_to_wait
from node_manager.obol.keys.key_users import OtherCharon, other_charon, require_alone
from node_manager.obol.run_log import RunLog
from node_manager.obol.settings import DvSettings
from node_manager.runtime.backoff import Backoff
from node_manager.runtime.child import Child, ProcessUsage
from node_manager.runtime.docker.errors import DockerTrouble
from node_manager.runtime.process import Launch
from node_manager.runtime.supervisor import Decision, Exit, Supervision, Supervisor

log = structlog.get_logger(__name__)

LOOK_SECONDS = 2.0
CHARON_STOP_SECONDS = 15.0
CLIENT_STOP_SECONDS = 30.0
HEALABLE_SECONDS = 15.0
"""Between two looks at a beacon node that is not ready, a port or a key that another has."""
OTHERS_SECONDS = 60.0
"""Between two looks for another charon with the key while ours runs."""


@dataclass(frozen=True, slots=True)
class RunView:
    """What runs and what was last read of it.

    Attributes:
        refused_until: Unix time until which a relay's refusal forbids a start, None for none.
        key_trouble: another charon on this computer that has the key too, None for none.
    """

    charon: Supervision
    client: Supervision | None
    health: HealthReading | None
    beacons: tuple[BeaconReading, ...]
    charon_usage: ProcessUsage | None = None
    client_usage: ProcessUsage | None = None
    refused_until: float | None = None
    disk: DiskReading | None = None
    key_trouble: Explanation | None = None


class ClusterRun:
    """Runs one cluster's charon and validator client.

    Args:
        not_before: Unix time before which charon is not started.
        on_change: told after every look and every change.
        on_refused: told until when a relay's refusal forbids a start, to be remembered.
    """

    def __init__(
        self,
        folder: ClusterFolder,
        settings: DvSettings,
        program: CharonProgram,
        *,
        not_before: float,
        on_change: Callable[[RunView], object],
        on_refused: Callable[[float], object],
    ) -> None:
        self._folder = folder
        self._settings = settings
        self._program = program
        self._not_before = not_before
        self._on_change = on_change
        self._on_refused = on_refused
        self._beacons: tuple[BeaconReading, ...] = ()
        self._health: HealthReading | None = None
        self._ending_for: Finding | None = None
        self._disk = DiskReader(folder.root)
        self._key_trouble: Explanation | None = None
        self._looked_for_others = 0.0
        self._log = RunLog(folder.logs / "charon.log")
        backoff = Backoff(first=2.0, longest=300.0, healthy_seconds=120.0)
        self._charon = Supervisor(
            "charon",
            self._launch_charon,
            program.record(folder, "charon"),
            on_exited=self._charon_ended,
            on_started=self._charon_started,
            runner=program.runner(folder.logs / "charon.log"),
            on_change=self._tell,
            backoff=backoff,
            grace_seconds=CHARON_STOP_SECONDS,
        )
        self._client: Supervisor | None = None
        if settings.validator_client.enabled and not settings.charon.simnet_validator_mock:
            place = client_place(folder, settings, contained=program.contained)
            self._client = Supervisor(
                settings.validator_client.kind,
                place.launch,
                place.record,
                on_exited=self._client_ended,
                runner=place.runner,
                on_change=self._tell,
                backoff=backoff,
                grace_seconds=CLIENT_STOP_SECONDS,
            )

    async def start(self) -> None:
        """Start both, charon first; take over what an earlier run of the app left.

        Raises:
            OneClickError: starting again cannot help.
        """
        await end_elsewhere(self._folder, self._settings, contained=self._program.contained)
        if self._client is not None:
            # while charon waits for its key's lock, the key shares are laid out
            prepared = asyncio.ensure_future(
                asyncio.to_thread(client_of(self._folder, self._settings).prepare)
            )
            try:
                await self._charon.start()
            finally:
                await asyncio.wait({prepared})
            prepared.result()
            await self._client.start()
        else:
            await self._charon.start()

    async def watch(self) -> None:
        """Look at charon until cancelled."""
        async with HealthReader(self._settings.charon.monitoring_address) as reader:
            while True:
                if self._charon.process is not None:
                    self._health = await reader.read()
                    await asyncio.to_thread(self._log.added)
                    await self._obey_refusal()
                else:
                    self._health = None
                await self._disk.look()
                await self._look_for_others()
                self._tell()
                await asyncio.sleep(LOOK_SECONDS)

    async def stop(self) -> None:
        """End the client, then charon."""
        if self._client is not None:
            await self._client.stop()
        await self._charon.stop()

    async def leave(self) -> None:
        """Let both run on without the app."""
        if self._client is not None:
            await self._client.leave()
        await self._charon.leave()

    @property
    def refused_until(self) -> float | None:
        """Unix time until which a relay's refusal forbids a start, None when it is past."""
        return self._not_before if self._not_before > time.time() else None

    @property
    def charon(self) -> Supervision:
        """What is done about charon now."""
        return self._charon.supervision

    def pids(self) -> dict[str, int]:
        """Processes that run now, by name."""
        found = {"charon": self._charon.process}
        if self._client is not None:
            found["vc"] = self._client.process
        return {name: child.pid for name, child in found.items() if child and child.pid is not None}

    async def _launch_charon(self) -> Launch:
        charon = self._settings.charon
        if not charon.simnet_beacon_mock:
            self._beacons = tuple(
                await read_beacons(
                    charon.beacon_node_endpoints,
                    charon.fallback_beacon_node_endpoints,
                    self._settings.network,
                )
            )
            self._tell()
            require_beacon(self._beacons, self._settings.network)
        if (refused := self.refused_until) is not None:
            self._tell()
            await asyncio.sleep(refused - time.time())
        await asyncio.sleep(await asyncio.to_thread(seconds_to_wait, self._folder.key_lock))
        await asyncio.to_thread(require_alone, self._folder.key)
        for service, address in (
            ("peers", charon.p2p_tcp_address),
            ("validator API", charon.validator_api_address),
            ("monitoring", charon.monitoring_address),
        ):
            await asyncio.to_thread(require_port, service, address)
        self._log = RunLog(self._folder.logs / "charon.log")
        return run_launch(self._program.path, self._folder, self._settings)

    def _charon_started(self, process: Child) -> None:
        if process.adopted:
            self._log = RunLog(self._folder.logs / "charon.log", process.started_at)

    async def _charon_ended(self, end: Exit) -> Decision:
        self._health = None
        if end.error is not None:
            return _after_error(end.error)
        await asyncio.to_thread(self._log.added)
        finding = self._ending_for or diagnose(self._log.lines, str(end.outcome))
        self._ending_for = None
        log.info("charon ended", code=finding.explanation.code, again=finding.again)
        if not finding.again:
            return Decision.fail(finding.explanation)
        if finding.delay == RELAY_REFUSAL_SECONDS:
            self._refused(finding)
        return Decision.restart(finding.explanation, delay=finding.delay)

    async def _client_ended(self, end: Exit) -> Decision:
        if end.error is not None:
            return _after_error(end.error)
        said = await asyncio.to_thread(last_words, self._folder.logs / "vc.log")
        return Decision.restart(
            Explanation(
                "client-ended",
                "The validator client {client} {outcome}.",
                "Its last words: {said} This node takes no part in the duties until it runs again.",
                "It is started again by itself. If it happens again, look at its log.",
                {
                    "client": self._settings.validator_client.kind,
                    "outcome": str(end.outcome),
                    "said": said or "none.",
                },
            )
        )

    async def _obey_refusal(self) -> None:
        """Stop charon for 30 minutes when the relays refuse it and it has nobody to work with."""
        process = self._charon.process
        if process is None or self._health is None:
            return
        if self._health.ready or self._health.alive is None:
            return
        refused = [line for line in self._log.lines if "RESERVATION_REFUSED" in line.message]
        peers = self._health.metrics.peers if self._health.metrics else ()
        if not refused or any(peer.alive for peer in peers):
            return
        self._ending_for = diagnose(refused, "was refused")
        await process.stop(CHARON_STOP_SECONDS)

    async def _look_for_others(self) -> None:
        """Notice a charon that somebody started with our key while ours runs."""
        process = self._charon.process
        # What runs in a container has no pid here, and would be taken for another.
        if process is None or process.pid is None:
            self._key_trouble, self._looked_for_others = None, time.monotonic()
            return
        if time.monotonic() - self._looked_for_others < OTHERS_SECONDS:
            return
        other = await asyncio.to_thread(other_charon, self._folder.key, {process.pid})
        # Ours may have been started anew meanwhile.
        current = self._charon.process
        ours = current is not None and other is not None and current.pid == other.pid
        self._key_trouble = None if other is None or ours else other.trouble.explanation
        self._looked_for_others = time.monotonic()

    def _refused(self, finding: Finding) -> None:
        self._not_before = time.time() + RELAY_REFUSAL_SECONDS
        self._on_refused(self._not_before)
        log.info("relay refuses", until=self._not_before, code=finding.explanation.code)

    def _tell(self, _: Supervision | None = None) -> None:
        charon, client = self._charon.process, self._client.process if self._client else None
        self._on_change(
            RunView(
                self._charon.supervision,
                self._client.supervision if self._client else None,
                self._health,
                self._beacons,
                _usage(charon),
                _usage(client),
                self.refused_until,
                self._disk.reading,
                self._key_trouble,
            )
        )


def _usage(child: Child | None) -> ProcessUsage | None:
    """What a process takes; a container's engine would answer only after a second."""
    return child.usage() if child is not None and child.pid is not None else None


def _after_error(error: OneClickError) -> Decision:
    engine_away = isinstance(error, DockerTrouble) and error.passing
    if engine_away or isinstance(error, (BeaconTrouble, PortInTheWay, OtherCharon)):
        return Decision.restart(error.explanation, delay=HEALABLE_SECONDS)
    return Decision.fail(error.explanation)
