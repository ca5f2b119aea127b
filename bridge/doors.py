# SPDX-License-Identifier: Apache-2.0
"""The doors of one engine: control socket, bridge, heartbeat, bundled orchestrator."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from bridge.device import DeviceKey
from bridge.heartbeat import Heartbeat, Target
from bridge.orchestrator.launch import EmbeddedOrchestrator
from bridge.server.care_control_routes import CareControlRoutes
from bridge.server.control import ControlDoor
from bridge.server.models import QuitBody
from bridge.server.pairing_control_routes import PairingControlRoutes
from bridge.server.server import BridgeOptions, BridgeServer
from node_manager.events import Broadcast, DoorChanged
from node_manager.explanation import OneClickError
from node_manager.layout import Layout
from node_manager.manager import Manager
from node_manager.settings import Settings
from node_manager.tasks import TaskGroup

log = structlog.get_logger(__name__)

AskToEnd = Callable[[bool], None]


class Doors:
    """Opens what the settings want; a door that does not open is told and the rest go on."""

    def __init__(
        self,
        manager: Manager,
        layout: Layout,
        broadcast: Broadcast,
        settings: Settings,
        ask_to_end: AskToEnd,
    ) -> None:
        """`ask_to_end` is called with whether the nodes shall be stopped."""
        self._manager = manager
        self._layout = layout
        self._broadcast = broadcast
        self._settings = settings
        self._ask_to_end = ask_to_end
        answers = [
            *PairingControlRoutes(lambda: self.bridge.pairings).routes(),
            *CareControlRoutes(manager).routes(),
        ]
        self._control = ControlDoor(manager, layout, broadcast, self._quit, extra=answers)
        self._orchestrator = EmbeddedOrchestrator(layout, broadcast)
        self._tasks = TaskGroup()
        self.bridge = self._make_bridge()
        self.heartbeat: Heartbeat | None = None
        self._opening: asyncio.Task[None] | None = None

    async def open_control(self) -> None:
        """Open the private door of the commands.

        Raises:
            OneClickError: another copy of the app has it, or it would not be private.
        """
        await self._control.start()

    async def open_public(self) -> None:
        """Open the bridge, the orchestrator and the heartbeat as the settings say."""
        settings = self._settings
        if settings.bridge.enabled:
            await self._try("bridge", self.bridge.start)
        self._opening = self._tasks.spawn(self._open_slow(), "open the orchestrator")

    async def _open_slow(self) -> None:
        """The orchestrator takes seconds to answer; the first heartbeat comes after it."""
        if self._settings.orchestrator.embedded:
            await self._try("orchestrator", self._start_orchestrator)
        if self._settings.heartbeat.enabled:
            await self._try("heartbeat", self._start_heartbeat)

    async def follow_settings(self, settings: Settings) -> None:
        """Make the open doors what the new settings say."""
        if self._opening is not None:
            await asyncio.wait({self._opening})
        before, self._settings = self._settings, settings
        if (before.bridge, before.orchestrator) != (settings.bridge, settings.orchestrator):
            await self._follow_bridge(settings)
        if (before.orchestrator, before.bridge.port) != (
            settings.orchestrator,
            settings.bridge.port,
        ):
            await self._orchestrator.stop()
            if settings.orchestrator.embedded:
                await self._try("orchestrator", self._start_orchestrator)
        if before.heartbeat != settings.heartbeat:
            if self.heartbeat is not None:
                await self.heartbeat.stop()
                self.heartbeat = None
            if settings.heartbeat.enabled:
                await self._try("heartbeat", self._start_heartbeat)

    async def _follow_bridge(self, settings: Settings) -> None:
        wanted = settings.bridge.enabled
        if wanted and self.bridge.addresses and self.bridge.follow(self._bridge_options()):
            return
        await self.bridge.stop()
        self.bridge = self._make_bridge()
        if wanted:
            await self._try("bridge", self.bridge.start)
        else:
            self._broadcast.publish(DoorChanged("bridge", "off", "closed"))

    async def close(self) -> None:
        """Close them all; harmless where they are closed."""
        await self._tasks.close()
        if self.heartbeat is not None:
            await self.heartbeat.stop()
            self.heartbeat = None
        await self.bridge.stop()
        await self._orchestrator.stop()
        await self._control.stop()

    def _network(self) -> str:
        """The network whose chain the orchestrator serves: that of the first validator."""
        nodes = self._manager.nodes()
        return nodes[0].status.network if nodes else "localnet"

    def _bridge_options(self) -> BridgeOptions:
        wanted = self._settings.bridge
        return BridgeOptions(wanted.port, (*wanted.origins, *self._own_portal()), wanted.metrics)

    def _make_bridge(self) -> BridgeServer:
        return BridgeServer(self._manager, self._layout, self._broadcast, self._bridge_options())

    def _own_portal(self) -> tuple[str, ...]:
        """The origins of the portal that the bundled orchestrator serves on this computer."""
        own = self._settings.orchestrator
        hosts = ("localhost", "127.0.0.1") if own.embedded else ()
        return tuple(f"http://{host}:{own.port}" for host in hosts)

    async def _start_orchestrator(self) -> None:
        settings = self._settings
        await self._orchestrator.start(
            settings.orchestrator.port, self._network(), bridge_port=settings.bridge.port
        )

    async def _start_heartbeat(self) -> None:
        device = await asyncio.to_thread(DeviceKey.load_or_create, self._layout.data / "device-key")
        wanted = self._settings.heartbeat
        self.heartbeat = Heartbeat(
            self._manager,
            self._broadcast,
            device,
            Target(wanted.url, wanted.seconds),
            wallet_of=self._manager.wallet_of,
        )
        self.heartbeat.start()

    async def _try(self, door: str, start: Callable[[], Awaitable[None]]) -> None:
        try:
            await start()
        except OneClickError as error:
            log.warning("door stays closed", door=door, reason=str(error))
            self._broadcast.publish(DoorChanged(door, "failed", "closed", reason=error.explanation))

    async def _quit(self, body: QuitBody) -> None:
        self._ask_to_end(body.nodes == "stop")
