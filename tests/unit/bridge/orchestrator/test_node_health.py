# SPDX-License-Identifier: Apache-2.0
"""Cloud nodes are looked after: started again when they end, left alone when they were stopped."""

from __future__ import annotations

import asyncio
import uuid

import pytest
from sqlalchemy import update

from bridge.orchestrator.db.database import Database
from bridge.orchestrator.db.tables import CloudNode
from bridge.orchestrator.enums import CloudNodeStatus
from bridge.orchestrator.providers.base import Check, NodeFound
from bridge.orchestrator.work import health
from bridge.orchestrator.work.health import NodeHealth
from tests.unit.bridge.orchestrator.cloud import (
    ALICE,
    Cloud,
    asked,
    rows,
    setups,
    work,
)


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


async def test_a_node_that_ended_by_itself_is_started_again(
    database: Database, cloud: Cloud
) -> None:
    setup_id = await asked(database)
    await work(database, cloud)
    _, node = await rows(database, setup_id)
    assert node is not None
    cloud.change(node.id, status=CloudNodeStatus.ERROR, height=7, reason="It was killed.")
    await NodeHealth(database, {cloud.name: cloud}, node_seconds=0).look()
    assert cloud.nodes[node.id].status is CloudNodeStatus.RUNNING
    _, node = await rows(database, setup_id)
    assert node is not None
    assert (node.status, node.last_block_height) == (CloudNodeStatus.ERROR, 7)


async def test_a_node_that_was_stopped_stays_so(database: Database, cloud: Cloud) -> None:
    setup_id = await asked(database)
    await work(database, cloud)
    await setups(database).stop(setup_id, ALICE)
    await work(database, cloud)
    _, node = await rows(database, setup_id)
    assert node is not None
    await NodeHealth(database, {cloud.name: cloud}, node_seconds=0).look()
    assert cloud.nodes[node.id].status is CloudNodeStatus.STOPPED


async def test_a_node_that_is_stopped_while_it_is_looked_at_stays_so(
    database: Database, cloud: Cloud
) -> None:
    setup_id = await asked(database)
    await work(database, cloud)
    real = cloud.find

    async def find(node_id: uuid.UUID) -> NodeFound | None:
        cloud.change(node_id, status=CloudNodeStatus.ERROR)
        found = await real(node_id)
        await setups(database).stop(setup_id, ALICE)
        await work(database, cloud)
        return found

    cloud.find = find  # type: ignore[method-assign]
    await NodeHealth(database, {cloud.name: cloud}, node_seconds=0).look()
    _, node = await rows(database, setup_id)
    assert node is not None
    assert cloud.nodes[node.id].status is CloudNodeStatus.STOPPED
    assert node.status is CloudNodeStatus.STOPPED


async def test_a_worker_that_was_paused_starts_no_node(
    database: Database, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup_id = await asked(database)
    await work(database, cloud)
    _, node = await rows(database, setup_id)
    assert node is not None
    cloud.change(node.id, status=CloudNodeStatus.ERROR)
    monkeypatch.setattr(health, "START_SECONDS", 0.0)
    held = Held(cloud)
    await NodeHealth(database, {cloud.name: held}, node_seconds=0).look()
    assert cloud.nodes[node.id].status is CloudNodeStatus.ERROR


class Held(Cloud):
    """Looks at the lease before it starts a node, as the Docker provider does."""

    def __init__(self, cloud: Cloud, check: Check = lambda: None) -> None:
        super().__init__()
        self.nodes = cloud.nodes
        self._check = check

    def while_held(self, check: Check) -> Held:
        return Held(self, check)

    async def start(self, node_id: uuid.UUID) -> None:
        self._check()
        await super().start(node_id)


async def test_two_workers_do_not_look_at_the_same_node(database: Database, cloud: Cloud) -> None:
    await asked(database)
    await work(database, cloud)
    looks = 0
    real = cloud.find

    async def find(node_id: uuid.UUID) -> NodeFound | None:
        nonlocal looks
        looks += 1
        return await real(node_id)

    cloud.find = find  # type: ignore[method-assign]
    async with database.sessions.begin() as session:
        await session.execute(update(CloudNode).values(last_health_check=None))
    lookers = [NodeHealth(database, {cloud.name: cloud}) for _ in range(4)]
    await asyncio.gather(*(one.look() for one in lookers))
    assert looks == 1
