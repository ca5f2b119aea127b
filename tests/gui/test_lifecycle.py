# SPDX-License-Identifier: Apache-2.0
"""The app's life in a process of its own loop: it opens, asks once, and ends in order."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
import qasync
from PySide6.QtCore import QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop import geometry
from desktop.adapter import EngineAdapter
from desktop.context import Context
from desktop.lifecycle import Lifecycle
from desktop.single_instance import SingleInstance, raise_other
from desktop.tray import Tray
from desktop.window import MainWindow
from node_manager.errors import AnotherInstance
from node_manager.layout import Layout
from tests.helpers import samples
from tests.helpers.fake_engine import FakeEngine


class App:
    """A window with its lifecycle on a loop that `live` runs to its end."""

    def __init__(self, qapp: QApplication, layout: Layout, engine: FakeEngine) -> None:
        self.context = Context(EngineAdapter(), layout, "0.1.0")
        self.window = MainWindow(self.context)
        self.engine = engine
        self._loop = qasync.QEventLoop(qapp, already_running=False)
        self.lifecycle = Lifecycle(
            qapp, self.window, self.context, argparse.Namespace(), lambda: engine
        )
        self.window.show()

    def live(self, *acts: object, link: str = "") -> None:
        """Run until the app ends; each act is called once the engine is open."""

        def act() -> None:
            for place, one in enumerate(acts):
                QTimer.singleShot(60 * place, one)  # type: ignore[call-overload]

        self.context.adapter.opened.connect(act)
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(asyncio.wait_for(self.lifecycle.live(link), 20))

    def close(self) -> None:
        """Give the loop back."""
        self.window.may_close = True
        self.window.close()
        self._loop.close()
        asyncio.set_event_loop(None)


@pytest.fixture
def app(qapp: QApplication, look: None, layout: Layout) -> Iterator[App]:
    made = App(qapp, layout, FakeEngine([samples.backed_up()], samples.doors()))
    yield made
    made.close()


def answer(app: App, choice: str) -> None:
    """Press a button of the question of quitting."""
    ask = QApplication.activeModalWidget()
    assert ask is not None, "no question was asked"
    {"yes": ask.yes_button, "third": ask.third_button, "no": ask.no_button}[choice].click()


@pytest.mark.parametrize(("choice", "stop"), [("yes", False), ("third", True)])
def test_quitting_asks_once_what_becomes_of_the_validator(
    app: App, choice: str, stop: bool
) -> None:
    app.live(app.window.close, lambda: answer(app, choice))
    assert app.engine.quit_with is stop
    assert not app.window.isVisible()


def test_quitting_can_be_taken_back(app: App) -> None:
    kept = []
    app.live(
        app.window.close,
        lambda: answer(app, "no"),
        lambda: kept.append(app.window.isVisible()),
        lambda: app.lifecycle.end(stop_nodes=False),
    )
    assert kept == [True]


def test_nothing_is_asked_when_nothing_runs(qapp: QApplication, look: None, layout: Layout) -> None:
    app = App(qapp, layout, FakeEngine([samples.stopped()]))
    app.live(app.window.close)
    assert app.engine.quit_with is False
    app.close()


def test_what_the_settings_say_about_quitting_is_not_asked_again(app: App) -> None:
    window = app.engine.current_settings.window.model_copy(update={"on_quit": "stop"})
    app.engine.current_settings = app.engine.current_settings.model_copy(update={"window": window})
    app.live(lambda: None, app.window.close)
    assert app.engine.quit_with is True


def test_an_engine_that_cannot_start_is_explained_in_the_window(
    qapp: QApplication, look: None, layout: Layout
) -> None:
    engine = FakeEngine()
    engine.failures["open"] = AnotherInstance(pid="42", folder="/data")
    app = App(qapp, layout, engine)
    seen = []
    QTimer.singleShot(300, lambda: seen.append(app.window.trouble.isVisible()))
    QTimer.singleShot(350, lambda: app.lifecycle.end(stop_nodes=False))
    app.live()
    assert seen == [True]
    app.close()


def test_a_link_opens_its_page(app: App) -> None:
    shown = []
    app.live(
        lambda: app.lifecycle.on_raised("oneclick-validator://keys"),
        lambda: shown.append(app.window.stack.currentWidget() is app.window.page("keys")),
        lambda: app.lifecycle.end(stop_nodes=False),
    )
    assert shown == [True]


def test_closing_goes_to_the_tray_where_there_is_one(app: App) -> None:
    hidden = []

    def close() -> None:
        app.lifecycle.tray = Tray(app.window)
        app.window.close()

    app.live(
        close,
        lambda: hidden.append(app.window.isHidden()),
        lambda: app.lifecycle.end(stop_nodes=False),
    )
    assert hidden == [True]
    assert app.engine.quit_with is False


def test_place_and_size_are_remembered(app: App, layout: Layout) -> None:
    layout.data.mkdir(parents=True)
    app.window.resize(960, 690)
    app.live(lambda: app.lifecycle.end(stop_nodes=False))
    later = MainWindow(Context(EngineAdapter(), layout, "0.1.0"))
    later.may_close = True
    geometry.restore(later, layout)
    assert later.height() == 690
    later.close()


def test_the_tray_shows_the_worst_and_offers_the_acts(look: None, qtbot: QtBot) -> None:
    owner = QTimer()
    tray = Tray(owner)
    tray.take(samples.backed_up())
    assert "Signing." in tray.icon.toolTip()
    good = tray.icon.icon().cacheKey()
    tray.take(samples.alert())
    assert "Not signing." in tray.icon.toolTip()
    assert tray.icon.icon().cacheKey() != good
    tray.menu.aboutToShow.emit()
    texts = [action.text() for action in tray.menu.actions()]
    assert "Height 4,182,907" in texts
    assert "Stop…" in texts
    with qtbot.waitSignal(tray.toggle_asked):
        next(action for action in tray.menu.actions() if action.text() == "Stop…").trigger()
    assert not QIcon(tray.icon.icon()).isNull()


def test_a_second_start_raises_the_first_and_hands_its_link_over(
    qtbot: QtBot, tmp_path: Path
) -> None:
    assert not raise_other(tmp_path)
    first = SingleInstance(tmp_path)
    with qtbot.waitSignal(first.raised) as raised:
        assert raise_other(tmp_path, "oneclick-validator://keys")
    assert raised.args == ["oneclick-validator://keys"]
    first.close()
    assert not raise_other(tmp_path)


def test_another_data_folder_is_another_app(qtbot: QtBot, tmp_path: Path) -> None:
    first = SingleInstance(tmp_path / "one")
    assert not raise_other(tmp_path / "two")
    first.close()
