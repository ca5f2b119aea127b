# SPDX-License-Identifier: Apache-2.0
"""When a person is called for a distributed validator: one rule a kind, from its status.

What cannot be seen is neither mended nor broken: such an alert stays as it is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from node_manager.alerts.alert import AlertKind
from node_manager.alerts.rules import Answer, Verdict
from node_manager.explanation import Explanation
from node_manager.obol.alerts import Alert
from node_manager.obol.keys.key_users import OtherCharon
from node_manager.obol.status import DvStage, DvStatus

DUTIES_SECONDS = 1800.0
DUTIES_LEAST = 5
DUTIES_RAISE, DUTIES_CLEAR = 0.10, 0.05
"""Of the duties of the last half hour: a tenth failed is worth a call, a twentieth is over."""

UP = frozenset({DvStage.STARTING, DvStage.RUNNING})
_NOT_YET = frozenset({"not-ready-yet"})
_PEERS = ("cluster-no-spare", "peer-gone")
_VERSIONS = ("peer-version", "charon-versions-differ")


@dataclass(slots=True)
class DutyCount:
    """Duties done and failed over the last half hour, from charon's counters.

    A counter that fell belongs to another run of charon: counting begins anew.
    """

    samples: deque[tuple[float, int, int]] = field(default_factory=deque)

    def add(self, at: float, done: int, failed: int) -> None:
        """Take in what charon told at the Unix time `at`."""
        if self.samples and (done < self.samples[-1][1] or failed < self.samples[-1][2]):
            self.samples.clear()
        if self.samples and self.samples[-1][0] == at:
            return
        self.samples.append((at, done, failed))
        while self.samples[0][0] < at - DUTIES_SECONDS:
            self.samples.popleft()

    @property
    def told(self) -> tuple[int, int]:
        """Done and failed since the oldest sample."""
        if not self.samples:
            return 0, 0
        (_, done, failed), (_, done_now, failed_now) = self.samples[0], self.samples[-1]
        return done_now - done, failed_now - failed


@dataclass(frozen=True, slots=True)
class DvRule:
    """One kind of alert: status, duties, time, whether it stands; `hold` in seconds."""

    kind: AlertKind
    judge: Callable[[DvStatus, DutyCount, float, bool], Answer]
    hold: float = 0.0


def _made(status: DvStatus) -> bool:
    return status.cluster is not None and bool(status.cluster.lock_hash)


def _beacon(code: str) -> bool:
    return code.startswith("beacon-")


def _down(status: DvStatus, _duties: DutyCount, _now: float, _raised: bool) -> Answer:
    waits = status.stage is DvStage.BACKOFF and _made(status)
    if status.stage is not DvStage.FAILED and not waits:
        return Verdict.WELL
    if status.reason is None:
        return Verdict.UNKNOWN
    return Verdict.WELL if waits and _beacon(status.reason.code) else status.reason


def _beacon_trouble(status: DvStatus, _duties: DutyCount, now: float, _raised: bool) -> Answer:
    reason = status.reason
    waits = status.stage is DvStage.BACKOFF
    if reason is not None and _beacon(reason.code) and (waits or status.stage in UP):
        return reason
    if status.stage is DvStage.RUNNING and status.figures.ready.current(now) is None:
        return Verdict.UNKNOWN
    return Verdict.WELL


def _not_ready(status: DvStatus, _duties: DutyCount, now: float, _raised: bool) -> Answer:
    if status.stage not in UP:
        return Verdict.WELL
    reason = status.reason
    if reason is not None and reason.code not in _NOT_YET:
        return Verdict.WELL if _beacon(reason.code) else reason
    return Verdict.WELL if status.figures.ready.current(now) else Verdict.UNKNOWN


def _told(status: DvStatus, codes: tuple[str, ...]) -> Alert | None:
    found = [alert for alert in status.alerts if alert.explanation.code in codes]
    return min(found, key=lambda alert: codes.index(alert.explanation.code), default=None)


def _peers(status: DvStatus, _duties: DutyCount, now: float, _raised: bool) -> Answer:
    return _told_while_known(status, _PEERS, status.figures.peers_alive.current(now))


def _versions(status: DvStatus, _duties: DutyCount, now: float, _raised: bool) -> Answer:
    return _told_while_known(status, _VERSIONS, status.figures.charon_version.current(now))


def _key(status: DvStatus, _duties: DutyCount, _now: float, _raised: bool) -> Answer:
    if status.stage not in UP:
        return Verdict.WELL
    found = _told(status, (OtherCharon.code,))
    return Verdict.WELL if found is None else found.explanation


def _told_while_known(status: DvStatus, codes: tuple[str, ...], known: object | None) -> Answer:
    """What the status itself tells of, as long as the figure behind it can be read."""
    if status.stage not in UP:
        return Verdict.WELL
    if known is None:
        return Verdict.UNKNOWN
    found = _told(status, codes)
    return Verdict.WELL if found is None else found.explanation


def _duties(status: DvStatus, duties: DutyCount, now: float, raised: bool) -> Answer:
    if status.stage not in UP:
        return Verdict.WELL
    if status.figures.duties_failed.current(now) is None:
        return Verdict.UNKNOWN
    done, failed = duties.told
    everything = done + failed
    if everything < DUTIES_LEAST:
        return Verdict.UNKNOWN
    if failed / everything < (DUTIES_CLEAR if raised else DUTIES_RAISE):
        return Verdict.WELL
    worst = max(status.failed_duties, key=lambda one: one.count, default=None)
    return Explanation(
        "alert-duties",
        "{failed} of the last {count} duties of the cluster failed.",
        "The most frequent reason: {reason}",
        "Look at the failed duties on the Overview, the peers and the beacon node.",
        {
            "failed": failed,
            "count": everything,
            "reason": (worst.reason or "charon names none.") if worst else "unknown.",
        },
    )


def _backup(status: DvStatus, _duties: DutyCount, _now: float, _raised: bool) -> Answer:
    if not _made(status) or status.artefacts_backup_at is not None:
        return Verdict.WELL
    return Explanation(
        "alert-no-shares-backup",
        "The key shares have no verified backup.",
        "If this disk fails, this node's share of the validators is lost for ever.",
        "Back up the key shares and keep the file apart from this computer.",
    )


DV_RULES = (
    DvRule(AlertKind.CLUSTER_DOWN, _down, hold=30),
    DvRule(AlertKind.CLUSTER_BEACON, _beacon_trouble, hold=60),
    DvRule(AlertKind.CLUSTER_NOT_READY, _not_ready, hold=120),
    DvRule(AlertKind.CLUSTER_PEERS, _peers, hold=60),
    DvRule(AlertKind.CLUSTER_DUTIES, _duties),
    DvRule(AlertKind.CLUSTER_VERSIONS, _versions, hold=60),
    DvRule(AlertKind.CLUSTER_KEY, _key),
    DvRule(AlertKind.BACKUP_MISSING, _backup, hold=600),
)
