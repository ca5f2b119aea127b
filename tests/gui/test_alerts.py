# SPDX-License-Identifier: Apache-2.0
"""The Alerts page, its badge, and the notice in a window without a tray."""

from __future__ import annotations

import time
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop.concierge import Concierge
from desktop.window import MainWindow
from node_manager.alerts.alert import Alert, AlertCleared, AlertKind, AlertRaised
from node_manager.alerts.past import PastAlert
from node_manager.explanation import Explanation
from tests.gui.conftest import Opened
from tests.helpers import samples
from tests.helpers.fake_engine import FakeEngine

NODE = samples.signing().node_id


def alert(kind: AlertKind, node_id: str = NODE) -> Alert:
    told = Explanation("a", "{peers} peers are connected.", "Why.", "Mend it.", {"peers": 0})
    return Alert(kind, node_id, "my-validator", told, time.time() - 720)


@pytest.fixture
def engine() -> FakeEngine:
    engine = FakeEngine([samples.signing()], samples.doors())
    engine.standing_alerts = [alert(AlertKind.NO_PEERS), alert(AlertKind.BACKUP_MISSING)]
    engine.over_alerts = [
        PastAlert(
            kind=AlertKind.MISSED_BLOCKS, node_id=NODE, moniker="my-validator",
            what="{missed} blocks were missed.", facts={"missed": 41}, since=1e9, until=1e9 + 90,
            notified=False,
        )
    ]  # fmt: skip
    return engine


@pytest.fixture
def opened(engine: FakeEngine, open_window: Opened, qtbot: QtBot) -> tuple[MainWindow, Any]:
    window = open_window(engine)
    window.show_node(NODE)
    window.open_page("alerts")
    page: Any = window.page("alerts")
    qtbot.waitUntil(lambda: page.settings is not None and bool(page.standing.rows))
    return window, page


def press(qtbot: QtBot, widget: Any) -> None:
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def test_it_says_what_stands_since_when_and_what_is_over(opened: Any) -> None:
    _window, page = opened
    assert page._title.text() == "2 alerts stand."
    assert page._line.text() == "One of them costs money, or soon will."
    row = page.standing.rows[0]
    assert row.accessibleName() == "broken: 0 peers are connected."
    assert "12 min" in row._since.text()
    assert [line.text() for line in page.over.lines] == ["my-validator: 41 blocks were missed."]


def test_the_way_out_is_one_click(opened: Any, engine: FakeEngine, qtbot: QtBot) -> None:
    window, page = opened
    press(qtbot, page.standing.rows[0].way)
    assert window.stack.currentWidget() is window.page("network")


def test_a_kind_is_silenced_and_called_again(opened: Any, engine: FakeEngine, qtbot: QtBot) -> None:
    _window, page = opened
    press(qtbot, page.standing.rows[0].silence)
    qtbot.waitUntil(lambda: engine.current_settings.alerts.silenced == ["no-peers"])
    qtbot.waitUntil(lambda: page.standing.rows[0].silence.text() == "Call again")
    assert "nobody is called" in page.standing.rows[0]._since.text()
    press(qtbot, page.standing.rows[0].silence)
    qtbot.waitUntil(lambda: engine.current_settings.alerts.silenced == [])


def test_what_ends_leaves_the_page_by_itself(opened: Any, engine: FakeEngine, qtbot: QtBot) -> None:
    _window, page = opened
    over = engine.standing_alerts
    engine.standing_alerts = []
    for one in over:
        engine.publish(AlertCleared(one, notify=True, at=time.time()))
    qtbot.waitUntil(lambda: page._title.text() == "Nothing calls for you.")
    assert not page.standing.isVisible()


def test_the_sidebar_counts_what_stands(
    engine: FakeEngine, open_window: Opened, qtbot: QtBot
) -> None:
    window = open_window(engine)
    Concierge(window.context, window, lambda _title, _text: None)
    engine.publish(AlertRaised(engine.standing_alerts[0], notify=False))
    row = window.sidebar._rows["alerts"]
    qtbot.waitUntil(lambda: row.accessibleName() == "Alerts, 2 broken")


@pytest.mark.parametrize("has_tray", [True, False])
def test_without_a_tray_the_window_says_what_the_desktop_cannot(
    has_tray: bool, engine: FakeEngine, open_window: Opened, qtbot: QtBot
) -> None:
    window = open_window(engine)
    window.show_node(NODE)
    told: list[str] = []
    Concierge(window.context, window, lambda title, _text: told.append(title), lambda: has_tray)
    engine.publish(AlertRaised(alert(AlertKind.NO_PEERS), notify=True))
    qtbot.waitUntil(lambda: bool(told))
    assert (window._notice is not None) is not has_tray
    if window._notice is None:
        return
    assert window._notice.isVisible()
    assert "0 peers are connected." in window._notice.accessibleName()
    press(qtbot, window._notice.more)
    assert window.stack.currentWidget() is window.page("alerts")
    assert not window._notice.isVisible()
