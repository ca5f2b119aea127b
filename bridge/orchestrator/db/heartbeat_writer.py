# SPDX-License-Identifier: Apache-2.0
"""Writes a batch of heartbeats durably, and tells what became of each."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bridge.orchestrator.db.database import Database, twice
from bridge.orchestrator.db.heartbeat_upsert import (
    POSTGRESQL,
    SQLITE,
    SQLITE_TOLD,
    HeartbeatSent,
    postgresql_moment,
    rows_of,
    sqlite_moment,
)
from bridge.orchestrator.db.sqlite_file import SqliteWriter
from bridge.orchestrator.db.tables import HeartbeatRow


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a batch, by consensus key: the row's id, or the device that is pinned."""

    stored: Mapping[str, uuid.UUID]
    pinned: Mapping[str, str] = field(default_factory=dict)


class HeartbeatWriter(Protocol):
    """Writes to one kind of database."""

    async def write(self, batch: Sequence[HeartbeatSent], moment: datetime) -> Written:
        """Store what may be stored of `batch`, in which each consensus key occurs once.

        Raises:
            DBAPIError: the database does not take it; it may be stored nevertheless.
        """

    async def close(self) -> None:
        """Let the database go."""


def writer_of(database: Database) -> HeartbeatWriter:
    """The writer for the kind of `database`."""
    if database.is_sqlite:
        return _ToSqlite(SqliteWriter(database.url))
    return _ToPostgresql(database.engine)


class _ToSqlite:
    """Writes in one turn of a thread."""

    def __init__(self, file: SqliteWriter) -> None:
        self._file = file

    async def write(self, batch: Sequence[HeartbeatSent], moment: datetime) -> Written:
        at = sqlite_moment(moment)
        values = {"rows": rows_of(batch, at)}

        def upsert(connection: Connection) -> str:
            connection.execute(SQLITE, values)
            return str(connection.scalar(SQLITE_TOLD, values))

        told = json.loads(await self._file.run(upsert))
        return Written(
            {key: uuid.UUID(row_id) for key, row_id, _, seen in told if seen == at},
            {key: device for key, _, device, seen in told if seen != at},
        )

    async def close(self) -> None:
        await self._file.close()


class _ToPostgresql:
    """Writes by one statement that is a transaction by itself: durable when it is answered."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")

    async def write(self, batch: Sequence[HeartbeatSent], moment: datetime) -> Written:
        values = {"rows": rows_of(batch, postgresql_moment(moment))}
        tries = 0

        async def upsert() -> Written:
            nonlocal tries
            tries += 1
            async with self._engine.connect() as connection:
                result = await connection.execute(POSTGRESQL, values)
                stored = {key: row_id for key, row_id in result.all()}
                refused = [one for one in batch if one.consensus_pubkey not in stored]
                if not refused:
                    return Written(stored)
                keys = [one.consensus_pubkey for one in refused]
                query = select(HeartbeatRow.__table__).where(
                    HeartbeatRow.consensus_pubkey.in_(keys)
                )
                found = {row.consensus_pubkey: row for row in await connection.execute(query)}
            for one in refused if tries > 1 else ():
                row = found.get(one.consensus_pubkey)
                # The connection was cut after it was stored, before that was told.
                if row and (row.device_key, row.signed_ms) == (one.device_key, one.signed_ms):
                    stored[one.consensus_pubkey] = row.id
            return Written(stored, {key: row.device_key for key, row in found.items()})

        return await twice(upsert)

    async def close(self) -> None:
        """Its connections are the database's."""
