# SPDX-License-Identifier: Apache-2.0
"""`/metrics` for Prometheus: figures that are known now; an unknown one is absent, not 0."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from aiohttp import web

from bridge.server.view import NodesView
from bridge.web.errors import NoSuchThing
from bridge.web.problem_document import Problem
from bridge.web.routes import Media, Route
from node_manager.state import NodeState, NodeStatus

_TEXT = "text/plain; version=0.0.4; charset=utf-8"

_GAUGES: tuple[tuple[str, str, Callable[[NodeStatus], float | None]], ...] = (
    ("height", "Height of this node.", lambda one: one.height.current()),
    ("network_height", "Height of the network.", lambda one: one.network_height.current()),
    ("catching_up", "1 while it catches up.", lambda one: _flag(one.catching_up.current())),
    ("peers", "Connected peers.", lambda one: one.peers),
    ("started_at_seconds", "Unix time of the process start.", lambda one: one.started_at),
    ("missed_blocks", "Blocks missed in the window.", lambda one: one.chain.missed.current()),
    ("may_miss_blocks", "Blocks it may still miss.", lambda one: one.chain.may_miss.current()),
    ("voting_power", "Voting power.", lambda one: one.chain.voting_power.current()),
    ("jailed", "1 when jailed.", lambda one: _flag(one.chain.jailed.current())),
    ("memory_bytes", "Resident memory of the node.", lambda one: one.usage.node_memory.current()),
    ("cpu_cores", "CPU of the node, in cores.", lambda one: one.usage.node_cpu.current()),
    ("disk_free_bytes", "Free bytes on its disk.", lambda one: one.usage.disk_free.current()),
    ("data_bytes", "Bytes of its data.", lambda one: one.usage.data_bytes.current()),
)


def _flag(value: bool | None) -> float | None:
    return None if value is None else float(value)


class MetricsRoutes:
    """Handler of GET /metrics; it answers when Settings say so."""

    def __init__(self, view: NodesView, wanted: Callable[[], bool]) -> None:
        self._view = view
        self._wanted = wanted

    def routes(self) -> list[Route]:
        """The table of these routes."""
        return [
            Route(
                "GET", "/metrics", self.metrics, "Figures for Prometheus",
                {200: Media("text/plain"), 404: Problem}, tag="metrics",
            )
        ]  # fmt: skip

    async def metrics(self, request: web.Request) -> web.StreamResponse:
        """GET /metrics."""
        if not self._wanted():
            raise NoSuchThing(thing="/metrics (off in Settings)")
        return web.Response(body=exposition(self._view.statuses()), headers={"Content-Type": _TEXT})


def exposition(statuses: Iterable[NodeStatus]) -> bytes:
    """The figures in Prometheus' text format."""
    from prometheus_client import CollectorRegistry, Gauge, generate_latest

    registry = CollectorRegistry()
    labels = ("node", "chain_id", "moniker")
    known = [(one, (one.node_id, one.chain_id, one.moniker)) for one in statuses]
    for name, text, value_of in _GAUGES:
        gauge = Gauge(f"oneclick_node_{name}", text, labels, registry=registry)
        for status, names in known:
            if (value := value_of(status)) is not None:
                gauge.labels(*names).set(value)
    state = Gauge(
        "oneclick_node_state", "1 for the state it is in.", (*labels, "state"), registry=registry
    )
    signed = Gauge("oneclick_signer_height", "Last height signed.", labels, registry=registry)
    refused = Gauge("oneclick_signer_refused", "Requests refused.", labels, registry=registry)
    for status, names in known:
        for one in NodeState:
            state.labels(*names, one.value).set(float(status.state is one))
        signer = status.signer.current()
        if signer is not None:
            refused.labels(*names).set(signer.refused)
            if signer.height is not None:
                signed.labels(*names).set(signer.height)
    return generate_latest(registry)
