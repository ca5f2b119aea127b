# SPDX-License-Identifier: Apache-2.0
"""How often what is on the screen is painted: while somebody is there, and while nobody is."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from PySide6.QtGui import QCursor
from pytestqt.qtbot import QtBot

from desktop.attention import GOES_AFTER
from desktop.ticker import Ticker


@pytest.fixture
def ticker(qtbot: QtBot) -> Iterator[Ticker]:
    made = Ticker(None)
    yield made
    made.deleteLater()


def beats(ticker: Ticker, since: float, seconds: int) -> list[int]:
    """The seconds after `since` at which a page was painted."""
    painted: list[int] = []
    page = QObject()
    ticker.add(page, lambda now: painted.append(round(now - since)), every=2, alone=5)
    for second in range(1, seconds + 1):
        ticker.beat(since + second)
    ticker.remove(page)
    return painted


def test_a_page_that_somebody_looks_at_is_painted_every_two_seconds(ticker: Ticker) -> None:
    assert beats(ticker, time.time(), 8) == [2, 4, 6, 8]


def test_a_page_that_nobody_looks_at_is_painted_every_five(ticker: Ticker) -> None:
    since = time.time() + GOES_AFTER
    assert beats(ticker, since, 20) == [5, 10, 15, 20]


def test_a_moved_pointer_brings_the_two_seconds_back(ticker: Ticker) -> None:
    later = time.time() + GOES_AFTER
    assert beats(ticker, later, 10) == [5, 10]
    QCursor.setPos(QCursor.pos().x() + 40, 60)
    assert beats(ticker, later + 10, 4) == [2, 4]


def test_what_has_one_pace_keeps_it(ticker: Ticker) -> None:
    seconds: list[float] = []
    owner = QObject()
    ticker.add(owner, seconds.append)
    for second in range(3):
        ticker.beat(time.time() + GOES_AFTER + second)
    assert len(seconds) == 3
