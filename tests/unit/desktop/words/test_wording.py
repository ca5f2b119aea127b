# SPDX-License-Identifier: Apache-2.0
"""Numbers, ages and units read as a person writes them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QLocale

from desktop.words import wording


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    yield
    QLocale.setDefault(before)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "0 s"),
        (12, "12 s"),
        (73, "1 min"),
        (51 * 60 + 20, "51 min"),
        (6360, "1 h 46 min"),
        (57_600, "16 h"),
        (57_633, "16 h"),
        (57_480, "15 h 58 min"),
        (6 * 86400 + 4 * 3600, "6 d 4 h"),
        (3 * 86400, "3 d"),
        (287 * 86400, "287 d"),
    ],
)
def test_durations_have_two_units_at_most(seconds: float, words: str) -> None:
    assert wording.duration(seconds) == words


def test_an_exact_duration_keeps_its_seconds() -> None:
    assert wording.duration(73, exact=True) == "1 min 13 s"
    assert wording.duration(120, exact=True) == "2 min"


def test_what_has_not_happened_reads_never() -> None:
    assert wording.ago(None) == "never"
    assert wording.ago(12) == "12 s ago"


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (4_126, "4 KB"),
        (61_800_000, "61.8 MB"),
        (302_000_000_000, "302 GB"),
        (1_050_000_000, "1.1 GB"),
        (999_600, "1.0 MB"),
    ],
)
def test_sizes_have_three_digits_and_a_space(count: int, words: str) -> None:
    assert wording.size(count) == words


def test_numbers_follow_the_locale() -> None:
    assert wording.number(4_182_907) == "4,182,907"
    QLocale.setDefault(QLocale(QLocale.Language.German, QLocale.Country.Germany))
    assert wording.number(4_182_907) == "4.182.907"
    assert wording.decimal(2.03) == "2,03"


def test_a_computer_without_a_locale_still_groups_digits() -> None:
    QLocale.setDefault(QLocale.c())
    assert wording.number(28_391) == "28,391"


def test_one_is_not_many() -> None:
    assert wording.blocks(1) == "1 block"
    assert wording.blocks(0) == "0 blocks"
    assert wording.peers(1) == "1 peer"


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.0004, "0.4 ms"), (0.034, "34 ms"), (1.23, "1.2 s")]
)
def test_latencies_choose_their_unit(seconds: float, words: str) -> None:
    assert wording.latency(seconds) == words


@given(st.floats(min_value=0, max_value=1e10))
def test_every_duration_can_be_said(seconds: float) -> None:
    words = wording.duration(seconds)
    assert words
    assert "-" not in words


def test_a_date_that_is_none_is_left_as_it_is() -> None:
    assert wording.date("2026-11-16T09:12:00+00:00").endswith("2026")
    assert wording.date("some day") == "some day"
