# SPDX-License-Identifier: Apache-2.0
"""What charon says of itself on its monitoring port: alive, ready (or why not), metrics.

Only the monitoring port is asked: any request to the validator API would count as a validator
client.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from node_manager.closing import AsyncClosing
from node_manager.cosmos.web import new_client
from node_manager.explanation import Explanation
from node_manager.obol.charon.metrics import MAX_BYTES, CharonMetrics, parse_metrics

ANSWER_SECONDS = 4.0
METRICS_SECONDS = 12.0
"""A scrape has about 0.6 MB; charon renews most figures once a slot of 12 s."""

_NOT_READY = {
    "ready check uninitialised": (
        "not-ready-yet",
        "Charon has started and has not judged itself yet.",
        "It does so after the first slot.",
        "",
    ),
    "beacon node down": (
        "beacon-down",
        "The beacon node does not answer charon.",
        "Without it no duty can be done.",
        "Start the beacon node, or name another one.",
    ),
    "beacon node not synced": (
        "beacon-syncing",
        "The beacon node has not synced yet.",
        "Duties are missed until it has.",
        "Wait until it has synced, or name one that has.",
    ),
    "beacon node has zero peers": (
        "beacon-alone",
        "The beacon node has no peers.",
        "It learns nothing new of the chain.",
        "Check the beacon node's connection.",
    ),
    "beacon node far behind": (
        "beacon-behind",
        "The beacon node is far behind the chain.",
        "What it says of duties is old.",
        "Look at the beacon node's log and load.",
    ),
    "quorum peers not connected": (
        "quorum-lost",
        "Too few of the other operators' nodes are connected.",
        "The cluster signs only when its threshold of nodes works together.",
        "Ask the operators whose nodes do not answer, and check that 3610/tcp is open.",
    ),
    "vc not connected": (
        "client-missing",
        "No validator client talks to charon.",
        "Charon signs nothing itself; this node takes no part until its client is there.",
        "Start the validator client. It must use charon's port (3600) and `--distributed`.",
    ),
}


@dataclass(frozen=True, slots=True)
class HealthReading:
    """One look at charon.

    Attributes:
        alive: `/livez` says ok; None when the port does not answer.
        ready: `/readyz` says ok; None when the port does not answer.
        reason: why it is not ready, in words.
        metrics: the newest scrape, None before the first.
        metrics_at: Unix time of that scrape.
    """

    at: float
    alive: bool | None
    ready: bool | None
    reason: Explanation | None
    metrics: CharonMetrics | None = None
    metrics_at: float | None = None


def not_ready(body: str) -> Explanation:
    """The reason that `/readyz` gave, in words."""
    text = body.strip()
    code, what, why, todo = _NOT_READY.get(
        text, ("not-ready", "Charon is not ready.", "It says: {said}", "Look at its log.")
    )
    return Explanation(code, what, why, todo, {"said": text[:200]})


class HealthReader(AsyncClosing):
    """Looks at one charon; use as `async with`.

    Args:
        address: charon's monitoring address, `host:port`.
    """

    def __init__(self, address: str, *, now: Callable[[], float] = time.time) -> None:
        host, _, port = address.rpartition(":")
        local = "127.0.0.1" if host in {"", "0.0.0.0"} else host  # noqa: S104
        self.url = f"http://{local}:{port}"
        self._client = new_client(self.url, ANSWER_SECONDS)
        self._now = now
        self._metrics: CharonMetrics | None = None
        self._metrics_at: float | None = None
        self._tried_at: float | None = None

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def read(self) -> HealthReading:
        """Look at it now; metrics are renewed every 12 s."""
        live, ready = await asyncio.gather(self._ask("/livez"), self._ask("/readyz"))
        at = self._now()
        if ready is None:
            silent = Explanation(
                "charon-silent",
                "Charon does not answer on its monitoring port.",
                "It opens one or two seconds after the start, later when relays are slow.",
            )
            return HealthReading(at, None, None, silent, self._metrics, self._metrics_at)
        status, body = ready
        right = status == httpx.codes.OK
        if self._tried_at is None or at - self._tried_at >= METRICS_SECONDS:
            self._tried_at = at
            await self._scrape()
        return HealthReading(
            at,
            live is not None and live[0] == httpx.codes.OK,
            right,
            None if right else not_ready(body),
            self._metrics,
            self._metrics_at,
        )

    async def _ask(self, path: str) -> tuple[int, str] | None:
        try:
            answer = await self._client.get(self.url + path)
        except httpx.HTTPError:
            return None
        return answer.status_code, answer.text

    async def _scrape(self) -> None:
        found = await self._ask("/metrics")
        if found is None or found[0] != httpx.codes.OK or len(found[1]) > MAX_BYTES:
            return
        try:
            scraped = await asyncio.to_thread(parse_metrics, found[1])
        except ValueError:
            return
        self._metrics = scraped.since(self._metrics)
        self._metrics_at = self._now()
