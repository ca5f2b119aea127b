# SPDX-License-Identifier: Apache-2.0
"""A cloud validator is deployed once, whichever worker dies where; its key is not lost lightly."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest
from sqlalchemy import select, update

from bridge.orchestrator.db.columns import now
from bridge.orchestrator.db.database import Database
from bridge.orchestrator.db.tables import SetupRequest, WorkItem
from bridge.orchestrator.enums import CloudNodeStatus, SetupStatus, WorkKind, WorkState
from bridge.orchestrator.providers.base import OtherKey, ProviderRefused, ProviderTrouble
from bridge.orchestrator.work import provisioner
from bridge.orchestrator.work.provisioner import Provisioner
from bridge.orchestrator.work.queue import LeaseLost, WorkQueue, enqueue
from bridge.orchestrator.work.worker import Worker
from tests.unit.bridge.orchestrator.cloud import ALICE, KEY, Chain, Cloud, asked, rows, setups, work

OTHER = "Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA="


class Killed(BaseException):
    """The worker's process ends here."""


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Cloud:
    monkeypatch.setattr(provisioner, "LOOK_SECONDS", 0.01)
    return Cloud()


async def test_a_request_becomes_a_node_that_told_its_key(database: Database, cloud: Cloud) -> None:
    setup_id = await asked(database)
    await work(database, cloud)
    setup, node = await rows(database, setup_id)
    assert node is not None
    assert (setup.status, setup.consensus_pubkey) == (SetupStatus.READY_FOR_CHAIN_TX, KEY)
    assert (node.status, node.container_id) == (CloudNodeStatus.RUNNING, "c1")
    assert setup.error_message is None


@pytest.mark.parametrize("deaths", [1, 2, 3])
async def test_a_worker_killed_around_any_act_leaves_one_node(
    database: Database, cloud: Cloud, monkeypatch: pytest.MonkeyPatch, deaths: int
) -> None:
    """It dies after each act and before the act is marked, `deaths` times at each place."""
    setup_id = await asked(database)
    real = WorkQueue.step_done
    left = dict.fromkeys(("planned", "created"), deaths)

    async def dies(self: WorkQueue, session: Any, claim: Any, step: str, progress: Any) -> Any:
        if left[step]:
            left[step] -= 1
            raise Killed
        return await real(self, session, claim, step, progress)

    monkeypatch.setattr(WorkQueue, "step_done", dies)
    cloud.fails = []
    for number in range(2 * deaths):
        with pytest.raises(Killed):
            await work(database, cloud, name=f"worker {number}")
    cloud.fails = [Killed(), Killed()]
    for number in range(2):
        with pytest.raises(Killed):
            await work(database, cloud, name=f"late worker {number}")
    await work(database, cloud, name="last")
    setup, node = await rows(database, setup_id)
    assert setup.status is SetupStatus.READY_FOR_CHAIN_TX
    assert (cloud.made, len(cloud.volumes)) == (1, 1)
    assert node is not None
    assert list(cloud.nodes) == [node.id]


async def test_a_worker_that_lost_its_lease_changes_nothing(
    database: Database, cloud: Cloud
) -> None:
    setup_id = await asked(database)
    slow = WorkQueue(database, "slow", lease_seconds=0.01)
    claim = await slow.claim()
    assert claim is not None
    await work(database, cloud, name="quick")
    handlers = Provisioner(database, {cloud.name: cloud}, Chain(), "localnet").handlers()
    with pytest.raises(LeaseLost):
        await handlers[claim.kind](slow, claim)
    assert cloud.made == 1
    assert (await rows(database, setup_id))[0].status is SetupStatus.READY_FOR_CHAIN_TX


async def test_a_redeploy_replaces_the_node_and_keeps_its_key(
    database: Database, cloud: Cloud
) -> None:
    setup_id = await asked(database)
    await work(database, cloud)
    await setups(database).stop(setup_id, ALICE)
    await work(database, cloud)
    setup, node = await rows(database, setup_id)
    assert node is not None
    assert node.status is CloudNodeStatus.STOPPED
    await setups(database).redeploy(setup_id, ALICE)
    cloud.next_key = OTHER
    await work(database, cloud)
    setup, node = await rows(database, setup_id)
    assert (setup.status, setup.consensus_pubkey) == (SetupStatus.READY_FOR_CHAIN_TX, KEY)
    assert node is not None
    assert node.container_id == "c2"


async def test_a_node_with_another_key_is_stopped_and_refused(
    database: Database, cloud: Cloud
) -> None:
    setup_id = await asked(database)
    await work(database, cloud)
    _, node = await rows(database, setup_id)
    assert node is not None
    cloud.volumes[node.id] = OTHER
    await setups(database).redeploy(setup_id, ALICE)
    with pytest.raises(OtherKey):
        await work(database, cloud)
    assert cloud.nodes[node.id].status is CloudNodeStatus.STOPPED
    assert (await rows(database, setup_id))[0].consensus_pubkey == KEY


