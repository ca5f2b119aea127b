# SPDX-License-Identifier: Apache-2.0
"""The tables come and go, and fit the models."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from bridge.orchestrator.db.database import Database
from bridge.orchestrator.db.migrate import current_revision, head_revision, migrate
from bridge.orchestrator.db.tables import Base
from bridge.orchestrator.errors import DatabaseTooNew, DatabaseUnreachable


@pytest.fixture
async def database(empty_database_url: str) -> AsyncIterator[Database]:
    database = Database(empty_database_url)
    yield database
    await database.close()


async def tables_of(database: Database) -> set[str]:
    async with database.engine.connect() as connection:
        return set(await connection.run_sync(lambda one: inspect(one).get_table_names()))


async def test_up_and_down_and_up_again(database: Database) -> None:
    assert await migrate(database) == head_revision()
    assert await tables_of(database) == {*Base.metadata.tables, "alembic_version"}
    assert await migrate(database, "base") == ""
    assert await tables_of(database) == {"alembic_version"}
    assert await migrate(database) == head_revision()


async def test_the_tables_are_what_the_models_say(database: Database) -> None:
    await migrate(database)

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_two_instances_can_migrate_at_once(empty_database_url: str) -> None:
    several = [Database(empty_database_url) for _ in range(3)]
    found = await asyncio.gather(*(migrate(one) for one in several))
    assert set(found) == {head_revision()}
    for one in several:
        await one.close()


async def test_a_database_of_a_later_version_is_left_alone(database: Database) -> None:
    await migrate(database)
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseTooNew, match="9999"):
        await migrate(database)
    assert await current_revision(database) == "9999"


async def test_a_database_that_is_not_there_is_said(unused_tcp_port: int) -> None:
    database = Database(f"postgresql://someone:hidden@127.0.0.1:{unused_tcp_port}/none")
    with pytest.raises(DatabaseUnreachable) as caught:
        await migrate(database)
    assert "hidden" not in str(caught.value)
    await database.close()
