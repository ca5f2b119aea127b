# SPDX-License-Identifier: Apache-2.0
"""The sidebar when there is little room: it scrolls, and what is selected is in sight."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QWidget

from desktop.components.sidebar import NavRow
from desktop.look.theme import theme
from desktop.pages.registry import page_specs
from desktop.window import MainWindow
from tests.gui.conftest import Opened
from tests.helpers import samples
from tests.helpers.fake_engine import FakeEngine
from tests.helpers.wizard import settle_for

MANY = 12


def numbered(place: int) -> str:
    return f"validator-{place}"


@pytest.fixture
def window(open_window: Opened) -> Iterator[MainWindow]:
    status = samples.signing()
    engine = FakeEngine(
        [
            replace(status, node_id=numbered(place), moniker=numbered(place))
            for place in range(MANY)
        ],
        samples.doors(),
    )
    shown = open_window(engine)
    shown.resize(1024, 700)
    yield shown
    theme().choose("light", 1.0)


def seen_whole(widget: QWidget, inside: QWidget, part: QRect | None = None) -> bool:
    """Whether `part` of a widget lies within `inside` and is not cut by what it lies in."""
    rect = part or widget.rect()
    visible = QRect(widget.mapTo(inside, rect.topLeft()), rect.size())
    clipped = widget.visibleRegion().boundingRect()
    return inside.rect().contains(visible) and clipped.contains(rect)


@pytest.mark.parametrize("larger", [1.0, 2.0])
def test_the_validator_that_is_shown_is_in_sight(window: MainWindow, larger: float) -> None:
    theme().choose("light", larger)
    nodes = window.sidebar.nodes
    for place in (MANY - 1, 0, MANY // 2):
        window.show_node(numbered(place))
        settle_for(0.1)
        row = nodes.visualRect(nodes.currentIndex())
        assert nodes.currentIndex().row() == place
        assert seen_whole(nodes.viewport(), window, row)


@pytest.mark.parametrize("larger", [1.0, 2.0])
def test_the_page_that_is_open_is_in_sight(window: MainWindow, larger: float) -> None:
    theme().choose("light", larger)
    for key in ("settings", "overview"):
        window.open_page(key)
        settle_for(0.1)
        row = next(nav for nav in window.sidebar.findChildren(NavRow) if nav.key == key)
        assert row.isChecked()
        assert seen_whole(row, window)


def test_no_row_is_squeezed(window: MainWindow) -> None:
    theme().choose("light", 2.0)
    settle_for(0.1)
    rows = window.sidebar.findChildren(NavRow)
    assert len(rows) == len(page_specs())
    assert {row.height() for row in rows} == {theme().px(32)}
    places = sorted(row.mapTo(window.sidebar._side, QPoint(0, 0)).y() for row in rows)
    assert all(later - earlier >= theme().px(32) for earlier, later in zip(places, places[1:]))  # noqa: B905, RUF007


def test_at_the_usual_size_nothing_scrolls_for_one_validator(open_window: Opened) -> None:
    shown = open_window(FakeEngine([samples.signing()], samples.doors()))
    settle_for(0.1)
    assert shown.sidebar._scroll.verticalScrollBar().maximum() == 0


def test_the_validator_stays_in_sight_when_text_grows(window: MainWindow) -> None:
    nodes = window.sidebar.nodes
    window.show_node(numbered(4))
    settle_for(0.1)
    theme().choose("light", 2.0)
    settle_for(0.1)
    assert nodes.currentIndex().row() == 4
    assert seen_whole(nodes.viewport(), window, nodes.visualRect(nodes.currentIndex()))
