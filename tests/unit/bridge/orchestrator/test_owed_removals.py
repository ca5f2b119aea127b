# SPDX-License-Identifier: Apache-2.0
"""What was made for a request that was given up is removed, however long the chain is silent."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update

from bridge.orchestrator.chain.client import ChainClient
from bridge.orchestrator.db.columns import now
from bridge.orchestrator.db.database import Database
from bridge.orchestrator.db.migrate import migrate
from bridge.orchestrator.db.tables import SetupRequest, WorkItem
from bridge.orchestrator.enums import CloudNodeStatus, SetupStatus, WorkKind, WorkState
from bridge.orchestrator.providers.base import ProviderRefused
from bridge.orchestrator.work import provisioner
from bridge.orchestrator.work.provisioner import Provisioner
from bridge.orchestrator.work.queue import DEADLINE_SECONDS, WorkQueue, enqueue
from bridge.orchestrator.work.worker import Worker
from tests.unit.bridge.orchestrator.cloud import ALICE, KEY, Chain, Cloud, asked, rows, setups, work
from tests.unit.bridge.orchestrator.conftest import V1, Client
from tests.unit.bridge.orchestrator.test_setups import wish_of
from tests.unit.bridge.orchestrator.wallet import Wallet


class Killed(BaseException):
    """The worker's process ends here."""


class SwitchedChain(Chain):
    """A chain that is silent until a test says otherwise."""

    def __init__(self, *keys: str) -> None:
        super().__init__(*keys, answers=False)

    def speak(self) -> None:
        self._answers = True


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Cloud:
    monkeypatch.setattr(provisioner, "LOOK_SECONDS", 0.01)
    return Cloud()


async def removal_of(database: Database, setup_id: uuid.UUID) -> WorkItem:
    async with database.sessions() as session:
        query = select(WorkItem).where(
            WorkItem.setup_request_id == setup_id, WorkItem.kind == WorkKind.REMOVE
        )
        return (await session.scalars(query.order_by(WorkItem.created_at.desc()))).first() or (
            pytest.fail("nothing is owed")
        )


async def make_due(database: Database) -> None:
    async with database.sessions.begin() as session:
        await session.execute(
            update(WorkItem).where(WorkItem.state == WorkState.QUEUED).values(not_before=now())
        )


async def past_deadline(database: Database) -> None:
    """Workers have been trying for longer than a deployment may take."""
    async with database.sessions.begin() as session:
        past = now() - timedelta(seconds=1)
        await session.execute(
            update(WorkItem)
            .where(WorkItem.state == WorkState.QUEUED)
            .values(
                deadline=past,
                created_at=past - timedelta(seconds=DEADLINE_SECONDS),
                not_before=now(),
            )
        )


def worker_of(database: Database, cloud: Cloud, chain: ChainClient) -> Worker:
    handlers = Provisioner(database, {cloud.name: cloud}, chain, "localnet").handlers()
    return Worker(database, chain, handlers)


