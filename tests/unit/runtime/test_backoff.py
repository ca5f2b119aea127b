# SPDX-License-Identifier: Apache-2.0
"""Delays grow, stay bounded, and the first is short."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from node_manager.runtime.backoff import Backoff


@given(st.integers(min_value=0, max_value=10**9))
def test_every_delay_is_positive_and_at_most_the_longest(failures: int) -> None:
    backoff = Backoff()
    assert 0 < backoff.delay(failures) <= backoff.longest


@given(st.integers(min_value=1, max_value=30))
def test_delays_do_not_shrink_without_chance(failures: int) -> None:
    backoff = Backoff(jitter=0)
    assert backoff.delay(failures) <= backoff.delay(failures + 1)


def test_the_first_restart_comes_within_a_second() -> None:
    assert max(Backoff().delay(1) for _ in range(1000)) <= 1


def test_two_validators_do_not_restart_in_step() -> None:
    assert len({Backoff().delay(3) for _ in range(10)}) > 1
