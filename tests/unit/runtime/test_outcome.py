# SPDX-License-Identifier: Apache-2.0
"""An end in words that are true."""

from __future__ import annotations

import pytest

from node_manager.runtime.outcome import Outcome


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Outcome(0), "ended in order"),
        (Outcome(2), "ended with exit code 2"),
        (Outcome(None, signal=11), "was ended by SIGSEGV"),
        (Outcome(None, signal=9), "short of memory"),
        (Outcome(None, signal=9, wanted=True, forced=True), "did not end within its time"),
        (Outcome(None, adopted=True), "exit code is unknown"),
        (Outcome(None, signal=250), "signal 250"),
    ],
)
def test_words(outcome: Outcome, words: str) -> None:
    assert words in str(outcome)


def test_only_a_known_zero_is_clean() -> None:
    assert Outcome(0).clean
    assert not Outcome(None, adopted=True).clean
    assert not Outcome(1).clean
