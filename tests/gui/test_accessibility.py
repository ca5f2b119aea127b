# SPDX-License-Identifier: Apache-2.0
"""What everybody must be able to read, reach and hear, on every page and in both themes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QScrollBar,
    QWidget,
)

from desktop.components.block_strip import BlockStrip
from desktop.look.theme import theme
from desktop.pages.registry import page_specs
from desktop.window import MainWindow
from node_manager.layout import Layout
from tests.gui.conftest import Opened
from tests.helpers import log_samples, page_shots, samples
from tests.helpers.fake_engine import FakeEngine
from tests.helpers.wizard import settle_for

KEYS = [spec.key for spec in page_specs()]
WCAG_TEXT = 4.5
"""WCAG 2.2, 1.4.3: text of the usual size."""

Rgb = tuple[int, int, int]


@pytest.fixture
def window(open_window: Opened, layout: Layout) -> Iterator[MainWindow]:
    engine = FakeEngine([samples.signing()], samples.doors())
    engine.lines, engine.known_peers = samples.LOG, samples.PEERS
    engine.key = samples.key(samples.signing())
    page_shots.fill(engine)
    log_samples.write_logs(layout)
    window = open_window(engine)
    window.show_node(samples.signing().node_id)
    yield window
    theme().choose("light", 1.0)


def opened(window: MainWindow, key: str) -> Any:
    window.open_page(key)
    settle_for(0.4)
    page = window.page(key)
    content = content_of(page)
    # On a busy machine answers and their layout take longer.
    for _time in range(50):
        if content.height() >= page.height_at(content.width()):
            break
        settle_for(0.1)
    return page


def luminance(colour: Rgb) -> float:
    """Relative luminance (WCAG 2.2)."""

    def linear(part: int) -> float:
        share = part / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(part) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Rgb, other: Rgb) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_computed_as_the_standard_says() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21.0)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)


def text_contrast(picture: QImage) -> float:
    """Of the ink that stands out most against the colour that fills most of the picture."""
    colours: Counter[Rgb] = Counter()
    for y in range(picture.height()):
        for x in range(picture.width()):
            colour = picture.pixelColor(x, y)
            colours[colour.red(), colour.green(), colour.blue()] += 1
    if not colours:
        return 21.0
    ground = colours.most_common(1)[0][0]
    return max(contrast(colour, ground) for colour in colours)


def texts(page: QWidget) -> list[QWidget]:
    """What shows words; a control that cannot be used now is not meant to stand out."""
    found: list[QWidget] = []
    for widget in page.findChildren(QWidget):
        shows = isinstance(widget, QLabel | QAbstractButton | QLineEdit)
        if shows and widget.text().strip() and widget.isVisible() and widget.isEnabled():
            found.append(widget)
    return found


def content_of(page: QWidget) -> QWidget:
    inner = page.widget() if isinstance(page, QScrollArea) else None
    return inner or page


@pytest.mark.parametrize("appearance", ["light", "dark"])
@pytest.mark.parametrize("key", KEYS)
def test_every_text_stands_out_from_what_is_behind_it(
    key: str, appearance: str, window: MainWindow
) -> None:
    # Twice the size: strokes are then wider than a pixel and reach their full colour.
    theme().choose(appearance, 2.0)
    page = opened(window, key)
    content = content_of(page)
    picture = content.grab().toImage()
    weak = {}
    seen = texts(content)
    for widget in seen:
        rect = QRect(widget.mapTo(content, QPoint(0, 0)), widget.size()).adjusted(5, 5, -5, -5)
        rect = rect.intersected(picture.rect())
        if rect.width() < 24 or rect.height() < 4:
            continue
        found = text_contrast(picture.copy(rect))
        if found < WCAG_TEXT:
            weak[str(getattr(widget, "text")())] = round(found, 2)  # noqa: B009
    assert seen
    assert weak == {}


def spoken_name(widget: QWidget) -> str:
    """What Qt gives a screen reader: the name that was set, else a button's own words."""
    # Not by QAccessible's interfaces: their Python wrappers do not survive their widgets.
    own = widget.text() if isinstance(widget, QAbstractButton) else ""
    return (widget.accessibleName() or own or widget.toolTip()).strip()


def controls(page: QWidget) -> list[QWidget]:
    """What a person can act on."""
    kinds = (
        QAbstractButton, QLineEdit, QComboBox, QAbstractSpinBox, QAbstractItemView, QPlainTextEdit,
    )  # fmt: skip
    return [
        widget
        for widget in page.findChildren(QWidget)
        if isinstance(widget, kinds)
        and not isinstance(widget, QScrollBar)
        and widget.isVisible()
        and not isinstance(widget.parent(), QAbstractSpinBox | QComboBox | QAbstractItemView)
    ]


@pytest.mark.parametrize("key", KEYS)
def test_every_control_has_a_name_that_can_be_spoken(key: str, window: MainWindow) -> None:
    page = opened(window, key)
    found = controls(window)
    nameless = [
        f"{type(widget).__name__} in {type(widget.parent()).__name__}"
        for widget in found
        if not spoken_name(widget)
    ]
    assert found
    assert nameless == []
    assert page.accessibleName()


@pytest.mark.parametrize("key", ["settings", "network"])
def test_a_field_is_the_buddy_of_its_label_or_says_what_it_is(key: str, window: MainWindow) -> None:
    page = opened(window, key)
    buddies = {label.buddy() for label in page.findChildren(QLabel) if label.buddy()}
    alone = [
        widget.accessibleName()
        for widget in controls(page)
        if isinstance(widget, QLineEdit | QComboBox | QAbstractSpinBox)
        and not any(widget is one or one.isAncestorOf(widget) for one in buddies)
        and not widget.accessibleName()
    ]
    assert alone == []
    if key == "settings":
        assert len(buddies) >= 8


def test_strip_and_tiles_say_in_words_what_they_show(window: MainWindow) -> None:
    page = opened(window, "overview")
    names = [widget.accessibleName() for widget in page.findChildren(QWidget)]
    strip = page.findChild(BlockStrip)
    said = strip.accessibleName() + strip.accessibleDescription()
    assert "96 signed" in said
    assert any(name.startswith("Voting power (OMNI), 1,204,500") for name in names)
