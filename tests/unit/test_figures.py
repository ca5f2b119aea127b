# SPDX-License-Identifier: Apache-2.0
"""A figure has a source and an age; an old one is stale, an older one unknown."""

from __future__ import annotations

import pytest

from node_manager.figures import Figure, read, unknown


@pytest.mark.parametrize(
    ("age", "stale", "value"),
    [(0, False, 7), (15, False, 7), (15.1, True, 7), (50, True, 7), (50.1, True, None)],
)
def test_a_figure_becomes_stale_then_unknown(age: float, stale: bool, value: int | None) -> None:
    figure = Figure(7, "this node", at=1000.0, period=5.0)
    assert figure.stale(1000 + age) is stale
    assert figure.current(1000 + age) == value


def test_a_figure_never_read_is_unknown_and_says_why() -> None:
    figure: Figure[int] = unknown("the node is stopped", "this node")
    assert figure.current() is None
    assert figure.age() is None
    assert not figure.stale()
    assert figure.why == "the node is stopped"


def test_a_fresh_figure_is_current() -> None:
    assert read(3, "chain").current() == 3


def test_a_clock_set_back_does_not_make_a_negative_age() -> None:
    assert Figure(1, "x", at=1000.0).age(990.0) == 0.0
