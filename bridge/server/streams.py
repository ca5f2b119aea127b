# SPDX-License-Identifier: Apache-2.0
"""Server-Sent Events: one stream a client, bounded, ended when the client does not read.

Format: HTML standard, "Server-sent events".
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

from aiohttp import web

from bridge.server.errors import StreamsFull

KEEP_ALIVE_SECONDS = 15.0
WRITE_SECONDS = 10.0
"""A client that takes nothing for this long is gone."""


class Streams:
    """The live streams of one door."""

    def __init__(self, limit: int = 32) -> None:
        self._limit = limit
        self._open = 0
        self._sources: set[asyncio.Task[None]] = set()

    async def run(
        self,
        request: web.Request,
        events: AsyncIterator[tuple[str, str]],
        headers: Mapping[str, str],
        may: Callable[[], bool] = lambda: True,
    ) -> web.StreamResponse:
        """Send `events`, pairs of name and one-line data, until one side ends or may no more.

        Raises:
            StreamsFull: all places are taken.
        """
        if self._open >= self._limit:
            raise StreamsFull(limit=self._limit)
        response = web.StreamResponse(
            headers={**headers, "Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        self._open += 1
        try:
            await response.prepare(request)
            await self._send(response, events, may)
        except ConnectionError:
            pass  # the client left
        except TimeoutError:
            # It does not read: a close would wait for it to take what is unsent.
            if request.transport is not None:
                request.transport.abort()
        finally:
            self._open -= 1
        return response

    def close(self) -> None:
        """End all streams."""
        for source in list(self._sources):
            source.cancel()

    async def _send(
        self,
        response: web.StreamResponse,
        events: AsyncIterator[tuple[str, str]],
        may: Callable[[], bool],
    ) -> None:
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(64)

        async def collect() -> None:
            try:
                async for name, data in events:
                    await queue.put(f"event: {name}\ndata: {data}\n\n".encode())
            finally:
                await queue.put(None)

        collecting = asyncio.create_task(collect(), name="event stream")
        self._sources.add(collecting)
        try:
            while True:
                try:
                    block = await asyncio.wait_for(queue.get(), KEEP_ALIVE_SECONDS)
                except TimeoutError:
                    block = b": still here\n\n"
                if block is None or not may():
                    return
                async with asyncio.timeout(WRITE_SECONDS):
                    await response.write(block)
        finally:
            self._sources.discard(collecting)
            collecting.cancel()
            while not queue.empty():  # its last word needs a place, or it would wait for ever
                queue.get_nowait()
            await asyncio.gather(collecting, return_exceptions=True)
