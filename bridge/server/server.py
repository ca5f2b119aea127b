# SPDX-License-Identifier: Apache-2.0
"""The bridge: one port on this computer's loopback addresses, and never another port."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from http import HTTPStatus

import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout, web

from bridge.server.access import ByPairing
from bridge.server.errors import BridgeAlreadyOpen, BridgePortTaken
from bridge.server.guard import Guard
from bridge.server.legacy_models import SERVICE
from bridge.server.legacy_routes import LegacyRoutes
from bridge.server.metrics import MetricsRoutes
from bridge.server.node_routes import NodeRoutes
from bridge.server.openapi_routes import document_route
from bridge.server.pairing import Pairings
from bridge.server.pairing_routes import PairingRoutes
from bridge.server.pairing_store import PairingStore
from bridge.server.quick_status import QuickStatus
from bridge.server.setup_routes import SetupRoutes
from bridge.server.streams import Streams
from bridge.server.view import NodesView
from bridge.web.connections import BODY_BYTES, Connections, LimitedSite, limited_runner
from bridge.web.problems import problems
from bridge.web.routes import Route, add_routes
from bridge.web.sockets import absent, holder_of, listen, taken
from node_manager.events import Broadcast, DoorChanged
from node_manager.layout import Layout

log = structlog.get_logger(__name__)

LOOPBACK = ("127.0.0.1", "::1")
MAX_CONNECTIONS = 256


@dataclass(frozen=True, slots=True)
class BridgeOptions:
    """How the bridge opens.

    Attributes:
        port: where portals look; 0 lets the system choose (tests).
        origins: websites that may read what is public without being paired.
        metrics: whether GET /metrics answers.
    """

    port: int = 15000
    origins: Collection[str] = ()
    metrics: bool = False


class BridgeServer:
    """Opens and closes the public door of this computer."""

    def __init__(
        self,
        view: NodesView,
        layout: Layout,
        broadcast: Broadcast,
        options: BridgeOptions | None = None,
    ) -> None:
        self._view = view
        self._layout = layout
        self._broadcast = broadcast
        self._options = options or BridgeOptions()
        self._store = PairingStore(layout.data / "pairings.json")
        self.pairings = Pairings(self._store, broadcast)
        self._guard = Guard(self._origins)
        self._access = ByPairing(self.pairings)
        self._legacy = LegacyRoutes(view, self._access)
        self._quick = QuickStatus(self._guard, self._legacy.status_body)
        self._connections = Connections(MAX_CONNECTIONS)
        self._streams = Streams()
        self._runner: web.AppRunner | None = None
        self._addresses: tuple[tuple[str, int], ...] = ()

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        """Host and port of each listening socket; empty while closed."""
        return self._addresses

    @property
    def ports(self) -> tuple[int, ...]:
        """The ports it listens on: one, or none while closed."""
        return tuple(dict.fromkeys(port for _, port in self._addresses))

    def follow(self, options: BridgeOptions) -> bool:
        """Do as `options` say without closing; False where the port is another."""
        if options.port != self._options.port:
            return False
        self._options = options
        return True

    async def start(self) -> None:
        """Open the door.

        Raises:
            BridgePortTaken: another program has the port.
            BridgeAlreadyOpen: this same app has it.
            PairingsUnreadable: the file of pairings is damaged; the door stays closed.
        """
        await asyncio.to_thread(self._store.load)
        listeners = await self._listen()
        port: int = listeners[0].getsockname()[1]
        self._guard.serve_port(port)
        app = web.Application(
            middlewares=[self._connections.watch, self._guard.check, problems],
            client_max_size=BODY_BYTES,
        )
        add_routes(app, self.routes())
        runner = limited_runner(app)
        try:
            await runner.setup()
            if runner.server is not None:
                self._quick.stand_before(runner.server)
            for listener in listeners:
                await LimitedSite(runner, listener, self._connections).start()
        except BaseException:
            await runner.cleanup()
            for listener in listeners:
                listener.close()
            raise
        self._runner = runner
        self._addresses = tuple((one.getsockname()[0], port) for one in listeners)
        log.info("bridge open", addresses=self._addresses)
        self._broadcast.publish(DoorChanged("bridge", "ok", f"answering on localhost:{port}"))

    async def stop(self) -> None:
        """Close the door; harmless when it is closed."""
        runner, self._runner, self._addresses = self._runner, None, ()
        if runner is None:
            return
        self._streams.close()
        await runner.cleanup()
        self._broadcast.publish(DoorChanged("bridge", "off", "closed"))

    def routes(self) -> Sequence[Route]:
        """Everything this door answers to."""
        described = [
            *self._legacy.routes(),
            *NodeRoutes(self._view, self._broadcast, self._access, self._streams).routes(),
            *SetupRoutes(self._view, self._layout, self._access).routes(),
            *PairingRoutes(self.pairings).routes(),
            *MetricsRoutes(self._view, lambda: self._options.metrics).routes(),
        ]
        return [*described, document_route(described)]

    def _origins(self) -> Collection[str]:
        return {*self._options.origins, *self.pairings.origins()}

    async def _listen(self) -> list[socket.socket]:
        listeners: list[socket.socket] = []
        port = self._options.port
        for host in LOOPBACK:
            try:
                listener = listen(host, port)
            except OSError as error:
                if listeners and absent(error):
                    log.info("no such loopback address here", host=host)
                    continue
                for one in listeners:
                    one.close()
                if not taken(error):
                    raise
                raise await _taken(port) from error
            listeners.append(listener)
            port = listener.getsockname()[1]
        return listeners


async def _taken(port: int) -> BridgePortTaken | BridgeAlreadyOpen:
    holder = await asyncio.to_thread(holder_of, port)
    if await is_this_app(port):
        return BridgeAlreadyOpen(port=port, holder=holder)
    return BridgePortTaken(port=port, holder=holder)


async def is_this_app(port: int) -> bool:
    """Whether a copy of this app answers GET /health on `port`."""
    for host in ("127.0.0.1", "[::1]"):
        try:
            async with (
                ClientSession(timeout=ClientTimeout(total=2)) as session,
                session.get(f"http://{host}:{port}/health", allow_redirects=False) as response,
            ):
                if response.status == HTTPStatus.OK:
                    told = await response.json()
                    return isinstance(told, dict) and told.get("service") == SERVICE
        except (ClientError, TimeoutError, OSError, ValueError):
            continue
    return False
