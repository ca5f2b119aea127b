# SPDX-License-Identifier: Apache-2.0
"""Labels, buttons, cards: plain Qt widgets selected by the style sheet's properties."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.look.icons import icon

STANDS_BELOW = 480
"""Pixels of the concept; a sentence beside a button would have no room in less."""


def put(widget: QWidget, name: str, value: str) -> None:
    """Set the property `name` and dress the widget anew if it changed."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        style = widget.style()
        style.unpolish(widget)
        style.polish(widget)


def label(text: str = "", kind: str = "body", *, tone: str = "", wrap: bool = False) -> QLabel:
    """A label of the kinds that the style sheet knows."""
    result = QLabel(text)
    result.setProperty("kind", kind)
    result.setProperty("tone", tone)
    result.setTextFormat(Qt.TextFormat.PlainText)
    result.setWordWrap(wrap)
    if wrap:
        result.setMinimumWidth(1)
        result.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
    return result


def tag(text: str, tone: str = "t2") -> QLabel:
    """A short word in a box."""
    result = label(text, "tag", tone=tone)
    result.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
    return result


def button(
    text: str,
    on_click: Callable[[], object] | None = None,
    *,
    kind: str = "plain",
    symbol: str = "",
    name: str = "",
) -> QPushButton:
    """A button: kinds "primary", "plain", "small", "link", "quiet"."""
    # The space parts text and icon; the style alone puts them too close.
    result = QPushButton(f" {text}" if symbol else text)
    result.setProperty("kind", kind)
    result.setAccessibleName(name or text.replace("&", ""))
    result.setAutoDefault(False)
    result.setCursor(Qt.CursorShape.PointingHandCursor)
    if symbol:
        ink = {"primary": "on_acc", "link": "acc", "quiet": "t2"}.get(kind, "t1")
        result.setIcon(icon(symbol, ink))
        result.setIconSize(QSize(16, 16))
    if on_click is not None:
        result.clicked.connect(lambda _checked=False: on_click())
    return result


def icon_button(
    symbol: str, name: str, on_click: Callable[[], object] | None = None, *, ink: str = "t2"
) -> QToolButton:
    """A bare button with an icon; `name` is its tooltip and accessible name."""
    result = QToolButton()
    result.setProperty("kind", "bare")
    result.setIcon(icon(symbol, ink))
    result.setIconSize(QSize(14, 14))
    result.setMinimumSize(28, 28)
    result.setToolTip(name)
    result.setAccessibleName(name)
    result.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    if on_click is not None:
        result.clicked.connect(lambda _checked=False: on_click())
    return result


def rule(*, vertical: bool = False) -> QFrame:
    """A divider of one pixel."""
    result = QFrame()
    result.setProperty("kind", "rule")
    if vertical:
        result.setFixedWidth(1)
    else:
        result.setFixedHeight(1)
    return result


class Card(QFrame):
    """A surface with a border and round corners, with a layout to fill."""

    def __init__(
        self, *, margins: tuple[int, int, int, int] = (16, 14, 16, 14), gap: int = 6
    ) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(*margins)
        self.body.setSpacing(gap)


def see_through_scroll(content: QWidget) -> QScrollArea:
    """Scrolls `content` up and down; what lies behind shows through."""
    scroll = QScrollArea()
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    scroll.setWidgetResizable(True)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    # Of our own: of Qt's viewport Python would have to find out the class, a slow search.
    scroll.setViewport(QWidget())
    scroll.setWidget(content)
    content.setAutoFillBackground(False)
    return scroll


def row(*parts: QWidget | QLayout | int | None, gap: int = 8) -> QHBoxLayout:
    """A row without margins; None stretches, a number is a space in pixels."""
    layout = QHBoxLayout()
    fill(layout, parts, gap)
    return layout


def lie_or_stand(line: QHBoxLayout, room: float) -> None:
    """Put the parts of a row below each other where `room`, in the concept's pixels, is little."""
    way = QHBoxLayout.Direction.LeftToRight
    if room < STANDS_BELOW:
        way = QHBoxLayout.Direction.TopToBottom
    if line.direction() != way:
        line.setDirection(way)


def column(*parts: QWidget | QLayout | int | None, gap: int = 0) -> QVBoxLayout:
    """A column without margins; None stretches, a number is a space in pixels."""
    layout = QVBoxLayout()
    fill(layout, parts, gap)
    return layout


def fill(
    layout: QHBoxLayout | QVBoxLayout, parts: tuple[QWidget | QLayout | int | None, ...], gap: int
) -> None:
    """Put parts into a row or column as `row` and `column` do."""
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(gap)
    for part in parts:
        if part is None:
            layout.addStretch(1)
        elif isinstance(part, int):
            layout.addSpacing(part)
        elif isinstance(part, QLayout):
            layout.addLayout(part)
        else:
            layout.addWidget(part)


def take_out(layout: QLayout) -> None:
    """Empty a layout of its widgets, to put them into other places.

    An item that `takeAt` leaves behind stays the one that a widget tells when its texts need
    another height, and the widget's next place would never hear of it.
    """
    while (item := layout.itemAt(0)) is not None:
        layout.removeWidget(item.widget())


def clear(layout: QLayout) -> None:
    """Empty a layout and delete what was in it."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
        elif (inner := item.layout()) is not None:
            clear(inner)
            inner.deleteLater()
