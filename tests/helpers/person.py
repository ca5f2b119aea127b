# SPDX-License-Identifier: Apache-2.0
"""A person at the real window: sees, clicks and types, while the app's own loop runs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import TypeVar

import qasync
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QWidget

from desktop.context import Context
from desktop.engine.adapter import EngineAdapter
from desktop.engine.client import EngineClient
from desktop.lifecycle import Lifecycle
from desktop.window import MainWindow
from node_manager.layout import Layout

T = TypeVar("T")


class WindowedApp:
    """The app as `desktop.app` puts it together, in this process.

    Attributes:
        window: its window, shown.
        exit_code: what the process would end with, once `used_by` is over.
    """

    def __init__(
        self, qapp: QApplication, layout: Layout, make: Callable[[], EngineClient]
    ) -> None:
        qapp.setQuitOnLastWindowClosed(False)
        self._loop = qasync.QEventLoop(qapp, already_running=False)
        self.context = Context(EngineAdapter(), layout, "0.1.0")
        self.window = MainWindow(self.context)
        self._lifecycle = Lifecycle(
            qapp,
            self.window,
            self.context,
            SimpleNamespace(),  # type: ignore[arg-type]
            make,
        )
        self.window.show()

    @property
    def exit_code(self) -> int:
        return self._lifecycle.exit_code

    def used_by(self, person: Callable[[], Awaitable[None]], seconds: float) -> None:
        """Live until the person has ended the app; a failing person ends it too."""

        async def use() -> None:
            living = asyncio.ensure_future(self._lifecycle.live(""))
            try:
                await person()
            finally:
                self._lifecycle.end(stop_nodes=True)
                await living

        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(asyncio.wait_for(use(), seconds))
        finally:
            self.window.may_close = True
            self.window.close()
            self._loop.close()
            asyncio.set_event_loop(None)


async def see(what: str, look: Callable[[], T | None], seconds: float = 60.0) -> T:
    """Wait until there is something to see."""
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not seen within {seconds:.0f} s: {what}")
        await asyncio.sleep(0.05)
    return seen


async def click(button: QAbstractButton, seconds: float = 20.0) -> None:
    """Click a button once it can be clicked."""
    await see(f"the button {button.text()!r}", lambda: usable(button), seconds)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


async def write(field: QLineEdit, text: str) -> None:
    """Type `text` into a field in place of what is there."""
    await see(f"the field {field.accessibleName()!r}", lambda: usable(field))
    QTest.mouseClick(field, Qt.MouseButton.LeftButton)
    QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(field, text)


def usable(widget: QWidget) -> bool:
    """Whether a person could use it now."""
    return widget.isVisible() and widget.isEnabled()


def button_of(within: QWidget, text: str) -> QAbstractButton:
    """The button with this text."""
    found = [one for one in within.findChildren(QAbstractButton) if one.text().strip() == text]
    assert found, f"no button {text!r}"
    return found[0]


def words_of(within: QWidget) -> str:
    """All that can be read there now."""
    return "\n".join(one.text() for one in within.findChildren(QLabel) if one.isVisible())


def dialog() -> QWidget | None:
    """The dialog that asks now."""
    return QApplication.activeModalWidget()
