# SPDX-License-Identifier: Apache-2.0
"""Deploys, stops and removes cloud validators: steps that can each be done again.

    planned   the node has a row, hence an id
    created   the provider has the node
    (done)    the node told its key; the request waits for the chain's transaction

A step is marked in the same transaction as what it changed. A worker that is killed between an
act and its mark leaves work that the next one repeats: the provider finds what was made.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bridge.orchestrator.audit import note
from bridge.orchestrator.chain.client import ChainClient
from bridge.orchestrator.db.columns import now
from bridge.orchestrator.db.database import Database
from bridge.orchestrator.db.tables import CloudNode, SetupRequest
from bridge.orchestrator.enums import CloudNodeStatus, SetupStatus, WorkKind
from bridge.orchestrator.errors import ChainUnavailable
from bridge.orchestrator.providers.base import (
    NodeFound,
    NodeWish,
    OtherKey,
    Provider,
    ProviderRefused,
    Providers,
    ProviderTrouble,
)
from bridge.orchestrator.setups import move
from bridge.orchestrator.work.queue import Claim, LeaseLost, WorkHandler, WorkQueue

log = structlog.get_logger(__name__)

PLANNED, CREATED = "planned", "created"
KEY_KEPT = "key kept"
LOOK_SECONDS = 1.0
BEHIND_SECONDS = 300.0
"""A server whose newest block is older does not know what has been made since."""
UP = frozenset({CloudNodeStatus.RUNNING, CloudNodeStatus.SYNCING, CloudNodeStatus.SYNCED})


class ProviderGone(ProviderRefused):
    """The provider of the request is not offered any more."""

    code = "provider-gone"
    what = "The provider {provider} is not offered here any more."
    why = "The settings of this service changed after the request was made."
    todo = "Offer it again in the settings, then deploy again."


class NodeNotWell(ProviderTrouble):
    """The node is there and does not come up."""

    code = "node-not-well"
    what = "The validator's node does not come up."


class ChainNotAsked(ProviderTrouble):
    """Whether a key may be deleted is not known."""

    code = "chain-not-asked"
    what = "The validator's node and key are not removed yet."
    why = "{reason}, so whether the validator exists there is unknown."


@dataclass(frozen=True, slots=True)
class Case:
    """What a piece of work is about, read when it begins."""

    setup: SetupRequest
    node: CloudNode | None
    provider: Provider


class Provisioner:
    """The handlers of the work kinds."""

    def __init__(
        self, database: Database, providers: Providers, chain: ChainClient, network: str
    ) -> None:
        """`network` is the id of the profile that containers join."""
        self._database = database
        self._providers = providers
        self._chain = chain
        self._network = network

    def handlers(self) -> Mapping[WorkKind, WorkHandler]:
        """What the worker calls, by kind."""
        return {
            WorkKind.PROVISION: self.deploy,
            WorkKind.REDEPLOY: self.deploy,
            WorkKind.STOP: self.stop,
            WorkKind.REMOVE: self.remove,
        }

    async def deploy(self, queue: WorkQueue, claim: Claim) -> None:
        """From a request to a running node whose key is known, whatever was done of it before."""
        if not claim.step:
            claim = await self._plan(queue, claim)
        case = await self._case(claim)
        assert case.node is not None  # noqa: S101  (planned)
        wish = self._wish(case, case.node, claim)
        # Also when it was made before: it is found, and woken if it has ended meanwhile.
        act = case.provider.create if claim.kind is WorkKind.PROVISION else case.provider.redeploy
        found = await act(wish)
        if claim.step == PLANNED:
            claim = await self._mark_created(queue, claim, case.node.id, found)
        found = await self._until_up(queue, claim, case, wish)
        await self._finish(queue, claim, case, found)

    async def stop(self, queue: WorkQueue, claim: Claim) -> None:
        """Stop the node in order; its volume stays."""
        case = await self._case(claim)
        if case.node is not None:
            await case.provider.stop(case.node.id)
        async with self._database.sessions.begin() as session:
            await queue.done(session, claim)
            if case.node is not None:
                await _change_node(session, case.node.id, status=CloudNodeStatus.STOPPED)
            note(session, queue.actor, "node.stopped", claim.setup_request_id)

    async def remove(self, queue: WorkQueue, claim: Claim) -> None:
        """Remove the node, and its volume where no validator on chain can need its key."""
        case = await self._case(claim)
        with_volume = False
        if case.node is not None:
            key = case.setup.consensus_pubkey
            if key is None:
                # The node may know better: this database may be a restored one, older than its key.
                found = await case.provider.find(case.node.id)
                key = None if found is None else found.consensus_pubkey
            with_volume = key is None or await self._key_is_useless(case.setup, key)
            if not with_volume and case.setup.consensus_pubkey is None:
                await self._keep_key(queue, claim, key)
            await case.provider.remove(case.node.id, with_volume=with_volume)
        async with self._database.sessions.begin() as session:
            await queue.done(session, claim)
            if case.node is not None:
                await _change_node(
                    session, case.node.id, status=CloudNodeStatus.TERMINATED, container_id=None
                )
            subject = claim.setup_request_id
            note(session, queue.actor, "node.removed", subject, with_volume=with_volume)

    # Steps

    async def _plan(self, queue: WorkQueue, claim: Claim) -> Claim:
        async with self._database.sessions.begin() as session:
            row = await _locked(session, claim)
            if row.status is not SetupStatus.PROVISIONING:
                move(row, SetupStatus.PROVISIONING)
            node = await _node_of(session, row.id)
            if node is None:
                node = CloudNode(
                    id=uuid.uuid4(), setup_request_id=row.id, provider=row.provider,
                    status=CloudNodeStatus.STARTING,
                )  # fmt: skip
                session.add(node)
            node.status = CloudNodeStatus.STARTING
            note(session, queue.actor, "node.planned", row.id, node=str(node.id))
            return await queue.step_done(session, claim, PLANNED, {})

    async def _mark_created(
        self, queue: WorkQueue, claim: Claim, node_id: uuid.UUID, found: NodeFound
    ) -> Claim:
        async with self._database.sessions.begin() as session:
            row = await _locked(session, claim)
            if row.status is SetupStatus.PROVISIONING:
                move(row, SetupStatus.CONFIGURING)
            row.error_message = None
            await _change_node(session, node_id, **_told(found))
            note(session, queue.actor, "node.created", row.id, container=found.handle)
            return await queue.step_done(session, claim, CREATED, {})

    async def _keep_key(self, queue: WorkQueue, claim: Claim, key: str | None) -> None:
        """Note the key of a volume that stays: once its node is gone, nobody tells it any more."""
        async with self._database.sessions.begin() as session:
            row = await session.get_one(SetupRequest, claim.setup_request_id, with_for_update=True)
            row.consensus_pubkey = key
            await queue.step_done(session, claim, KEY_KEPT, {})

    async def _until_up(
        self, queue: WorkQueue, claim: Claim, case: Case, wish: NodeWish
    ) -> NodeFound:
        """Wait until the node runs and has told its key.

        Raises:
            NodeNotWell: it gave up, or time is over.
            LeaseLost: the work was cancelled or taken away.
        """
        while True:
            await queue.renew(claim)
            found = await case.provider.find(wish.id)
            if found is None:
                raise NodeNotWell(reason="Somebody removed it.")
            if found.status is CloudNodeStatus.ERROR:
                raise NodeNotWell(reason=found.reason or "It ended.")
            if found.consensus_pubkey is not None and found.status in UP:
                return found
            if now() > claim.deadline:
                raise NodeNotWell(reason=f"It is still {found.status}. {found.reason}".strip())
            await asyncio.sleep(LOOK_SECONDS)

    async def _finish(self, queue: WorkQueue, claim: Claim, case: Case, found: NodeFound) -> None:
        assert case.node is not None  # noqa: S101  (planned)
        node_id = case.node.id
        async with self._database.sessions.begin() as session:
            row = await _locked(session, claim)
            known = row.consensus_pubkey
            if known is None or known == found.consensus_pubkey:
                row.consensus_pubkey = found.consensus_pubkey
                move(row, SetupStatus.READY_FOR_CHAIN_TX)
                row.error_message = None
                await _change_node(session, node_id, **_told(found))
                note(
                    session, queue.actor, "setup.ready", row.id, pubkey=found.consensus_pubkey
                )  # fmt: skip
                await queue.done(session, claim)
                return
        await case.provider.stop(node_id)
        raise OtherKey(found=found.consensus_pubkey, known=known)

    # Reading

    async def _case(self, claim: Claim) -> Case:
        async with self._database.sessions() as session:
            setup = await session.get(SetupRequest, claim.setup_request_id)
            node = await _node_of(session, claim.setup_request_id)
        if setup is None:
            raise LeaseLost
        provider = self._providers.get(setup.provider)
        if provider is None:
            raise ProviderGone(provider=setup.provider)
        return Case(setup, node, provider.while_held(claim.lease.check))

    def _wish(self, case: Case, node: CloudNode, claim: Claim) -> NodeWish:
        return NodeWish(
            id=node.id,
            moniker=_moniker(case.setup.validator_name),
            network=self._network,
            deployment=str(claim.id),
            wallet=case.setup.wallet_address,
            consensus_pubkey=case.setup.consensus_pubkey,
            cpu_cores=node.cpu_cores,
            memory_gb=node.memory_gb,
            disk_gb=node.disk_gb,
        )

    async def _key_is_useless(self, setup: SetupRequest, key: str) -> bool:
        """Whether the chain says that it has no validator of `key`, and nobody may deploy it.

        Raises:
            ChainNotAsked: the chain cannot tell now.
        """
        if setup.consensus_pubkey is not None and setup.status is not SetupStatus.CANCELLED:
            return False
        if not self._chain.configured:
            return False
        try:
            snapshot = await self._chain.refresh()
        except ChainUnavailable as error:
            raise ChainNotAsked(reason="The chain does not answer") from error
        if time.time() - snapshot.block_time > BEHIND_SECONDS:
            raise ChainNotAsked(reason="The chain stands still, or its server is behind")
        return key not in snapshot.by_pubkey


async def _locked(session: AsyncSession, claim: Claim) -> SetupRequest:
    row = await session.get(SetupRequest, claim.setup_request_id, with_for_update=True)
    if row is None or row.status is SetupStatus.CANCELLED:
        raise LeaseLost
    return row


async def _node_of(session: AsyncSession, setup_id: uuid.UUID) -> CloudNode | None:
    query = select(CloudNode).where(CloudNode.setup_request_id == setup_id)
    node: CloudNode | None = await session.scalar(query)
    return node


async def _change_node(session: AsyncSession, node_id: uuid.UUID, **values: object) -> None:
    node = await session.get(CloudNode, node_id)
    if node is not None:
        for name, value in values.items():
            setattr(node, name, value)
        node.updated_at = now()


def _told(found: NodeFound) -> dict[str, object]:
    """The columns of a node that the provider just told."""
    told: dict[str, object] = {
        "container_id": found.handle,
        "status": found.status,
        "rpc_endpoint": found.rpc_endpoint,
        "p2p_endpoint": found.p2p_endpoint,
        "grpc_endpoint": found.grpc_endpoint,
        "logs_url": found.logs_url,
        "last_health_check": now(),
    }
    if found.height is not None:
        told["last_block_height"] = found.height
    return told


def _moniker(name: str) -> str:
    """The chain takes 70 bytes (x/staking); a longer name is cut between characters."""
    return name.encode()[:70].decode(errors="ignore").strip()
