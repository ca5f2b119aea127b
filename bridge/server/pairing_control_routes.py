# SPDX-License-Identifier: Apache-2.0
"""`/v1/pairings` behind the private door: the person's answer to websites that ask."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp import web

from bridge.server.pairing import Pairings
from bridge.server.pairing_control_models import (
    PAIRINGS,
    DecisionBody,
    LetAskBody,
    PairingBody,
    PairingsBody,
    WaitingBody,
)
from bridge.web.errors import NoSuchThing
from bridge.web.problem_document import Problem
from bridge.web.routes import Route, answer, read_body, read_bytes


class PairingControlRoutes:
    """Handlers for whoever sits at this computer."""

    def __init__(self, pairings: Callable[[], Pairings]) -> None:
        """`pairings` gives those of the door that is open now."""
        self._pairings = pairings

    def routes(self) -> list[Route]:
        """The table of these routes."""
        return [
            Route(
                "GET", PAIRINGS, self.all, "Websites that ask and websites that are paired",
                {200: PairingsBody}, tag="pairing",
            ),
            Route(
                "POST", PAIRINGS + "/{id}/decision", self.decide, "Answer a website",
                {200: PairingsBody, 404: Problem}, body=DecisionBody, tag="pairing",
            ),
            Route(
                "POST", PAIRINGS + "/{id}/revoke", self.revoke, "End a pairing",
                {200: PairingsBody, 404: Problem}, tag="pairing",
            ),
            Route(
                "POST", PAIRINGS + "/let-ask", self.let_ask, "Let a blocked website ask again",
                {200: PairingsBody, 404: Problem}, body=LetAskBody, tag="pairing",
            ),
        ]  # fmt: skip

    async def all(self, request: web.Request) -> web.StreamResponse:
        """GET /v1/pairings."""
        return answer(self._body())

    async def decide(self, request: web.Request) -> web.StreamResponse:
        """POST /v1/pairings/{id}/decision."""
        asked = await read_body(request, DecisionBody)
        await self._pairings().answer(request.match_info["id"], asked.decision)
        return answer(self._body())

    async def revoke(self, request: web.Request) -> web.StreamResponse:
        """POST /v1/pairings/{id}/revoke."""
        await read_bytes(request)
        pairing_id = request.match_info["id"]
        try:
            await asyncio.to_thread(self._pairings().revoke, pairing_id)
        except KeyError as error:
            raise NoSuchThing(thing=f"Pairing {pairing_id[:64]}") from error
        return answer(self._body())

    async def let_ask(self, request: web.Request) -> web.StreamResponse:
        """POST /v1/pairings/let-ask."""
        asked = await read_body(request, LetAskBody)
        try:
            await self._pairings().let_ask(asked.origin)
        except KeyError as error:
            raise NoSuchThing(thing=f"Blocked website {asked.origin[:64]}") from error
        return answer(self._body())

    def _body(self) -> PairingsBody:
        pairings = self._pairings()
        return PairingsBody(
            waiting=[
                WaitingBody(id=one.id, origin=one.origin, code=one.code, scopes=sorted(one.scopes))
                for one in pairings.waiting
            ],
            blocked=pairings.blocked(),
            pairings=[
                PairingBody(
                    id=one.id,
                    origin=one.origin,
                    scopes=one.scopes,
                    created_at=one.created_at,
                    always=one.durable,
                )
                for one in pairings.all()
            ],
        )
