# SPDX-License-Identifier: Apache-2.0
"""Nothing is cut: with text of twice the size, and in the smallest window."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop.app import set_language
from desktop.components.dress import button, label
from desktop.components.folded import Folded
from desktop.look.theme import theme
from desktop.pages.first_run import FirstRun
from desktop.window import LEAST, MainWindow
from node_manager.layout import Layout
from tests.gui.conftest import Opened
from tests.helpers import views
from tests.helpers.cut import cut
from tests.helpers.views import DIALOGS, STEPS, VIEWS, View
from tests.helpers.wizard import settle

SMALL = (1024, 700)
PATIENCE = 3.0
"""Seconds in which a view comes to rest: figures of charts and logs arrive from threads."""

GROUPS = [
    [view for view in VIEWS if view.engine is engine]
    for engine in dict.fromkeys(view.engine for view in VIEWS)
]
"""Views of one engine share a window."""


@pytest.fixture
def german(look: None, qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The longer words. A view is waited for by what it does, not by the clock."""
    monkeypatch.setattr(views, "settle_for", lambda _seconds: settle())
    set_language(qapp, "de")
    yield
    set_language(qapp, "en_US")
    theme().choose("light", 1.0)


def at_rest(root: QWidget) -> None:
    """Wait until nothing moves any more."""
    seen: list[object] = []
    end = time.monotonic() + PATIENCE
    while len(seen) < 3 or seen[-3] != seen[-1]:
        settle()
        time.sleep(0.01)
        parts = root.window().findChildren(QWidget)
        seen.append([(one.isVisible(), one.geometry().getRect()) for one in parts])
        if time.monotonic() > end:
            raise AssertionError(f"{root} does not come to rest")


def cut_in(root: QWidget) -> list[str]:
    """What is cut once the view has come to rest, and stays so."""
    end = time.monotonic() + PATIENCE
    at_rest(root)
    while (found := cut(root)) and time.monotonic() < end:
        time.sleep(0.2)
        at_rest(root)
    return found


def seen(window: MainWindow, view: View) -> QWidget:
    if view in STEPS and isinstance(window.outer.currentWidget(), FirstRun):
        window.begin_first_run()
    return view.show(window)


def leave() -> None:
    while isinstance(dialog := QApplication.activeModalWidget(), QDialog):
        dialog.done(0)
        settle()


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: str(group[0]))
def test_nothing_is_cut_where_text_is_twice_as_large(
    group: list[View], german: None, open_window: Opened, layout: Layout
) -> None:
    theme().choose("light", 2.0)
    window = open_window(group[0].engine(layout))
    window.resize(*SMALL)
    found = {}
    for view in group:
        found[view.name] = cut_in(seen(window, view))
        leave()
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: str(group[0]))
def test_nothing_is_cut_in_the_smallest_window(
    group: list[View], german: None, open_window: Opened, layout: Layout
) -> None:
    window = open_window(group[0].engine(layout))
    window.resize(*LEAST)
    found = {}
    for view in (view for view in group if view not in DIALOGS):  # they have a size of their own
        found[view.name] = cut_in(seen(window, view))
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.fixture
def box(look: None) -> Iterator[QWidget]:
    result = QWidget()
    result.resize(200, 100)
    result.show()
    yield result
    result.close()


def placed(part: QWidget, box: QWidget, x: int, y: int, width: int, height: int) -> QWidget:
    part.setParent(box)
    part.setGeometry(x, y, width, height)
    part.show()
    return part


@pytest.mark.parametrize(
    ("part", "place", "why"),
    [
        (lambda: label("Far too long for this place"), (0, 0, 40, 20), "needs"),
        (lambda: label("Many words in few lines", wrap=True), (0, 0, 60, 16), "high, needs"),
        (lambda: label("0x71C7656EC7ab88b098defB75", wrap=True), (0, 0, 60, 90), "longest word"),
        (lambda: button("Back up the key"), (0, 0, 50, 32), "needs"),
        (lambda: QLabel("x"), (190, 0, 40, 30), "outside of"),
        (lambda: QLabel("omniphi-test…"), (0, 0, 150, 30), "nowhere whole"),
    ],
)
def test_what_is_cut_is_found(part, place, why, box) -> None:  # type: ignore[no-untyped-def]
    placed(part(), box, *place)
    [found] = cut(box)
    assert why in found


def test_what_has_room_is_not_found(box: QWidget) -> None:
    placed(label("Short"), box, 0, 0, 100, 30)
    folded = Folded("0x71C7656EC7ab88b098defB75", "mono")
    placed(folded, box, 0, 30, 100, folded.heightForWidth(100))
    assert cut(box) == []


def test_what_is_copied_from_a_folded_address_is_the_address(qtbot: QtBot, look: None) -> None:
    address = "0x71C7656EC7ab88b098defB751B7401B5f6d8976F"
    folded = Folded(address, "mono", selectable=True)
    qtbot.addWidget(folded)
    folded.resize(120, 200)
    folded.show()
    assert folded.text() != address
    assert folded.accessibleName() == address
    folded.setSelection(0, len(folded.text()))
    folded.setFocus()
    qtbot.keyClick(folded, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == address
