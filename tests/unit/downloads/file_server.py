# SPDX-License-Identifier: Apache-2.0
"""A real HTTP server for one file, with the failures that real servers have."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.test_utils import TestServer

SLICE = 64 * 1024


@dataclass
class FileServer:
    """Serves `content` at /file; the attributes are its failures and habits.

    Attributes:
        ranges: whether it understands Range.
        cut_after: closes the connection after so many bytes of a body.
        stall_after: sends nothing more after so many bytes of a body.
        status: answers with this instead.
        failures: answers 503 so many times first.
        declared: claims this length.
        pause: seconds between slices of 64 KiB.
        chunked: tells no length.
    """

    content: bytes
    etag: str = '"one"'
    last_modified: str = ""
    ranges: bool = True
    cut_after: int | None = None
    stall_after: int | None = None
    status: int = 200
    failures: int = 0
    declared: int | None = None
    pause: float = 0.0
    chunked: bool = False
    redirects: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    sent: int = 0
    release: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    def url(self, path: str = "/file") -> str:
        return str(self._server.make_url(path))

    async def start(self, tls: ssl.SSLContext | None = None) -> None:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        self._server = TestServer(app, scheme="https" if tls else "http", host="localhost")
        await self._server.start_server(ssl=tls)

    async def stop(self) -> None:
        self.release.set()
        await self._server.close()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(dict(request.headers))
        if request.path in self.redirects:
            raise web.HTTPFound(self.redirects[request.path])
        if self.failures:
            self.failures -= 1
            return web.Response(status=503)
        if self.status != 200:
            return web.Response(status=self.status)
        start = self._start(request)
        if start and start >= len(self.content):
            return web.Response(
                status=416, headers={"Content-Range": f"bytes */{len(self.content)}"}
            )
        return await self._send(request, start)

    def _start(self, request: web.Request) -> int:
        asked = request.headers.get("Range", "")
        condition = request.headers.get("If-Range", "")
        same = not condition or condition in (self.etag, self.last_modified)
        return int(asked[6:-1]) if self.ranges and asked and same else 0

    async def _send(self, request: web.Request, start: int) -> web.StreamResponse:
        body = self.content[start:]
        response = web.StreamResponse(status=206 if start else 200)
        if start:
            whole = len(self.content)
            response.headers["Content-Range"] = f"bytes {start}-{whole - 1}/{whole}"
        if self.etag:
            response.headers["ETag"] = self.etag
        if self.last_modified:
            response.headers["Last-Modified"] = self.last_modified
        if self.declared is not None:
            response.force_close()
        if not self.chunked:
            response.content_length = len(body) if self.declared is None else self.declared
        await response.prepare(request)
        position = 0
        while position < len(body):
            if self.cut_after is not None and position >= self.cut_after:
                await asyncio.sleep(0.1)  # what was sent arrives before the end does
                assert request.transport is not None
                request.transport.close()
                return response
            if self.stall_after is not None and position >= self.stall_after:
                await self.release.wait()
                return response
            piece = body[position : position + SLICE]
            await response.write(piece)
            position += len(piece)
            self.sent += len(piece)
            if self.pause:
                await asyncio.sleep(self.pause)
        return response
