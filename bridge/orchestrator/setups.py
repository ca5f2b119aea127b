# SPDX-License-Identifier: Apache-2.0
"""Setup requests: made, found, stopped, redeployed, cancelled; each change one transaction."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, and_, bindparam, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Bundle

from bridge.orchestrator.api.models import SetupAsked
from bridge.orchestrator.audit import Actor, note
from bridge.orchestrator.db.columns import now
from bridge.orchestrator.db.database import Database
from bridge.orchestrator.db.tables import (
    CloudNode,
    HeartbeatRow,
    IdempotencyKey,
    SetupRequest,
    WorkItem,
)
from bridge.orchestrator.enums import (
    NEXT_STATUS,
    CloudNodeStatus,
    ProviderName,
    RunMode,
    SetupStatus,
    WorkKind,
)
from bridge.orchestrator.errors import KeyReused, ProviderNotOffered, WrongMode, WrongStatus
from bridge.orchestrator.work.queue import LEASE_SECONDS, OPEN, cancel_open, enqueue, has_open
from bridge.web.errors import Invalid, NoSuchThing

IDEMPOTENCY_DAYS = 2
_DEPLOYED = (SetupStatus.READY_FOR_CHAIN_TX, SetupStatus.ACTIVE, SetupStatus.FAILED)


@dataclass(frozen=True, slots=True)
class Found:
    """A setup request with what belongs to it; `owed` is the removal that is still to be done."""

    request: SetupRequest
    node: CloudNode | None
    owed: Any | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """One of a list: rows of the columns that a list shows, by the names of the tables' own.

    Rows, not objects of the tables: making those takes most of the time of a page.
    """

    request: Any
    node: Any | None
    heartbeat: Any | None
    owed: Any | None


@dataclass(frozen=True, slots=True)
class After:
    """Where a page goes on: after the row of this moment and id."""

    created_at: datetime
    id: uuid.UUID


class Setups:
    """The setup requests of this service."""

    def __init__(self, database: Database, offered: frozenset[ProviderName]) -> None:
        self._database = database
        self._offered = offered

    async def create(self, asked: SetupAsked, key: str, actor: Actor) -> tuple[Found, bool]:
        """A new request, or the one made under the same idempotency key; and whether it is new.

        Raises:
            ProviderNotOffered: the provider is not one of ours.
            Invalid: a local validator cannot have a cloud provider's key, and the like.
            KeyReused: the key was used for another body.
        """
        provider = self._provider(asked)
        body_hash = hashlib.sha256(asked.model_dump_json().encode()).hexdigest()
        if key and (earlier := await self._earlier(asked.wallet_address, key, body_hash)):
            return earlier, False
        row = SetupRequest(
            id=uuid.uuid4(),
            wallet_address=asked.wallet_address,
            validator_name=asked.validator_name,
            website=asked.website,
            description=asked.description,
            commission_rate=asked.commission_rate,
            run_mode=asked.run_mode,
            provider=provider,
            consensus_pubkey=asked.consensus_pubkey,
            status=_first_status(asked),
        )
        try:
            async with self._database.sessions.begin() as session:
                session.add(row)
                await session.flush()
                if key:
                    session.add(
                        IdempotencyKey(
                            wallet_address=asked.wallet_address,
                            key=key,
                            body_hash=body_hash,
                            setup_request_id=row.id,
                        )
                    )
                if asked.run_mode is RunMode.CLOUD:
                    enqueue(session, row.id, WorkKind.PROVISION)
                note(session, actor, "setup.create", row.id, mode=row.run_mode, provider=provider)
        except IntegrityError:
            # Another instance took the same key a moment ago.
            if key and (earlier := await self._earlier(asked.wallet_address, key, body_hash)):
                return earlier, False
            raise
        return Found(row, None), True

    async def get(self, setup_id: uuid.UUID) -> Found:
        """One request with its node.

        Raises:
            NoSuchThing: it is not known.
        """
        query = (
            select(SetupRequest, CloudNode, _OWED)
            .outerjoin(CloudNode, CloudNode.setup_request_id == SetupRequest.id)
            .outerjoin(WorkItem, _REMOVAL)
            .where(SetupRequest.id == setup_id)
        )
        found = await self._database.rows(query)
        if not found:
            raise NoSuchThing(thing=f"Setup request {setup_id}")
        request, node, owed = found[0]
        return Found(request, node, None if owed.created_at is None else owed)

    async def page(
        self,
        limit: int,
        after: After | None,
        *,
        wallet: str | None = None,
        status: SetupStatus | None = None,
    ) -> list[Listed]:
        """The newest requests first, of one wallet or status, each with node and heartbeat."""
        values: dict[str, object] = {"wallet": wallet, "status": status, "limit": limit}
        if after is not None:
            values |= {"at": after.created_at, "id": after.id}
        query = _page_query(wallet is not None, status is not None, after is not None)
        rows = await self._database.rows(query, values)
        return [
            Listed(
                request,
                None if node.id is None else node,
                None if beat.last_seen is None else beat,
                None if owed.created_at is None else owed,
            )
            for request, node, beat, owed in rows
        ]

    async def stop(self, setup_id: uuid.UUID, actor: Actor) -> uuid.UUID:
        """Stop a cloud validator; return the id of its node.

        Raises:
            WrongMode: it is a local one.
            WrongStatus: it has no node, or is being worked on.
        """
        async with self._database.sessions.begin() as session:
            row = await self._locked(session, setup_id, RunMode.CLOUD)
            await self._idle(session, row)
            node = await session.scalar(
                select(CloudNode).where(CloudNode.setup_request_id == setup_id)
            )
            if node is None or node.status is CloudNodeStatus.TERMINATED:
                raise WrongStatus(state="without a node")
            enqueue(session, setup_id, WorkKind.STOP)
            note(session, actor, "setup.stop", setup_id)
            return node.id

    async def redeploy(self, setup_id: uuid.UUID, actor: Actor) -> None:
        """Deploy a cloud validator anew, with its key and signing state; raises as `stop`."""
        async with self._database.sessions.begin() as session:
            row = await self._locked(session, setup_id, RunMode.CLOUD)
            await self._idle(session, row, owed_too=False)
            if row.status not in _DEPLOYED:
                raise WrongStatus(state=row.status)
            move(row, SetupStatus.PROVISIONING)
            row.error_message = None
            # What is deployed anew is not to be removed any more.
            held_until = await cancel_open(session, setup_id)
            enqueue(session, setup_id, WorkKind.REDEPLOY, due=max(now(), held_until or now()))
            note(session, actor, "setup.redeploy", setup_id)

    async def cancel(self, setup_id: uuid.UUID, actor: Actor) -> None:
        """Give a request up before it is active; what was made for it is removed.

        Raises:
            WrongStatus: it is active or over.
        """
        async with self._database.sessions.begin() as session:
            row = await self._locked(session, setup_id, None)
            move(row, SetupStatus.CANCELLED)
            row.completed_at = now()
            held_until = await cancel_open(session, setup_id)
            if row.run_mode is RunMode.CLOUD:
                # A worker in the middle of a step has noticed by then, or lost its lease.
                due = now() + timedelta(seconds=LEASE_SECONDS)
                enqueue(session, setup_id, WorkKind.REMOVE, due=max(due, held_until or due))
            note(session, actor, "setup.cancel", setup_id)

    async def name_key(self, setup_id: uuid.UUID, consensus_pubkey: str, actor: Actor) -> None:
        """Name the consensus key of a local validator.

        Raises:
            WrongMode: it is a cloud one.
            WrongStatus: it is active or over.
        """
        async with self._database.sessions.begin() as session:
            row = await self._locked(session, setup_id, RunMode.LOCAL)
            if row.status is not SetupStatus.READY_FOR_CHAIN_TX:
                move(row, SetupStatus.READY_FOR_CHAIN_TX)
            row.consensus_pubkey = consensus_pubkey
            note(session, actor, "setup.key", setup_id, pubkey=consensus_pubkey)

    def _provider(self, asked: SetupAsked) -> ProviderName:
        if asked.run_mode is RunMode.LOCAL:
            return ProviderName.LOCAL
        cloud = self._offered - {ProviderName.LOCAL}
        if asked.consensus_pubkey is not None:
            fault = ("consensusPubkey", "is for local validators; a cloud one makes its own key")
            raise Invalid(reason=": ".join(fault), faults=(fault,))
        if asked.provider not in cloud:
            offered = ", ".join(sorted(cloud)) or "none in the cloud, only local validators"
            raise ProviderNotOffered(provider=asked.provider, offered=offered)
        return asked.provider

    async def _earlier(self, wallet: str, key: str, body_hash: str) -> Found | None:
        query = select(IdempotencyKey).where(
            IdempotencyKey.wallet_address == wallet,
            IdempotencyKey.key == key,
            IdempotencyKey.created_at > now() - timedelta(days=IDEMPOTENCY_DAYS),
        )
        async with self._database.sessions() as session:
            known = await session.scalar(query)
        if known is None:
            return None
        if known.body_hash != body_hash:
            raise KeyReused()
        return await self.get(known.setup_request_id)

    async def _locked(
        self, session: AsyncSession, setup_id: uuid.UUID, mode: RunMode | None
    ) -> SetupRequest:
        row = await session.get(SetupRequest, setup_id, with_for_update=True)
        if row is None:
            raise NoSuchThing(thing=f"Setup request {setup_id}")
        if mode is not None and row.run_mode is not mode:
            raise WrongMode(needed=mode, mode=row.run_mode)
        return row

    async def _idle(
        self, session: AsyncSession, row: SetupRequest, *, owed_too: bool = True
    ) -> None:
        if await has_open(session, row.id, owed_too=owed_too):
            raise WrongStatus(state="being worked on")


def move(row: SetupRequest, status: SetupStatus) -> None:
    """Change the status of `row`.

    Raises:
        WrongStatus: the contract knows no such transition.
    """
    if status not in NEXT_STATUS[row.status]:
        raise WrongStatus(state=row.status)
    row.status = status
    row.updated_at = now()


def _first_status(asked: SetupAsked) -> SetupStatus:
    named = asked.run_mode is RunMode.LOCAL and asked.consensus_pubkey is not None
    return SetupStatus.READY_FOR_CHAIN_TX if named else SetupStatus.PENDING


_REQUEST: Bundle[Any] = Bundle(
    "request",
    SetupRequest.id,
    SetupRequest.status,
    SetupRequest.wallet_address,
    SetupRequest.validator_name,
    SetupRequest.run_mode,
    SetupRequest.provider,
    SetupRequest.consensus_pubkey,
    SetupRequest.error_message,
    SetupRequest.created_at,
    SetupRequest.updated_at,
)
_NODE: Bundle[Any] = Bundle(
    "node",
    CloudNode.id,
    CloudNode.setup_request_id,
    CloudNode.status,
    CloudNode.rpc_endpoint,
    CloudNode.p2p_endpoint,
    CloudNode.logs_url,
    CloudNode.last_block_height,
    CloudNode.last_health_check,
)
_OWED: Bundle[Any] = Bundle("owed", WorkItem.created_at, WorkItem.last_error)
_REMOVAL = and_(
    WorkItem.setup_request_id == SetupRequest.id,
    WorkItem.kind == WorkKind.REMOVE,
    WorkItem.state.in_(OPEN),
)
"""At most one: whatever queues a removal ends or cancels all else of its request."""
_HEARTBEAT: Bundle[Any] = Bundle("heartbeat", HeartbeatRow.block_height, HeartbeatRow.last_seen)


@cache
def _page_query(of_wallet: bool, of_status: bool, goes_on: bool) -> Select[Any, Any, Any]:
    """The query of a page, made once: building it costs as much as running it."""
    query = (
        select(_REQUEST, _NODE, _HEARTBEAT, _OWED)
        .select_from(SetupRequest)
        .outerjoin(CloudNode, CloudNode.setup_request_id == SetupRequest.id)
        .outerjoin(WorkItem, _REMOVAL)
        .outerjoin(HeartbeatRow, HeartbeatRow.consensus_pubkey == SetupRequest.consensus_pubkey)
        .order_by(SetupRequest.created_at.desc(), SetupRequest.id.desc())
        .limit(bindparam("limit", type_=Integer))
    )
    if of_wallet:
        query = query.where(SetupRequest.wallet_address == bindparam("wallet"))
    if of_status:
        query = query.where(SetupRequest.status == bindparam("status"))
    if goes_on:
        same_moment = and_(
            SetupRequest.created_at == bindparam("at"), SetupRequest.id < bindparam("id")
        )
        query = query.where(or_(SetupRequest.created_at < bindparam("at"), same_moment))
    return query
