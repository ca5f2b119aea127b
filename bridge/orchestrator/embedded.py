# SPDX-License-Identifier: Apache-2.0
"""The bundled orchestrator beside the engine: kept alive, its state told, ended with the app."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout

from bridge.orchestrator.errors import OrchestratorPortTaken
from bridge.orchestrator.launch import orchestrator_launch
from bridge.web.sockets import holder_of
from node_manager.checks.ports import port_trouble
from node_manager.durable import make_private_folder
from node_manager.events import Broadcast, DoorChanged
from node_manager.layout import Layout
from node_manager.runtime.process import Launch, still_lives
from node_manager.runtime.supervision import Phase, Supervision
from node_manager.runtime.supervisor import Supervisor
from node_manager.tasks import TaskGroup

log = structlog.get_logger(__name__)

GRACE = 10.0
LOOK_PERIOD = 10.0
ANSWER_SECONDS = 2.0


class EmbeddedOrchestrator:
    """Starts the orchestrator as a process of its own, since its imports are heavy."""

    def __init__(self, layout: Layout, broadcast: Broadcast, network: Callable[[], str]) -> None:
        """`network` names the profile whose chain it serves."""
        self._layout = layout
        self._broadcast = broadcast
        self._network = network
        self._port = 0
        self._told: tuple[str, str] | None = None
        self._tasks = TaskGroup()
        self._process_record = layout.run / "orchestrator-process.json"
        self._supervisor = Supervisor(
            "orchestrator",
            self._make_launch,
            self._process_record,
            on_change=self._changed,
            grace_seconds=GRACE,
        )

    async def start(self, port: int) -> None:
        """Start it on 127.0.0.1:`port`, or take over the one that an app left running.

        Raises:
            OrchestratorPortTaken: another program has the port.
            RuntimeTrouble: it cannot be started.
        """
        self._port = port
        lives = await still_lives(self._process_record)
        if not lives and port_trouble(port) is not None:
            holder = await asyncio.to_thread(holder_of, port)
            raise OrchestratorPortTaken(port=port, holder=holder)
        await self._supervisor.start()
        self._tasks.spawn(self._watch(), "watch orchestrator")

    async def stop(self) -> None:
        """End it; harmless when it does not run."""
        await self._tasks.close()
        await self._supervisor.stop()

    async def _make_launch(self) -> Launch:
        await asyncio.to_thread(make_private_folder, self._layout.logs)
        return orchestrator_launch(self._layout, port=self._port, network=self._network())

    async def _watch(self) -> None:
        """Tell whether it answers: at first often, then now and then."""
        timeout = ClientTimeout(total=ANSWER_SECONDS)
        async with ClientSession(timeout=timeout, trust_env=False) as session:
            while True:
                answers = await self._answers(session)
                if answers:
                    self._tell("ok", "built in, answering", always=True)
                await asyncio.sleep(LOOK_PERIOD if answers else 0.5)

    async def _answers(self, session: ClientSession) -> bool:
        url = f"http://127.0.0.1:{self._port}/api/v1/health"
        try:
            async with session.get(url) as response:
                return response.status == 200
        except (ClientError, TimeoutError, OSError):
            return False

    def _changed(self, supervision: Supervision) -> None:
        if supervision.phase is Phase.STOPPED:
            self._tell("off", "off")
        elif supervision.phase in {Phase.STARTING, Phase.UP}:
            self._tell("working", "starting")
        elif supervision.reason is not None:
            log.info("orchestrator ended", reason=str(supervision.reason))
            self._tell("failed", "not answering")

    def _tell(self, state: str, note: str, *, always: bool = False) -> None:
        if always or (state, note) != self._told:
            self._told = (state, note)
            at = time.time() if state == "ok" else None
            self._broadcast.publish(DoorChanged("orchestrator", state, note, at))
