# SPDX-License-Identifier: Apache-2.0
"""The app's life in a process of its own loop: it opens, asks once, and ends in order."""

from __future__ import annotations

import argparse
import asyncio
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import qasync
from PySide6.QtCore import QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bridge.engine import InstanceLock
from desktop import geometry
from desktop.components.not_opened import NotOpened
from desktop.context import Context
from desktop.engine.adapter import EngineAdapter
from desktop.lifecycle import Lifecycle
from desktop.single_instance import SingleInstance, door_of, raise_other
from desktop.tray import Tray
from desktop.window import MainWindow
from node_manager.errors import AnotherInstance
from node_manager.layout import Layout
from tests.helpers import samples
from tests.helpers.fake_engine import FakeEngine


class App:
    """A window with its lifecycle on a loop that `live` runs to its end."""

    def __init__(
        self,
        qapp: QApplication,
        layout: Layout,
        engine: FakeEngine,
        factory: Callable[[], FakeEngine] | None = None,
    ) -> None:
        self.context = Context(EngineAdapter(), layout, "0.1.0")
        self.window = MainWindow(self.context)
        self.engine = engine
        self._loop = qasync.QEventLoop(qapp, already_running=False)
        self.lifecycle = Lifecycle(
            qapp, self.window, self.context, argparse.Namespace(), factory or (lambda: engine)
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


class FirstWindow:
    """A window that listens for later starts; `raised` has their links."""

    def __init__(self, qapp: QApplication, layout: Layout) -> None:
        self._loop = qasync.QEventLoop(qapp, already_running=False)
        self._instance = SingleInstance(layout)
        self.raised: list[str] = []
        self._instance.raised.connect(self.raised.append)

    def while_open(self, later: Callable[[], bool]) -> bool:
        """What a later start gets: it runs on a thread, as it is another process's."""

        async def act() -> bool:
            async with self._instance:
                with ThreadPoolExecutor(1) as thread:
                    return await asyncio.get_running_loop().run_in_executor(thread, later)

        return self._loop.run_until_complete(asyncio.wait_for(act(), 20))

    def close(self) -> None:
        self._loop.close()


@pytest.fixture
def first_window(qapp: QApplication, layout: Layout) -> Iterator[FirstWindow]:
    made = FirstWindow(qapp, layout)
    yield made
    made.close()


def test_an_end_that_comes_before_the_engine_is_not_lost(app: App) -> None:
    app.lifecycle.end(stop_nodes=False)
    app.live()
    assert not app.window.isVisible()


@pytest.mark.parametrize(("choice", "stop"), [("yes", False), ("third", True)])
def test_quitting_asks_once_what_becomes_of_the_validator(
    app: App, choice: str, stop: bool
) -> None:
    app.live(app.window.close, lambda: answer(app, choice))
    assert app.engine.quit_with is stop
    assert app.lifecycle.exit_code == 0
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


def not_opened(app: App) -> NotOpened:
    page = app.window.stack.currentWidget()
    assert isinstance(page, NotOpened)
    return page


def test_an_engine_that_cannot_be_opened_is_explained_and_fails_the_start(
    qapp: QApplication, look: None, layout: Layout
) -> None:
    engine = FakeEngine()
    engine.failures["open"] = AnotherInstance(pid="42", folder="/data")
    app = App(qapp, layout, engine)
    told = []

    def look_and_close() -> None:
        told.append(not_opened(app).panel.report())
        app.window.close()

    QTimer.singleShot(300, look_and_close)
    app.live()
    assert told[0].startswith("another-instance\n")
    assert app.lifecycle.exit_code == 1
    app.close()


@pytest.mark.logs("unforeseen error")
def test_an_engine_that_cannot_even_be_loaded_is_explained_and_fails_the_start(
    qapp: QApplication, look: None, layout: Layout
) -> None:
    def broken() -> FakeEngine:
        raise ImportError("libssl.so.3: cannot open shared object file")

    app = App(qapp, layout, FakeEngine(), broken)
    told = []

    def look_and_quit() -> None:
        told.append(not_opened(app).panel.report())
        not_opened(app).quit.click()

    QTimer.singleShot(300, look_and_quit)
    app.live()
    assert "ImportError: libssl.so.3" in told[0]
    assert app.lifecycle.exit_code == 1
    app.close()


def test_the_process_of_a_start_that_failed_ends_with_1(layout: Layout) -> None:
    another = InstanceLock(layout.run)
    another.take()
    own = [sys.executable, "-m", "desktop.launch", "--data", str(layout.data)]
    done = subprocess.run([*own, "window", "--exit-after", "5"], timeout=60)
    another.give_back()
    assert done.returncode == 1


def test_a_start_that_failed_can_be_tried_again(
    qapp: QApplication, look: None, layout: Layout
) -> None:
    engine = FakeEngine()
    engine.failures["open"] = AnotherInstance(pid="42", folder="/data")
    app = App(qapp, layout, engine)
    QTimer.singleShot(300, lambda: not_opened(app).again.click())
    app.live()
    assert app.lifecycle.starts_anew
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
    first_window: FirstWindow, layout: Layout
) -> None:
    assert not raise_other(layout)
    assert first_window.while_open(lambda: raise_other(layout, "oneclick-validator://keys"))
    assert first_window.raised == ["oneclick-validator://keys"]
    assert not raise_other(layout)


def test_another_data_folder_is_another_app(
    first_window: FirstWindow, layout: Layout, tmp_path: Path
) -> None:
    other = Layout(tmp_path / "other", layout.cache)
    assert not first_window.while_open(lambda: raise_other(other))


def test_a_window_that_was_killed_is_not_waited_for(
    first_window: FirstWindow, layout: Layout
) -> None:
    layout.run.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(door_of(layout)))
    assert not raise_other(layout)
    assert first_window.while_open(lambda: raise_other(layout))


def test_a_folder_that_cannot_be_written_hinders_no_window(
    first_window: FirstWindow, layout: Layout
) -> None:
    layout.data.parent.mkdir(parents=True, exist_ok=True)
    layout.data.write_text("not a folder")
    assert first_window.while_open(lambda: True)
