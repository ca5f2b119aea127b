# SPDX-License-Identifier: Apache-2.0
"""Speed, standstill and the time left."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node_manager.cosmos.pace import RATE_SECONDS, BlockPace, HeightPace, seconds_left


def test_speed_is_taken_over_the_last_half_minute() -> None:
    pace = HeightPace()
    for second in range(100):
        pace.add(second * (10 if second < 50 else 2), float(second))
    assert pace.blocks_per_second() is not None
    slow = HeightPace()
    for second in range(50, 100):
        slow.add(second * 2, float(second))
    assert slow.blocks_per_second() == pytest.approx(2)
    assert slow._seen[-1][0] - slow._seen[0][0] <= RATE_SECONDS


def test_standstill_counts_from_the_last_growth() -> None:
    pace = HeightPace()
    assert pace.stalled_for(0) is None
    pace.add(5, 10.0)
    assert pace.stalled_for(12.0) == 2
    pace.add(6, 13.0)
    pace.add(6, 20.0)
    assert pace.stalled_for(25.0) == 12
    assert pace.still_for() == 7


def test_a_node_that_begins_anew_has_no_speed_yet() -> None:
    pace = HeightPace()
    pace.add(500, 0.0)
    pace.add(510, 1.0)
    pace.add(3, 2.0)
    assert pace.blocks_per_second() is None


def test_block_time_is_a_median_that_one_pause_does_not_move() -> None:
    pace = BlockPace()
    assert pace.median() is None
    pace.add_all([(h, 1000 + h * 2.0) for h in range(1, 20)])
    pace.add(20, 5000.0)
    assert pace.median() == pytest.approx(2.0)


def test_blocks_of_the_past_and_of_never_do_not_count() -> None:
    pace = BlockPace()
    pace.add(1, 0.0)
    pace.add(10, 100.0)
    pace.add(9, 99.0)
    pace.add(10, 100.0)
    assert pace.median() is None


def test_the_time_left_counts_the_blocks_that_come_meanwhile() -> None:
    assert seconds_left(100, 11.0, 1.0) == pytest.approx(10)
    assert seconds_left(100, 10.0, None) == pytest.approx(10)


def test_there_is_no_estimate_for_a_node_that_does_not_gain() -> None:
    assert seconds_left(100, 1.0, 1.0) is None
    assert seconds_left(100, 0.0, 1.0) is None
    assert seconds_left(100, None, 1.0) is None
    assert seconds_left(0, None, None) == 0


@given(
    st.integers(1, 10**9),
    st.floats(0.001, 10**5),
    st.floats(0.01, 60),
)
def test_an_estimate_is_never_negative(behind: int, rate: float, block: float) -> None:
    left = seconds_left(behind, rate, block)
    assert left is None or left > 0
