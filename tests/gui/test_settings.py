# SPDX-License-Identifier: Apache-2.0
"""Settings, websites that ask, and alerts, as a person meets them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from bridge.alert_webhook import WebhookRefused
from bridge.server.pairing import PairingRequested, PairingsChanged
from bridge.settings_errors import PortHeld
from desktop.components.ask import Ask
from desktop.concierge import Concierge
from desktop.window import MainWindow
from node_manager.alerts.alert import Alert, AlertCleared, AlertKind, AlertRaised
from node_manager.explanation import Explanation
from node_manager.layout import Layout
from node_manager.moving import MoveRefused
from node_manager.settings import SettingsUnreadable
from tests.gui.conftest import Opened
from tests.helpers import samples
from tests.helpers.fake_engine import FakeEngine
from tests.helpers.page_shots import PAIRINGS

EAGER = "https://eager.example"
ASKED = PairingRequested("7", "https://portal.example", "K7M4QX", ("read",), 120.0)


@pytest.fixture
def engine() -> FakeEngine:
    engine = FakeEngine([samples.signing()], samples.doors())
    engine.known_pairings = list(PAIRINGS)
    return engine


@pytest.fixture
def settings(
    engine: FakeEngine, open_window: Opened, qtbot: QtBot, layout: Layout,
    monkeypatch: pytest.MonkeyPatch,
) -> Any:  # fmt: skip
    layout.pointer.parent.mkdir(parents=True)
    layout.pointer.write_text(json.dumps({"data": str(layout.data)}))
    monkeypatch.setenv("ONECLICK_POINTER", str(layout.pointer))
    monkeypatch.delenv("ONECLICK_DATA", raising=False)
    window = open_window(engine)
    window.open_page("settings")
    page: Any = window.page("settings")
    qtbot.waitUntil(lambda: page.settings is not None)
    return page


def press(qtbot: QtBot, widget: QWidget) -> None:
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def test_a_choice_is_stored_at_once(settings: Any, engine: FakeEngine, qtbot: QtBot) -> None:
    press(qtbot, settings.looks.appearance.segment("dark"))
    qtbot.waitUntil(lambda: engine.current_settings.window.appearance == "dark")
    press(qtbot, settings.start.start_nodes)
    qtbot.waitUntil(lambda: not engine.current_settings.window.start_nodes)
    settings.start.on_quit.setCurrentIndex(2)
    settings.start.on_quit.activated.emit(2)
    qtbot.waitUntil(lambda: engine.current_settings.window.on_quit == "stop")


def test_what_cannot_be_stored_goes_back_and_says_why(
    settings: Any, engine: FakeEngine, qtbot: QtBot
) -> None:
    engine.failures["change_settings"] = SettingsUnreadable(path="x", reason="The disk is full.")
    press(qtbot, settings.heartbeat.enabled)
    qtbot.waitUntil(settings.trouble.isVisible)
    assert settings.heartbeat.enabled.isChecked()
    assert engine.current_settings.heartbeat.enabled


def test_start_at_login_reaches_the_system(settings: Any, engine: FakeEngine, qtbot: QtBot) -> None:
    press(qtbot, settings.start.at_login)
    qtbot.waitUntil(lambda: ("login", True) in engine.asked)
    assert engine.at_login


def test_the_computer_is_kept_awake_unless_the_person_does_not_want_it(
    settings: Any, engine: FakeEngine, qtbot: QtBot
) -> None:
    assert settings.start.keep_awake.isChecked()
    press(qtbot, settings.start.keep_awake)
    qtbot.waitUntil(lambda: not engine.current_settings.window.keep_awake)


def test_an_address_is_taken_by_its_button_only(
    settings: Any, engine: FakeEngine, qtbot: QtBot
) -> None:
    field = settings.heartbeat.url.field
    field.clear()
    qtbot.keyClicks(field, "https://orchestrator.example")
    assert engine.current_settings.heartbeat.url == "http://127.0.0.1:8000"
    press(qtbot, settings.heartbeat.url.button)
    qtbot.waitUntil(lambda: engine.current_settings.heartbeat.url == "https://orchestrator.example")
    qtbot.waitUntil(lambda: not settings.heartbeat.url.button.isEnabled())


def test_a_kind_of_alert_is_silenced_and_called_back(
    settings: Any, engine: FakeEngine, qtbot: QtBot
) -> None:
    check = settings.alerts.kinds[AlertKind.BACKUP_MISSING]
    press(qtbot, check)
    qtbot.waitUntil(lambda: engine.current_settings.alerts.silenced == ["backup-missing"])
    press(qtbot, check)
    qtbot.waitUntil(lambda: engine.current_settings.alerts.silenced == [])


def test_a_trial_of_the_alert_address_tells_what_became_of_it(
    settings: Any, engine: FakeEngine, qtbot: QtBot
) -> None:
    assert not settings.alerts.trial.isEnabled()
    qtbot.keyClicks(settings.alerts.webhook.field, "https://hooks.example/1")
    qtbot.keyClick(settings.alerts.webhook.field, Qt.Key.Key_Return)
    qtbot.waitUntil(settings.alerts.trial.isEnabled)
    press(qtbot, settings.alerts.trial)
    qtbot.waitUntil(lambda: settings.alerts.told.text() == "The trial was taken.")
    engine.failures["try_webhook"] = WebhookRefused(reason="It answers 404.")
    press(qtbot, settings.alerts.trial)
    qtbot.waitUntil(lambda: "It answers 404." in settings.alerts.told.text())


def test_a_paired_website_is_revoked(settings: Any, engine: FakeEngine, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: len(settings.bridge.buttons) == 2)
    press(qtbot, settings.bridge.buttons[0])
    qtbot.waitUntil(lambda: len(settings.bridge.buttons) == 1)
    assert ("revoke", "1") in engine.asked
    engine.known_pairings = []
    engine.publish(PairingsChanged())
    qtbot.waitUntil(settings.bridge.none.isVisible)


def test_a_website_that_may_not_ask_is_listed_and_let_ask_again(
    settings: Any, engine: FakeEngine, qtbot: QtBot
) -> None:
    assert settings.bridge.blocked.none.isVisible()
    engine.blocked = ["https://eager.example"]
    engine.publish(PairingsChanged())
    qtbot.waitUntil(lambda: len(settings.bridge.blocked.buttons) == 1)
    press(qtbot, settings.bridge.blocked.buttons[0])
    qtbot.waitUntil(lambda: ("let ask", "https://eager.example") in engine.asked)
    qtbot.waitUntil(settings.bridge.blocked.none.isVisible)


def test_updates_read_unknown(settings: Any) -> None:
    assert settings.updates.state.text() == "unknown"


def test_a_move_is_asked_for_and_a_refusal_is_told(
    settings: Any, engine: FakeEngine, qtbot: QtBot, tmp_path: Path
) -> None:
    engine.failures["move_data"] = MoveRefused(target=tmp_path, reason="It is not empty.")
    settings.data.move_asked.emit(tmp_path / "new")
    ask = QApplication.activeModalWidget()
    assert isinstance(ask, Ask)
    assert not any(one[0] == "move" for one in engine.asked)
    press(qtbot, ask.yes_button)
    qtbot.waitUntil(lambda: ("move", tmp_path / "new") in engine.asked)
    qtbot.waitUntil(settings.move_dialog._close.isVisible)
    with qtbot.waitSignal(settings.context.wishes.restart):
        press(qtbot, settings.move_dialog._close)
    settings.move_dialog.done(0)


def test_a_folder_named_at_the_start_is_not_moved(
    engine: FakeEngine, open_window: Opened, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONECLICK_DATA", str(layout.data))
    window = open_window(engine)
    window.open_page("settings")
    page: Any = window.page("settings")
    assert not page.data.move.isEnabled()
    assert "ONECLICK_DATA" in page.data.note.text()


@pytest.fixture
def concierge(engine: FakeEngine, open_window: Opened) -> tuple[MainWindow, Any, list[Any]]:
    window = open_window(engine)
    told: list[Any] = []
    return window, Concierge(window.context, window, lambda *words: told.append(words)), told


def test_a_website_that_asks_is_shown_with_its_code_and_refused_by_default(
    concierge: Any, engine: FakeEngine, qtbot: QtBot
) -> None:
    _window, desk, _told = concierge
    engine.publish(ASKED)
    qtbot.waitUntil(lambda: desk.dialog is not None)
    dialog = desk.dialog
    assert "portal.example wants to read the public key and the state." in dialog.question
    assert dialog.code.text() == "K7M 4QX"
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: ("decide", "7", "refuse") in engine.asked)


def test_a_website_is_allowed_for_good_when_the_person_says_so(
    concierge: Any, engine: FakeEngine, qtbot: QtBot
) -> None:
    _window, desk, _told = concierge
    engine.publish(ASKED)
    qtbot.waitUntil(lambda: desk.dialog is not None)
    dialog = desk.dialog
    press(qtbot, dialog.always)
    press(qtbot, dialog.allow_button)
    qtbot.waitUntil(lambda: ("decide", "7", "always") in engine.asked)
    assert ("decide", "7", "refuse") not in engine.asked


def test_a_website_is_refused_for_good(concierge: Any, engine: FakeEngine, qtbot: QtBot) -> None:
    _window, desk, _told = concierge
    engine.publish(ASKED)
    qtbot.waitUntil(lambda: desk.dialog is not None)
    press(qtbot, desk.dialog.never_button)
    qtbot.waitUntil(lambda: ("decide", "7", "never") in engine.asked)
    assert ("decide", "7", "refuse") not in engine.asked


def test_websites_that_ask_beside_each_other_are_answered_in_turn(
    concierge: Any, engine: FakeEngine, qtbot: QtBot
) -> None:
    """One that asks again and again stays where it is, and hides nobody."""
    window, desk, _told = concierge
    raised = []
    window.bring_up = lambda: raised.append(True)
    for number in ("1", "2", "3"):
        engine.publish(PairingRequested(number, EAGER, "K7M4QX", ("control",), 120.0))
    engine.publish(ASKED)
    qtbot.waitUntil(lambda: desk.dialog is not None and "portal" in desk.dialog.others.text())
    assert desk.dialog.others.isVisible()
    assert "eager.example wants to" in desk.dialog.question
    assert len(raised) == 1
    shown = desk.dialog
    engine.publish(PairingRequested("4", EAGER, "K7M4QX", ("control",), 120.0))
    qtbot.waitUntil(lambda: desk.dialog is not shown)
    assert "portal.example" in desk.dialog.others.text()
    assert len(raised) == 1
    press(qtbot, desk.dialog.refuse_button)
    qtbot.waitUntil(lambda: _is_about(desk, "portal"))
    assert not desk.dialog.others.isVisible()
    press(qtbot, desk.dialog.allow_button)
    qtbot.waitUntil(lambda: ("decide", "7", "once") in engine.asked)
    answers = [one for one in engine.asked if one[0] == "decide"]
    assert [one[2] for one in answers] == ["refuse", "once"]
    qtbot.waitUntil(lambda: desk.dialog is None)


def test_a_question_that_ran_out_in_the_queue_is_not_asked(
    concierge: Any, engine: FakeEngine, qtbot: QtBot
) -> None:
    _window, desk, _told = concierge
    engine.publish(PairingRequested("1", EAGER, "K7M4QX", ("read",), 120.0))
    engine.publish(PairingRequested("2", "https://gone.example", "K7M4QX", ("read",), 0.2))
    engine.publish(ASKED)
    qtbot.waitUntil(lambda: desk.dialog is not None and "portal" in desk.dialog.others.text())
    qtbot.wait(300)
    press(qtbot, desk.dialog.refuse_button)
    qtbot.waitUntil(lambda: _is_about(desk, "portal"))


def _is_about(desk: Any, site: str) -> bool:
    return desk.dialog is not None and site in desk.dialog.question


def test_no_answer_is_a_refusal(concierge: Any, engine: FakeEngine, qtbot: QtBot) -> None:
    engine.publish(PairingRequested("8", "https://portal.example", "K7M4QX", ("read",), 0.05))
    qtbot.waitUntil(lambda: ("decide", "8", "refuse") in engine.asked)


def test_alerts_are_told_once_and_silenced_ones_are_not(
    concierge: Any, engine: FakeEngine, qtbot: QtBot
) -> None:
    _window, _desk, told = concierge
    trouble = Explanation("j", "Jailed.", "Why.", "Unjail.")
    alert = Alert(AlertKind.JAILED, "one", "first", trouble, 1e9)
    other = Alert(AlertKind.DISK_85, "one", "first", trouble, 1e9)
    engine.publish(AlertRaised(other, notify=False))
    engine.publish(AlertRaised(alert, notify=True))
    qtbot.waitUntil(lambda: told == [("first: Jailed.", "Why. Unjail.")])
    engine.publish(AlertCleared(alert, notify=True))
    qtbot.waitUntil(lambda: told[-1] == ("first", "It is over: The validator is jailed"))


def test_the_doctor_counts_for_the_badge(concierge: Any, engine: FakeEngine, qtbot: QtBot) -> None:
    from tests.helpers import check_samples

    window, desk, _told = concierge
    engine.checks = check_samples.to_mend()
    desk.look()
    qtbot.waitUntil(lambda: window.context.to_mend == 4)


def test_a_port_moves_by_its_button_and_its_heartbeat_follows(
    settings: Any, engine: FakeEngine, qtbot: QtBot
) -> None:
    number = settings.orchestrator.port
    editor = number.field.lineEdit()
    assert editor.width() > editor.fontMetrics().horizontalAdvance(editor.text())
    assert not number.button.isEnabled()
    number.field.setValue(8123)
    assert engine.current_settings.orchestrator.port == 8000
    press(qtbot, number.button)
    qtbot.waitUntil(lambda: engine.current_settings.orchestrator.port == 8123)
    assert engine.current_settings.heartbeat.url == "http://127.0.0.1:8123"
    qtbot.waitUntil(lambda: not number.button.isEnabled())


def test_a_refused_port_goes_back_and_the_reason_is_in_sight(
    settings: Any, engine: FakeEngine, qtbot: QtBot
) -> None:
    engine.failures["change_settings"] = PortHeld(port=15001, holder="gaiad (process 4121)")
    settings.bridge.port.field.setValue(15001)
    press(qtbot, settings.bridge.port.button)
    qtbot.waitUntil(settings.trouble.isVisible)
    assert "gaiad (process 4121)" in settings.trouble.report()
    assert settings.bridge.port.field.value() == 15000
    assert not settings.trouble.visibleRegion().isEmpty()


def test_websites_metrics_and_the_interval_are_settings(
    settings: Any, engine: FakeEngine, qtbot: QtBot
) -> None:
    press(qtbot, settings.bridge.metrics)
    qtbot.waitUntil(lambda: engine.current_settings.bridge.metrics)
    origins = settings.bridge.origins
    qtbot.keyClicks(origins.address.field, "https://portal.example/")
    press(qtbot, origins.address.button)
    qtbot.waitUntil(lambda: engine.current_settings.bridge.origins == ["https://portal.example"])
    qtbot.waitUntil(lambda: len(origins.buttons) == 1)
    assert origins.address.field.text() == ""
    press(qtbot, origins.buttons[0])
    qtbot.waitUntil(lambda: engine.current_settings.bridge.origins == [])
    settings.heartbeat.seconds.field.setValue(60)
    press(qtbot, settings.heartbeat.seconds.button)
    qtbot.waitUntil(lambda: engine.current_settings.heartbeat.seconds == 60.0)
    press(qtbot, settings.orchestrator.embedded)
    qtbot.waitUntil(lambda: not engine.current_settings.orchestrator.embedded)
