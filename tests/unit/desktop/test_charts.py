# SPDX-License-Identifier: Apache-2.0
"""Charts tell only what was measured."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desktop.components.line_chart import runs, scale_of, told
from desktop.history import MINUTES, History
from tests.helpers import samples

values = st.lists(st.floats(min_value=0, max_value=1e12), min_size=1, max_size=50)


@given(values, st.booleans())
def test_the_axis_holds_every_value_with_four_lines_at_most(
    measured: list[float], from_zero: bool
) -> None:
    low, high, step = scale_of(measured, from_zero=from_zero)
    slack = 1e-6 * max(1.0, high)
    assert low <= min(measured) + slack
    assert high >= max(measured) - slack
    assert 1 <= round((high - low) / step) <= 3


def test_an_axis_without_values_still_has_a_height() -> None:
    low, high, _step = scale_of([], from_zero=True)
    assert high > low


def test_an_unknown_value_parts_the_line() -> None:
    assert runs([(0, 1.0), (60, None), (120, 2.0)]) == [[(0, 1.0)], [(120, 2.0)]]


def test_a_long_silence_parts_the_line_too() -> None:
    assert len(runs([(0, 1.0), (60, 1.0), (600, 2.0)])) == 2


def test_a_chart_is_told_in_words() -> None:
    words = told([1.0, 1.0, 2.0, 2.0], lambda value: f"{value:.0f}")
    assert words == "Last 2, least 1, greatest 2, rising."
    assert told([], str) == "Nothing measured yet."


def test_one_point_a_minute_is_kept_for_an_hour() -> None:
    history = History()
    start = 1_800_000_000.0
    for second in range(0, 7200, 20):
        now = start + second
        history.add(samples.signing(now), now)
    points = history.series("peers")
    assert len(points) == MINUTES + 1
    assert all(value == 23 for _at, value in points)


def test_a_figure_that_is_too_old_is_no_point() -> None:
    history = History()
    start = 1_800_000_000.0
    history.add(samples.signing(start), start + 3600)
    assert history.series("block time") == [(start + 3600, None)]
