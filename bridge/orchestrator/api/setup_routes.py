# SPDX-License-Identifier: Apache-2.0
"""The contract's endpoints about setup requests and the validators of a wallet."""

from __future__ import annotations

import uuid

from aiohttp import web

from bridge.orchestrator.api.front import actor_of
from bridge.orchestrator.api.models import (
    BASE,
    ChainInfoBody,
    Done,
    HeartbeatShort,
    KeyAsked,
    NodeBody,
    PageQuery,
    RedeployAnswer,
    SetupAnswer,
    SetupAsked,
    SetupBody,
    SetupNamed,
    StopAnswer,
    WalletValidator,
)
from bridge.orchestrator.api.pages import after_of, next_link
from bridge.orchestrator.auth.callers import Callers
from bridge.orchestrator.chain.addresses import NotAnAddress
from bridge.orchestrator.chain.client import ChainClient
from bridge.orchestrator.setups import After, Found, Listed, Setups
from bridge.web.errors import Invalid, NoSuchThing
from bridge.web.problem_document import Problem
from bridge.web.routes import Route, answer, answer_list, read_body, read_query
from node_manager.cosmos.rest_answers import Validator

ONE = BASE + "/setup-requests/{id}"
UUID_PLACE = {"id": {"type": "string", "format": "uuid"}}
_KEY_LENGTH = 255


