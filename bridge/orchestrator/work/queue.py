# SPDX-License-Identifier: Apache-2.0
"""The work queue: a claim is a lease, so that work of a killed worker is taken up again.

On PostgreSQL workers step over each other's rows (FOR UPDATE SKIP LOCKED); on SQLite there is
one writer at a time, and the claim is one statement.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import ColumnElement, and_, case, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bridge.orchestrator.audit import Actor
from bridge.orchestrator.db.columns import now
from bridge.orchestrator.db.database import Database
from bridge.orchestrator.db.tables import WorkItem
from bridge.orchestrator.enums import WorkKind, WorkState

LEASE_SECONDS = 60.0
DEADLINE_SECONDS = 30 * 60.0
FIRST_WAIT, LONGEST_WAIT = 2.0, 120.0
AWAY_SECONDS = 600.0
"""Work that nobody touched for this long and a lease had no worker: that time does not count."""
OPEN = (WorkState.QUEUED, WorkState.CLAIMED)
OWED = frozenset({WorkKind.REMOVE})
"""Work that no deadline ends: what was made would stay, and cost, for ever."""


@dataclass(slots=True)
class Lease:
    """Until when a piece of work is ours; its row says no earlier moment."""

    until: datetime

    def check(self) -> None:
        """For what the database does not guard, right before it is done.

        Raises:
            LeaseLost: it may be another's by now: this process was paused, or the database away.
        """
        if now() >= self.until:
            raise LeaseLost


@dataclass(frozen=True, slots=True)
class Claim:
    """A piece of work that is ours until the lease ends.

    Attributes:
        step: the last step that was finished, empty for none.
        progress: what earlier steps left for later ones.
    """

    id: uuid.UUID
    setup_request_id: uuid.UUID
    kind: WorkKind
    step: str
    progress: Mapping[str, Any]
    attempts: int
    deadline: datetime
    lease: Lease
    last_error: str = ""


class LeaseLost(Exception):
    """Another worker has it, or it was cancelled: stop at once."""


def enqueue(
    session: AsyncSession,
    setup_request_id: uuid.UUID,
    kind: WorkKind,
    *,
    due: datetime | None = None,
) -> None:
    """Queue work in the transaction of the change that wants it, for now or for `due`."""
    due = due or now()
    session.add(
        WorkItem(
            setup_request_id=setup_request_id,
            kind=kind,
            state=WorkState.QUEUED,
            not_before=due,
            deadline=due + timedelta(seconds=DEADLINE_SECONDS),
        )
    )


async def cancel_open(session: AsyncSession, setup_request_id: uuid.UUID) -> datetime | None:
    """Cancel what is queued or at work for a setup request; return until when a worker that has
    it may act on it: it learns of this at its next step."""
    ended = await session.scalars(
        update(WorkItem)
        .where(WorkItem.setup_request_id == setup_request_id, WorkItem.state.in_(OPEN))
        .values(state=WorkState.CANCELLED, claimed_by=None)
        .returning(WorkItem.claimed_until)
        .execution_options(synchronize_session=False)
    )
    return max(filter(None, ended.all()), default=None)


async def has_open(
    session: AsyncSession, setup_request_id: uuid.UUID, *, owed_too: bool = True
) -> bool:
    """Whether work is queued or at work for a setup request; what is owed and waits for its
    next try counts only with `owed_too`."""
    query = select(WorkItem.id).where(
        WorkItem.setup_request_id == setup_request_id, WorkItem.state.in_(OPEN)
    )
    if not owed_too:
        query = query.where(or_(WorkItem.kind.not_in(OWED), WorkItem.state != WorkState.QUEUED))
    return (await session.scalar(query.limit(1))) is not None


class WorkQueue:
    """One worker's view of the queue."""

    def __init__(
        self, database: Database, worker: str, *, lease_seconds: float = LEASE_SECONDS
    ) -> None:
        self.actor = Actor(f"worker:{worker}")
        """Who the audit log says did it."""
        self._database = database
        self._worker = worker
        self._lease = timedelta(seconds=lease_seconds)

    async def claim(self) -> Claim | None:
        """The oldest work that is due and nobody's, None when there is none."""
        moment = now()
        until = moment + self._lease
        due = and_(
            or_(
                WorkItem.state == WorkState.QUEUED,
                and_(WorkItem.state == WorkState.CLAIMED, WorkItem.claimed_until < moment),
            ),
            WorkItem.not_before <= moment,
        )
        oldest = select(WorkItem.id).where(due).order_by(WorkItem.created_at).limit(1)
        # Looking first: on SQLite even an update that finds nothing keeps other writers waiting.
        async with self._database.sessions() as session:
            if await session.scalar(oldest) is None:
                return None
        if not self._database.is_sqlite:
            oldest = oldest.with_for_update(skip_locked=True)
        statement = (
            update(WorkItem)
            .where(WorkItem.id == oldest.scalar_subquery(), due)
            .values(
                state=WorkState.CLAIMED,
                claimed_by=self._worker,
                claimed_until=until,
                attempts=WorkItem.attempts + 1,
                deadline=case(
                    (
                        WorkItem.updated_at
                        < moment - self._lease - timedelta(seconds=AWAY_SECONDS),
                        moment + timedelta(seconds=DEADLINE_SECONDS),
                    ),
                    else_=WorkItem.deadline,
                ),
            )
            .returning(WorkItem)
            .execution_options(synchronize_session=False)
        )
        async with self._database.sessions.begin() as session:
            row = await session.scalar(statement)
            if row is None:
                return None
            return Claim(
                id=row.id,
                setup_request_id=row.setup_request_id,
                kind=row.kind,
                step=row.step,
                progress=dict(row.progress),
                attempts=row.attempts,
                deadline=row.deadline,
                lease=Lease(until),
                last_error=row.last_error or "",
            )

    async def renew(self, claim: Claim) -> None:
        """Hold on to a claim.

        Raises:
            LeaseLost: it is no longer ours.
        """
        until = now() + self._lease
        await self._change(claim, claimed_until=until)
        claim.lease.until = until

    async def step_done(
        self, session: AsyncSession, claim: Claim, step: str, progress: Mapping[str, Any]
    ) -> Claim:
        """Note in `session` that `step` is finished, together with what it changed.

        Raises:
            LeaseLost: it is no longer ours; roll back.
        """
        values = {
            "step": step,
            "progress": dict(progress),
            "claimed_until": now() + self._lease,
        }
        await self._change_in(session, claim, values)
        return replace(claim, step=step, progress=dict(progress))

    async def done(self, session: AsyncSession, claim: Claim) -> None:
        """Note in `session` that the work is finished; raises as `step_done`."""
        await self._change_in(session, claim, {"state": WorkState.DONE, "claimed_until": None})

    async def failed(self, session: AsyncSession, claim: Claim, reason: str) -> None:
        """Note in `session` that it failed for good; raises as `step_done`."""
        await self._change_in(
            session,
            claim,
            {"state": WorkState.FAILED, "claimed_until": None, "last_error": reason},
        )

    async def again_later(self, claim: Claim, reason: str) -> None:
        """Give it back to be tried again after a wait that grows; raises as `step_done`."""
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(claim.attempts - 1, 16))
        await self._change(
            claim,
            state=WorkState.QUEUED,
            claimed_by=None,
            claimed_until=None,
            not_before=now() + timedelta(seconds=wait),
            last_error=reason,
        )

    async def _change(self, claim: Claim, **values: object) -> None:
        async with self._database.sessions.begin() as session:
            await self._change_in(session, claim, values)

    async def _change_in(
        self, session: AsyncSession, claim: Claim, values: Mapping[str, object]
    ) -> None:
        statement = (
            update(WorkItem)
            .where(self._ours(claim))
            .values(**values)
            .returning(WorkItem.id)
            .execution_options(synchronize_session=False)
        )
        if await session.scalar(statement) is None:
            raise LeaseLost

    def _ours(self, claim: Claim) -> ColumnElement[bool]:
        return and_(
            WorkItem.id == claim.id,
            WorkItem.state == WorkState.CLAIMED,
            WorkItem.claimed_by == self._worker,
            WorkItem.attempts == claim.attempts,
        )


class WorkHandler(Protocol):
    """Does one kind of work. It marks its steps by `WorkQueue.step_done` and may be repeated."""

    async def __call__(self, queue: WorkQueue, claim: Claim, /) -> None:
        """Do the work and mark it done.

        Raises:
            LeaseLost: it is no longer ours.
            OneClickError: it failed; with an attribute `again` of True it is tried again.
        """
