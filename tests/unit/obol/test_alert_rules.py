# SPDX-License-Identifier: Apache-2.0
"""A person is called once for what costs a cluster money, and told when it is over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from node_manager.alerts.alert import AlertCleared, AlertKind, AlertRaised
from node_manager.alerts.watch import AlertWatch
from node_manager.events import Broadcast, Event
from node_manager.explanation import Explanation
from node_manager.figures import Figure
from node_manager.obol.alert_source import DvAlerts
from node_manager.obol.alerts import Alert, Gravity, alerts
from node_manager.obol.charon.metrics import FailedDuty, parse_metrics
from node_manager.obol.events import DvChanged, DvRemoved
from node_manager.obol.status import DvFigures, DvStage, DvStatus
from tests.helpers import dv_samples
from tests.unit.obol.charon.test_health import reading
from tests.unit.obol.recorded import CHARON

NOON = 1_795_000_000.0


def why(code: str, what: str = "Something.") -> Explanation:
    return Explanation(code, what, "Why.", "Do it.")


class Scene:
    """One running cluster, a clock, and what was told."""

    def __init__(self) -> None:
        self.now = NOON
        self.told: list[Event] = []
        broadcast = Broadcast()
        broadcast.subscribe(self.told.append)
        self.watch = AlertWatch(broadcast, clock=lambda: self.now)
        self.watch.add(DvAlerts(self.watch))
        self.counts = (100, 0)

    def well(self, **fields: Any) -> DvStatus:
        def read(value: Any) -> Figure[Any]:
            return Figure(value, "charon", self.now, 12.0)

        done, failed = self.counts
        figures = DvFigures(
            ready=read(True),
            peers_alive=read(3),
            charon_version=read("v1.10.3"),
            duties_succeeded=read(done),
            duties_failed=read(failed),
        )
        running = replace(dv_samples.running(), alerts=(), failed_duties=(), figures=figures)
        backed_up = replace(running, artefacts_backup_at=NOON, reason=None)
        return replace(backed_up, **fields)

    def after(self, seconds: float, **fields: Any) -> None:
        self.now += seconds
        self.watch.hear(DvChanged(self.well(**fields)))

    @property
    def standing(self) -> set[AlertKind]:
        return {alert.kind for alert in self.watch.active()}

    def of(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.told if isinstance(event, kind)]


def lasting(scene: Scene, seconds: Iterable[float], **fields: Any) -> None:
    for pause in seconds:
        scene.after(pause, **fields)


GONE = Alert(Gravity.WARNING, why("peer-gone", "The node of op2 does not answer."))
NO_SPARE = Alert(Gravity.CRITICAL, why("cluster-no-spare"))
OTHER_CHARON = Alert(Gravity.CRITICAL, why("enr-key-other-charon"))
VERSIONS = Alert(Gravity.WARNING, why("charon-versions-differ"))


@pytest.mark.parametrize(
    ("kind", "trouble"),
    [
        (AlertKind.CLUSTER_DOWN, {"stage": DvStage.FAILED, "reason": why("charon-flag")}),
        (AlertKind.CLUSTER_DOWN, {"stage": DvStage.BACKOFF, "reason": why("relay-refuses")}),
        (AlertKind.CLUSTER_NOT_READY, {"reason": why("quorum-lost")}),
        (AlertKind.CLUSTER_NOT_READY, {"reason": why("client-missing")}),
        (AlertKind.CLUSTER_BEACON, {"reason": why("beacon-syncing")}),
        (
            AlertKind.CLUSTER_BEACON,
            {"stage": DvStage.BACKOFF, "reason": why("beacon-node-trouble")},
        ),
        (AlertKind.CLUSTER_PEERS, {"alerts": (GONE,)}),
        (AlertKind.CLUSTER_VERSIONS, {"alerts": (VERSIONS,)}),
    ],
)
def test_what_lasts_calls_once_and_ends_by_itself(kind: AlertKind, trouble: dict) -> None:
    scene = Scene()
    scene.after(0)
    scene.after(1, **trouble)
    assert not scene.standing
    lasting(scene, [40, 40, 41, 60], **trouble)
    assert scene.standing == {kind}
    assert len(scene.of(AlertRaised)) == 1
    scene.after(5)
    assert not scene.standing
    assert len(scene.of(AlertCleared)) == 1


def test_a_cluster_without_a_node_to_spare_is_the_graver_word() -> None:
    scene = Scene()
    lasting(scene, [0, 61], alerts=(GONE, NO_SPARE))
    (alert,) = scene.watch.active()
    assert alert.explanation.code == "cluster-no-spare"


def test_the_first_slot_is_no_trouble() -> None:
    scene = Scene()
    lasting(scene, [0, 200, 200], stage=DvStage.STARTING, reason=why("not-ready-yet"))
    assert not scene.standing


def test_a_tenth_of_the_duties_failing_calls_and_a_twentieth_is_over() -> None:
    scene = Scene()
    scene.after(0)
    scene.counts = (118, 2)
    scene.after(60, failed_duties=(FailedDuty("attester", "no beacon node", 2),))
    assert scene.standing == {AlertKind.CLUSTER_DUTIES}
    (alert,) = scene.watch.active()
    assert "2 of the last 20" in str(alert.explanation)
    assert "no beacon node" in str(alert.explanation)
    scene.counts = (139, 2)
    scene.after(60)
    assert not scene.standing


def test_failures_of_an_earlier_run_of_charon_do_not_count() -> None:
    scene = Scene()
    scene.counts = (100, 50)
    scene.after(0)
    scene.counts = (3, 0)
    scene.after(30)
    scene.counts = (20, 0)
    scene.after(60)
    assert not scene.standing


def test_failures_of_more_than_half_an_hour_ago_are_forgotten() -> None:
    scene = Scene()
    scene.after(0)
    scene.counts = (108, 2)
    scene.after(60)
    assert scene.standing == {AlertKind.CLUSTER_DUTIES}
    for minute in range(40):
        scene.counts = (108 + minute // 4, 2)
        scene.after(60)
    assert not scene.standing


def test_a_silent_charon_neither_clears_nor_raises() -> None:
    scene = Scene()
    lasting(scene, [0, 61], alerts=(GONE,))
    lasting(scene, [5, 5], figures=DvFigures())
    assert scene.standing == {AlertKind.CLUSTER_PEERS}


def test_key_shares_without_a_backup_call_after_ten_minutes() -> None:
    scene = Scene()
    lasting(scene, [0, 590], artefacts_backup_at=None)
    assert not scene.standing
    scene.after(20, artefacts_backup_at=None)
    assert scene.standing == {AlertKind.BACKUP_MISSING}


def test_of_a_removed_one_nothing_stands() -> None:
    scene = Scene()
    lasting(scene, [0, 40], stage=DvStage.FAILED, reason=why("charon-flag"))
    scene.watch.hear(DvRemoved(scene.well().cluster_id))
    assert not scene.standing


def test_trouble_calls_also_when_nothing_more_is_told() -> None:
    scene = Scene()
    scene.after(0, stage=DvStage.FAILED, reason=why("charon-flag"))
    scene.now += 31
    scene.watch.look()
    assert scene.standing == {AlertKind.CLUSTER_DOWN}


def test_peers_on_another_line_of_versions_are_named() -> None:
    told = reading("four-of-four-node0")
    assert told.metrics is not None
    peers = tuple(
        replace(peer, version="v1.9.4") if peer.index == 2 else peer for peer in told.metrics.peers
    )
    other = replace(told, metrics=replace(told.metrics, peers=peers))
    assert "charon-versions-differ" not in {one.explanation.code for one in alerts(told)}
    (found,) = [one for one in alerts(other) if one.explanation.code == "charon-versions-differ"]
    assert "op2 v1.9.4" in str(found.explanation)


def test_an_unreadable_version_of_a_peer_is_no_difference() -> None:
    text = (CHARON / "metrics" / "four-of-four-node0.txt").read_text("utf-8")
    told = parse_metrics(text)
    peers = tuple(replace(peer, version="unknown") for peer in told.peers)
    other = replace(reading("four-of-four-node0"), metrics=replace(told, peers=peers))
    assert "charon-versions-differ" not in {one.explanation.code for one in alerts(other)}


def test_another_charon_with_the_key_calls_at_once_and_is_over_when_it_has_ended() -> None:
    scene = Scene()
    scene.after(0)
    scene.after(1, alerts=(OTHER_CHARON,))
    [told] = scene.of(AlertRaised)
    assert (told.alert.kind, told.alert.urgent) == (AlertKind.CLUSTER_KEY, True)
    scene.after(1, alerts=())
    assert not scene.standing