async def until(database: Database, holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await holds():
            await make_due(database)
            await asyncio.sleep(0.05)


async def cancelled_while_silent(database: Database, cloud: Cloud) -> uuid.UUID:
    setup_id = await asked(database)
    await work(database, cloud)
    await setups(database).cancel(setup_id, ALICE)
    return setup_id


async def tried(database: Database, setup_id: uuid.UUID, times: int) -> bool:
    item = await removal_of(database, setup_id)
    return item.attempts >= times and item.state is WorkState.QUEUED and bool(item.last_error)


@pytest.mark.parametrize(
    ("keys", "kept"), [((KEY,), True), ((), False)], ids=["validator exists", "no validator"]
)
async def test_a_removal_waits_past_every_deadline_for_the_chain_and_survives_restarts(
    database: Database, cloud: Cloud, keys: tuple[str, ...], kept: bool
) -> None:
    setup_id = await cancelled_while_silent(database, cloud)
    await past_deadline(database)
    first = worker_of(database, cloud, SwitchedChain(*keys))
    first.start()
    await until(database, lambda: tried(database, setup_id, 2))
    await first.stop()
    assert (len(cloud.nodes), len(cloud.volumes)) == (1, 1)
    assert "chain does not answer" in str((await removal_of(database, setup_id)).last_error)

    chain = SwitchedChain(*keys)
    chain.speak()
    second = worker_of(database, cloud, chain)
    second.start()

    async def removed() -> bool:
        return (await removal_of(database, setup_id)).state is WorkState.DONE

    await until(database, removed)
    await second.stop()
    assert cloud.nodes == {}
    assert bool(cloud.volumes) is kept
    _, node = await rows(database, setup_id)
    assert node is not None
    assert node.status is CloudNodeStatus.TERMINATED


@pytest.mark.logs("work broke")
async def test_what_nobody_foresaw_is_told_and_tried_again(
    database: Database, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup_id = await cancelled_while_silent(database, cloud)

    async def breaks(self: Cloud, node_id: uuid.UUID, *, with_volume: bool) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(Cloud, "remove", breaks)
    worker = worker_of(database, cloud, Chain())
    worker.start()
    await until(database, lambda: tried(database, setup_id, 2))
    await worker.stop()
    told = str((await removal_of(database, setup_id)).last_error)
    assert "RuntimeError" in told
    assert "secret" not in told


async def test_a_provider_that_refuses_leaves_the_removal_owed(
    database: Database, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup_id = await cancelled_while_silent(database, cloud)
    calls = []

    async def refuses(self: Cloud, node_id: uuid.UUID, *, with_volume: bool) -> None:
        calls.append(node_id)
        raise ProviderRefused(reason="The volume is in use.")

    monkeypatch.setattr(Cloud, "remove", refuses)
    worker = worker_of(database, cloud, Chain())
    worker.start()
    await until(database, lambda: tried(database, setup_id, 2))
    await worker.stop()
    assert len(calls) >= 2
    assert "in use" in str((await removal_of(database, setup_id)).last_error)


async def test_several_workers_remove_once(
    database: Database, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup_id = await cancelled_while_silent(database, cloud)
    at_once, most, calls = 0, 0, 0
    real = Cloud.remove

    async def slow(self: Cloud, node_id: uuid.UUID, *, with_volume: bool) -> None:
        nonlocal at_once, most, calls
        calls, at_once = calls + 1, at_once + 1
        most = max(most, at_once)
        await asyncio.sleep(0.3)
        at_once -= 1
        await real(self, node_id, with_volume=with_volume)

    monkeypatch.setattr(Cloud, "remove", slow)
    await past_deadline(database)
    workers = [worker_of(database, cloud, Chain()) for _ in range(3)]
    for worker in workers:
        worker.start()

    async def removed() -> bool:
        return (await removal_of(database, setup_id)).state is WorkState.DONE

    await until(database, removed)
    for worker in workers:
        await worker.stop()
    assert (calls, most) == (1, 1)


async def test_an_owed_removal_does_not_keep_a_failed_request_from_its_redeployment(
    database: Database, cloud: Cloud
) -> None:
    """And is owed no longer: it would remove what was deployed since."""
    setup_id = await failed_with_an_untold_key(database, cloud)
    silent = worker_of(database, cloud, SwitchedChain())
    silent.start()
    await until(database, lambda: tried(database, setup_id, 1))
    await silent.stop()
    await setups(database).redeploy(setup_id, ALICE)
    await make_due(database)
    await work(database, cloud, Chain(KEY))
    assert (await rows(database, setup_id))[0].status is SetupStatus.READY_FOR_CHAIN_TX
    assert (await removal_of(database, setup_id)).state is WorkState.CANCELLED
    assert (len(cloud.nodes), len(cloud.volumes)) == (1, 1)


async def test_a_redeployment_waits_for_a_worker_that_is_removing(
    database: Database, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken between the look and the change."""
    setup_id = await failed_with_an_untold_key(database, cloud)
    claim = await WorkQueue(database, "slow", lease_seconds=900).claim()
    assert claim is not None
    assert claim.kind is WorkKind.REMOVE

    async def idle(*_: object, **__: object) -> bool:
        return False

    monkeypatch.setattr("bridge.orchestrator.setups.has_open", idle)
    await setups(database).redeploy(setup_id, ALICE)
    query = select(WorkItem.not_before).where(WorkItem.kind == WorkKind.REDEPLOY)
    async with database.sessions() as session:
        assert await session.scalar(query) == claim.lease.until


async def test_a_worker_killed_after_it_removed_the_node_does_not_cost_the_key(
    database: Database, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the node knew its key, and the node is gone at the next try."""
    setup_id = await failed_with_an_untold_key(database, cloud)
    real = Cloud.remove

    async def dies(self: Cloud, node_id: uuid.UUID, *, with_volume: bool) -> None:
        await real(self, node_id, with_volume=with_volume)
        raise Killed

    monkeypatch.setattr(Cloud, "remove", dies)
    with pytest.raises(Killed):
        await work(database, cloud, Chain(KEY), name="killed")
    monkeypatch.setattr(Cloud, "remove", real)
    await work(database, cloud, Chain(KEY), name="next")
    assert (cloud.nodes, len(cloud.volumes)) == ({}, 1)
    assert (await rows(database, setup_id))[0].consensus_pubkey == KEY


async def failed_with_an_untold_key(database: Database, cloud: Cloud) -> uuid.UUID:
    """As after a restore: the node told its key, and the database does not know."""
    setup_id = await asked(database)
    await work(database, cloud)
    async with database.sessions.begin() as session:
        await session.execute(
            update(SetupRequest).values(consensus_pubkey=None, status=SetupStatus.FAILED)
        )
        enqueue(session, setup_id, WorkKind.REMOVE)
    return setup_id


async def test_the_owner_reads_what_is_owed_and_since_when(client: Client, alice: Wallet) -> None:
    token = await client.sign_in(alice)
    made = await client.post(f"{V1}/setup-requests", wish_of(alice), token)
    one = f"{V1}/setup-requests/{made.body['setupRequest']['id']}"
    assert (await client.get(one)).body["setupRequest"]["removalOwed"] is None
    await client.post(f"{one}/cancel", {}, token)
    setup_id = uuid.UUID(made.body["setupRequest"]["id"])
    database = client.orchestrator.database
    owed = (await client.get(one)).body["setupRequest"]["removalOwed"]
    assert owed["reason"] is None
    since = owed["since"]
    async with database.sessions.begin() as session:
        await session.execute(update(WorkItem).values(last_error="The chain does not answer."))
    listed = (await client.get(f"{V1}/by-wallet/{alice.address}")).body
    assert [one["setupRequest"]["removalOwed"] for one in listed] == [
        {"since": since, "reason": "The chain does not answer."}
    ]
    async with database.sessions.begin() as session:
        removal = await removal_of(database, setup_id)
        await session.execute(
            update(WorkItem).where(WorkItem.id == removal.id).values(state=WorkState.DONE)
        )
    assert (await client.get(one)).body["setupRequest"]["removalOwed"] is None


async def test_what_an_earlier_version_gave_up_is_owed_again(
    database: Database, cloud: Cloud
) -> None:
    """Once a request, where it was cancelled and nothing was removed since."""
    cancelled, redeployed, done = [await asked(database) for _ in range(3)]
    async with database.sessions.begin() as session:
        await session.execute(update(WorkItem).values(state=WorkState.DONE))
        await session.execute(
            update(SetupRequest)
            .where(SetupRequest.id.in_([cancelled, done]))
            .values(status=SetupStatus.CANCELLED)
        )
        for setup_id, states in (
            (cancelled, (WorkState.FAILED, WorkState.FAILED)),
            (redeployed, (WorkState.FAILED,)),
            (done, (WorkState.FAILED, WorkState.DONE)),
        ):
            for number, state in enumerate(states):
                session.add(
                    WorkItem(
                        setup_request_id=setup_id,
                        kind=WorkKind.REMOVE,
                        state=state,
                        deadline=now(),
                        created_at=now() + timedelta(seconds=number),
                    )
                )
        await session.execute(text("UPDATE alembic_version SET version_num = '0004'"))
    await migrate(database)
    async with database.sessions() as session:
        query = select(WorkItem.setup_request_id, func.count())
        open_ones = await session.execute(
            query.where(WorkItem.state == WorkState.QUEUED).group_by(WorkItem.setup_request_id)
        )
        assert [tuple(row) for row in open_ones.all()] == [(cancelled, 1)]
