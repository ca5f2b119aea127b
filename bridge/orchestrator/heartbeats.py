# SPDX-License-Identifier: Apache-2.0
"""Stores heartbeats: those that come together share a commit, each is answered after it.

One statement a batch decides by itself, so that several instances can work side by side: a row
changes only when the same device sends a later moment.
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.exc import DBAPIError

from bridge.orchestrator.db.columns import now
from bridge.orchestrator.db.database import Database
from bridge.orchestrator.db.heartbeat_upsert import HeartbeatSent
from bridge.orchestrator.db.heartbeat_writer import writer_of
from bridge.orchestrator.errors import DatabaseBusy, HeartbeatRepeated, OtherDevice
from node_manager.tasks import TaskGroup

log = structlog.get_logger(__name__)

BATCH = 500
WAITING = 20_000
"""More than this many heartbeats in the queue are turned away."""


@dataclass(frozen=True, slots=True)
class HeartbeatStored:
    """What its sender is told."""

    id: uuid.UUID
    block_height: int
    last_seen: datetime


@dataclass(slots=True)
class _Waiting:
    sent: HeartbeatSent
    answer: asyncio.Future[HeartbeatStored]


class HeartbeatStore:
    """Takes heartbeats and writes them in batches."""

    def __init__(self, database: Database) -> None:
        self._writer = writer_of(database)
        self._queue: list[_Waiting] = []
        self._wake = asyncio.Event()
        self._tasks = TaskGroup()
        self.commits = 0

    def start(self) -> None:
        """Begin to write."""
        self._tasks.spawn(self._run(), "heartbeat writer")

    async def stop(self) -> None:
        """End; who still waits is told that it was not stored."""
        await self._tasks.close()
        for one in self._queue:
            if not one.answer.done():
                one.answer.set_exception(DatabaseBusy())
        self._queue.clear()
        await self._writer.close()

    async def store(self, sent: HeartbeatSent) -> HeartbeatStored:
        """Return when `sent` is durable.

        Raises:
            OtherDevice: another device is pinned to this consensus key.
            HeartbeatRepeated: it is not later than the last one.
            DatabaseBusy: the database does not take it.
        """
        if len(self._queue) >= WAITING:
            raise DatabaseBusy(headers={"Retry-After": "5"})
        answer: asyncio.Future[HeartbeatStored] = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiting(sent, answer))
        self._wake.set()
        return await answer

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            batch = self._next_batch()
            if not self._queue:
                self._wake.clear()
            if batch:
                await self._write(batch)

    def _next_batch(self) -> list[_Waiting]:
        """The oldest waiting ones, each consensus key once: a statement may touch a row once."""
        batch: dict[str, _Waiting] = {}
        later: list[_Waiting] = []
        for one in self._queue:
            key = one.sent.consensus_pubkey
            if len(batch) >= BATCH or key in batch:
                later.append(one)
            else:
                batch[key] = one
        self._queue = later
        return list(batch.values())

    async def _write(self, batch: list[_Waiting]) -> None:
        moment = now()
        try:
            written = await self._writer.write([one.sent for one in batch], moment)
        except (DBAPIError, OSError) as error:
            log.warning("heartbeats not stored", count=len(batch), reason=type(error).__name__)
            self._answer_all(batch, DatabaseBusy(headers={"Retry-After": "5"}))
            return
        except asyncio.CancelledError:
            self._answer_all(batch, DatabaseBusy())
            raise
        self.commits += 1
        for one in batch:
            if one.answer.done():
                continue  # its sender left
            found = written.stored.get(one.sent.consensus_pubkey)
            if found is not None:
                one.answer.set_result(HeartbeatStored(found, one.sent.block_height, moment))
            elif written.pinned.get(one.sent.consensus_pubkey) == one.sent.device_key:
                one.answer.set_exception(HeartbeatRepeated())
            else:
                one.answer.set_exception(OtherDevice())

    def _answer_all(self, batch: list[_Waiting], error: Exception) -> None:
        for one in batch:
            if not one.answer.done():
                one.answer.set_exception(error)
