# SPDX-License-Identifier: Apache-2.0
"""SQLite's own ways: how its connections are set, and threads that read and write its file.

The asynchronous driver hands each step of a statement to a thread. What is asked often goes to
one thread as a whole: a reader, and a writer that keeps the pages it changes. In WAL mode they
do not wait for each other.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, Row, Select, create_engine, event
from sqlalchemy.orm import Session

from bridge.orchestrator.together import Together
from node_manager.durable import PRIVATE_FILE

Result = TypeVar("Result")
_Look = tuple[Select[*tuple[Any, ...]], Mapping[str, Any] | None]

_PRAGMAS = (
    "journal_mode=WAL",
    # FULL: a commit is on disk before it is answered.
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=10000",
    # Heartbeats touch rows all over the table: keep its pages (shared by all connections),
    # write back rarely.
    "mmap_size=268435456",
    "wal_autocheckpoint=8000",
)
_KEPT = "cache_size=-65536"
"""64 MiB of pages: those of the heartbeats of 200,000 validators."""


def make_private(url: URL) -> None:
    """Let this user alone read the file, and those that SQLite makes beside it. Blocks.

    One that cannot be made is told by who connects to it.
    """
    with contextlib.suppress(OSError):
        file = Path(url.database or "")
        file.touch(PRIVATE_FILE)
        file.chmod(PRIVATE_FILE)


def prepare(connection: Any, _record: object) -> None:
    """Set a new connection of the driver."""
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _engine(url: URL) -> Engine:
    engine = create_engine(url.set(drivername="sqlite"), connect_args={"timeout": 10}, pool_size=1)
    event.listen(engine, "connect", prepare)
    return engine


class SqliteReader:
    """Reads in one thread, everything that waits in one turn of it."""

    def __init__(self, url: URL) -> None:
        self._engine = _engine(url)
        self._looks = Together("sqlite reader", self._look)

    async def rows(
        self, query: Select[*tuple[Any, ...]], values: Mapping[str, Any] | None
    ) -> Sequence[Row[*tuple[Any, ...]]]:
        """The rows of one statement that only reads."""
        return await self._looks.ask((query, values))

    async def close(self) -> None:
        """End the thread and close its connection."""
        self._looks.close()
        await asyncio.to_thread(self._engine.dispose)

    def _look(self, look: _Look) -> Sequence[Row[*tuple[Any, ...]]]:
        with Session(self._engine) as session:
            return session.execute(*look).all()


class SqliteWriter:
    """Does one piece of work after the other in a thread, each in a transaction."""

    def __init__(self, url: URL) -> None:
        self._engine = _engine(url)
        event.listen(self._engine, "connect", _keep_pages)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite writer")

    async def run(self, work: Callable[[Connection], Result]) -> Result:
        """What `work` returns, after the commit is on disk."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._in_turn, work)

    async def close(self) -> None:
        """End the thread after what it has in hand and close its connection."""
        await asyncio.to_thread(self._thread.shutdown)
        await asyncio.to_thread(self._engine.dispose)

    def _in_turn(self, work: Callable[[Connection], Result]) -> Result:
        with self._engine.begin() as connection:
            return work(connection)


def _keep_pages(connection: Any, _record: object) -> None:
    connection.execute(f"PRAGMA {_KEPT}")
