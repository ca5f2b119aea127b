# SPDX-License-Identifier: Apache-2.0
"""A person is called once for what lasts, and told when it is over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from node_manager.alerts.alert import TITLES, AlertCleared, AlertKind, AlertRaised
from node_manager.alerts.watch import REPEAT_SECONDS, AlertWatch
from node_manager.checks.result import CheckResult, CheckState
from node_manager.events import Broadcast, DoorChanged, Event, NodeChanged, NodeRemoved
from node_manager.explanation import Explanation
from node_manager.figures import Figure
from node_manager.state import (
    BlockMark,
    ChainStanding,
    NodeState,
    NodeStatus,
    SignerFigures,
    Usage,
)

NOON = 1_795_000_000.0
GB = 1000**3


class Scene:
    """One validator, a clock, and what was told."""

    def __init__(self, silenced: list[str] | None = None) -> None:
        self.now = NOON
        self.silenced = silenced if silenced is not None else []
        self.told: list[Event] = []
        broadcast = Broadcast()
        broadcast.subscribe(self.told.append)
        self.watch = AlertWatch(broadcast, lambda: self.silenced, clock=lambda: self.now)
        self.status = self.well()

    def figure(self, value):  # type: ignore[no-untyped-def]
        return Figure(value, "here", self.now, 5.0)

    def well(self, **fields: object) -> NodeStatus:
        read = self.figure
        fresh = NodeStatus(
            node_id="one", network="n", chain_id="c", moniker="first", state=NodeState.RUNNING,
            height=read(1000), network_height=read(1000), peers_out=read(5), peers_in=read(1),
            block_seconds=read(2.0), signer=read(SignerFigures(connected=True)),
            chain=ChainStanding(registered=read(True), jailed=read(False)),
            usage=Usage(disk_free=read(400 * GB), disk_total=read(1000 * GB)),
            blocks=tuple(BlockMark(height, "signed", self.now) for height in range(100)),
            backup_verified_at=NOON,
        )  # fmt: skip
        return replace(fresh, **fields)

    def say(self, **fields: object) -> None:
        self.watch.hear(NodeChanged(self.well(**fields)))

    def wait(self, seconds: float, **fields: object) -> None:
        for _second in range(int(seconds)):
            self.now += 1
            self.say(**fields)
            self.watch.look()

    def raised(self) -> list[AlertKind]:
        return [event.alert.kind for event in self.told if isinstance(event, AlertRaised)]

    def cleared(self) -> list[AlertKind]:
        return [event.alert.kind for event in self.told if isinstance(event, AlertCleared)]


def blocks(missed: int) -> tuple[BlockMark, ...]:
    return tuple(BlockMark(at, "missed" if at < missed else "signed", NOON) for at in range(100))


TROUBLES: list[tuple[AlertKind, Callable[[Scene], dict[str, object]]]] = [
    (AlertKind.NODE_DOWN, lambda _s: {"state": NodeState.FAILED}),
    (AlertKind.NOT_SYNCING, lambda _s: {"reason": Explanation("node-still", "It stands still.")}),
    (AlertKind.NO_PEERS, lambda s: {"peers_out": s.figure(0), "peers_in": s.figure(0)}),
    (AlertKind.MISSED_BLOCKS, lambda _s: {"blocks": blocks(12)}),
    (
        AlertKind.JAILED,
        lambda s: {"chain": ChainStanding(registered=s.figure(True), jailed=s.figure(True))},
    ),
    (
        AlertKind.DISK_85,
        lambda s: {"usage": Usage(disk_free=s.figure(100 * GB), disk_total=s.figure(1000 * GB))},
    ),
    (AlertKind.BACKUP_MISSING, lambda _s: {"backup_verified_at": None}),
    (AlertKind.UPGRADE_AHEAD, lambda _s: {"upgrade_height": 2000, "upgrade_name": "v2"}),
]


@pytest.mark.parametrize(("kind", "trouble"), TROUBLES, ids=[kind.value for kind, _ in TROUBLES])
def test_each_trouble_calls_once_and_clears_itself(
    kind: AlertKind, trouble: Callable[[Scene], dict[str, object]]
) -> None:
    scene = Scene()
    for _second in range(900):
        scene.now += 1
        scene.say(**trouble(scene))
        scene.watch.look()
    assert scene.raised() == [kind]
    assert [alert.kind for alert in scene.watch.active()] == [kind]
    scene.wait(2)
    assert scene.cleared() == [kind]
    assert scene.watch.active() == []


def test_a_well_validator_calls_nobody() -> None:
    scene = Scene()
    scene.wait(1200)
    assert scene.told == []


def test_what_passes_quickly_calls_nobody() -> None:
    scene = Scene()
    scene.wait(20, state=NodeState.BACKOFF)
    scene.wait(60)
    assert scene.told == []


def test_what_comes_back_soon_does_not_call_again() -> None:
    scene = Scene()
    for _time in range(3):
        scene.wait(5, blocks=blocks(12))
        scene.wait(5)
    notes = [event.notify for event in scene.told if isinstance(event, AlertRaised)]
    assert notes == [True, False, False]
    scene.now += REPEAT_SECONDS
    scene.wait(5, blocks=blocks(12))
    assert [event.notify for event in scene.told if isinstance(event, AlertRaised)][-1]


def test_missed_blocks_around_the_limit_do_not_flutter() -> None:
    scene = Scene()
    for missed in (10, 9, 10, 8, 11, 6, 10, 4):
        scene.wait(2, blocks=blocks(missed))
    assert scene.raised() == [AlertKind.MISSED_BLOCKS]
    assert scene.cleared() == [AlertKind.MISSED_BLOCKS]


def test_a_silenced_kind_stands_but_calls_nobody() -> None:
    scene = Scene(["missed-blocks"])
    scene.wait(3, blocks=blocks(50))
    assert [event.notify for event in scene.told if isinstance(event, AlertRaised)] == [False]
    assert [alert.kind for alert in scene.watch.active()] == [AlertKind.MISSED_BLOCKS]


def test_what_is_not_known_neither_raises_nor_clears() -> None:
    scene = Scene()
    scene.wait(200, peers_out=Figure(), peers_in=Figure())
    assert scene.told == []
    scene.wait(200, peers_out=scene.figure(0), peers_in=scene.figure(0))
    scene.wait(200, peers_out=Figure(), peers_in=Figure())
    assert scene.cleared() == []


def test_a_new_refusal_of_the_guard_calls_and_is_over_after_an_hour() -> None:
    scene = Scene()
    scene.say(signer=scene.figure(SignerFigures(refused=2)))
    assert scene.raised() == []
    asked = SignerFigures(refused=3, refused_last="Height 7 asked again.")
    scene.say(signer=scene.figure(asked))
    assert scene.raised() == [AlertKind.SIGNING_REFUSED]
    assert "Height 7" in str(scene.watch.active()[0].explanation)
    scene.now += 3700
    scene.say(signer=scene.figure(asked))
    assert scene.cleared() == [AlertKind.SIGNING_REFUSED]


def test_a_heartbeat_that_stays_refused_calls() -> None:
    scene = Scene()
    scene.watch.hear(DoorChanged("heartbeat", "failed", "not accepted"))
    scene.now += 60
    scene.watch.look()
    assert scene.raised() == []
    scene.now += 61
    scene.watch.look()
    assert scene.raised() == [AlertKind.HEARTBEAT_REFUSED]
    scene.watch.hear(DoorChanged("heartbeat", "ok", "accepted"))
    assert scene.cleared() == [AlertKind.HEARTBEAT_REFUSED]


def test_the_clock_is_judged_by_the_doctor() -> None:
    scene = Scene()
    off = CheckResult("clock", "Clock", CheckState.FAIL, Explanation("clock-wrong", "It is slow."))
    scene.watch.take_checks("one", [off])
    assert scene.raised() == [AlertKind.CLOCK_OFF]
    scene.watch.take_checks("one", [replace(off, state=CheckState.UNKNOWN)])
    assert scene.cleared() == []
    scene.watch.take_checks("one", [replace(off, state=CheckState.OK)])
    assert scene.cleared() == [AlertKind.CLOCK_OFF]


def test_a_removed_validator_leaves_no_alert() -> None:
    scene = Scene()
    scene.wait(3, blocks=blocks(50))
    scene.watch.hear(NodeRemoved("one"))
    assert scene.watch.active() == []


def test_urgent_alerts_come_first_and_every_kind_has_a_name() -> None:
    scene = Scene()
    full = Usage(disk_free=scene.figure(10 * GB), disk_total=scene.figure(1000 * GB))
    scene.say(usage=full)
    assert [alert.kind for alert in scene.watch.active()] == [AlertKind.DISK_95, AlertKind.DISK_85]
    assert set(TITLES) == set(AlertKind)
