# SPDX-License-Identifier: Apache-2.0
"""`/api/v1/auth`: the wallet's consent, once for a short session."""

from __future__ import annotations

import base64

from aiohttp import web

from bridge.orchestrator.api.models import Done, NonceAsked, NonceBody, SessionAsked, SessionBody
from bridge.orchestrator.auth.callers import Callers, bearer
from bridge.orchestrator.auth.wallets import Wallets
from bridge.orchestrator.chain.addresses import Addresses, NotAnAddress
from bridge.web.errors import Invalid
from bridge.web.problem_document import Problem
from bridge.web.routes import Route, answer, read_body

BASE = "/api/v1/auth"
_SECRET = {"Cache-Control": "no-store"}


class AuthRoutes:
    """Handlers of signing in."""

    def __init__(self, wallets: Wallets, callers: Callers, addresses: Addresses) -> None:
        self._wallets = wallets
        self._callers = callers
        self._addresses = addresses

    def routes(self) -> list[Route]:
        """The table of these routes."""
        return [
            Route(
                "POST", f"{BASE}/nonce", self.nonce, "What the wallet is to sign",
                {201: NonceBody}, body=NonceAsked, tag="auth",
            ),
            Route(
                "POST", f"{BASE}/session", self.session, "A session for a wallet that signed",
                {201: SessionBody, 401: Problem},
                body=SessionAsked, tag="auth",
            ),
            Route(
                "DELETE", f"{BASE}/session", self.end, "End the session",
                {200: Done}, needs=("wallet",), tag="auth",
            ),
        ]  # fmt: skip

    async def nonce(self, request: web.Request) -> web.StreamResponse:
        """POST /api/v1/auth/nonce."""
        asked = await read_body(request, NonceAsked)
        self._check(asked.wallet_address)
        told = await self._wallets.challenge(asked.wallet_address)
        body = NonceBody(nonce=told.nonce, message=told.message, expires_at=told.expires_at)
        return answer(body, 201, _SECRET)

    async def session(self, request: web.Request) -> web.StreamResponse:
        """POST /api/v1/auth/session."""
        asked = await read_body(request, SessionAsked)
        self._check(asked.wallet_address)
        made = await self._wallets.sign_in(
            asked.wallet_address,
            asked.nonce,
            base64.b64decode(asked.pub_key),
            base64.b64decode(asked.signature),
        )
        body = SessionBody(
            token=made.token, wallet_address=made.wallet_address, expires_at=made.expires_at
        )
        return answer(body, 201, _SECRET)

    async def end(self, request: web.Request) -> web.StreamResponse:
        """DELETE /api/v1/auth/session."""
        caller = await self._callers.require(request)
        caller.own(caller.wallet)
        await self._wallets.sign_out(bearer(request))
        return answer(Done(message="Signed out"))

    def _check(self, address: str) -> None:
        try:
            self._addresses.account_bytes(address)
        except NotAnAddress as error:
            fault = ("walletAddress", str(error))
            raise Invalid(reason=": ".join(fault), faults=(fault,)) from error
