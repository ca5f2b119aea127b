# SPDX-License-Identifier: Apache-2.0
"""Clients that are slow or hold many connections are given up, and nobody else feels it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import psutil
import pytest

from tests.unit.bridge.conftest import Door
from tests.unit.bridge.server.test_guard import paired

HEAD_SECONDS = 0.4
LIMIT = 6
STREAMS = 32
SITE = "https://new.example"


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A door opened after this waits for heads less long."""
    monkeypatch.setattr("bridge.web.connections.HEAD_SECONDS", HEAD_SECONDS)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A door opened after this holds few connections."""
    monkeypatch.setattr("bridge.server.server.MAX_CONNECTIONS", LIMIT)


@asynccontextmanager
async def connected(
    door: Door, limit: int = 2**16
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection that takes in little more than `limit` bytes unless a test reads them."""
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port, limit=limit)
    try:
        yield reader, writer
    finally:
        writer.close()


async def closed(reader: asyncio.StreamReader, seconds: float) -> bool:
    """Whether the other side closes within `seconds`."""
    with suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(seconds):
            while await reader.read(4096):
                pass
        return True
    return isinstance(reader.exception(), ConnectionError)


def health(door: Door) -> bytes:
    return f"GET /health HTTP/1.1\r\nHost: localhost:{door.port}\r\n\r\n".encode()


def stream(door: Door, path: str, token: str) -> bytes:
    return (
        f"GET {path} HTTP/1.1\r\nHost: localhost:{door.port}\r\nOrigin: {SITE}\r\n"
        f"Authorization: Bearer {token}\r\n\r\n"
    ).encode()


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("begun", [b"", b"GET /health HTTP/1.1\r\nHost: local"])
async def test_a_head_that_does_not_come_is_given_up(door: Door, begun: bytes) -> None:
    async with connected(door) as (reader, writer):
        writer.write(begun)
        assert await closed(reader, HEAD_SECONDS * 6)


@pytest.mark.usefixtures("hasty")
async def test_a_head_that_drips_is_given_up(door: Door) -> None:
    async with connected(door) as (reader, writer):

        async def drip() -> None:
            writer.write(b"GET /health HTTP/1.1\r\nX-Slow: ")
            while True:
                writer.write(b"x")
                await asyncio.sleep(HEAD_SECONDS / 8)

        dripping = asyncio.create_task(drip())
        assert await closed(reader, HEAD_SECONDS * 6)
        dripping.cancel()


@pytest.mark.usefixtures("hasty")
async def test_a_second_head_that_does_not_come_is_given_up(door: Door) -> None:
    async with connected(door) as (reader, writer):
        for _ in range(3):
            writer.write(health(door))
            await asyncio.sleep(HEAD_SECONDS / 2)
        writer.write(b"GET /health HTTP/1.1\r\n")
        assert await closed(reader, HEAD_SECONDS * 6)


async def test_a_body_nobody_asked_for_is_not_waited_for(door: Door) -> None:
    async with connected(door) as (reader, writer):
        writer.write(health(door).replace(b"\r\n\r\n", b"\r\nContent-Length: 9000\r\n\r\n"))
        assert (await reader.readline()).split()[1] == b"200"
        assert await closed(reader, 5)


@pytest.mark.usefixtures("small")
async def test_the_oldest_idle_connection_gives_way(door: Door) -> None:
    idle = [await asyncio.open_connection("127.0.0.1", door.port) for _ in range(LIMIT + 2)]
    try:
        assert [await closed(reader, 0.3) for reader, _ in idle] == [True] * 2 + [False] * LIMIT
    finally:
        for _, writer in idle:
            writer.close()


@pytest.mark.usefixtures("small")
async def test_who_is_being_answered_does_not_give_way(door: Door) -> None:
    request = stream(door, "/v1/events", await paired(door, SITE, ["read"]))
    await door.client.close()
    busy = []
    try:
        for _ in range(LIMIT):
            reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
            busy.append((reader, writer))
            writer.write(request)
            assert (await reader.readline()).split()[1] == b"200"
        async with connected(door) as (reader, writer):
            assert (await reader.readline()).split()[1] == b"503"
            assert await closed(reader, 2)
        for reader, _ in busy:
            assert not await closed(reader, 0.1)
    finally:
        for _, writer in busy:
            writer.close()


async def test_streams_have_a_limit_of_their_own(door: Door) -> None:
    request = stream(door, "/v1/events", await paired(door, SITE, ["read"]))
    statuses = []
    async with AsyncExitStack() as stack:
        for _ in range(STREAMS + 1):
            reader, writer = await stack.enter_async_context(connected(door))
            writer.write(request)
            statuses.append((await reader.readline()).split()[1])
        assert statuses == [b"200"] * STREAMS + [b"503"]
        async with door.client.get(f"{door.url}/status") as response:
            assert response.status == 200


async def test_a_stream_that_nobody_reads_is_ended(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.server.streams.WRITE_SECONDS", 0.3)
    line = "x" * 20_000 + "\n"
    door.view.log_path("alpha", "node").write_text(line * 1_000)
    token = await paired(door, SITE, ["logs"])
    await door.client.close()
    path = "/v1/nodes/alpha/logs?follow=true&lines=1000"
    async with connected(door, limit=100) as (reader, writer):
        writer.write(stream(door, path, token))
        assert (await reader.readline()).split()[1] == b"200"
        assert held_by(door) == 1
        async with asyncio.timeout(20):
            while held_by(door):
                await asyncio.sleep(0.1)


@pytest.mark.usefixtures("small")
async def test_who_does_not_read_the_answers_gives_way_too(door: Door) -> None:
    much = health(door).replace(b"/health", b"/openapi.json") * 400
    async with AsyncExitStack() as stack:
        for _ in range(LIMIT * 2):
            reader, writer = await stack.enter_async_context(connected(door, limit=100))
            writer.write(much)
            assert (await reader.readline()).split()[1] == b"200"
            await asyncio.sleep(0.2)  # until it is stuck
        assert held_by(door) <= LIMIT


def held_by(door: Door) -> int:
    """Connections of clients that this process, which is the door's, still holds."""
    return sum(
        one.laddr.port == door.port and one.status == psutil.CONN_ESTABLISHED
        for one in psutil.Process().net_connections("tcp")
    )
