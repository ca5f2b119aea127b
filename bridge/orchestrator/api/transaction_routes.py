# SPDX-License-Identifier: Apache-2.0
"""`/transactions`: built here, signed by the wallet, broadcast and followed here."""

from __future__ import annotations

import base64
import binascii

from aiohttp import web

from bridge.orchestrator.api.transaction_models import (
    BroadcastAsked,
    BroadcastBody,
    SignDocBody,
    TransactionAsked,
    TransactionBody,
    TxBody,
)
from bridge.orchestrator.chain import messages
from bridge.orchestrator.chain.broadcasting import Broadcaster
from bridge.orchestrator.chain.building import Builder
from bridge.orchestrator.chain.client import ChainClient
from bridge.orchestrator.chain.messages import SignDoc, b64
from bridge.orchestrator.errors import ChainUnavailable
from bridge.web.errors import Invalid, NoSuchThing
from bridge.web.problem_document import Problem
from bridge.web.routes import Route, answer, read_body

BASE = "/api/v1/validators/transactions"
_HASH = {"hash": {"type": "string", "pattern": "^[0-9A-Fa-f]{64}$"}}


class TransactionRoutes:
    """Handlers of transactions. Nothing here can sign: the wallet's consent is its signature."""

    def __init__(self, chain: ChainClient) -> None:
        self._chain = chain
        self._builder = Builder(chain)
        self._broadcaster = Broadcaster(chain.rest)

    def routes(self) -> list[Route]:
        """The table of these routes."""
        return [
            Route(
                "POST", BASE, self.build, "An unsigned transaction with simulated gas",
                {200: TransactionBody, 503: Problem}, body=TransactionAsked, tag="transactions",
            ),
            Route(
                "POST", f"{BASE}/broadcast", self.broadcast, "Send what the wallet signed",
                {202: BroadcastBody, 503: Problem}, body=BroadcastAsked, tag="transactions",
            ),
            Route(
                "GET", BASE + "/{hash}", self.seen, "What became of a transaction",
                {200: TxBody, 404: Problem, 503: Problem}, places=_HASH, tag="transactions",
            ),
        ]  # fmt: skip

    async def build(self, request: web.Request) -> web.StreamResponse:
        """POST /transactions."""
        asked = await read_body(request, TransactionAsked)
        self._check_configured()
        made = await self._builder.build(asked.transaction)
        return answer(
            TransactionBody(
                sign_doc=SignDocBody(
                    body_bytes=b64(made.doc.body),
                    auth_info_bytes=b64(made.doc.auth_info),
                    chain_id=made.doc.chain_id,
                    account_number=str(made.doc.account_number),
                ),
                json_document=messages.as_json(made.doc),
                in_words=list(made.in_words),
                fee_amount=str(made.fee.amount),
                fee_denom=made.fee.denom,
                gas_limit=made.fee.gas,
                gas_price=made.gas_price,
            )
        )

    async def broadcast(self, request: web.Request) -> web.StreamResponse:
        """POST /transactions/broadcast."""
        asked = await read_body(request, BroadcastAsked)
        self._check_configured()
        doc = SignDoc(
            _bytes("bodyBytes", asked.body_bytes),
            _bytes("authInfoBytes", asked.auth_info_bytes),
            "",
            0,
        )
        raw = messages.signed(doc, base64.b64decode(asked.signature))
        return answer(BroadcastBody(tx_hash=await self._broadcaster.broadcast(raw)), 202)

    async def seen(self, request: web.Request) -> web.StreamResponse:
        """GET /transactions/{hash}."""
        text = request.match_info["hash"]
        if len(text) != 64 or any(sign not in "0123456789abcdefABCDEF" for sign in text):
            raise NoSuchThing(thing=f"Transaction {text[:70]}")
        self._check_configured()
        found = await self._broadcaster.seen(text.upper())
        return answer(
            TxBody(state=found.state, height=found.height, code=found.code, reason=found.reason)
        )

    def _check_configured(self) -> None:
        if not self._chain.configured:
            raise ChainUnavailable(reason="No server of the chain is configured.")


def _bytes(name: str, text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid(reason=f"{name}: is not base64", faults=((name, "is not base64"),)) from error
