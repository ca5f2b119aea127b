# SPDX-License-Identifier: Apache-2.0
"""The past of a validator is kept in bounded files, and a gap in it stays a gap."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from node_manager.events import Broadcast, NodeChanged
from node_manager.figures import Figure
from node_manager.history.recorder import SHAPES, HistoryRecorder, Span
from node_manager.history.ring import RingFile, RingShape, Row
from node_manager.history.source import NodeSource
from node_manager.layout import Layout
from node_manager.state import NodeState, NodeStatus, SignerFigures

NOON = 1_795_000_000.0


@pytest.fixture(autouse=True)
def home(layout: Layout) -> None:
    """The validator whose figures are kept."""
    layout.node("localnet").root.mkdir(parents=True)


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


def status(now: float, height: int | None = 5, peers: int = 4, p99: float = 0.001) -> NodeStatus:
    def read(value):  # type: ignore[no-untyped-def]
        return Figure(value, "this node", now, 5.0)

    return NodeStatus(
        node_id="localnet",
        network="localnet",
        chain_id="c",
        moniker="m",
        state=NodeState.RUNNING,
        height=read(height) if height is not None else Figure(),
        peers_out=read(peers),
        peers_in=read(0),
        signer=read(SignerFigures(connected=True, latency_p50=0.0004, latency_p99=p99)),
    )


async def record(layout: Layout, clock: Clock, seconds: int, **fields: object) -> HistoryRecorder:
    broadcast = Broadcast()
    recorder = HistoryRecorder(NodeSource(layout), broadcast, clock=clock)
    recorder.start()
    for _second in range(seconds):
        broadcast.publish(NodeChanged(status(clock.now, **fields)))  # type: ignore[arg-type]
        clock.now += 1
    await recorder.close()
    return recorder


async def test_values_of_a_period_are_folded_as_their_metric_says(layout: Layout) -> None:
    clock = Clock()
    clock.now = NOON // 15 * 15
    broadcast = Broadcast()
    recorder = HistoryRecorder(NodeSource(layout), broadcast, clock=clock)
    recorder.start()
    for peers, height, p99 in ((2, 10, 0.001), (4, 11, 0.009), (6, 12, 0.002)):
        broadcast.publish(NodeChanged(status(clock.now, height, peers, p99)))
        clock.now += 1
    past = await recorder.read("localnet", Span.HOUR)
    await recorder.close()
    assert past.series["peers"] == (4.0,)
    assert past.series["height"] == (12.0,)
    assert past.series["latency_p99"] == (0.009,)
    assert past.series["memory"] == (None,)


async def test_what_was_recorded_outlives_the_app(layout: Layout) -> None:
    clock = Clock()
    await record(layout, clock, 60)
    clock.now += 600
    await record(layout, clock, 60)
    later = HistoryRecorder(NodeSource(layout), Broadcast(), clock=clock)
    past = await later.read("localnet", Span.HOUR)
    steps = [second - first for first, second in zip(past.times, past.times[1:], strict=False)]
    assert len(past.times) in (8, 9, 10)
    assert sum(step > 500 for step in steps) == 1


async def test_a_stopped_node_and_unknown_figures_leave_a_gap(layout: Layout) -> None:
    clock = Clock()
    broadcast = Broadcast()
    recorder = HistoryRecorder(NodeSource(layout), broadcast, clock=clock)
    recorder.start()
    broadcast.publish(NodeChanged(replace(status(clock.now), state=NodeState.STOPPED)))
    assert (await recorder.read("localnet", Span.HOUR)).times == ()
    broadcast.publish(NodeChanged(status(clock.now, height=None)))
    past = await recorder.read("localnet", Span.HOUR)
    await recorder.close()
    assert past.series["height"] == (None,)
    assert past.series["peers"] == (4.0,)


async def test_the_folder_of_a_removed_validator_does_not_come_back(layout: Layout) -> None:
    clock = Clock()
    root = layout.node("localnet").root
    root.rmdir()
    await record(layout, clock, 5)
    assert not root.exists()


async def test_files_do_not_grow(layout: Layout) -> None:
    clock = Clock()
    await record(layout, clock, 30)
    folder = layout.node("localnet").root / "history"
    before = {file.name: file.stat().st_size for file in folder.iterdir()}
    for _hour in range(3):
        clock.now += 86_400
        await record(layout, clock, 30)
    assert {file.name: file.stat().st_size for file in folder.iterdir()} == before
    assert sum(before.values()) < 100_000


async def test_two_runs_of_one_period_are_weighed(layout: Layout) -> None:
    clock = Clock()
    clock.now = NOON // 1800 * 1800
    await record(layout, clock, 10, peers=10)
    await record(layout, clock, 30, peers=2)
    recorder = HistoryRecorder(NodeSource(layout), Broadcast(), clock=clock)
    past = await recorder.read("localnet", Span.WEEK)
    assert past.series["peers"][0] == pytest.approx(4.0)


def test_a_damaged_row_is_left_out_and_the_rest_is_read(tmp_path: Path) -> None:
    shape = RingShape(seconds=10, rows=8)
    ring = RingFile(tmp_path / "a.ring", shape, 1)
    ring.write([Row(period, 1, (float(period),)) for period in range(100, 108)])
    content = bytearray((tmp_path / "a.ring").read_bytes())
    content[-3] ^= 0xFF
    (tmp_path / "a.ring").write_bytes(content)
    rows = ring.read(107 * 10.0)
    assert len(rows) == 7
    assert all(row.values == (float(row.period),) for row in rows)


def test_a_file_of_another_shape_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "a.ring").write_bytes(b"something else")
    ring = RingFile(tmp_path / "a.ring", RingShape(10, 8), 2)
    assert ring.read(1000.0) == []
    ring.write([Row(100, 1, (1.0, None))])
    assert ring.read(1000.0) == [Row(100, 1, (1.0, None))]


def test_each_span_is_covered() -> None:
    for span, shape in SHAPES.items():
        assert shape.seconds * (shape.rows - 1) >= span.seconds
