# SPDX-License-Identifier: Apache-2.0
"""What called in the night can be read in the morning."""

from __future__ import annotations

import asyncio
from pathlib import Path

from node_manager.alerts.alert import Alert, AlertCleared, AlertKind, AlertRaised
from node_manager.alerts.past import KEPT, PastAlerts
from node_manager.events import Broadcast
from node_manager.explanation import Explanation


def over(at: float, missed: int = 12) -> AlertCleared:
    told = Explanation("alert-missed", "{missed} blocks were missed.", facts={"missed": missed})
    alert = Alert(AlertKind.MISSED_BLOCKS, "one", "my-validator", told, at - 60)
    return AlertCleared(alert, notify=True, at=at)


async def test_an_alert_that_is_over_survives_the_app(tmp_path: Path) -> None:
    broadcast = Broadcast()
    past = PastAlerts(tmp_path / "alerts.json", broadcast)
    past.start()
    broadcast.publish(over(1000.0))
    broadcast.publish(over(2000.0, 31))
    await past.close()
    newest, oldest = await PastAlerts(tmp_path / "alerts.json", Broadcast()).read()
    assert (newest.since, newest.until) == (1940.0, 2000.0)
    assert newest.explanation.filled()[0] == "31 blocks were missed."
    assert oldest.until == 1000.0


async def test_two_runs_add_up_and_the_oldest_go(tmp_path: Path) -> None:
    for run in range(2):
        broadcast = Broadcast()
        past = PastAlerts(tmp_path / "alerts.json", broadcast)
        past.start()
        for at in range(KEPT - 50):
            broadcast.publish(over(float(run * 10_000 + at)))
        await past.close()
    kept = await PastAlerts(tmp_path / "alerts.json", Broadcast()).read()
    assert len(kept) == KEPT
    assert kept[-1].until == 100.0


async def test_a_damaged_file_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "alerts.json").write_text("{")
    broadcast = Broadcast()
    past = PastAlerts(tmp_path / "alerts.json", broadcast)
    past.start()
    broadcast.publish(over(1000.0))
    await past.close()
    assert len(await PastAlerts(tmp_path / "alerts.json", Broadcast()).read()) == 1


def raised(at: float, kind: AlertKind = AlertKind.NO_PEERS) -> AlertRaised:
    told = Explanation("alert-no-peers", "The node is connected to nobody.")
    return AlertRaised(Alert(kind, "one", "my-validator", told, at), notify=True)


def cleared(event: AlertRaised, at: float) -> AlertCleared:
    return AlertCleared(event.alert, notify=True, at=at)


class Run:
    """One run of the app on the same file; it ends in order, or is killed."""

    def __init__(self, path: Path, ends_at: float) -> None:
        self.broadcast = Broadcast()
        self.past = PastAlerts(path, self.broadcast, clock=lambda: ends_at)
        self.past.start()

    async def killed(self) -> None:
        await asyncio.sleep(0)
        await self.past._write()
        await self.past._tasks.close()


async def test_what_stands_at_the_end_and_is_gone_then_was_last_seen_when_the_app_ended(
    tmp_path: Path,
) -> None:
    first = Run(tmp_path / "alerts.json", ends_at=2000.0)
    first.broadcast.publish(raised(1000.0))
    assert await first.past.read() == []
    await first.past.close()
    for _run in range(3):
        later = Run(tmp_path / "alerts.json", ends_at=9000.0)
        [gone] = await later.past.read()
        assert (gone.since, gone.until, gone.end_known) == (1000.0, 2000.0, False)
        await later.past.close()


async def test_what_the_next_run_finds_again_goes_on(tmp_path: Path) -> None:
    first = Run(tmp_path / "alerts.json", ends_at=2000.0)
    first.broadcast.publish(raised(1000.0))
    await first.past.close()
    second = Run(tmp_path / "alerts.json", ends_at=4000.0)
    again = raised(3000.0)
    second.broadcast.publish(again)
    assert await second.past.read() == []
    second.broadcast.publish(cleared(again, 3500.0))
    await second.past.close()
    [over_now] = await PastAlerts(tmp_path / "alerts.json", Broadcast()).read()
    assert (over_now.since, over_now.until, over_now.end_known) == (1000.0, 3500.0, True)


async def test_what_stood_when_the_app_was_killed_is_kept(tmp_path: Path) -> None:
    first = Run(tmp_path / "alerts.json", ends_at=1500.0)
    first.broadcast.publish(raised(1000.0))
    first.broadcast.publish(raised(1100.0, AlertKind.DISK_85))
    await first.killed()
    second = Run(tmp_path / "alerts.json", ends_at=9000.0)
    second.broadcast.publish(raised(8000.0, AlertKind.DISK_85))
    await second.killed()
    third = Run(tmp_path / "alerts.json", ends_at=9900.0)
    gone = {one.kind: one for one in await third.past.read()}
    await third.past.close()
    assert (gone[AlertKind.NO_PEERS].since, gone[AlertKind.NO_PEERS].until) == (1000.0, 1500.0)
    assert (gone[AlertKind.DISK_85].since, gone[AlertKind.DISK_85].until) == (1100.0, 9000.0)
    assert not any(one.end_known for one in gone.values())


async def test_closing_twice_adds_nothing(tmp_path: Path) -> None:
    run = Run(tmp_path / "alerts.json", ends_at=2000.0)
    run.broadcast.publish(raised(1000.0))
    await run.past.close()
    before = (tmp_path / "alerts.json").read_text()
    await run.past.close()
    assert (tmp_path / "alerts.json").read_text() == before
