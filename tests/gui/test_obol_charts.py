# SPDX-License-Identifier: Apache-2.0
"""The Charts page of a distributed validator as a person uses it."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.charts.cluster_kinds import derived, named
from desktop.components.sidebar import NavRow
from desktop.pages.obol_charts import ObolChartsPage
from node_manager.history.recorder import Past, Span
from node_manager.obol.events import DvChanged
from tests.gui.conftest import Opened
from tests.helpers import dv_samples, history_samples
from tests.helpers.fake_engine import FakeEngine

OPERATORS = named(dv_samples.operators())
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def charts(open_window: Opened, qtbot: QtBot) -> Any:
    def opened(past: Any = history_samples.cluster_past) -> tuple[FakeEngine, ObolChartsPage]:
        engine = FakeEngine()
        engine.dv_past = past
        engine.clusters["obol-cluster"] = dv_samples.running()
        window = open_window(engine)
        rows = {row.accessibleName(): row for row in window.sidebar.findChildren(NavRow)}
        qtbot.mouseClick(rows["Charts"], LEFT)
        page = window.stack.currentWidget()
        assert isinstance(page, ObolChartsPage)
        qtbot.waitUntil(lambda: page.cards[0]._past is not None)
        return engine, page

    return opened


def card(page: ObolChartsPage, key: str) -> Any:
    return next(one for one in page.cards if one.kind.key == key)


def test_every_figure_of_a_cluster_has_a_chart_and_words(charts: Any) -> None:
    _engine, page = charts()
    keys = [one.kind.key for one in page.cards]
    assert keys == [
        "duties", "participation", "ping", "clock", "beacon-latency", "beacon-peers", "memory",
        "disk",
    ]  # fmt: skip
    for one in page.cards:
        assert one.accessibleName()
        assert "Last " in one.accessibleDescription() or "done and" in one.accessibleDescription()


def test_each_operator_has_a_line_a_name_and_its_own_sentence(charts: Any) -> None:
    _engine, page = charts()
    shares = card(page, "participation")
    assert [line.name for line in shares.kind.lines] == [
        "this node", "0x2aB9…0c3D", "0xF03e…77a1", "0x8d52…41Fe",
    ]  # fmt: skip
    assert len(shares.plot.curves) == 4
    *_others, last = shares.accessibleDescription().splitlines()
    assert last.startswith("0x8d52…41Fe: Last ")
    assert "least 4.2 %" in last
    assert len(card(page, "ping").kind.lines) == 3  # nobody pings itself


def test_a_span_is_asked_for_and_shown(charts: Any, qtbot: QtBot) -> None:
    engine, page = charts()
    qtbot.mouseClick(page.span.segment("week"), LEFT)
    qtbot.waitUntil(lambda: page.cards[0]._past.span is Span.WEEK)
    assert engine.asked[-1] == ("dv history", "obol-cluster", Span.WEEK)


def test_keys_go_from_point_to_point_and_name_every_value(charts: Any, qtbot: QtBot) -> None:
    _engine, page = charts()
    pings = card(page, "ping")
    pings.setFocus()
    for _press in range(90):
        qtbot.keyClick(pings, Qt.Key.Key_Left)
    told = pings.accessibleDescription().replace("\N{WORD JOINER}", "")
    assert "0x8d52…41Fe\N{NO-BREAK SPACE}unknown" in told  # its node was away then
    assert "0x2aB9…0c3D\N{NO-BREAK SPACE}unknown" not in told
    qtbot.keyClick(pings, Qt.Key.Key_Escape)
    assert pings._moment.text() == ""


def test_a_chart_is_copied_as_a_table_and_as_a_picture(charts: Any) -> None:
    _engine, page = charts()
    shares = card(page, "participation")
    shares.copy_table()
    rows = list(csv.reader(io.StringIO(QApplication.clipboard().text())))
    assert rows[0] == ["time", *(f"participation_{number}" for number in range(1, 5))]
    assert len(rows) == 1 + len(shares._past.times)
    shares.copy_picture()
    assert QApplication.clipboard().pixmap().width() > 100


def test_a_past_of_which_nothing_is_known_reads_so(charts: Any) -> None:
    _engine, page = charts(history_samples.nothing)
    for one in page.cards:
        assert "Nothing measured yet." in one.accessibleDescription()
    assert card(page, "duties")._value.text() == "unknown"


def test_the_charts_follow_the_operators(charts: Any, qtbot: QtBot) -> None:
    engine, page = charts()
    status = dv_samples.running()
    engine.publish(DvChanged(replace(status, operators=status.operators[:3])))
    qtbot.waitUntil(lambda: len(card(page, "participation").kind.lines) == 3)
    qtbot.waitUntil(lambda: page.cards[0]._past is not None)


# --- what is drawn of what was kept ---------------------------------------------------------


def past(span: Span, **series: tuple[float | None, ...]) -> Past:
    length = len(next(iter(series.values())))
    return Past(span, 15, tuple(1000.0 + 15 * place for place in range(length)), series)


def test_duties_are_summed_and_an_unobserved_period_stays_a_gap() -> None:
    kept = past(Span.HOUR, duties_succeeded=(None, 2.0, None, 3.0), duties_failed=(None,) * 4)
    drawn = derived(kept, ())
    assert drawn.series["duties_succeeded"] == (None, 2.0, None, 5.0)
    assert drawn.series["duties_failed"] == (None,) * 4


def test_the_participation_is_that_of_the_window_before_each_point() -> None:
    quiet, one = (0.0,) * 39, OPERATORS[:1]
    kept = past(
        Span.HOUR,
        participated_1=(1.0, *quiet, 0.0, *quiet, 2.0),
        expected_1=(1.0, *quiet, 1.0, *quiet, 2.0),
    )
    shares = derived(kept, one).series["participation_1"]
    assert shares[0] == shares[39] == 1.0
    assert shares[40] == shares[79] == 0.0  # the duty of ten minutes ago no longer counts
    assert shares[80] == 1.0


def test_without_a_duty_in_the_window_the_participation_is_unknown() -> None:
    kept = past(Span.HOUR, participated_1=(0.0, None), expected_1=(0.0, None))
    assert derived(kept, OPERATORS[:1]).series["participation_1"] == (None, None)
