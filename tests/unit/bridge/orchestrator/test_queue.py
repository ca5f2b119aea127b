# SPDX-License-Identifier: Apache-2.0
"""Work is done once, also by several workers, also when one of them dies."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bridge.orchestrator.audit import Actor
from bridge.orchestrator.chain.client import ChainAddress, ChainClient, Snapshot
from bridge.orchestrator.db.columns import now
from bridge.orchestrator.db.database import Database
from bridge.orchestrator.db.tables import SetupRequest, WorkItem
from bridge.orchestrator.enums import SetupStatus, WorkKind, WorkState
from bridge.orchestrator.providers.base import ProviderRefused, ProviderTrouble
from bridge.orchestrator.work.activation import activate_seen
from bridge.orchestrator.work.queue import Claim, LeaseLost, WorkQueue, cancel_open
from bridge.orchestrator.work.worker import Worker
from node_manager.cosmos.rest_answers import Validator
from tests.unit.bridge.orchestrator.cloud import KEY, asked


async def item_of(database: Database, setup_id: uuid.UUID) -> WorkItem:
    async with database.sessions() as session:
        query = select(WorkItem).where(WorkItem.setup_request_id == setup_id)
        return (await session.scalars(query.where(WorkItem.kind != WorkKind.REMOVE))).one()


async def test_many_workers_take_each_piece_once(database: Database) -> None:
    wishes = {await asked(database) for _ in range(12)}
    queues = [WorkQueue(database, f"worker {number}") for number in range(4)]

    async def take_all(queue: WorkQueue) -> list[uuid.UUID]:
        taken = []
        while (claim := await queue.claim()) is not None:
            taken.append(claim.setup_request_id)
        return taken

    taken = [one for some in await asyncio.gather(*map(take_all, queues)) for one in some]
    assert len(taken) == 12
    assert set(taken) == wishes


async def test_work_that_another_is_taking_is_stepped_over(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite has one writer at a time")
    oldest, next_one = [await asked(database) for _ in range(2)]
    async with database.sessions.begin() as session:
        query = select(WorkItem).where(WorkItem.setup_request_id == oldest)
        assert await session.scalar(query.with_for_update())
        async with asyncio.timeout(10):
            taken = await WorkQueue(database, "other").claim()
    assert taken is not None
    assert taken.setup_request_id == next_one


async def test_a_dead_worker_s_work_goes_on_at_its_last_step(database: Database) -> None:
    setup_id = await asked(database)
    dead = WorkQueue(database, "dead", lease_seconds=0.2)
    claim = await dead.claim()
    assert claim is not None
    async with database.sessions.begin() as session:
        await dead.step_done(session, claim, "created", {"container": "c1"})
    other = WorkQueue(database, "other")
    assert await other.claim() is None
    await asyncio.sleep(0.3)
    taken = await other.claim()
    assert taken is not None
    assert (taken.setup_request_id, taken.step, taken.progress) == (
        setup_id,
        "created",
        {"container": "c1"},
    )
    with pytest.raises(LeaseLost):
        await dead.renew(claim)


async def test_a_lease_that_ran_out_is_noticed_without_the_database(database: Database) -> None:
    await asked(database)
    queue = WorkQueue(database, "paused", lease_seconds=30)
    claim = await queue.claim()
    assert claim is not None
    claim.lease.check()
    row = await item_of(database, claim.setup_request_id)
    assert row.claimed_until == claim.lease.until
    await WorkQueue(database, "paused", lease_seconds=0.01).renew(claim)
    await asyncio.sleep(0.02)
    with pytest.raises(LeaseLost):
        claim.lease.check()
    await queue.renew(claim)
    claim.lease.check()


async def test_a_renewal_that_fails_does_not_lengthen_the_lease(database: Database) -> None:
    setup_id = await asked(database)
    queue = WorkQueue(database, "one", lease_seconds=30)
    claim = await queue.claim()
    assert claim is not None
    until = claim.lease.until
    async with database.sessions.begin() as session:
        assert await cancel_open(session, setup_id) == until
    with pytest.raises(LeaseLost):
        await queue.renew(claim)
    assert claim.lease.until == until


async def test_cancelled_work_is_noticed_at_the_next_step(database: Database) -> None:
    setup_id = await asked(database)
    queue = WorkQueue(database, "one")
    claim = await queue.claim()
    assert claim is not None
    async with database.sessions.begin() as session:
        await cancel_open(session, setup_id)
    with pytest.raises(LeaseLost):
        async with database.sessions.begin() as session:
            await queue.done(session, claim)
    assert (await item_of(database, setup_id)).state is WorkState.CANCELLED


async def test_tries_are_spaced_out(database: Database) -> None:
    setup_id = await asked(database)
    queue = WorkQueue(database, "one")
    waits = []
    for _ in range(3):
        claim = await queue.claim()
        assert claim is not None
        await queue.again_later(claim, "The engine is away.")
        item = await item_of(database, setup_id)
        waits.append((item.not_before - now()).total_seconds())
        assert await queue.claim() is None
        async with database.sessions.begin() as session:
            await session.execute(update(WorkItem).values(not_before=now()))
    assert waits[0] < waits[1] < waits[2]


class Handler:
    """Fails as a test wants, then does its work."""

    def __init__(self, database: Database, failures: list[Exception]) -> None:
        self.database = database
        self.failures = failures
        self.calls = 0

    async def __call__(self, queue: WorkQueue, claim: Claim) -> None:
        self.calls += 1
        if self.failures:
            raise self.failures.pop(0)
        async with self.database.sessions.begin() as session:
            await queue.done(session, claim)


async def until(database: Database, setup_id: uuid.UUID, state: WorkState) -> WorkItem:
    async with asyncio.timeout(20):
        while (item := await item_of(database, setup_id)).state is not state:
            async with database.sessions.begin() as session:
                await session.execute(
                    update(WorkItem)
                    .where(WorkItem.state == WorkState.QUEUED)
                    .values(not_before=now())
                )
            await asyncio.sleep(0.05)
    return item


async def test_a_worker_tries_again_what_may_heal(database: Database) -> None:
    setup_id = await asked(database)
    handler = Handler(database, [ProviderTrouble(reason="The engine is away.")])
    worker = Worker(database, ChainClient(ChainAddress("c", "omni")), {WorkKind.PROVISION: handler})
    worker.start()
    await until(database, setup_id, WorkState.DONE)
    await worker.stop()
    assert handler.calls == 2


async def test_what_cannot_heal_fails_with_its_words(database: Database) -> None:
    setup_id = await asked(database)
    handler = Handler(database, [ProviderRefused(reason="The image is missing.")])
    worker = Worker(database, ChainClient(ChainAddress("c", "omni")), {WorkKind.PROVISION: handler})
    worker.start()
    await until(database, setup_id, WorkState.FAILED)
    await worker.stop()
    async with database.sessions() as session:
        row = await session.get_one(SetupRequest, setup_id)
    assert row.status is SetupStatus.FAILED
    assert "The image is missing." in str(row.error_message)


async def test_work_past_its_deadline_is_given_up(database: Database) -> None:
    setup_id = await asked(database)
    async with database.sessions.begin() as session:
        await session.execute(update(WorkItem).values(deadline=now() - timedelta(seconds=1)))
    handler = Handler(database, [])
    worker = Worker(database, ChainClient(ChainAddress("c", "omni")), {WorkKind.PROVISION: handler})
    worker.start()
    await until(database, setup_id, WorkState.FAILED)
    await worker.stop()
    assert handler.calls == 0


async def test_time_without_a_worker_does_not_count(database: Database) -> None:
    """The workers were away for a day, or the database is yesterday's."""
    setup_id = await asked(database)
    yesterday = now() - timedelta(days=1)
    async with database.sessions.begin() as session:
        await session.execute(update(WorkItem).values(deadline=yesterday, updated_at=yesterday))
    claim = await WorkQueue(database, "first after a day").claim()
    assert claim is not None
    assert claim.deadline > now()
    assert (await item_of(database, setup_id)).deadline == claim.deadline


async def test_a_validator_seen_on_chain_is_active(database: Database) -> None:
    seen, unseen = (
        await asked(database, SetupStatus.READY_FOR_CHAIN_TX, KEY),
        await asked(database, SetupStatus.PENDING, KEY),
    )
    validator = Validator.model_validate(
        {
            "operator_address": "omnivaloper1x",
            "consensus_pubkey": {"@type": "/cosmos.crypto.ed25519.PubKey", "key": KEY},
            "status": "BOND_STATUS_BONDED",
            "tokens": "1",
            "commission": {
                "commission_rates": {"rate": "0.1", "max_rate": "0.2", "max_change_rate": "0.01"}
            },
        }
    )
    snapshot = Snapshot(height=5, by_pubkey={KEY: validator})
    assert await activate_seen(database, snapshot, Actor("worker:one")) == 1
    assert await activate_seen(database, snapshot, Actor("worker:one")) == 0
    async with database.sessions() as session:
        found = await session.get_one(SetupRequest, seen)
        other = await session.get_one(SetupRequest, unseen)
    assert found.status is SetupStatus.ACTIVE
    assert found.completed_at is not None
    assert other.status is SetupStatus.PENDING
