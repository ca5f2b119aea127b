# SPDX-License-Identifier: Apache-2.0
"""How the app keeps the bundled orchestrator: a process of its own, on SQLite.

Imports nothing of the service itself: its libraries belong to that process.
"""

from __future__ import annotations

import asyncio
import time
from http import HTTPStatus
from pathlib import Path

from aiohttp import ClientError, ClientSession, ClientTimeout

from bridge.orchestrator.errors import OrchestratorPortTaken
from bridge.web.sockets import holder_of, listen, taken
from node_manager.durable import make_private_folder
from node_manager.events import Broadcast, DoorChanged
from node_manager.layout import Layout
from node_manager.runtime.logfiles import LogKeeper
from node_manager.runtime.own_command import own_command
from node_manager.runtime.process import Launch, ManagedProcess
from node_manager.runtime.supervisor import Phase, Supervision, Supervisor
from node_manager.tasks import TaskGroup

NAME = "orchestrator"
HOST = "127.0.0.1"
PROBE_SECONDS = 15.0
ANSWER_SECONDS = 5.0
START_SECONDS = 30.0
"""The first start makes the tables; on a slow disk that takes a while."""


def orchestrator_launch(
    layout: Layout, *, port: int = 8000, network: str = "localnet", bridge_port: int = 15000
) -> Launch:
    """The launch of the bundled orchestrator on 127.0.0.1:`port`."""
    prefix = "ONECLICK_ORCHESTRATOR_"
    return Launch(
        name=NAME,
        argv=own_command("--data", str(layout.data), "orchestrator", "serve", "--port", str(port)),
        cwd=layout.data,
        log=log_file(layout),
        env={
            f"{prefix}HOST": HOST,
            f"{prefix}NETWORK": network,
            f"{prefix}PUBLIC_URL": f"http://localhost:{port}",
            f"{prefix}BRIDGE_PORT": str(bridge_port),
        },
    )


def log_file(layout: Layout) -> Path:
    """What it writes."""
    return layout.logs / "orchestrator.log"


class EmbeddedOrchestrator:
    """Keeps the bundled orchestrator alive and tells how it is."""

    def __init__(self, layout: Layout, broadcast: Broadcast) -> None:
        self._layout = layout
        self._broadcast = broadcast
        self._port = 0
        self._network = "localnet"
        self._bridge_port = 0
        self._told: tuple[str, str] | None = None
        self._answered_at: float | None = None
        self._tasks = TaskGroup()
        self._supervisor: Supervisor | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{HOST}:{self._port}"

    async def start(
        self, port: int, network: str = "localnet", *, bridge_port: int = 15000
    ) -> None:
        """Start it, or take over the one of an earlier run; return when it answers.

        Its portal looks for the app on `bridge_port`.

        Raises:
            OrchestratorPortTaken: another program has the port.
            OneClickError: it cannot be started.
        """
        self._port, self._network, self._bridge_port = port, network, bridge_port
        await asyncio.to_thread(make_private_folder, self._layout.logs)
        record = self._layout.run / "orchestrator.json"
        if await ManagedProcess.adopt(record) is None:
            await asyncio.to_thread(_check_free, port)
        self._supervisor = Supervisor(
            NAME, self._launch, record, on_change=self._changed, grace_seconds=10.0
        )
        await self._supervisor.start()
        deadline = time.monotonic() + START_SECONDS
        while not await self._probe() and time.monotonic() < deadline:
            if self._supervisor.phase is not Phase.UP:
                break
            await asyncio.sleep(0.1)
        self._tasks.spawn(self._watch(), "orchestrator watch")
        self._tasks.spawn(LogKeeper(lambda: [log_file(self._layout)]).run(), "orchestrator log")

    async def stop(self) -> None:
        """Stop it; harmless when it does not run."""
        supervisor, self._supervisor = self._supervisor, None
        await self._tasks.close()
        if supervisor is not None:
            await supervisor.stop()
            self._tell("off", "off")

    async def _launch(self) -> Launch:
        return orchestrator_launch(
            self._layout, port=self._port, network=self._network, bridge_port=self._bridge_port
        )

    def _changed(self, supervision: Supervision) -> None:
        match supervision.phase:
            case Phase.STARTING:
                self._tell("working", "starting")
            case Phase.BACKOFF:
                self._tell("failed", "ended, starts again soon", supervision)
            case Phase.FAILED:
                self._tell("failed", "does not start", supervision)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(PROBE_SECONDS)
            await self._probe()

    async def _probe(self) -> bool:
        try:
            async with (
                ClientSession(timeout=ClientTimeout(total=ANSWER_SECONDS)) as session,
                session.get(f"{self.url}/readyz", allow_redirects=False) as response,
            ):
                ready = response.status == HTTPStatus.OK
        except (ClientError, TimeoutError, OSError):
            ready = False
        if ready:
            self._answered_at = time.time()
            self._tell("ok", "built in, answering")
        elif self._told == ("ok", "built in, answering"):
            self._tell("failed", "built in, not answering")
        return ready

    def _tell(self, state: str, note: str, supervision: Supervision | None = None) -> None:
        if self._told == (state, note) and supervision is None:
            return
        self._told = (state, note)
        reason = None if supervision is None else supervision.reason
        self._broadcast.publish(DoorChanged(NAME, state, note, self._answered_at, reason))


def _check_free(port: int) -> None:
    try:
        listen(HOST, port).close()
    except OSError as error:
        if taken(error):
            raise OrchestratorPortTaken(port=port, holder=holder_of(port)) from error
        raise
