# SPDX-License-Identifier: Apache-2.0
"""charon's `/metrics` (Prometheus text) as typed figures.

An answer has about 0.6 MB, mostly histogram buckets, which are dropped before parsing: asked
every 12 s at most. Names as recorded of charon 1.10.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from prometheus_client.parser import text_string_to_metric_families

MAX_BYTES = 16 * 1024 * 1024
STEPS = {"randao", "signature", "info_sync", "prepare_aggregator", "prepare_sync_contribution"}
"""What charon counts beside the duties that reach the chain: steps towards one, and its own.

A validator client that gets no attestation and no block through does its `randao` all the same.
"""


class Sample(NamedTuple):
    """One line: name, labels, value."""

    name: str
    labels: dict[str, str]
    value: float


class Timed(NamedTuple):
    """A counter of what was timed: how often, and seconds in all."""

    times: float
    seconds: float

    def mean_since(self, before: Timed | None) -> float | None:
        """Mean seconds since `before`, of all when it was begun anew; None of none."""
        if before is None or before.times > self.times:
            before = Timed(0, 0.0)
        times = self.times - before.times
        return (self.seconds - before.seconds) / times if times else None


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """One of charon's own checks: `severity` is "critical", "warning" or "info"."""

    name: str
    severity: str
    description: str
    failing: bool


@dataclass(frozen=True, slots=True)
class PeerReading:
    """What charon tells of one node of the cluster.

    Attributes:
        alive: whether it answered the last ping; None for this node or when never pinged.
        ping: mean seconds of the pings since the scrape before (of all at the first one), None
            when there was none.
        pings: all of them.
        clock_offset: seconds that its clock is ahead of ours.
        participation: duties in which it took part and duties in which it was expected.
    """

    name: str
    index: int | None = None
    ours: bool = False
    nickname: str = ""
    version: str = ""
    version_supported: bool | None = None
    alive: bool | None = None
    ping: float | None = None
    clock_offset: float | None = None
    participated: int | None = None
    expected: int | None = None
    pings: Timed | None = None


@dataclass(frozen=True, slots=True)
class FailedDuty:
    """Failed duties of one kind for one reason."""

    duty: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class CharonMetrics:
    """One scrape. None is for what charon did not tell.

    Attributes:
        readyz: 1 ready, 2 beacon node down, 3 not synced, 4 quorum peers not connected, 5 vc not
            connected, 7 beacon node without peers, 8 far behind.
        succeeded: duties by kind.
        submitted: what a validator client has submitted, by endpoint.
        client: name and version of the validator client, empty before it spoke.
        balance_gwei: by the validators' short keys.
        beacon_latency: mean seconds of the beacon node's answers since the scrape before (of all
            at the first one), None when there was none.
        beacon_answers: all of them.
    """

    readyz: int | None
    version: str
    network: str
    operators: int | None
    threshold: int | None
    validators: int | None
    validators_active: int | None
    slot: int | None
    beacon_peers: int | None
    using_fallback: bool | None
    memory: int | None
    started_at: float | None
    peers: tuple[PeerReading, ...]
    checks: tuple[HealthCheck, ...]
    succeeded: dict[str, int]
    failed: tuple[FailedDuty, ...]
    submitted: dict[str, int]
    client: str
    balance_gwei: dict[str, int]
    beacon_latency: float | None = None
    beacon_answers: Timed | None = None

    @property
    def duties_succeeded(self) -> int:
        """All duties that succeeded, without the steps towards them."""
        return sum(count for duty, count in self.succeeded.items() if duty not in STEPS)

    @property
    def duties_failed(self) -> int:
        """All duties that failed, without the steps towards them."""
        return sum(one.count for one in self.failed if one.duty not in STEPS)

    def since(self, before: CharonMetrics | None) -> CharonMetrics:
        """The same with means of what was timed since the scrape `before`."""
        if before is None:
            return self
        known = {peer.name: peer.pings for peer in before.peers}
        answers = self.beacon_answers
        return replace(
            self,
            peers=tuple(
                replace(peer, ping=peer.pings.mean_since(known.get(peer.name)))
                if peer.pings is not None
                else peer
                for peer in self.peers
            ),
            beacon_latency=answers.mean_since(before.beacon_answers) if answers else None,
        )


def parse_metrics(text: str) -> CharonMetrics:
    """Read an answer of `/metrics`.

    Raises:
        ValueError: it is not Prometheus text.
    """
    table = _Table(_samples(text))
    answers = table.timed("app_eth2_latency_seconds")
    return CharonMetrics(
        readyz=table.number("app_monitoring_readyz"),
        version=table.label("app_version", "version"),
        network=table.label("cluster_network", "network"),
        operators=table.number("cluster_operators"),
        threshold=table.number("cluster_threshold"),
        validators=table.number("cluster_validators"),
        validators_active=table.number("core_scheduler_validators_active"),
        slot=table.number("core_scheduler_current_slot"),
        beacon_peers=table.number("app_beacon_node_peers"),
        using_fallback=_flag(table.number("app_eth2_using_fallback")),
        memory=table.number("process_resident_memory_bytes"),
        started_at=table.value("process_start_time_seconds"),
        peers=tuple(_peers(table)),
        checks=tuple(_checks(table)),
        succeeded=table.by("core_tracker_success_duties_total", "duty"),
        failed=tuple(_failed(table)),
        submitted={
            endpoint: count
            for endpoint, count in table.by("core_validatorapi_request_total", "endpoint").items()
            if endpoint.startswith("submit_")
        },
        client=_client(table),
        balance_gwei=table.by("core_scheduler_validator_balance_gwei", "pubkey"),
        beacon_latency=answers.mean_since(None) if answers else None,
        beacon_answers=answers,
    )


