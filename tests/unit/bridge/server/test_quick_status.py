# SPDX-License-Identifier: Apache-2.0
"""The quick way of GET /status says what the application says, and to nobody else."""

from __future__ import annotations

import asyncio

import pytest

from bridge.server.server import BridgeOptions
from tests.unit.bridge.conftest import PORTAL, Door
from tests.unit.bridge.server.test_guard import FOREIGN_ORIGINS, HOSTILE_HOSTS
from tests.unit.bridge.view import running

LONG_WAY = "Connection: close\r\n"
"""What such a request asks for, the ready answer does not say."""


class Caller:
    """A kept connection on which a test says its bytes and reads answer by answer."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def __aenter__(self) -> Caller:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self._door.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()

    async def ask(self, headers: str = "", *, host: str = "", path: str = "/status") -> Told:
        host = host or f"localhost:{self._door.port}"
        self.writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n".encode())
        return await self.read()

    async def read(self) -> Told:
        async with asyncio.timeout(5):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
            lines = head.strip().split("\r\n")
            fields = dict(line.split(": ", 1) for line in lines[1:])
            body = await self.reader.readexactly(int(fields["Content-Length"]))
        return Told(int(lines[0].split()[1]), fields, body)


class Told:
    """One answer."""

    def __init__(self, status: int, fields: dict[str, str], body: bytes) -> None:
        self.status = status
        self.fields = {name: value for name, value in fields.items() if name not in _OF_THE_WAY}
        self.date = fields.get("Date")
        self.body = body

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Told) and (self.status, self.fields, self.body) == (
            other.status,
            other.fields,
            other.body,
        )

    __hash__ = None  # type: ignore[assignment]


_OF_THE_WAY = {"Date", "Server", "Connection"}


@pytest.mark.parametrize(
    "headers", ["", f"Origin: {PORTAL}\r\n", "Origin: https://evil.example\r\n"]
)
async def test_both_ways_tell_the_same(door: Door, headers: str) -> None:
    async with Caller(door) as kept, Caller(door) as other:
        quick = [await kept.ask(headers) for _ in range(3)]
        long = await other.ask(headers + LONG_WAY)
    assert quick == [long] * 3
    assert {told.date is None for told in quick} == {False}


async def test_the_answer_for_one_origin_is_not_told_to_another(door: Door) -> None:
    async with Caller(door) as caller:
        program = await caller.ask()
        portal = await caller.ask(f"Origin: {PORTAL}\r\n")
        again = await caller.ask()
    assert portal.fields["Access-Control-Allow-Origin"] == PORTAL
    assert "Access-Control-Allow-Origin" not in program.fields
    assert program == again


@pytest.mark.parametrize("host", [host for host in HOSTILE_HOSTS if host])
async def test_a_foreign_host_is_refused_on_a_kept_connection(door: Door, host: str) -> None:
    async with Caller(door) as caller:
        assert (await caller.ask()).status == 200
        told = await caller.ask(host=host.format(port=door.port))
        assert told.status == 403
        assert b"blockHeight" not in told.body


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
async def test_a_foreign_origin_is_refused_on_a_kept_connection(door: Door, origin: str) -> None:
    async with Caller(door) as caller:
        assert (await caller.ask(f"Origin: {PORTAL}\r\n")).status == 200
        told = await caller.ask(f"Origin: {origin}\r\n")
        assert told.status == 403
        assert b"blockHeight" not in told.body


async def test_two_hosts_or_two_origins_are_refused(door: Door) -> None:
    for twice in (f"Host: localhost:{door.port}\r\n", f"Origin: {PORTAL}\r\n" * 2):
        async with Caller(door) as caller:
            assert (await caller.ask(twice)).status in {400, 403}


async def test_a_website_that_is_taken_off_the_list_is_refused_at_once(door: Door) -> None:
    async with Caller(door) as caller:
        assert (await caller.ask(f"Origin: {PORTAL}\r\n")).status == 200
        assert door.server.follow(BridgeOptions(port=0, origins=[]))
        assert (await caller.ask(f"Origin: {PORTAL}\r\n")).status == 403


async def test_it_follows_the_node(door: Door) -> None:
    async with Caller(door) as caller:
        assert b"4182" in (await caller.ask()).body
        door.view.nodes["alpha"] = running(height=4183)
        assert b"4183" in (await caller.ask()).body


async def test_requests_that_come_together_are_answered_in_order(door: Door) -> None:
    async with Caller(door) as caller:
        host = f"Host: localhost:{door.port}\r\n\r\n"
        paths = ("/status", "/health", "/status", "/nowhere", "/status")
        caller.writer.write("".join(f"GET {path} HTTP/1.1\r\n{host}" for path in paths).encode())
        told = [await caller.read() for _ in paths]
    assert [one.status for one in told] == [200, 200, 200, 404, 200]
    assert [b"blockHeight" in one.body for one in told] == [True, False, True, False, True]


@pytest.mark.parametrize("version", ["1.0", "1.1"])
async def test_who_wants_the_connection_closed_gets_that(door: Door, version: str) -> None:
    async with Caller(door) as caller:
        request = f"GET /status HTTP/{version}\r\nHost: localhost:{door.port}\r\n{LONG_WAY}\r\n"
        caller.writer.write(request.encode())
        assert (await caller.read()).status == 200
        assert await asyncio.wait_for(caller.reader.read(), 2) == b""


async def test_other_methods_take_the_long_way(door: Door) -> None:
    for method in ("POST", "PUT", "DELETE"):
        async with door.client.request(method, f"{door.url}/status") as response:
            assert response.status == 405
    async with door.client.head(f"{door.url}/status") as response:
        assert response.status == 405
