# SPDX-License-Identifier: Apache-2.0
"""Lets containers reach what listens on this machine's loopback: the localnet.

A container's own loopback is another one. For each port a listener on the bridge's address, the
same number, hands every connection on; the network's profile names that address instead.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path


class Gateway:
    """Listeners on one address; a test may close and open them."""

    def __init__(self, address: str, ports: Iterable[int]) -> None:
        self.address = address
        self._ports = list(ports)
        self._servers: list[asyncio.Server] = []
        self._streams: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def open(self) -> None:
        """Begin to hand connections on."""
        self._do(self._open())

    def shut(self) -> None:
        """Refuse new connections and cut those that are there."""
        self._do(self._shut())

    def end(self) -> None:
        """Shut for good."""
        self.shut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _do(self, coroutine: object) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(20)  # type: ignore[arg-type]

    async def _open(self) -> None:
        for port in self._ports:

            async def serve(
                reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int = port
            ) -> None:
                await self._hand_on(reader, writer, port)

            self._servers.append(await asyncio.start_server(serve, self.address, port))

    async def _shut(self) -> None:
        servers, self._servers = self._servers, []
        for server in servers:
            server.close()
        for writer in list(self._streams):
            writer.transport.abort()

    async def _hand_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int
    ) -> None:
        try:
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            writer.transport.abort()
            return
        self._streams |= {writer, inner_writer}
        await asyncio.gather(_pump(reader, inner_writer), _pump(inner_reader, writer))
        self._streams -= {writer, inner_writer}


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


def profile_for(address: str, profile: Path, to: Path) -> Path:
    """A copy of a local network's profile as containers see it, in the folder `to`."""
    to.mkdir(parents=True)
    for file in profile.glob("*.json"):
        text = file.read_text().replace("127.0.0.1", address)
        # peers dial it from elsewhere: p2p listens on more than the loopback
        (to / file.name).write_text(text.replace('"is_local": true', '"is_local": false'))
    return to


@contextlib.contextmanager
def opened(address: str, ports: Iterable[int]) -> Iterator[Gateway]:
    gateway = Gateway(address, ports)
    gateway.open()
    try:
        yield gateway
    finally:
        gateway.end()