class SetupRoutes:
    """Handlers of setup requests."""

    def __init__(self, setups: Setups, chain: ChainClient, callers: Callers) -> None:
        self._setups = setups
        self._chain = chain
        self._callers = callers

    def routes(self) -> list[Route]:
        """The table of these routes."""
        return [
            Route(
                "POST", f"{BASE}/setup-requests", self.create, "Ask for a validator",
                {201: SetupAnswer}, body=SetupAsked, needs=("wallet", "operator"), tag="setup",
            ),
            Route(
                "GET", ONE, self.one, "A setup request and its node",
                {200: SetupAnswer, 404: Problem}, places=UUID_PLACE, tag="setup",
            ),
            Route(
                "POST", f"{ONE}/cancel", self.cancel, "Give a setup request up",
                {200: Done, 404: Problem, 409: Problem, 415: Problem},
                needs=("wallet", "operator"), places=UUID_PLACE, tag="setup",
            ),
            Route(
                "POST", f"{ONE}/consensus-pubkey", self.name_key,
                "Name the consensus key of a local validator",
                {200: Done, 400: Problem, 404: Problem, 409: Problem}, body=KeyAsked,
                needs=("wallet",), places=UUID_PLACE, tag="setup",
            ),
            Route(
                "GET", BASE + "/by-wallet/{address}", self.by_wallet, "All validators of a wallet",
                {200: list[WalletValidator]}, query=PageQuery, tag="setup",
            ),
            Route(
                "POST", f"{BASE}/stop", self.stop, "Stop a cloud validator",
                {200: StopAnswer, 400: Problem, 404: Problem, 409: Problem}, body=SetupNamed,
                needs=("wallet",), tag="setup",
            ),
            Route(
                "POST", f"{BASE}/redeploy", self.redeploy,
                "Deploy a cloud validator anew, with its key and signing state",
                {200: RedeployAnswer, 400: Problem, 404: Problem, 409: Problem}, body=SetupNamed,
                needs=("wallet",), tag="setup",
            ),
        ]  # fmt: skip

    async def create(self, request: web.Request) -> web.StreamResponse:
        """POST /setup-requests."""
        caller = await self._callers.require(request)
        asked = await read_body(request, SetupAsked)
        self._checked_address(asked.wallet_address, "walletAddress")
        caller.own_or_operate(asked.wallet_address)
        key = request.headers.get("Idempotency-Key", "")
        if len(key) > _KEY_LENGTH or not key.isprintable():
            fault = ("Idempotency-Key", f"is longer than {_KEY_LENGTH} characters or not text")
            raise Invalid(reason=": ".join(fault), faults=(fault,))
        found, _ = await self._setups.create(asked, key, actor_of(request, caller))
        return answer(_setup_answer(found), 201)

    async def one(self, request: web.Request) -> web.StreamResponse:
        """GET /setup-requests/{id}."""
        return answer(_setup_answer(await self._setups.get(setup_id(request))))

    async def cancel(self, request: web.Request) -> web.StreamResponse:
        """POST /setup-requests/{id}/cancel."""
        caller = await self._callers.require(request)
        found = await self._setups.get(setup_id(request))
        caller.own_or_operate(found.request.wallet_address)
        await self._setups.cancel(found.request.id, actor_of(request, caller))
        return answer(Done(message="Setup request cancelled"))

    async def name_key(self, request: web.Request) -> web.StreamResponse:
        """POST /setup-requests/{id}/consensus-pubkey."""
        caller = await self._callers.require(request)
        asked = await read_body(request, KeyAsked)
        found = await self._setups.get(setup_id(request))
        caller.own(found.request.wallet_address)
        await self._setups.name_key(
            found.request.id, asked.consensus_pubkey, actor_of(request, caller)
        )
        return answer(Done(message="Consensus key named"))

    async def by_wallet(self, request: web.Request) -> web.StreamResponse:
        """GET /by-wallet/{address}."""
        address = request.match_info["address"]
        self._checked_address(address, "address")
        query = read_query(request, PageQuery)
        found = await self._setups.page(query.limit + 1, after_of(query.cursor), wallet=address)
        page = found[: query.limit]
        last = page[-1].request if len(found) > query.limit else None
        after = None if last is None else After(last.created_at, last.id)
        bodies = [self._validator(one) for one in page]
        return answer_list(WalletValidator, bodies, next_link(request, after))

    async def stop(self, request: web.Request) -> web.StreamResponse:
        """POST /stop."""
        caller = await self._callers.require(request)
        asked = await read_body(request, SetupNamed)
        found = await self._setups.get(asked.setup_request_id)
        caller.own(found.request.wallet_address)
        node_id = await self._setups.stop(found.request.id, actor_of(request, caller))
        return answer(StopAnswer(message="The validator is being stopped", node_id=node_id))

    async def redeploy(self, request: web.Request) -> web.StreamResponse:
        """POST /redeploy."""
        caller = await self._callers.require(request)
        asked = await read_body(request, SetupNamed)
        found = await self._setups.get(asked.setup_request_id)
        caller.own(found.request.wallet_address)
        await self._setups.redeploy(found.request.id, actor_of(request, caller))
        return answer(
            RedeployAnswer(
                message="The validator is being deployed anew", setup_request_id=found.request.id
            )
        )

    def _validator(self, found: Listed) -> WalletValidator:
        key, beat = found.request.consensus_pubkey, found.heartbeat
        seen = None if key is None else self._chain.snapshot.by_pubkey.get(key)
        return WalletValidator(
            setup_request=SetupBody.of(found.request, found.owed),
            node=NodeBody.of(found.node),
            chain_info=None if seen is None else self._chain_info(seen),
            heartbeat=None
            if beat is None
            else HeartbeatShort(block_height=beat.block_height, last_seen=beat.last_seen),
        )

    def _chain_info(self, seen: Validator) -> ChainInfoBody:
        snapshot = self._chain.snapshot
        consensus = self._chain.addresses.consensus(seen.consensus_pubkey.raw)
        signing = snapshot.signing.get(consensus)
        return ChainInfoBody(
            operator_address=seen.operator_address,
            moniker=seen.description.moniker,
            status=seen.status,
            jailed=seen.jailed,
            tokens=str(seen.tokens),
            commission_rate=str(seen.commission.commission_rates.rate),
            missed_blocks=None if signing is None else signing.missed_blocks_counter,
            signed_blocks_window=None
            if snapshot.slashing is None
            else snapshot.slashing.signed_blocks_window,
        )

    def _checked_address(self, address: str, name: str) -> None:
        try:
            self._chain.addresses.account_bytes(address)
        except NotAnAddress as error:
            fault = (name, str(error))
            raise Invalid(reason=": ".join(fault), faults=(fault,)) from error


def setup_id(request: web.Request) -> uuid.UUID:
    """The setup request that the path names.

    Raises:
        NoSuchThing: it is no id.
    """
    text = request.match_info["id"]
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise NoSuchThing(thing=f"Setup request {text[:64]}") from error


def _setup_answer(found: Found) -> SetupAnswer:
    return SetupAnswer(
        setup_request=SetupBody.of(found.request, found.owed), node=NodeBody.of(found.node)
    )
