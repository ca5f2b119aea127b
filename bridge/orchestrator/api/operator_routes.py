# SPDX-License-Identifier: Apache-2.0
"""`/api/v1/operator`: what the operators of this service see."""

from __future__ import annotations

from aiohttp import web
from sqlalchemy import select

from bridge.orchestrator.api.models import (
    AuditBody,
    PageQuery,
    SetupBody,
    SetupListQuery,
)
from bridge.orchestrator.api.pages import after_of, link_to, next_link, not_ours
from bridge.orchestrator.auth.callers import Callers
from bridge.orchestrator.db.database import Database
from bridge.orchestrator.db.tables import AuditEntry
from bridge.orchestrator.setups import After, Setups
from bridge.web.routes import Route, answer_list, read_query

BASE = "/api/v1/operator"


class OperatorRoutes:
    """Handlers for operators."""

    def __init__(self, database: Database, setups: Setups, callers: Callers) -> None:
        self._database = database
        self._setups = setups
        self._callers = callers

    def routes(self) -> list[Route]:
        """The table of these routes."""
        return [
            Route(
                "GET", f"{BASE}/setup-requests", self.setups, "All setup requests, newest first",
                {200: list[SetupBody]}, query=SetupListQuery, needs=("operator",), tag="operator",
            ),
            Route(
                "GET", f"{BASE}/audit", self.audit, "What changed, newest first",
                {200: list[AuditBody]}, query=PageQuery, needs=("operator",), tag="operator",
            ),
        ]  # fmt: skip

    async def setups(self, request: web.Request) -> web.StreamResponse:
        """GET /api/v1/operator/setup-requests."""
        await self._callers.require_operator(request)
        query = read_query(request, SetupListQuery)
        found = await self._setups.page(
            query.limit + 1, after_of(query.cursor), status=query.status
        )
        page = found[: query.limit]
        last = page[-1].request if len(found) > query.limit else None
        after = None if last is None else After(last.created_at, last.id)
        bodies = [SetupBody.of(one.request, one.owed) for one in page]
        return answer_list(SetupBody, bodies, next_link(request, after))

    async def audit(self, request: web.Request) -> web.StreamResponse:
        """GET /api/v1/operator/audit."""
        await self._callers.require_operator(request)
        query = read_query(request, PageQuery)
        wanted = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(query.limit + 1)
        if query.cursor:
            wanted = wanted.where(AuditEntry.id < _number(query.cursor))
        async with self._database.sessions() as session:
            found = list((await session.scalars(wanted)).all())
        page = found[: query.limit]
        headers = link_to(request, str(page[-1].id)) if len(found) > query.limit else {}
        bodies = [
            AuditBody(
                id=one.id,
                at=one.at,
                actor=one.actor,
                remote=one.remote,
                action=one.action,
                subject=one.subject,
                detail=one.detail,
            )
            for one in page
        ]
        return answer_list(AuditBody, bodies, headers)


def _number(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 18):
        raise not_ours()
    return int(cursor)
