# SPDX-License-Identifier: Apache-2.0
"""Health, liveness, readiness and metrics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from aiohttp import web

from bridge.orchestrator.api.metrics import Metrics
from bridge.orchestrator.api.models import AliveBody, HealthBody
from bridge.orchestrator.auth.callers import Callers
from bridge.orchestrator.chain.client import ChainClient
from bridge.orchestrator.db.database import Database
from bridge.orchestrator.errors import DatabaseUnreachable
from bridge.orchestrator.settings import Settings
from bridge.web.routes import Media, Route, answer
from node_manager.version import VERSION

_TEXT = "text/plain; version=0.0.4; charset=utf-8"


class OperationsRoutes:
    """Handlers for those who keep the service running."""

    def __init__(
        self,
        database: Database,
        chain: ChainClient,
        settings: Settings,
        callers: Callers,
        metrics: Metrics,
        stopping: Callable[[], bool],
    ) -> None:
        self._database = database
        self._chain = chain
        self._settings = settings
        self._callers = callers
        self._metrics = metrics
        self._stopping = stopping

    def routes(self) -> list[Route]:
        """The table of these routes."""
        return [
            Route(
                "GET", "/api/v1/health", self.health, "Whether the service and its parts answer",
                {200: HealthBody, 503: HealthBody}, tag="operations",
            ),
            Route(
                "GET", "/livez", self.livez, "Whether the process answers",
                {200: AliveBody}, tag="operations",
            ),
            Route(
                "GET", "/readyz", self.readyz, "Whether it can take requests",
                {200: AliveBody, 503: AliveBody}, tag="operations",
            ),
            Route(
                "GET", "/metrics", self.metrics, "Figures for Prometheus",
                {200: Media("text/plain")}, needs=("operator",), tag="operations",
            ),
        ]  # fmt: skip

    async def health(self, request: web.Request) -> web.StreamResponse:
        """GET /api/v1/health."""
        database = await self._database_state()
        chain: Literal["ok", "unreachable", "not configured"] = "not configured"
        if self._chain.configured:
            chain = "ok" if self._chain.answering else "unreachable"
        well = database == "ok" and chain != "unreachable"
        body = HealthBody(
            status="healthy" if well else "degraded",
            version=VERSION,
            database=database,
            chain=chain,
            chain_id=self._chain.address.chain_id,
        )
        return answer(body, 200 if database == "ok" else 503)

    async def livez(self, request: web.Request) -> web.StreamResponse:
        """GET /livez."""
        return answer(AliveBody(status="ok"))

    async def readyz(self, request: web.Request) -> web.StreamResponse:
        """GET /readyz."""
        if self._stopping() or await self._database_state() != "ok":
            return answer(AliveBody(status="not ready"), 503)
        return answer(AliveBody(status="ok"))

    async def metrics(self, request: web.Request) -> web.StreamResponse:
        """GET /metrics."""
        if not self._settings.metrics_public:
            await self._callers.require_operator(request)
        body = await self._metrics.exposition(self._database)
        return web.Response(body=body, headers={"Content-Type": _TEXT})

    async def _database_state(self) -> Literal["ok", "unreachable"]:
        try:
            await self._database.check()
        except DatabaseUnreachable:
            return "unreachable"
        return "ok"
