# SPDX-License-Identifier: Apache-2.0
"""Logs of cloud nodes: the service asks through the database, a worker reads.

Only workers reach the provider. An asked log waits in its row until one has read it; a row that
was read a moment ago answers by itself, so that a page that looks every second costs one read.
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from bridge.orchestrator.db.columns import now
from bridge.orchestrator.db.database import Database
from bridge.orchestrator.db.tables import CloudNode, NodeLog
from bridge.orchestrator.enums import ProviderName
from bridge.orchestrator.errors import LogsNotRead
from bridge.orchestrator.providers.base import Providers, ProviderTrouble
from node_manager.cosmos.log_lines import without_colours

LINES = 1000
"""As many of the last lines as are kept of a node."""
LINE = 2000
"""Characters of a line; the rest is cut."""
FRESH = timedelta(seconds=2)
WAIT_SECONDS = 10.0
"""A worker looks every second, and reading takes about one."""
LOOK_SECONDS = 0.2
AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class LogRead:
    """The last lines of a node's log and when they were read."""

    lines: list[str]
    read_at: datetime


class NodeLogs:
    """The service's side."""

    def __init__(self, database: Database, *, wait_seconds: float = WAIT_SECONDS) -> None:
        self._database = database
        self._wait_seconds = wait_seconds

    async def last(self, node_id: uuid.UUID, lines: int) -> LogRead:
        """The last lines, read now or a moment ago.

        Raises:
            LogsNotRead: the provider could not read them, or no worker did in time.
        """
        asked = now()
        row = await self._row(node_id)
        if row is None or row.read_at is None or row.read_at < asked - FRESH:
            await self._ask(node_id, asked)
            row = await self._answer(node_id, asked)
        if row.trouble is not None:
            raise LogsNotRead(reason=row.trouble)
        assert row.read_at is not None  # noqa: S101  (an answer has it)
        return LogRead(row.lines[-lines:], row.read_at)

    async def _row(self, node_id: uuid.UUID) -> NodeLog | None:
        async with self._database.sessions() as session:
            return await session.get(NodeLog, node_id)

    async def _ask(self, node_id: uuid.UUID, asked: datetime) -> None:
        kind = sqlite if self._database.is_sqlite else postgresql
        statement = (
            kind.insert(NodeLog)
            .values(node_id=node_id, asked_at=asked, lines=[])
            .on_conflict_do_update(index_elements=[NodeLog.node_id], set_={"asked_at": asked})
        )
        async with self._database.sessions.begin() as session:
            await session.execute(statement)

    async def _answer(self, node_id: uuid.UUID, asked: datetime) -> NodeLog:
        try:
            async with asyncio.timeout(self._wait_seconds):
                while True:
                    row = await self._row(node_id)
                    if row is not None and row.read_at is not None and row.read_at >= asked:
                        return row
                    await asyncio.sleep(LOOK_SECONDS)
        except TimeoutError as error:
            raise LogsNotRead(reason="No worker answers.") from error


class LogReader:
    """The worker's side; several share what is asked without reading twice."""

    def __init__(self, database: Database, providers: Providers) -> None:
        self._database = database
        self._providers = providers

    async def look(self) -> bool:
        """Read what is asked; whether there may be more of it."""
        asked = await self._take()
        await asyncio.gather(*(self._read(*one) for one in asked))
        return len(asked) == AT_ONCE

    async def _take(self) -> list[tuple[uuid.UUID, ProviderName]]:
        """Nodes whose log is asked for; taken, so that no other worker reads it too."""
        wanted = (
            select(NodeLog.node_id)
            .join(CloudNode, CloudNode.id == NodeLog.node_id)
            .where(NodeLog.asked_at.is_not(None), CloudNode.provider.in_(self._providers))
            .order_by(NodeLog.asked_at)
            .limit(AT_ONCE)
        )
        # Looking first: on SQLite even an update that finds nothing keeps other writers waiting.
        async with self._database.sessions() as session:
            if await session.scalar(wanted) is None:
                return []
        taken = (
            update(NodeLog)
            .where(NodeLog.node_id.in_(wanted), NodeLog.asked_at.is_not(None))
            .values(asked_at=None)
            .returning(NodeLog.node_id)
            .execution_options(synchronize_session=False)
        )
        async with self._database.sessions.begin() as session:
            ids = (await session.scalars(taken)).all()
            rows = await session.execute(
                select(CloudNode.id, CloudNode.provider).where(CloudNode.id.in_(ids))
            )
            return [(node_id, provider) for node_id, provider in rows.all()]

    async def _read(self, node_id: uuid.UUID, provider: ProviderName) -> None:
        lines: list[str] = []
        trouble = None
        try:
            lines = await self._providers[provider].logs(node_id, LINES)
        except ProviderTrouble as error:
            trouble = str(error)
        async with self._database.sessions.begin() as session:
            await session.execute(
                update(NodeLog)
                .where(NodeLog.node_id == node_id)
                .values(
                    lines=[_plain(line) for line in lines[-LINES:]],
                    read_at=now(),
                    trouble=trouble,
                )
            )


def _plain(line: str) -> str:
    # PostgreSQL takes no NUL in text
    return without_colours(line)[:LINE].replace("\0", "")
