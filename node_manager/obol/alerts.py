# SPDX-License-Identifier: Apache-2.0
"""What a person should know about a running distributed validator, most grave first.

Limits: charon's own health checks (ping 150 ms, clock 200 ms).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from node_manager.explanation import Explanation
from node_manager.obol.charon.health import HealthReading
from node_manager.obol.charon.metrics import CharonMetrics, HealthCheck, PeerReading
from node_manager.obol.charon.versions import is_version, version_warning

PING_SECONDS = 0.150
CLOCK_SECONDS = 0.200

_SIMULATED = {"local_block_proposal", "local_proposal_fee_recipient_mismatch"}
"""Always failing with charon's simulated beacon node: no fault there."""

_TOLD_ELSEWHERE = {
    "insufficient_connected_peers",
    "high_peer_clock_offset",
    "high_peer_ping_latency",
    "beacon_node_syncing",
}


class Gravity(StrEnum):
    """How soon somebody should act."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing to know."""

    gravity: Gravity
    explanation: Explanation


def alerts(reading: HealthReading, *, simulated: bool = False) -> list[Alert]:
    """What the reading gives cause to say; `simulated` for charon's own beacon node."""
    found = list(_all(reading, simulated))
    order = list(Gravity)
    return sorted(found, key=lambda alert: order.index(alert.gravity))


def _all(reading: HealthReading, simulated: bool) -> Iterator[Alert]:
    if reading.reason is not None:
        starting = reading.reason.code in {"not-ready-yet", "charon-silent"}
        yield Alert(Gravity.INFO if starting else Gravity.CRITICAL, reading.reason)
    metrics = reading.metrics
    if metrics is None:
        return
    for peer in metrics.peers:
        yield from _peer(peer)
    yield from _slack(metrics)
    yield from _versions(metrics)
    for check in metrics.checks:
        skipped = check.name in _TOLD_ELSEWHERE or (simulated and check.name in _SIMULATED)
        if check.failing and not skipped:
            yield _own(check)


def _peer(peer: PeerReading) -> Iterator[Alert]:
    name = peer.nickname or peer.name
    if peer.alive is False:
        yield Alert(
            Gravity.WARNING,
            Explanation(
                "peer-gone",
                "The node of {peer} does not answer.",
                "Its operator's computer is off, or the connection is broken.",
                "Tell its operator.",
                {"peer": name},
            ),
        )
        return
    if peer.ping is not None and peer.ping > PING_SECONDS:
        yield Alert(
            Gravity.WARNING,
            Explanation(
                "peer-slow",
                "The node of {peer} answers slowly: {ms} ms.",
                "Above 150 ms duties come late. Often the way leads over a relay.",
                "Open 3610/tcp on both sides, so that the nodes reach each other directly.",
                {"peer": name, "ms": round(peer.ping * 1000)},
            ),
        )
    if peer.clock_offset is not None and abs(peer.clock_offset) > CLOCK_SECONDS:
        yield Alert(
            Gravity.WARNING,
            Explanation(
                "peer-clock",
                "The clocks of this computer and of {peer} differ by {ms} ms.",
                "Duties have exact times; more than 200 ms costs some of them.",
                "Switch the automatic setting of the time on (NTP) on both computers.",
                {"peer": name, "ms": round(peer.clock_offset * 1000)},
            ),
        )
    if peer.version_supported is False:
        yield Alert(
            Gravity.WARNING,
            Explanation(
                "peer-version",
                "The node of {peer} runs charon {version}, which does not fit this one's.",
                "Nodes far apart in version cannot work together.",
                "Agree with its operator on one version.",
                {"peer": name, "version": peer.version},
            ),
        )


def _slack(metrics: CharonMetrics) -> Iterator[Alert]:
    if metrics.threshold is None or metrics.operators is None:
        return
    gone = sum(peer.alive is False for peer in metrics.peers)
    spare = metrics.operators - gone - metrics.threshold
    if gone and spare == 0:
        yield Alert(
            Gravity.CRITICAL,
            Explanation(
                "cluster-no-spare",
                "The cluster has no node to spare.",
                "{alive} of {operators} nodes answer and {threshold} are needed. One more and"
                " nothing is signed.",
                "Bring the missing node back, and restart none of the others meanwhile.",
                {
                    "alive": metrics.operators - gone,
                    "operators": metrics.operators,
                    "threshold": metrics.threshold,
                },
            ),
        )


def _versions(metrics: CharonMetrics) -> Iterator[Alert]:
    """Other lines of versions work together while they run, and make no keys together."""
    told = {one.nickname or one.name: one.version for one in metrics.peers if not one.ours}
    known = {name: version for name, version in told.items() if is_version(version)}
    if is_version(metrics.version):
        differs = version_warning(metrics.version, known)
        if differs is not None:
            yield Alert(Gravity.WARNING, differs)


def _own(check: HealthCheck) -> Alert:
    gravity = {"critical": Gravity.CRITICAL, "info": Gravity.INFO}.get(
        check.severity, Gravity.WARNING
    )
    return Alert(
        gravity,
        Explanation(
            f"charon-{check.name.replace('_', '-')}",
            "Charon reports: {name}.",
            "{description}",
            "",
            {"name": check.name.replace("_", " "), "description": check.description},
        ),
    )
