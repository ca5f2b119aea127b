# SPDX-License-Identifier: Apache-2.0
"""`/setup-requests/{id}/logs`: what a cloud validator's node writes, for its owner."""

from __future__ import annotations

from typing import Annotated

from aiohttp import web
from pydantic import Field

from bridge.orchestrator.api.fields import Asked, Body, Moment
from bridge.orchestrator.api.setup_routes import ONE, UUID_PLACE, setup_id
from bridge.orchestrator.auth.callers import Callers
from bridge.orchestrator.errors import WrongStatus
from bridge.orchestrator.node_logs import LINES, NodeLogs
from bridge.orchestrator.setups import Setups
from bridge.web.problem_document import Problem
from bridge.web.routes import Route, answer, read_query


class LogsQuery(Asked):
    """How many of the last lines."""

    lines: Annotated[int, Field(ge=1, le=LINES)] = 100


class LogsBody(Body):
    """The last lines of a node's log, oldest first, and when they were read."""

    lines: list[str]
    read_at: Moment


class LogRoutes:
    """Handler of the logs."""

    def __init__(self, setups: Setups, logs: NodeLogs, callers: Callers) -> None:
        self._setups = setups
        self._logs = logs
        self._callers = callers

    def routes(self) -> list[Route]:
        """The table of these routes."""
        return [
            Route(
                "GET", f"{ONE}/logs", self.last, "The last lines of a cloud node's log",
                {200: LogsBody, 404: Problem, 409: Problem, 503: Problem}, query=LogsQuery,
                needs=("wallet", "operator"), places=UUID_PLACE, tag="setup",
            ),
        ]  # fmt: skip

    async def last(self, request: web.Request) -> web.StreamResponse:
        """GET /setup-requests/{id}/logs."""
        caller = await self._callers.require(request)
        query = read_query(request, LogsQuery)
        found = await self._setups.get(setup_id(request))
        caller.own_or_operate(found.request.wallet_address)
        if found.node is None:
            raise WrongStatus(state=f"{found.request.status} and has no node")
        read = await self._logs.last(found.node.id, query.lines)
        return answer(LogsBody(lines=read.lines, read_at=read.read_at))
