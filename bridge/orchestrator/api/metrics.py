# SPDX-License-Identifier: Apache-2.0
"""Figures of the service itself, for Prometheus."""

from __future__ import annotations

from functools import lru_cache

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import func, select

from bridge.orchestrator.db.database import Database
from bridge.orchestrator.db.tables import CloudNode, HeartbeatRow, SetupRequest, WorkItem
from bridge.orchestrator.enums import CloudNodeStatus, SetupStatus, WorkState


class Metrics:
    """Counts requests; the figures of the database are read when asked for."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "oneclick_orchestrator_requests", "Answers.", ("method", "route", "status"),
            registry=self._registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "oneclick_orchestrator_seconds", "Time to answer.", ("route",),
            buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2.0), registry=self._registry,
        )  # fmt: skip
        # Looking a series up by its labels costs more than counting.
        self._of = lru_cache(maxsize=1024)(self._series)
        self._rows = Gauge(
            "oneclick_orchestrator_rows", "Rows by kind and status.", ("kind", "status"),
            registry=self._registry,
        )  # fmt: skip

    def count(self, request: web.Request, status: int, seconds: float) -> None:
        """One request was answered."""
        resource = request.match_info.route.resource
        route = "none" if resource is None else resource.canonical
        counter, histogram = self._of(request.method, route, status)
        counter.inc()
        histogram.observe(seconds)

    def _series(self, method: str, route: str, status: int) -> tuple[Counter, Histogram]:
        return self._requests.labels(method, route, str(status)), self._seconds.labels(route)

    async def exposition(self, database: Database) -> bytes:
        """All figures in Prometheus' text format."""
        kinds = (
            ("setup_request", SetupRequest.status, SetupStatus),
            ("node", CloudNode.status, CloudNodeStatus),
            ("work", WorkItem.state, WorkState),
        )
        async with database.sessions() as session:
            for kind, column, members in kinds:
                counted = dict(
                    (await session.execute(select(column, func.count()).group_by(column))).all()
                )
                for member in members:
                    self._rows.labels(kind, member.value).set(counted.get(member, 0))
            beats = await session.scalar(select(func.count()).select_from(HeartbeatRow))
            self._rows.labels("heartbeat", "known").set(beats or 0)
        return generate_latest(self._registry)
