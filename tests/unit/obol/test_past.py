# SPDX-License-Identifier: Apache-2.0
"""The past of a distributed validator: duties by period, each operator's figures, true gaps."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from node_manager.events import Broadcast
from node_manager.figures import Figure
from node_manager.history.recorder import HistoryRecorder, Span
from node_manager.layout import Layout
from node_manager.obol.charon.metrics import CharonMetrics, Timed, parse_metrics
from node_manager.obol.events import DvChanged, DvRemoved
from node_manager.obol.past import ClusterSource
from node_manager.obol.status import DvStatus
from tests.helpers import dv_samples

NOON = 1_795_000_000.0 // 15 * 15
METRICS = Path(__file__).parents[2] / "fixtures" / "charon" / "metrics"


class Watched:
    """A recorder with a clock of its own."""

    def __init__(self, layout: Layout) -> None:
        self.now = NOON
        self.layout = layout
        self.broadcast = Broadcast()
        self.recorder = HistoryRecorder(
            ClusterSource(layout), self.broadcast, clock=lambda: self.now
        )

    def tell(self, done: int, failed: int = 0, **fields: object) -> None:
        """Charon's counters as of now; fifteen seconds pass."""
        self.broadcast.publish(DvChanged(self.status(done, failed, **fields)))
        self.now += 15

    def status(self, done: int | None, failed: int | None, **fields: object) -> DvStatus:
        def told(value):  # type: ignore[no-untyped-def]
            return Figure(value, "charon", self.now, 12.0)

        status = dv_samples.running()
        rows = tuple(
            replace(row, participated=told(done), expected=told(done), ping=told(row.number / 100))
            for row in status.operators
        )
        figures = replace(status.figures, duties_succeeded=told(done), duties_failed=told(failed))
        return replace(status, operators=rows, figures=figures, **fields)  # type: ignore[arg-type]


@pytest.fixture
async def watched(layout: Layout) -> AsyncIterator[Watched]:
    (layout.data / "clusters" / "obol-cluster").mkdir(parents=True)
    one = Watched(layout)
    one.recorder.start()
    yield one
    await one.recorder.close()


async def test_counters_are_kept_by_how_much_they_grew_also_over_a_restart_of_charon(
    watched: Watched,
) -> None:
    for done, failed in ((1000, 3), (1002, 3), (1002, 5), (4, 0), (6, 1)):
        watched.tell(done, failed)
    past = await watched.recorder.read("obol-cluster", Span.HOUR)
    assert past.series["duties_succeeded"] == (None, 2.0, 0.0, 4.0, 2.0)
    assert past.series["duties_failed"] == (None, 0.0, 2.0, 0.0, 1.0)
    assert past.series["participated_4"] == (None, 2.0, 0.0, 4.0, 2.0)
    assert past.series["ping_2"] == (0.02,) * 5
    day = await watched.recorder.read("obol-cluster", Span.DAY)
    assert sum(value or 0 for value in day.series["duties_succeeded"]) == 8.0


async def test_what_charon_did_while_nobody_looked_is_not_counted(watched: Watched) -> None:
    watched.tell(10)
    await watched.recorder.close()
    later = Watched(watched.layout)
    later.now = watched.now + 600
    later.recorder.start()
    later.tell(500)
    later.tell(501)
    past = await later.recorder.read("obol-cluster", Span.HOUR)
    await later.recorder.close()
    assert past.series["duties_succeeded"] == (None, None, 1.0)
    assert past.times[1] - past.times[0] > 500


async def test_figures_that_grew_old_are_a_gap(watched: Watched) -> None:
    watched.tell(10)
    status = watched.status(11, 0)
    watched.now += 600
    watched.broadcast.publish(DvChanged(status))
    past = await watched.recorder.read("obol-cluster", Span.HOUR)
    assert past.series["ping_2"] == (0.02, None)
    assert past.series["duties_succeeded"] == (None, None)


async def test_nothing_is_kept_of_one_without_keys(watched: Watched) -> None:
    watched.tell(10, cluster=dv_samples.facts())
    past = await watched.recorder.read("obol-cluster", Span.HOUR)
    assert past.times == ()
    assert not list((watched.layout.data / "clusters" / "obol-cluster").iterdir())


async def test_a_removed_one_is_forgotten(watched: Watched) -> None:
    watched.tell(10)
    watched.broadcast.publish(DvRemoved("obol-cluster"))
    past = await watched.recorder.read("obol-cluster", Span.HOUR)
    assert past.times == ()


async def test_the_files_of_four_operators_stay_below_a_quarter_of_a_megabyte(
    watched: Watched,
) -> None:
    watched.tell(10)
    await watched.recorder.flush()
    folder = watched.layout.data / "clusters" / "obol-cluster" / "history"
    size = sum(file.stat().st_size for file in folder.iterdir())
    watched.now += 5 * 86_400
    watched.tell(10)
    await watched.recorder.flush()
    assert size == sum(file.stat().st_size for file in folder.iterdir()) < 250_000


# --- what was timed between two looks -------------------------------------------------------


def scrape(pings: Timed, answers: Timed) -> CharonMetrics:
    """The recorded scrape with these counters."""
    found = parse_metrics((METRICS / "four-of-four-node0.txt").read_text("utf-8"))
    peers = tuple(replace(peer, pings=pings) for peer in found.peers)
    return replace(found, peers=peers, beacon_answers=answers)


def test_a_ping_is_that_of_the_last_twelve_seconds_not_of_all_days() -> None:
    before = scrape(Timed(10_000, 100.0), Timed(100, 5.0))
    now = scrape(Timed(10_010, 105.0), Timed(104, 6.0)).since(before)
    assert now.peers[1].ping == pytest.approx(0.5)
    assert now.beacon_latency == pytest.approx(0.25)


def test_a_peer_that_was_not_pinged_since_has_no_ping() -> None:
    before = scrape(Timed(10, 1.0), Timed(4, 1.0))
    assert scrape(Timed(10, 1.0), Timed(4, 1.0)).since(before).peers[1].ping is None


def test_a_charon_that_was_begun_anew_counts_from_zero() -> None:
    before = scrape(Timed(10_000, 100.0), Timed(100, 5.0))
    assert scrape(Timed(10, 1.0), Timed(4, 1.0)).since(before).peers[1].ping == pytest.approx(0.1)


def test_answers_of_the_beacon_node_are_summed_over_their_kinds() -> None:
    text = "".join(
        f'app_eth2_latency_seconds_sum{{endpoint="{name}"}} {total}\n'
        f'app_eth2_latency_seconds_count{{endpoint="{name}"}} {count}\n'
        for name, total, count in (("spec", 1.0, 10), ("genesis", 2.0, 20))
    )
    assert parse_metrics(text).beacon_latency == pytest.approx(0.1)
    assert parse_metrics("").beacon_latency is None
