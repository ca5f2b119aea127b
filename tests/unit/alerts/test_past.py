# SPDX-License-Identifier: Apache-2.0
"""What called in the night can be read in the morning."""

from __future__ import annotations

from pathlib import Path

from node_manager.alerts.alert import Alert, AlertCleared, AlertKind
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
