# SPDX-License-Identifier: Apache-2.0
"""A cloud in memory, a chain, and a request whose node is made in it."""

from __future__ import annotations

import asyncio
import dataclasses
import time
import uuid
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from bridge.orchestrator.audit import Actor
from bridge.orchestrator.chain.client import ChainAddress, ChainClient, Snapshot
from bridge.orchestrator.db.database import Database
from bridge.orchestrator.db.tables import CloudNode, SetupRequest
from bridge.orchestrator.enums import CloudNodeStatus, ProviderName, RunMode, SetupStatus, WorkKind
from bridge.orchestrator.errors import ChainUnavailable
from bridge.orchestrator.providers.base import Check, NodeFound, NodeWish
from bridge.orchestrator.setups import Setups
from bridge.orchestrator.work.provisioner import Provisioner
from bridge.orchestrator.work.queue import WorkQueue, enqueue

KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
ALICE = Actor("wallet:omni1x")


class Cloud:
    """A provider in memory: nodes by id, volumes by id with the key in them."""

    name = ProviderName.OMNIPHI_CLOUD

    def __init__(self) -> None:
        self.nodes: dict[uuid.UUID, NodeFound] = {}
        self.deployments: dict[uuid.UUID, str] = {}
        self.volumes: dict[uuid.UUID, str] = {}
        self.made = 0
        self.fails: list[BaseException] = []
        self.next_key = KEY

    def _act(self) -> None:
        if self.fails:
            raise self.fails.pop(0)

    def while_held(self, check: Check) -> Cloud:
        return self

    async def create(self, wish: NodeWish) -> NodeFound:
        self._act()
        if wish.id not in self.nodes:
            self.made += 1
            key = self.volumes.setdefault(wish.id, self.next_key)
            self.nodes[wish.id] = NodeFound(
                f"c{self.made}", CloudNodeStatus.RUNNING, consensus_pubkey=key, height=self.made
            )
            self.deployments[wish.id] = wish.deployment
        return self.nodes[wish.id]

    async def find(self, node_id: uuid.UUID) -> NodeFound | None:
        self._act()
        return self.nodes.get(node_id)

    async def start(self, node_id: uuid.UUID) -> None:
        self.change(node_id, status=CloudNodeStatus.RUNNING, reason="")

    async def stop(self, node_id: uuid.UUID) -> None:
        if node_id in self.nodes:
            self.change(node_id, status=CloudNodeStatus.STOPPED)

    async def redeploy(self, wish: NodeWish) -> NodeFound:
        if self.deployments.get(wish.id) != wish.deployment:
            self.nodes.pop(wish.id, None)
        return await self.create(wish)

    async def remove(self, node_id: uuid.UUID, *, with_volume: bool) -> None:
        self.nodes.pop(node_id, None)
        if with_volume:
            self.volumes.pop(node_id, None)

    async def logs(self, node_id: uuid.UUID, lines: int) -> list[str]:
        return []

    def change(self, node_id: uuid.UUID, **values: Any) -> None:
        self.nodes[node_id] = dataclasses.replace(self.nodes[node_id], **values)


class Chain(ChainClient):
    """A chain that knows the given keys, or does not answer."""

    def __init__(self, *keys: str, answers: bool = True, behind: float = 0.0) -> None:
        super().__init__(ChainAddress("c", "omni", rest_urls=["http://127.0.0.1:1"]))
        self._keys, self._answers, self._behind = keys, answers, behind

    async def refresh(self) -> Snapshot:
        if not self._answers:
            raise ChainUnavailable(reason="no server answers")
        return Snapshot(
            by_pubkey=dict.fromkeys(self._keys),  # type: ignore[arg-type]
            block_time=time.time() - self._behind,
        )


async def asked(
    database: Database,
    status: SetupStatus = SetupStatus.PENDING,
    consensus_pubkey: str | None = None,
) -> uuid.UUID:
    """The id of a request for a cloud node whose work is queued."""
    row = SetupRequest(
        id=uuid.uuid4(),
        wallet_address="omni1x",
        validator_name="Älice " * 16,
        commission_rate=Decimal("0.1"),
        run_mode=RunMode.CLOUD,
        provider=ProviderName.OMNIPHI_CLOUD,
        status=status,
        consensus_pubkey=consensus_pubkey,
    )
    async with database.sessions.begin() as session:
        session.add(row)
        await session.flush()
        enqueue(session, row.id, WorkKind.PROVISION)
    return row.id


async def rows(database: Database, setup_id: uuid.UUID) -> tuple[SetupRequest, CloudNode | None]:
    """What the database has of a request."""
    async with database.sessions() as session:
        node = await session.scalar(select(CloudNode).where(CloudNode.setup_request_id == setup_id))
        return await session.get_one(SetupRequest, setup_id), node


async def work(
    database: Database, cloud: Cloud, chain: ChainClient | None = None, name: str = "w"
) -> None:
    """Do all the work that is queued, as one worker does, until none is due."""
    handlers = Provisioner(
        database, {cloud.name: cloud}, chain or Chain(answers=False), "localnet"
    ).handlers()
    queue = WorkQueue(database, name, lease_seconds=0.05)
    await asyncio.sleep(0.06)
    while claim := await queue.claim():
        await handlers[claim.kind](queue, claim)


def setups(database: Database) -> Setups:
    return Setups(database, frozenset({ProviderName.OMNIPHI_CLOUD}))
