# SPDX-License-Identifier: Apache-2.0
"""`/api/v1/portal`: what the portal's pages read beside the contract; all of it is public."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from aiohttp import web

from bridge.orchestrator.chain.addresses import Addresses, NotAnAddress
from bridge.orchestrator.errors import ChainUnavailable
from bridge.orchestrator.portal.network import NetworkBody
from bridge.orchestrator.portal.standing import StandingBody, Standings
from bridge.server.streams import Streams
from bridge.web.errors import Invalid
from bridge.web.problem_document import Problem, problem_of
from bridge.web.routes import Media, Route, answer

BASE = "/api/v1/portal"
LOOK_SECONDS = 1.0
STREAMS = 500
_UNBUFFERED = {"X-Accel-Buffering": "no"}
"""For nginx and those that follow it."""


class PortalRoutes:
    """Handlers of the portal's own figures."""

    def __init__(self, network: NetworkBody, standings: Standings, addresses: Addresses) -> None:
        self._network = network
        self._standings = standings
        self._addresses = addresses
        self._streams = Streams(STREAMS)

    def routes(self) -> list[Route]:
        """The table of these routes."""
        return [
            Route(
                "GET", f"{BASE}/network", self.network, "The network that is served",
                {200: NetworkBody}, tag="portal",
            ),
            Route(
                "GET", BASE + "/wallets/{address}", self.wallet,
                "How a wallet and its validator stand",
                {200: StandingBody, 422: Problem, 503: Problem}, tag="portal",
            ),
            Route(
                "GET", BASE + "/wallets/{address}/events", self.events,
                "The same as it changes",
                {200: Media("text/event-stream"), 422: Problem, 503: Problem}, tag="portal",
            ),
        ]  # fmt: skip

    def close(self) -> None:
        """End the live streams."""
        self._streams.close()

    async def network(self, request: web.Request) -> web.StreamResponse:
        """GET /network."""
        return answer(self._network)

    async def wallet(self, request: web.Request) -> web.StreamResponse:
        """GET /wallets/{address}."""
        return answer(await self._standings.read(self._address(request)))

    async def events(self, request: web.Request) -> web.StreamResponse:
        """GET /wallets/{address}/events: "standing" at each new height, "trouble" without one."""
        changes = self._changes(self._address(request))
        return await self._streams.run(request, changes, _UNBUFFERED)

    async def _changes(self, address: str) -> AsyncIterator[tuple[str, str]]:
        told, failing = -1, False
        while True:
            if failing or self._standings.height != told:
                try:
                    body = await self._standings.read(address)
                    told, failing = body.height, False
                    yield "standing", body.model_dump_json(by_alias=True)
                except ChainUnavailable as error:
                    if not failing:
                        problem = problem_of(error, error.status)
                        yield "trouble", problem.model_dump_json(by_alias=True)
                    failing = True
            await asyncio.sleep(LOOK_SECONDS)

    def _address(self, request: web.Request) -> str:
        address = request.match_info["address"]
        try:
            self._addresses.account_bytes(address)
        except NotAnAddress as error:
            fault = ("address", str(error))
            raise Invalid(reason=": ".join(fault), faults=(fault,)) from error
        return address
