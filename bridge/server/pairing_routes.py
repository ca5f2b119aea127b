# SPDX-License-Identifier: Apache-2.0
"""`/v1/pairing`: how a website asks and fetches its token."""

from __future__ import annotations

from typing import Literal

from aiohttp import web
from pydantic import ConfigDict, Field

from bridge.server.errors import ForeignOrigin
from bridge.server.guard import ASKING, origin_of
from bridge.server.models import Body
from bridge.server.pairing import ASK_SECONDS, CODE_LENGTH, Pairings, Request
from bridge.server.pairing_store import Scope
from bridge.web.names import camel
from bridge.web.problem_document import Problem
from bridge.web.routes import Route, answer, read_body


class _Asked(Body):
    model_config = ConfigDict(alias_generator=camel, populate_by_name=True, extra="forbid")


class PairingAsk(_Asked):
    """What a website asks for."""

    scopes: list[Scope] = Field(min_length=1, max_length=3)


class PairingAnswer(Body):
    """Show `code` to the person; the app shows the same and asks."""

    id: str
    code: str
    scopes: list[Scope]
    seconds: float


class ClaimAsk(_Asked):
    """Fetch the token of a request."""

    id: str = Field(min_length=1, max_length=64)
    code: str = Field(min_length=CODE_LENGTH, max_length=CODE_LENGTH)


class ClaimAnswer(Body):
    """`token` comes once, when the person allowed it."""

    state: Literal["waiting", "paired"]
    token: str | None
    scopes: list[Scope]


class PairingRoutes:
    """Handlers of the pairing of websites."""

    def __init__(self, pairings: Pairings) -> None:
        self._pairings = pairings

    def routes(self) -> list[Route]:
        """The table of these routes."""
        return [
            Route(
                "POST", ASKING, self.ask, "Ask the person to pair this website",
                {202: PairingAnswer, 403: Problem, 429: Problem}, body=PairingAsk, tag="pairing",
            ),
            Route(
                "POST", f"{ASKING}/claim", self.claim, "Fetch the token once it is allowed",
                {200: ClaimAnswer, 202: ClaimAnswer, 403: Problem, 404: Problem, 429: Problem},
                body=ClaimAsk, tag="pairing",
            ),
        ]  # fmt: skip

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """POST /v1/pairing."""
        origin = _website(request)
        asked = await read_body(request, PairingAsk)
        waiting = self._pairings.ask(origin, frozenset(asked.scopes))
        return answer(
            PairingAnswer(
                id=waiting.id, code=waiting.code, scopes=_scopes(waiting), seconds=ASK_SECONDS
            ),
            202,
        )

    async def claim(self, request: web.Request) -> web.StreamResponse:
        """POST /v1/pairing/claim."""
        origin = _website(request)
        asked = await read_body(request, ClaimAsk)
        waiting, token = await self._pairings.claim(asked.id, origin, asked.code)
        if token is None:
            return answer(ClaimAnswer(state="waiting", token=None, scopes=_scopes(waiting)), 202)
        return answer(ClaimAnswer(state="paired", token=token, scopes=_scopes(waiting)))


def _website(request: web.Request) -> str:
    origin = origin_of(request)
    if origin is None:
        raise ForeignOrigin()
    return origin


def _scopes(request: Request) -> list[Scope]:
    return sorted(request.scopes)
