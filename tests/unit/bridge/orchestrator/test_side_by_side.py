# SPDX-License-Identifier: Apache-2.0
"""Two instances of the service and two workers at once on one database."""

from __future__ import annotations

import asyncio
import base64
import os
import uuid
from collections import Counter
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import func, select

from bridge.orchestrator.db.tables import CloudNode, SetupRequest, WorkItem
from bridge.orchestrator.enums import SetupStatus, WorkState
from bridge.orchestrator.providers.base import NodeFound, NodeWish
from bridge.orchestrator.work import provisioner
from bridge.orchestrator.work.provisioner import Provisioner
from bridge.orchestrator.work.worker import Worker
from tests.helpers.app import eventually
from tests.unit.bridge.orchestrator.cloud import Cloud
from tests.unit.bridge.orchestrator.conftest import V1, Client, client_of
from tests.unit.bridge.orchestrator.test_setups import wish_of
from tests.unit.bridge.orchestrator.wallet import Wallet

WISHES = 6


class Busy(Cloud):
    """A provider that takes its time and counts who asks it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: Counter[uuid.UUID] = Counter()

    async def create(self, wish: NodeWish) -> NodeFound:
        self.asked[wish.id] += 1
        await asyncio.sleep(0.05)
        self.next_key = base64.b64encode(os.urandom(32)).decode()
        return await super().create(wish)


async def test_nothing_is_made_twice(
    empty_database_url: str, alice: Wallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provisioner, "LOOK_SECONDS", 0.01)
    async with AsyncExitStack() as stack:
        # Both make the tables of the empty database at the same moment.
        both: list[Client] = await asyncio.gather(
            *(stack.enter_async_context(client_of(empty_database_url)) for _ in range(2))
        )
        token = await both[0].sign_in(alice)
        answers = await asyncio.gather(
            *(
                client.post(
                    f"{V1}/setup-requests", wish_of(alice), token, Idempotency_Key=f"wish {wish}"
                )
                for wish in range(WISHES)
                for client in both * 2
            )
        )
        assert {one.status for one in answers} == {201}
        assert len({one.body["setupRequest"]["id"] for one in answers}) == WISHES

        cloud = Busy()
        workers = []
        for client in both:
            service = client.orchestrator
            acts = Provisioner(service.database, {cloud.name: cloud}, service.chain, "localnet")
            workers.append(Worker(service.database, service.chain, acts.handlers()))
        for worker in workers:
            worker.start()
        try:
            await eventually("all of them are ready", lambda: ready(both[0]), 30, 0.05)
        finally:
            for worker in workers:
                await worker.stop()
        assert list(cloud.asked.values()) == [1] * WISHES
        assert cloud.made == WISHES
        async with both[0].orchestrator.database.sessions() as session:
            assert await session.scalar(select(func.count(CloudNode.id))) == WISHES
            items = (await session.scalars(select(WorkItem))).all()
            assert {(one.state, one.attempts) for one in items} == {(WorkState.DONE, 1)}
            assert len({one.claimed_by for one in items}) == 2


async def ready(client: Client) -> bool:
    query = select(func.count(SetupRequest.id)).where(
        SetupRequest.status == SetupStatus.READY_FOR_CHAIN_TX
    )
    async with client.orchestrator.database.sessions() as session:
        return await session.scalar(query) == WISHES
