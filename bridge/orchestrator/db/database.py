# SPDX-License-Identifier: Apache-2.0
"""Connections to the database; an answer that says "stored" is durable on both kinds."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import URL, Row, Select, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from bridge.orchestrator.db.sqlite_file import SqliteReader, prepare
from bridge.orchestrator.errors import DatabaseAddressWrong, DatabaseUnreachable

Result = TypeVar("Result")

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
}
POOL = 10
IDLE_SECONDS = 5.0
"""A connection that rested this long may have been cut: a restarted server, a firewall."""


def database_url(address: str) -> URL:
    """The URL with the driver that is used here.

    Raises:
        DatabaseAddressWrong: it is neither SQLite nor PostgreSQL.
    """
    try:
        url = make_url(address)
    except ArgumentError as error:
        raise DatabaseAddressWrong(reason="It is not a database URL.") from error
    driver = _DRIVERS.get(url.get_backend_name())
    if driver is None:
        raise DatabaseAddressWrong(reason=f"{url.get_backend_name()} is not supported.")
    if "@" in (url.host or ""):
        # The rest of a password would stand where messages and logs show the host.
        raise DatabaseAddressWrong(
            reason="Its password has an @, which ends it: write %40, or set PGPASSWORD instead."
        )
    return url.set(drivername=driver)


class Database:
    """One database: an engine and sessions."""

    def __init__(self, address: str) -> None:
        self.url = database_url(address)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _engine(self.url, self.is_sqlite)
        self.sessions: async_sessionmaker[AsyncSession] = async_sessionmaker(
            self.engine, expire_on_commit=False
        )
        self._reader = SqliteReader(self.url) if self.is_sqlite else _PooledReader(self.engine)

    async def rows(
        self, query: Select[*tuple[Any, ...]], values: Mapping[str, Any] | None = None
    ) -> Sequence[Row[*tuple[Any, ...]]]:
        """The rows of one statement that only reads.

        Raises:
            DBAPIError: the database does not answer.
        """
        return await self._reader.rows(query, values)

    async def check(self) -> None:
        """Ask it something.

        Raises:
            DatabaseUnreachable: it does not answer.
        """
        try:
            async with self.engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        except (DBAPIError, OSError) as error:
            raise DatabaseUnreachable(
                address=self.url.render_as_string(hide_password=True), reason=_reason(error)
            ) from error

    async def close(self) -> None:
        """Close all connections."""
        await self._reader.close()
        await self.engine.dispose()


async def twice(work: Callable[[], Awaitable[Result]]) -> Result:
    """Do `work` again, on another connection, where the first was cut under it.

    Only for work that may be done twice.
    """
    try:
        return await work()
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
    return await work()


class _PooledReader:
    """Reads on the engine's connections.

    Without a transaction: two round trips less, half of the time of a small query.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        alone = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._sessions = async_sessionmaker(alone, expire_on_commit=False)

    async def rows(
        self, query: Select[*tuple[Any, ...]], values: Mapping[str, Any] | None
    ) -> Sequence[Row[*tuple[Any, ...]]]:
        """The rows of one statement that only reads."""

        async def look() -> Sequence[Row[*tuple[Any, ...]]]:
            async with self._sessions() as session:
                return (await session.execute(query, values)).all()

        return await twice(look)

    async def close(self) -> None:
        """Its connections are the engine's."""


def _reason(error: Exception) -> str:
    inner = getattr(error, "orig", None) or error
    return str(inner).splitlines()[0] if str(inner) else type(inner).__name__


def _replace_the_dead(engine: AsyncEngine) -> None:
    """Replace a connection that was cut since its last use.

    One that was closed in order is known without asking; one that has been idle for long is
    asked. SQLAlchemy's `pool_pre_ping` asks at every use, which costs a round trip each.
    """

    @event.listens_for(engine.sync_engine, "checkin")
    def _rest(_connection: Any, record: Any) -> None:
        record.info["resting_since"] = time.monotonic()

    @event.listens_for(engine.sync_engine, "checkout")
    def _ask(connection: Any, record: Any, _proxy: object) -> None:
        if connection.driver_connection.is_closed():
            raise DisconnectionError("cut since its last use")
        since = record.info.get("resting_since")
        if since is None or time.monotonic() - since < IDLE_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except Exception as error:  # drivers raise what they like for a dead connection
            raise DisconnectionError(f"{type(error).__name__} after idling") from error


def _engine(url: URL, is_sqlite: bool) -> AsyncEngine:
    if not is_sqlite:
        # The newest first: the others rest, and need not be there.
        engine = create_async_engine(url, pool_size=2 * POOL, max_overflow=0, pool_use_lifo=True)
        _replace_the_dead(engine)
        return engine
    # No overflow: making a connection costs more than waiting for one.
    engine = create_async_engine(
        url, connect_args={"timeout": 10}, pool_size=2 * POOL, max_overflow=0
    )

    event.listen(engine.sync_engine, "connect", prepare)
    return engine
