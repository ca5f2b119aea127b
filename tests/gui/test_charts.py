# SPDX-License-Identifier: Apache-2.0
"""The Charts page as a person uses it."""

from __future__ import annotations

import csv
import io
import math
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.charts.table import with_gaps
from node_manager.history.recorder import Span
from tests.gui.conftest import Opened
from tests.helpers import history_samples, samples
from tests.helpers.fake_engine import FakeEngine


@pytest.fixture
def charts(open_window: Opened, qtbot: QtBot) -> Any:
    def opened(past: Any = history_samples.past) -> tuple[FakeEngine, Any]:
        engine = FakeEngine([samples.signing()], samples.doors())
        engine.past = past
        window = open_window(engine)
        window.open_page("charts")
        page: Any = window.page("charts")
        qtbot.waitUntil(lambda: page.cards[0]._past is not None)
        return engine, page

    return opened


def test_a_span_is_asked_for_and_shown(charts: Any, qtbot: QtBot) -> None:
    engine, page = charts()
    qtbot.mouseClick(page.span.segment("week"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.cards[0]._past.span is Span.WEEK)
    assert ("history", "omniphi-testnet-2", Span.WEEK) in engine.asked


def test_a_gap_stays_a_gap(charts: Any) -> None:
    past = history_samples.past(Span.HOUR)
    times, values = with_gaps(past, "peers", 1.0)
    assert sum(map(math.isnan, values)) == 1
    assert times == sorted(times)


def test_every_chart_is_told_in_words(charts: Any) -> None:
    _engine, page = charts()
    for card in page.cards:
        assert card.accessibleName()
        assert card.accessibleDescription().startswith("Last ")


def test_a_past_of_which_nothing_is_known_reads_unknown(charts: Any) -> None:
    _engine, page = charts(history_samples.nothing)
    assert {card._value.text() for card in page.cards} == {"unknown"}
    assert page.cards[0].text.text() == "Nothing measured yet."


def test_keys_go_from_point_to_point(charts: Any, qtbot: QtBot) -> None:
    _engine, page = charts()
    card = page.cards[1]
    qtbot.keyClick(card, Qt.Key.Key_Right)
    last = card._moment.text()
    for _press in range(30):
        qtbot.keyClick(card, Qt.Key.Key_Left)
    assert card._moment.text() != last
    qtbot.keyClick(card, Qt.Key.Key_Escape)
    assert card._moment.text() == ""


def test_a_chart_is_copied_as_a_table_and_as_a_picture(charts: Any) -> None:
    _engine, page = charts()
    page.cards[3].copy_table()
    rows = list(csv.reader(io.StringIO(QApplication.clipboard().text())))
    assert rows[0] == ["time", "latency_p50", "latency_p99"]
    assert len(rows) == 1 + len(page.cards[3]._past.times)
    page.cards[3].copy_picture()
    assert QApplication.clipboard().pixmap().width() > 100
