# SPDX-License-Identifier: Apache-2.0
"""The clock: wrong only where the servers prove it, unknown where they cannot tell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node_manager.checks.clock import check_clock, from_block, from_date, judge_clock, offset
from node_manager.checks.result import CheckState


@given(
    ahead=st.floats(-100, 100),
    truth=st.floats(1e9, 2e9),
    there=st.floats(0, 3),
    back=st.floats(0, 3),
)
def test_a_date_never_proves_more_than_is_true(
    ahead: float, truth: float, there: float, back: float
) -> None:
    date = float(int(truth + there))
    reading = from_date("s", date, truth + ahead, truth + there + back + ahead)
    assert reading.low is not None
    assert reading.high is not None
    assert reading.low - 1e-4 <= ahead <= reading.high + 1e-4


def test_a_right_clock_is_right() -> None:
    assert judge_clock([from_date("a", 1000, 1000.4, 1000.6)]).state is CheckState.OK


@pytest.mark.parametrize(
    ("ahead", "state", "word"),
    [(5, CheckState.WARN, "fast"), (-5, CheckState.WARN, "slow"), (60, CheckState.FAIL, "fast")],
)
def test_a_wrong_clock_is_told_by_how_much(ahead: float, state: CheckState, word: str) -> None:
    result = judge_clock([from_date("a", 1000, 1000.4 + ahead, 1000.6 + ahead)])
    assert result.state is state
    assert word in str(result.explanation)


def test_one_wrong_server_does_not_make_this_clock_wrong() -> None:
    wrong, right = from_date("a", 900, 1000.4, 1000.6), from_date("b", 1000, 1000.4, 1000.6)
    assert judge_clock([wrong, right]).state is CheckState.OK


def test_a_block_from_the_future_proves_a_slow_clock_and_an_old_one_nothing() -> None:
    assert judge_clock([from_block("a", 1060, 1000)]).state is CheckState.FAIL
    assert offset(from_block("a", 500, 1000)) is None
    assert judge_clock([from_block("a", 500, 1000)]).state is CheckState.UNKNOWN


def test_without_an_answer_it_is_unknown() -> None:
    assert judge_clock([]).state is CheckState.UNKNOWN


async def test_a_network_on_this_computer_has_the_same_clock() -> None:
    assert (await check_clock(["http://127.0.0.1:1"])).state is CheckState.OK


async def test_servers_that_do_not_answer_leave_it_unknown() -> None:
    result = await check_clock(["http://192.0.2.1.invalid:1"])
    assert result.state is CheckState.UNKNOWN
    assert (await check_clock([])).state is CheckState.UNKNOWN
