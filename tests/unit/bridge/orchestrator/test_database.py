# SPDX-License-Identifier: Apache-2.0
"""A database server that was restarted meanwhile, or cuts a connection, costs nobody a request."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DBAPIError

from bridge.device import DeviceKey
from bridge.orchestrator.db import database as module
from bridge.orchestrator.db.database import Database
from tests.unit.bridge.orchestrator.conftest import V1, client_of
from tests.unit.bridge.orchestrator.test_heartbeats import KEY, beat_of
from tests.unit.bridge.orchestrator.wallet import Wallet

OTHERS = "pid <> pg_backend_pid() AND datname = current_database()"
CUT = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {OTHERS}"
CUT_BUSY = f"{CUT} AND state = 'active' AND query NOT LIKE '%pg_terminate%'"
CUT_WAITING = f"{CUT} AND wait_event_type = 'Lock'"


@pytest.fixture
async def address(postgres: str) -> str:
    """An empty database on PostgreSQL."""
    name = f"t{uuid.uuid4().hex}"
    connection = await asyncpg.connect(f"{postgres}/postgres")
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    return f"{postgres}/{name}"


@pytest.fixture
async def server(address: str) -> AsyncIterator[asyncpg.Connection]:
    """The administrator's connection to it."""
    connection = await asyncpg.connect(address)
    yield connection
    await connection.close()


async def cut(server: asyncpg.Connection, whom: str) -> None:
    """Cut connections, as soon as there are such."""
    async with asyncio.timeout(20):
        while not await server.fetch(whom):
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("idle_seconds", [0.0, 60.0])
async def test_a_connection_that_was_cut_since_its_last_use_is_replaced(
    address: str, server: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch, idle_seconds: float
) -> None:
    monkeypatch.setattr(module, "IDLE_SECONDS", idle_seconds)
    database = Database(address)
    try:
        await database.check()
        await cut(server, CUT)
        await asyncio.sleep(0.1)
        async with database.sessions.begin() as session:
            assert await session.scalar(text("SELECT 1")) == 1
    finally:
        await database.close()


async def test_what_only_reads_is_read_again_when_its_connection_is_cut(
    address: str, server: asyncpg.Connection
) -> None:
    database = Database(address)
    try:
        reading = asyncio.create_task(database.rows(select(func.pg_sleep(0.5), text("7"))))
        await cut(server, CUT_BUSY)
        assert [row[1] for row in await reading] == [7]
    finally:
        await database.close()


async def test_a_heartbeat_is_sent_again_when_its_connection_is_cut(
    address: str, server: asyncpg.Connection, device: DeviceKey, alice: Wallet
) -> None:
    async with client_of(address) as client:
        await client.beat(device, **beat_of(alice, 1))
        async with server.transaction():
            await server.execute("LOCK TABLE local_validator_heartbeats")
            beat = asyncio.create_task(client.beat(device, **beat_of(alice, 2)))
            await cut(server, CUT_WAITING)
        assert (await beat).status == 200
        assert (await client.get(f"{V1}/heartbeat/{KEY}")).body["blockHeight"] == 2


async def test_a_heartbeat_whose_answer_was_cut_off_is_no_repetition(
    address: str, device: DeviceKey, alice: Wallet
) -> None:
    lost: list[str] = []

    def lose_the_answer(*told: object) -> None:
        if not lost and str(told[2]).startswith("INSERT INTO local_validator_heartbeats"):
            lost.append("the first")
            raise DBAPIError("upsert", {}, OSError("cut"), connection_invalidated=True)

    async with client_of(address) as client:
        first = await client.beat(device, **beat_of(alice, 1))
        engine = client.orchestrator.database.engine.sync_engine
        event.listen(engine, "after_cursor_execute", lose_the_answer)
        sent = await client.beat(device, **beat_of(alice, 2))
        assert lost
        assert (sent.status, sent.body["id"]) == (200, first.body["id"])
