# SPDX-License-Identifier: Apache-2.0
"""The worker: takes work from the queue, keeps its lease while it works, watches the chain."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
from collections.abc import Awaitable, Callable, Mapping

import structlog
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from bridge.orchestrator.audit import note
from bridge.orchestrator.chain.client import ChainClient
from bridge.orchestrator.db.columns import now
from bridge.orchestrator.db.database import Database
from bridge.orchestrator.db.tables import SetupRequest
from bridge.orchestrator.enums import SetupStatus, WorkKind
from bridge.orchestrator.errors import ChainUnavailable
from bridge.orchestrator.node_logs import LogReader
from bridge.orchestrator.work.activation import activate_seen
from bridge.orchestrator.work.health import HEALTH_SECONDS, NodeHealth
from bridge.orchestrator.work.queue import (
    LEASE_SECONDS,
    OWED,
    Claim,
    LeaseLost,
    WorkHandler,
    WorkQueue,
    enqueue,
)
from node_manager.explanation import OneClickError
from node_manager.tasks import TaskGroup

log = structlog.get_logger(__name__)

IDLE_SECONDS = 1.0
LANES = 4
"""Pieces of work at once: most of the time each of them waits for a node."""
CHAIN_SECONDS = 5.0
DEPLOYING = frozenset({WorkKind.PROVISION, WorkKind.REDEPLOY})
UNDER_WAY = frozenset({SetupStatus.PENDING, SetupStatus.PROVISIONING, SetupStatus.CONFIGURING})


class Worker:
    """One worker; any number of them may run beside each other."""

    def __init__(
        self,
        database: Database,
        chain: ChainClient,
        handlers: Mapping[WorkKind, WorkHandler],
        *,
        health: NodeHealth | None = None,
        logs: LogReader | None = None,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        self._database = database
        self._chain = chain
        self._handlers = handlers
        self._health = health
        self._logs = logs
        self._lease_seconds = lease_seconds
        self._queue = WorkQueue(database, self.name, lease_seconds=lease_seconds)
        self._tasks = TaskGroup()

    def start(self) -> None:
        """Begin."""
        for lane in range(LANES if self._handlers else 0):
            self._tasks.spawn(self._forever(self._work_once, IDLE_SECONDS), f"work queue {lane}")
        if self._health is not None:
            self._tasks.spawn(self._forever(self._health.look, HEALTH_SECONDS), "node health")
        if self._logs is not None:
            self._tasks.spawn(self._forever(self._logs.look, IDLE_SECONDS), "node logs")
        if self._chain.configured:
            self._tasks.spawn(self._forever(self._watch_chain, CHAIN_SECONDS), "chain watch")
        log.info("worker started", worker=self.name)

    async def stop(self) -> None:
        """End; unfinished work is taken up by another worker when its lease is over."""
        await self._tasks.close()
        await self._chain.stop()

    async def _forever(self, act: Callable[[], Awaitable[bool]], pause: float) -> None:
        away = False
        while True:
            try:
                busy = await act()
                away = False
            except (DBAPIError, OSError) as error:
                # Once: it may be away for hours, and the loops look every second.
                if not away:
                    log.warning("database does not answer the worker", reason=type(error).__name__)
                busy, away = False, True
            if not busy:
                await asyncio.sleep(pause)

    async def _work_once(self) -> bool:
        claim = await self._queue.claim()
        if claim is None:
            return False
        log.info("work begins", kind=claim.kind, setup=str(claim.setup_request_id))
        beating = asyncio.create_task(self._keep_lease(claim), name="lease")
        working = asyncio.ensure_future(self._do(claim))
        try:
            await asyncio.wait({beating, working}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (beating, working):
                task.cancel()
            _, ended = await asyncio.gather(beating, working, return_exceptions=True)
        if isinstance(ended, (DBAPIError, OSError)):
            raise ended
        if isinstance(ended, Exception):
            # The lease runs out and another try begins, until the deadline.
            log.error("work broke", kind=claim.kind, exc_info=ended)
            if claim.kind in OWED:
                # No deadline ends it, so it is spaced out, and the owner reads that it failed.
                with contextlib.suppress(LeaseLost):
                    await self._queue.again_later(
                        claim, f"Something unforeseen went wrong ({type(ended).__name__})."
                    )
        return True

    async def _do(self, claim: Claim) -> None:
        try:
            handler = self._handlers.get(claim.kind)
            if handler is None:
                return
            if claim.deadline < now() and claim.kind not in OWED:
                await self._give_up(claim, claim.last_error or "It was not done in time.")
                return
            await handler(self._queue, claim)
        except LeaseLost:
            log.info("work was taken away", kind=claim.kind)
        except OneClickError as error:
            await self._failed(claim, error)

    async def _failed(self, claim: Claim, error: OneClickError) -> None:
        log.info("work failed", kind=claim.kind, reason=str(error), attempts=claim.attempts)
        try:
            heals = getattr(error, "again", False) and claim.deadline > now()
            if heals or claim.kind in OWED:
                await self._queue.again_later(claim, str(error))
                await self._tell(claim, str(error))
            else:
                await self._give_up(claim, str(error))
        except LeaseLost:
            return

    async def _tell(self, claim: Claim, reason: str) -> None:
        """Let the person read what the deployment waits for."""
        if claim.kind in DEPLOYING:
            async with self._database.sessions.begin() as session:
                await session.execute(
                    update(SetupRequest)
                    .where(
                        SetupRequest.id == claim.setup_request_id,
                        SetupRequest.status.in_(UNDER_WAY),
                    )
                    .values(error_message=reason)
                )

    async def _give_up(self, claim: Claim, reason: str) -> None:
        async with self._database.sessions.begin() as session:
            await self._queue.failed(session, claim, reason)
            row = await session.get(SetupRequest, claim.setup_request_id, with_for_update=True)
            if row is not None and claim.kind in DEPLOYING and row.status in UNDER_WAY:
                row.status = SetupStatus.FAILED
                row.error_message = reason
                note(session, self._queue.actor, "setup.failed", row.id, reason=reason)
                # What failed is cleared away; a key that was told stays with its volume.
                enqueue(session, row.id, WorkKind.REMOVE)

    async def _keep_lease(self, claim: Claim) -> None:
        try:
            while True:
                await asyncio.sleep(self._lease_seconds / 3)
                await self._queue.renew(claim)
        except LeaseLost:
            log.info("work was taken away", kind=claim.kind)

    async def _watch_chain(self) -> bool:
        try:
            snapshot = await self._chain.refresh()
        except ChainUnavailable:
            return False
        await activate_seen(self._database, snapshot, self._queue.actor)
        return False
