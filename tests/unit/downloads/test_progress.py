# SPDX-License-Identifier: Apache-2.0
"""Rate and time left are smooth and true."""

from __future__ import annotations

import pytest

from node_manager.downloads.progress import Meter, Progress


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def run(rates: list[float], total: int, done: int = 0) -> list[Progress]:
    """Progress of a transfer with these bytes in each tenth of a second."""
    clock, seen = Clock(), []
    meter = Meter("download", seen.append, total=total, done=done, clock=clock)
    for rate in rates:
        clock.now += 0.1
        meter.add(int(rate))
    meter.finish()
    return seen


def test_a_steady_rate_is_told_as_it_is() -> None:
    last = run([1000] * 50, total=100_000)[-1]
    assert last.rate == pytest.approx(10_000)
    assert last.seconds_left == pytest.approx(5.0)


def test_one_pause_does_not_make_the_rate_jump() -> None:
    seen = run([1000] * 50 + [0] * 5, total=1_000_000)
    assert seen[-1].rate is not None
    assert seen[-1].rate > 8_000


def test_a_lasting_change_is_followed() -> None:
    seen = run([1000] * 50 + [100] * 200, total=1_000_000)
    assert seen[-1].rate == pytest.approx(1000, rel=0.1)


def test_nothing_is_claimed_in_the_first_moment() -> None:
    assert all(step.rate is None and step.seconds_left is None for step in run([500] * 3, 10_000))


def test_bytes_of_an_earlier_try_are_done_but_not_fast() -> None:
    last = run([1000] * 20, total=1_000_000, done=900_000)[-1]
    assert last.done == 920_000
    assert last.rate == pytest.approx(10_000)


def test_reports_are_rare_enough_for_a_window() -> None:
    clock, seen = Clock(), []
    meter = Meter("download", seen.append, total=10**9, clock=clock)
    for _ in range(10_000):
        clock.now += 0.001
        meter.add(1000)
    assert len(seen) <= 102


def test_without_a_total_there_is_no_time_left() -> None:
    clock, seen = Clock(), []
    meter = Meter("download", seen.append, clock=clock)
    clock.now += 2
    meter.add(1000)
    assert seen[-1].rate is not None
    assert seen[-1].seconds_left is None
