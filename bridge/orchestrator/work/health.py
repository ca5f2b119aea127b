# SPDX-License-Identifier: Apache-2.0
"""Looks after every cloud node: what it says goes to its row, and one that ended is started."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import exists, or_, select, update

from bridge.orchestrator.db.columns import now
from bridge.orchestrator.db.database import Database
from bridge.orchestrator.db.tables import CloudNode, SetupRequest, WorkItem
from bridge.orchestrator.enums import CloudNodeStatus, ProviderName, SetupStatus
from bridge.orchestrator.providers.base import NodeFound, Providers, ProviderTrouble
from bridge.orchestrator.work.queue import OPEN, Lease, LeaseLost

log = structlog.get_logger(__name__)

HEALTH_SECONDS = 5.0
"""Between two rounds."""

NODE_SECONDS = 15.0
"""Between two looks at the same node, whichever worker looks."""

START_SECONDS = 15.0
"""How long what its row says is taken for true: a node may be stopped while this is paused."""

AT_ONCE = 8
DEPLOYED = (SetupStatus.READY_FOR_CHAIN_TX, SetupStatus.ACTIVE)
AT_REST = (CloudNodeStatus.STOPPED, CloudNodeStatus.TERMINATED)
_AT_WORK = exists().where(
    WorkItem.setup_request_id == CloudNode.setup_request_id, WorkItem.state.in_(OPEN)
)


@dataclass(frozen=True, slots=True)
class _Node:
    id: uuid.UUID
    provider: ProviderName


class NodeHealth:
    """The health part of a worker; several share the nodes without looking twice."""

    def __init__(
        self, database: Database, providers: Providers, *, node_seconds: float = NODE_SECONDS
    ) -> None:
        self._database = database
        self._providers = providers
        self._period = timedelta(seconds=node_seconds)

    async def look(self) -> bool:
        """Look at the nodes that are due; whether there may be more of them."""
        due = await self._take_due()
        await asyncio.gather(*(self._look_at(node) for node in due))
        return len(due) == AT_ONCE

    async def _take_due(self) -> list[_Node]:
        """Nodes nobody has looked at for a period; marked, so that no other worker looks too.

        A node that work is queued for belongs to that work, one that was stopped to nobody.
        """
        moment = now()
        late = or_(
            CloudNode.last_health_check.is_(None),
            CloudNode.last_health_check < moment - self._period,
        )
        query = (
            select(CloudNode.id)
            .join(SetupRequest, SetupRequest.id == CloudNode.setup_request_id)
            .where(
                late,
                ~_AT_WORK,
                CloudNode.status.not_in(AT_REST),
                CloudNode.provider.in_(self._providers),
                SetupRequest.status.in_(DEPLOYED),
            )
            .limit(AT_ONCE)
        )
        statement = (
            update(CloudNode)
            .where(CloudNode.id.in_(query), late)
            .values(last_health_check=moment)
            .returning(CloudNode.id, CloudNode.provider)
            .execution_options(synchronize_session=False)
        )
        async with self._database.sessions.begin() as session:
            return [_Node(*row) for row in (await session.execute(statement)).all()]

    async def _look_at(self, node: _Node) -> None:
        provider = self._providers[node.provider]
        try:
            found = await provider.find(node.id)
            told = Lease(now() + timedelta(seconds=START_SECONDS))
            shall_run = await self._keep(node.id, found)
            if (
                shall_run
                and found is not None
                and found.status in {CloudNodeStatus.ERROR, CloudNodeStatus.STOPPED}
            ):
                log.info("cloud node is started again", node=str(node.id), reason=found.reason)
                await provider.while_held(told.check).start(node.id)
        except ProviderTrouble as trouble:
            # The row keeps what was last known; its `last_block_height` shows that it stands.
            log.info("cloud node not seen", node=str(node.id), reason=str(trouble))
        except LeaseLost:
            log.info("cloud node is not started: it may be stopped by now", node=str(node.id))

    async def _keep(self, node_id: uuid.UUID, found: NodeFound | None) -> bool:
        """Note what was found; whether the node is still to run and nobody works on it."""
        values: dict[str, object] = {"updated_at": now()}
        if found is None:
            values["status"] = CloudNodeStatus.ERROR
        else:
            values |= {"status": found.status, "container_id": found.handle}
            # The chosen word for a node that ended although it shall run.
            if found.status is CloudNodeStatus.STOPPED:
                values["status"] = CloudNodeStatus.ERROR
            if found.height is not None:
                values["last_block_height"] = found.height
        statement = (
            update(CloudNode)
            .where(CloudNode.id == node_id, CloudNode.status.not_in(AT_REST), ~_AT_WORK)
            .values(**values)
            .returning(CloudNode.id)
            .execution_options(synchronize_session=False)
        )
        async with self._database.sessions.begin() as session:
            return await session.scalar(statement) is not None
