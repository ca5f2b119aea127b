# SPDX-License-Identifier: Apache-2.0
"""The bridge contract that portals already know, with real values behind it."""

from __future__ import annotations

import time

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from bridge.server.access import Access
from bridge.server.errors import WriteToControlOnly
from bridge.server.legacy_models import (
    HealthAnswer,
    LogsAnswer,
    PubKey,
    PubKeyAnswer,
    Refused,
    StatusAnswer,
    status_answer,
)
from bridge.server.logs import last_lines, log_file
from bridge.server.pairing_store import Scope
from bridge.server.view import NodesView, first
from bridge.web.problem_document import Problem
from bridge.web.routes import JSON, Route, answer, read_query
from node_manager.state import NodeStatus
from node_manager.version import VERSION

REUSE_SECONDS = 0.05
"""How long one encoded /status serves: figures carry ages in seconds, so nobody can tell."""


class LinesQuery(BaseModel):
    """Query of GET /logs."""

    model_config = ConfigDict(extra="ignore")

    lines: int = Field(default=100, ge=0, le=10_000)


class LegacyRoutes:
    """Handlers of the contract; they speak of the first validator that has a key."""

    def __init__(self, view: NodesView, access: Access) -> None:
        self._view = view
        self._access = access
        self._encoded: tuple[NodeStatus | None, float, bytes] | None = None
        self._health = HealthAnswer(version=VERSION)

    def routes(self) -> list[Route]:
        """The table of these routes."""
        return [
            Route(
                "GET", "/consensus-pubkey", self.consensus_pubkey, "The consensus public key",
                {200: PubKeyAnswer, 500: Refused}, tag="contract",
            ),
            Route(
                "GET", "/status", self.status, "Whether the node runs and how far it is",
                {200: StatusAnswer}, tag="contract",
            ),
            Route(
                "GET", "/logs", self.logs, "The node's last log lines",
                {200: LogsAnswer}, query=LinesQuery, needs=("logs",), tag="contract",
            ),
            Route(
                "GET", "/health", self.health, "Whether this app answers",
                {200: HealthAnswer}, tag="contract",
            ),
            Route(
                "POST", "/start", self.not_offered, "Not offered", {501: Problem}, tag="contract"
            ),
            Route("POST", "/stop", self.not_offered, "Not offered", {501: Problem}, tag="contract"),
        ]  # fmt: skip

    async def consensus_pubkey(self, request: web.Request) -> web.StreamResponse:
        """GET /consensus-pubkey."""
        status = first(self._view)
        if status is None or status.consensus_pubkey is None:
            why = "No validator is set up" if status is None else "The key does not exist yet"
            return answer(Refused(error=why), 500)
        return answer(PubKeyAnswer(pubkey=PubKey.of(status.consensus_pubkey)))

    async def status(self, request: web.Request) -> web.StreamResponse:
        """GET /status."""
        return web.Response(body=self.status_body(), content_type=JSON)

    def status_body(self) -> bytes:
        """What GET /status says now; the same object until something is to be said anew."""
        status, now = first(self._view), time.time()
        known = self._encoded
        if known is None or known[0] is not status or not 0 <= now - known[1] < REUSE_SECONDS:
            body = status_answer(status, now).model_dump_json(by_alias=True).encode()
            known = self._encoded = (status, now, body)
        return known[2]

    async def logs(self, request: web.Request) -> web.StreamResponse:
        """GET /logs."""
        self._access.require(request, Scope.LOGS)
        query = read_query(request, LinesQuery)
        status = first(self._view)
        if status is None:
            return answer(LogsAnswer(logs=[]))
        path = log_file(self._view, status.node_id, "node")
        return answer(LogsAnswer(logs=await last_lines(path, query.lines)))

    async def health(self, request: web.Request) -> web.StreamResponse:
        """GET /health."""
        return answer(self._health)

    async def not_offered(self, request: web.Request) -> web.StreamResponse:
        """POST /start and /stop of the contract."""
        raise WriteToControlOnly()