class _Table:
    """Samples by name."""

    def __init__(self, samples: Iterable[Sample]) -> None:
        self._samples: dict[str, list[Sample]] = {}
        for sample in samples:
            self._samples.setdefault(sample.name, []).append(sample)

    def all(self, name: str) -> list[Sample]:
        return self._samples.get(name, [])

    def value(self, name: str) -> float | None:
        found = self.all(name)
        return found[0].value if found else None

    def number(self, name: str) -> int | None:
        value = self.value(name)
        return None if value is None or value != value else int(value)

    def label(self, name: str, label: str) -> str:
        found = [one for one in self.all(name) if one.value]
        return found[0].labels.get(label, "") if found else ""

    def by(self, name: str, label: str) -> dict[str, int]:
        found: dict[str, int] = {}
        for sample in self.all(name):
            key = sample.labels.get(label, "")
            found[key] = found.get(key, 0) + int(sample.value)
        return found

    def timed(self, name: str, **labels: str) -> Timed | None:
        """A histogram's count and sum over all its series with these labels."""
        count, total = (
            [
                one.value
                for one in self.all(f"{name}_{part}")
                if labels.items() <= one.labels.items()
            ]
            for part in ("count", "sum")
        )
        return Timed(sum(count), sum(total)) if count and total else None

    def of_peer(self, name: str, peer: str) -> float | None:
        found = [one.value for one in self.all(name) if one.labels.get("peer") == peer]
        return found[0] if found else None


def _samples(text: str) -> Iterator[Sample]:
    kept = "".join(line for line in text.splitlines(keepends=True) if "_bucket{" not in line[:120])
    for family in text_string_to_metric_families(kept):
        for sample in family.samples:
            yield Sample(sample.name, dict(sample.labels), float(sample.value))


def _flag(value: int | None) -> bool | None:
    return None if value is None else bool(value)


def _peers(table: _Table) -> Iterator[PeerReading]:
    indices = table.by("app_peerinfo_index", "peer")
    ours = next(
        (sample.labels.get("cluster_peer", "") for sample in table.all("cluster_operators")), ""
    )
    names = {*indices, *table.by("p2p_ping_success", "peer")} - {""}
    taken = table.by("core_tracker_participation_success_total", "peer")
    expected = table.by("core_tracker_participation_expected_total", "peer")
    for name in sorted(names, key=lambda one: (indices.get(one, 1 << 20), one)):
        pings = table.timed("p2p_ping_latency_secs", peer=name)
        yield PeerReading(
            name=name,
            index=indices.get(name),
            ours=name == ours,
            nickname=_of_peer(table, "app_peerinfo_nickname", name, "peer_nickname"),
            version=_of_peer(table, "app_peerinfo_version", name, "version"),
            version_supported=_flag(_int(table.of_peer("app_peerinfo_version_support", name))),
            alive=_flag(_int(table.of_peer("p2p_ping_success", name))),
            ping=pings.mean_since(None) if pings else None,
            pings=pings,
            clock_offset=table.of_peer("app_peerinfo_clock_offset_seconds", name),
            participated=taken.get(name),
            expected=expected.get(name),
        )


def _int(value: float | None) -> int | None:
    return None if value is None else int(value)


def _of_peer(table: _Table, name: str, peer: str, label: str) -> str:
    return next(
        (
            one.labels.get(label, "")
            for one in table.all(name)
            if one.labels.get("peer") == peer and one.value
        ),
        "",
    )


def _checks(table: _Table) -> Iterator[HealthCheck]:
    for sample in table.all("app_health_checks"):
        description = " ".join(sample.labels.get("description", "").split())
        yield HealthCheck(
            sample.labels.get("name", ""),
            sample.labels.get("severity", ""),
            description,
            bool(sample.value),
        )


def _failed(table: _Table) -> Iterator[FailedDuty]:
    told: dict[str, int] = {}
    for sample in table.all("core_tracker_failed_duty_reasons_total"):
        if sample.value:
            duty = sample.labels.get("duty", "")
            told[duty] = told.get(duty, 0) + int(sample.value)
            yield FailedDuty(duty, sample.labels.get("reason", ""), int(sample.value))
    for duty, count in table.by("core_tracker_failed_duties_total", "duty").items():
        if count > told.get(duty, 0):
            yield FailedDuty(duty, "", count - told.get(duty, 0))


def _client(table: _Table) -> str:
    return table.label("core_validatorapi_vc_user_agent", "user_agent")
