# SPDX-License-Identifier: Apache-2.0
"""A local channel is for this user's own processes, on either kind of system."""

from __future__ import annotations

import asyncio
import json
import os
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from node_manager.runtime.errors import ChannelRefused, SocketPathTooLong
from node_manager.runtime.platform import channel
from node_manager.runtime.platform.channel import (
    LocalServer,
    Streams,
    connect_locally,
    connect_on_loopback,
    serve_locally,
    serve_on_loopback,
)

Connect = Callable[[Path], Awaitable[Streams]]
Serve = Callable[..., Awaitable[LocalServer]]
Serves = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

KINDS = [
    pytest.param(serve_on_loopback, connect_on_loopback, id="loopback"),
    pytest.param(
        serve_locally,
        connect_locally,
        id="unix",
        marks=pytest.mark.skipif(os.name != "posix", reason="no Unix sockets here"),
    ),
]


async def shout(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write((await reader.readline()).upper())
    await writer.drain()
    writer.close()


async def ask(streams: Streams, text: bytes) -> bytes:
    reader, writer = streams
    writer.write(text)
    async with asyncio.timeout(5):
        answer = await reader.read()
    writer.close()
    return answer


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Path]:
    yield tmp_path / "run" / "control"


@pytest.mark.parametrize(("serve", "connect"), KINDS)
async def test_a_question_is_answered(place: Path, serve: Serve, connect: Connect) -> None:
    place.parent.mkdir()
    server = await serve(place, shout)
    assert await ask(await connect(place), b"hello\n") == b"HELLO\n"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    await server.close()
    assert not place.exists()
    with pytest.raises(OSError, match=r".+"):
        await connect(place)


@pytest.mark.parametrize(("serve", "connect"), KINDS)
async def test_what_a_dead_server_left_behind_is_replaced(
    place: Path, serve: Serve, connect: Connect
) -> None:
    place.parent.mkdir()
    place.write_text("left behind")
    server = await serve(place, shout)
    assert await ask(await connect(place), b"hello\n") == b"HELLO\n"
    await server.close()


@pytest.mark.skipif(os.name != "posix", reason="no Unix sockets here")
async def test_the_folder_of_a_socket_is_for_its_owner_only(place: Path) -> None:
    server = await serve_locally(place, shout)
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    await server.close()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="Linux only")
async def test_a_deep_folder_is_no_obstacle_on_linux(tmp_path: Path) -> None:
    place = tmp_path / ("deep" * 20) / ("deeper" * 20) / "control"
    server = await serve_locally(place, shout)
    assert await ask(await connect_locally(place), b"hello\n") == b"HELLO\n"
    await server.close()


async def test_a_deep_folder_is_named_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel.sys, "platform", "darwin")
    place = tmp_path / ("deep" * 20) / ("deeper" * 20) / "control"
    with pytest.raises(SocketPathTooLong, match="shorter path"):
        await serve_locally(place, shout)


async def test_who_does_not_know_the_token_gets_no_answer(tmp_path: Path) -> None:
    served = []

    async def handler(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(True)
        writer.close()

    place = tmp_path / "control"
    server = await serve_on_loopback(place, handler)
    port = json.loads(place.read_text())["port"]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"x" * 64)
    async with asyncio.timeout(5):
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await reader.readexactly(65)  # the nonce and the proof it owes us, and no more
    writer.close()
    assert served == []
    await server.close()


async def is_refused_on_the_port_of(other: Serves, place: Path) -> None:
    """Connecting to a place whose port another program has by now."""
    server = await asyncio.start_server(other, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    place.write_text(json.dumps({"port": port, "token": "a" * 64}))
    with pytest.raises(ChannelRefused):
        await connect_on_loopback(place)
    server.close()


async def test_another_program_on_the_old_port_is_recognised(tmp_path: Path) -> None:
    async def stranger(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"x" * 64)
        await reader.read()
        writer.close()

    await is_refused_on_the_port_of(stranger, tmp_path / "control")


async def test_a_silent_program_on_the_old_port_does_not_hang_us(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel, "HANDSHAKE_SECONDS", 0.05)

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    await is_refused_on_the_port_of(silent, tmp_path / "control")


async def test_a_file_that_is_no_address_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "control"
    place.write_text('{"port": 70000}')
    with pytest.raises(ChannelRefused):
        await connect_on_loopback(place)