@pytest.mark.parametrize(
    ("chain", "kept"),
    [(Chain(KEY), True), (Chain(), False)],
    ids=["validator exists", "no validator"],
)
async def test_cancelling_deletes_a_key_only_when_no_validator_needs_it(
    database: Database, cloud: Cloud, chain: Chain, kept: bool
) -> None:
    setup_id = await asked(database)
    await work(database, cloud)
    await cancel(database, setup_id)
    await work(database, cloud, chain)
    assert cloud.nodes == {}
    assert bool(cloud.volumes) is kept
    _, node = await rows(database, setup_id)
    assert node is not None
    assert node.status is CloudNodeStatus.TERMINATED


@pytest.mark.parametrize(
    "chain", [Chain(answers=False), Chain(behind=3600)], ids=["silent", "behind"]
)
async def test_a_chain_that_may_not_know_the_validator_keeps_the_key(
    database: Database, cloud: Cloud, chain: Chain
) -> None:
    setup_id = await asked(database)
    await work(database, cloud)
    await cancel(database, setup_id)
    with pytest.raises(ProviderTrouble) as caught:
        await work(database, cloud, chain)
    assert caught.value.again
    assert len(cloud.volumes) == 1


async def cancel(database: Database, setup_id: uuid.UUID) -> None:
    await setups(database).cancel(setup_id, ALICE)
    async with database.sessions.begin() as session:
        await session.execute(update(WorkItem).values(not_before=now()))


@pytest.mark.parametrize(
    ("chain", "kept"),
    [(Chain(KEY), True), (Chain(), False)],
    ids=["validator exists", "no validator"],
)
async def test_a_database_older_than_the_key_does_not_delete_it(
    database: Database, cloud: Cloud, chain: Chain, kept: bool
) -> None:
    """Restored from the moment between a failed deployment and its clearing away."""
    setup_id = await asked(database)
    await work(database, cloud)
    async with database.sessions.begin() as session:
        await session.execute(
            update(SetupRequest).values(consensus_pubkey=None, status=SetupStatus.FAILED)
        )
        enqueue(session, setup_id, WorkKind.REMOVE)
    await work(database, cloud, chain)
    assert bool(cloud.volumes) is kept


async def test_nothing_is_cleared_away_while_a_worker_may_still_act(
    database: Database, cloud: Cloud
) -> None:
    setup_id = await asked(database)
    claim = await WorkQueue(database, "slow", lease_seconds=900).claim()
    assert claim is not None
    await setups(database).cancel(setup_id, ALICE)
    query = select(WorkItem.not_before).where(WorkItem.kind == WorkKind.REMOVE)
    async with database.sessions() as session:
        assert await session.scalar(query) == claim.lease.until


async def test_what_fails_is_cleared_away_and_can_be_deployed_again(
    database: Database, cloud: Cloud
) -> None:
    setup_id = await asked(database)
    cloud.fails = [ProviderRefused(reason="The image is missing.")]
    worker = running(database, cloud)
    setup = await until(database, setup_id, SetupStatus.FAILED)
    assert "The image is missing." in str(setup.error_message)

    async def cleared() -> bool:
        async with database.sessions() as session:
            states = await session.scalars(select(WorkItem.state))
            return set(states.all()) == {WorkState.FAILED, WorkState.DONE}

    async with asyncio.timeout(20):
        while not await cleared():
            await asyncio.sleep(0.05)
    await setups(database).redeploy(setup_id, ALICE)
    setup = await until(database, setup_id, SetupStatus.READY_FOR_CHAIN_TX)
    await worker.stop()
    assert setup.error_message is None
    assert cloud.made == 1


async def test_what_is_waited_for_can_be_read_meanwhile(database: Database, cloud: Cloud) -> None:
    setup_id = await asked(database)
    cloud.fails = [ProviderTrouble(reason="The engine is away.")]
    worker = running(database, cloud)
    async with asyncio.timeout(20):
        while (found := (await rows(database, setup_id))[0]).error_message is None:
            await asyncio.sleep(0.05)
    assert "The engine is away." in found.error_message
    assert found.status is SetupStatus.PROVISIONING
    setup = await until(database, setup_id, SetupStatus.READY_FOR_CHAIN_TX)
    await worker.stop()
    assert setup.error_message is None


def running(database: Database, cloud: Cloud) -> Worker:
    chain = Chain(answers=False)
    handlers = Provisioner(database, {cloud.name: cloud}, chain, "localnet").handlers()
    worker = Worker(database, chain, handlers)
    worker.start()
    return worker


async def until(database: Database, setup_id: uuid.UUID, status: SetupStatus) -> SetupRequest:
    async with asyncio.timeout(20):
        while (setup := (await rows(database, setup_id))[0]).status is not status:
            await asyncio.sleep(0.05)
    return setup
