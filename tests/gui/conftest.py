# SPDX-License-Identifier: Apache-2.0
"""The window with a stand-in engine, offscreen."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop.context import Context
from desktop.engine.adapter import EngineAdapter
from desktop.look.theme import theme
from desktop.none_guard import guard_none
from desktop.roles import say_roles
from desktop.window import MainWindow
from node_manager.layout import Layout
from tests.helpers.fake_engine import FakeEngine
from tests.helpers.views import View

guard_none()
say_roles()

Opened = Callable[[FakeEngine], MainWindow]


@pytest.fixture
def look(qapp: QApplication) -> Iterator[None]:
    """The app's theme, light, and English numbers."""
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    theme().choose("light")
    yield


@pytest.fixture
def open_window(look: None, qtbot: QtBot, layout: Layout) -> Iterator[Opened]:
    """Open the window on an engine and wait until it shows what the engine knows."""
    windows: list[MainWindow] = []

    def opened(engine: FakeEngine) -> MainWindow:
        context = Context(EngineAdapter(), layout, "0.1.0")
        window = MainWindow(context)
        window.may_close = True
        qtbot.addWidget(window)
        windows.append(window)
        window.show()
        with qtbot.waitSignal(context.adapter.opened):
            context.adapter.attach(engine)
        return window

    yield opened
    for window in windows:
        window.close()


@pytest.fixture
def see(open_window: Opened, layout: Layout, qtbot: QtBot) -> Iterator[Callable[[View], QWidget]]:
    """Bring the window to a view, in front of all others; its page or dialog."""

    def seen(view: View) -> QWidget:
        window = open_window(view.engine(layout))
        window.activateWindow()
        root = view.show(window)
        # Also: nothing else came up meanwhile and took the keyboard.
        qtbot.waitUntil(lambda: QApplication.activeWindow() is root.window())
        return root

    yield seen
    while (dialog := QApplication.activeModalWidget()) is not None:
        dialog.done(0)  # type: ignore[attr-defined]
    theme().choose("light", 1.0)
