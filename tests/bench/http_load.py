# SPDX-License-Identifier: Apache-2.0
"""A light HTTP load: prepared requests over kept connections, each answer's time taken."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class Load:
    """What came of a load; latencies in seconds."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def quantile(self, share: float) -> float:
        """Latency below which `share` of the answers stayed, in seconds."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    def check(self, status: int) -> None:
        """Fail when an answer had another status."""
        others = {code: count for code, count in self.statuses.items() if code != status}
        if others:
            raise RuntimeError(f"unexpected answers: {others}")


class _Connection(asyncio.Protocol):
    def __init__(self, load: Load, requests: Iterator[bytes], until: float) -> None:
        self.load = load
        self.requests = requests
        self.until = until
        self.ended = asyncio.get_running_loop().create_future()
        self._buffer = b""
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._next()

    def _next(self) -> None:
        request = next(self.requests, None)
        if request is None or time.perf_counter() >= self.until:
            self._transport.close()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head_end = self._buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return
        head = self._buffer[:head_end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self._buffer) < head_end + 4 + length:
            return
        self.load.latencies.append(time.perf_counter() - self._sent_at)
        status = int(self._buffer[9:12])
        self.load.statuses[status] = self.load.statuses.get(status, 0) + 1
        self._buffer = b""
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(None)


async def put_load(
    port: int, requests: Iterator[bytes], *, connections: int, seconds: float
) -> Load:
    """Send `requests` to 127.0.0.1:`port` for `seconds`, one at a time on each connection."""
    load = Load()
    loop = asyncio.get_running_loop()
    begin = time.perf_counter()
    made = []
    for _ in range(connections):
        _, protocol = await loop.create_connection(
            lambda: _Connection(load, requests, begin + seconds), "127.0.0.1", port
        )
        made.append(protocol)
    await asyncio.gather(*(one.ended for one in made))
    load.seconds = time.perf_counter() - begin
    return load


def get_request(path: str, port: int) -> bytes:
    """A GET without a body."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()


def post_request(path: str, port: int, body: bytes, headers: dict[str, str]) -> bytes:
    """A POST of JSON."""
    named = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n{named}\r\n"
    ).encode() + body
