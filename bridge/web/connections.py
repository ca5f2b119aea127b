# SPDX-License-Identifier: Apache-2.0
"""Limits of connections: idle ones give way before a new one is refused."""

from __future__ import annotations

import asyncio
import socket
from ssl import SSLContext

from aiohttp import web

from bridge.web.problems import Handler

BODY_BYTES = 64 * 1024
HEAD_SECONDS = 15.0
"""A connection that has not sent a whole request head by then is closed."""


def limited_runner(app: web.Application) -> web.AppRunner:
    """A runner with small limits of heads and times, and without an access log."""
    return web.AppRunner(
        app,
        access_log=None,
        shutdown_timeout=2.0,
        keepalive_timeout=HEAD_SECONDS,
        max_line_size=8190,
        max_field_size=8190,
        max_headers=64,
        lingering_time=2.0,
    )


class Connections:
    """Counts the connections of one server and keeps them under a limit."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._busy: set[web.RequestHandler] = set()

    @property
    def busy(self) -> int:
        """Requests that are being answered."""
        return len(self._busy)

    def make_room(self, server: web.Server) -> bool:
        """Whether one more fits; the oldest connection without a request gives way for it."""
        live = server.connections
        if len(live) >= self._limit:
            # what was closed a moment ago is still on the server's list
            live = [handler for handler in live if handler.transport is not None]
        if len(live) < self._limit:
            return True
        for handler in live:
            if handler not in self._busy and (transport := handler.transport) is not None:
                handler.force_close()
                # A close waits for the other side to take what is unsent; it may never do so.
                transport.abort()
                return True
        return False

    @web.middleware
    async def watch(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Middleware: a connection with a request in hand is not idle."""
        self._busy.add(request.protocol)
        try:
            return await handler(request)
        finally:
            self._busy.discard(request.protocol)


class LimitedSite(web.BaseSite):
    """A listening socket whose connections are limited."""

    __slots__ = ("_connections", "_listener")

    def __init__(
        self,
        runner: web.AppRunner,
        listener: socket.socket,
        connections: Connections,
        *,
        ssl_context: SSLContext | None = None,
    ) -> None:
        super().__init__(runner, ssl_context=ssl_context)
        self._listener = listener
        self._connections = connections

    @property
    def name(self) -> str:
        """The address, for aiohttp's list of sites."""
        return str(self._listener.getsockname())

    async def start(self) -> None:
        """Begin to accept connections."""
        await super().start()
        server = self._runner.server
        if server is None:
            raise RuntimeError("the runner is not set up")

        def arrive() -> asyncio.Protocol:
            return _Arrival(server, self._connections)

        self._server = await asyncio.get_running_loop().create_server(
            arrive,
            sock=self._listener,
            ssl=self._ssl_context,
            ssl_handshake_timeout=None if self._ssl_context is None else HEAD_SECONDS,
            backlog=256,
        )


class _Arrival(asyncio.Protocol):
    """A new connection: it is given to the server, or told that all places are taken.

    Decided when the connection is made, not when it is accepted: hundreds are accepted in one
    turn of the loop, and none of them is on the server's list before the next.
    """

    def __init__(self, server: web.Server, connections: Connections) -> None:
        self._server = server
        self._connections = connections

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 (a stream's, see create_server)
        if self._connections.make_room(self._server):
            handler = self._server()
            transport.set_protocol(handler)
            handler.connection_made(transport)
            return
        transport.write(
            b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n"
            b"Retry-After: 5\r\nContent-Length: 0\r\n\r\n"
        )
        transport.close()
