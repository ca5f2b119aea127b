# SPDX-License-Identifier: Apache-2.0
"""The private door: the app's own commands, over a socket that only its person can open."""

from __future__ import annotations

import asyncio
import hmac
import secrets
import socket
from collections.abc import Awaitable, Callable, Sequence

import structlog
from aiohttp import web

from bridge.server.access import Everything
from bridge.server.control_address import (
    ControlAddress,
    LoopbackDoor,
    control_address,
    prepare_folder,
)
from bridge.server.errors import ControlDoorTaken, NotPaired
from bridge.server.models import QuitBody, QuittingBody
from bridge.server.node_routes import NodeRoutes
from bridge.server.setup_routes import SetupRoutes
from bridge.server.streams import Streams
from bridge.server.view import NodesView
from bridge.web.connections import BODY_BYTES, Connections, LimitedSite, limited_runner
from bridge.web.problems import Handler, problems
from bridge.web.routes import Route, add_routes, answer, read_body
from bridge.web.sockets import listen
from node_manager.durable import write_durably
from node_manager.events import Broadcast
from node_manager.layout import Layout

log = structlog.get_logger(__name__)

MAX_CONNECTIONS = 64

Quit = Callable[[QuitBody], Awaitable[None]]


class ControlDoor:
    """Opens and closes the private door.

    Attributes of the constructor:
        on_quit: called when a command asks the app to end.
        extra: further routes of the app behind this door.
    """

    def __init__(
        self,
        view: NodesView,
        layout: Layout,
        broadcast: Broadcast,
        on_quit: Quit,
        *,
        extra: Sequence[Route] = (),
        address: ControlAddress | None = None,
    ) -> None:
        self._view = view
        self._layout = layout
        self._broadcast = broadcast
        self._on_quit = on_quit
        self._extra = extra
        self.address = address or control_address(layout)
        self._streams = Streams()
        self._runner: web.AppRunner | None = None
        self._token = ""

    async def start(self) -> None:
        """Open the door.

        Raises:
            ControlDoorTaken: another copy of the app answers there.
            ControlDoorUnsafe: someone else could use it.
        """
        connections = Connections(MAX_CONNECTIONS)
        app = web.Application(
            middlewares=[connections.watch, problems, self._check], client_max_size=BODY_BYTES
        )
        add_routes(app, self.routes())
        listener = await self._listen()
        runner = limited_runner(app)
        try:
            await runner.setup()
            await LimitedSite(runner, listener, connections).start()
        except BaseException:
            await runner.cleanup()
            listener.close()
            raise
        self._runner = runner
        log.info("control door open", address=str(self.address.shown))

    async def stop(self) -> None:
        """Close the door; harmless when it is closed."""
        runner, self._runner = self._runner, None
        if runner is None:
            return
        self._streams.close()
        await runner.cleanup()
        self.address.shown.unlink(missing_ok=True)

    def routes(self) -> list[Route]:
        """Everything this door answers to."""
        access = Everything()
        return [
            *NodeRoutes(self._view, self._broadcast, access, self._streams).routes(),
            *SetupRoutes(self._view, self._layout, access).routes(),
            Route("POST", "/v1/quit", self.quit, "End the app", {202: QuittingBody}, body=QuitBody),
            *self._extra,
        ]

    async def quit(self, request: web.Request) -> web.StreamResponse:
        """POST /v1/quit."""
        await self._on_quit(await read_body(request, QuitBody))
        return answer(QuittingBody(), 202)

    @web.middleware
    async def _check(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        # A socket in a private folder is proof enough; a loopback port is not.
        if self.address.socket is None:
            shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
            if not hmac.compare_digest(shown.encode(), self._token.encode()):
                raise NotPaired()
        return await handler(request)

    async def _listen(self) -> socket.socket:
        path = self.address.socket
        prepare_folder(self.address.shown.parent)
        if path is None:
            listener = listen("127.0.0.1", 0)
            self._token = secrets.token_urlsafe(32)
            door = LoopbackDoor(port=listener.getsockname()[1], token=self._token)
            write_durably(self.address.token_file, door.model_dump_json())
            return listener
        if path.exists():
            if await _answers(str(path)):
                raise ControlDoorTaken(path=path)
            path.unlink()
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            listener.bind(str(path))
            path.chmod(0o600)
            listener.listen(64)
            listener.setblocking(False)
        except BaseException:
            listener.close()
            raise
        return listener


async def _answers(path: str) -> bool:
    try:
        async with asyncio.timeout(2):
            _, writer = await asyncio.open_unix_connection(path)
    except TimeoutError:
        return True
    except OSError:
        return False
    writer.close()
    return True
