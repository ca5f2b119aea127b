# SPDX-License-Identifier: Apache-2.0
"""Finds by reckoning, not by picture, what a person cannot read or reach whole."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDialog,
    QLabel,
    QLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QStackedWidget,
    QTableView,
    QToolButton,
    QWidget,
)

from desktop.components.sidebar import NavRow
from desktop.look.theme import theme

LIMITLESS = 16777215
PADDING = 20
"""Pixels that a field leaves empty at its sides."""


def cut(root: QWidget) -> list[str]:
    """What is cut, covered or out of reach in the window of `root`; a line each."""
    window = root.window()
    found = [*_too_large(window)]
    for widget in (window, *window.findChildren(QWidget)):
        if widget.isVisibleTo(window) and not _of_qt(widget):
            found += [f"{told(widget)}: {why}" for why in (*_unread(widget), *_misplaced(widget))]
    return list(dict.fromkeys(found))


def told(widget: QWidget) -> str:
    """A widget as a person would find it."""
    text = widget.text() if isinstance(widget, QLabel | QAbstractButton | QLineEdit) else ""
    chain = [type(widget).__name__]
    above = widget.parentWidget()
    while above is not None:
        if type(above).__module__.startswith("desktop."):
            chain.append(type(above).__name__)
        above = above.parentWidget()
    return f"{'<'.join(chain[:4])} {(text or widget.accessibleName())[:50]!r}"


def _of_qt(widget: QWidget) -> bool:
    """Whether it is a part of one of Qt's own widgets, which lays it out by itself."""
    if widget.metaObject().className().startswith("QLineEdit"):
        return True
    above = widget.parentWidget()
    while above is not None:
        if isinstance(above, QComboBox | QAbstractSpinBox | QAbstractItemView | QPlainTextEdit):
            return True
        if isinstance(above, QAbstractScrollArea) and widget is not above.viewport():
            inner = above.widget() if isinstance(above, QScrollArea) else None
            if inner is None or not (widget is inner or inner.isAncestorOf(widget)):
                return True
        above = above.parentWidget()
    return False


def _too_large(window: QWidget) -> Iterator[str]:
    room = window.screen().availableGeometry().size()
    if isinstance(window, QDialog) and not _within(window.size(), room):
        yield f"{told(window)}: {_of(window.size())} on a screen of {_of(room)}"


def _unread(widget: QWidget) -> Iterator[str]:
    if isinstance(widget, QLabel):
        yield from _label(widget)
    elif isinstance(widget, QPushButton | QToolButton | QCheckBox | QRadioButton | NavRow):
        needed = _needed(widget)
        if not _within(needed, widget.size()):
            yield f"has {_of(widget.size())}, needs {_of(needed)}"
    elif isinstance(widget, QComboBox):
        needed = widget.fontMetrics().horizontalAdvance(widget.currentText())
        room = widget.width() - PADDING - theme().px(16)
        if needed > room:
            yield f"has {room} for {needed} of {widget.currentText()!r}"
    elif isinstance(widget, QTableView):
        yield from _table(widget)
    if isinstance(widget, QLineEdit | QComboBox):
        room = widget.contentsRect().height()
        if room < widget.fontMetrics().height():
            yield f"is {room} high for text of {widget.fontMetrics().height()}"


def _needed(button: QAbstractButton) -> QSize:
    if isinstance(button, QToolButton) and not button.text():
        return button.iconSize()
    if button.hasHeightForWidth():
        width = button.minimumSizeHint().width()
        return QSize(width, button.heightForWidth(button.width()))
    return button.sizeHint()


def _label(label: QLabel) -> Iterator[str]:
    text = label.text()
    if not text.strip():
        return
    if text.endswith("…") and not _told_whole(label):
        yield "is cut and nowhere whole"
    if not label.wordWrap():
        if not _within(label.minimumSizeHint(), label.size()):
            yield f"has {_of(label.size())}, needs {_of(label.minimumSizeHint())}"
        return
    needed = label.heightForWidth(label.width())
    if needed > label.height():
        yield f"is {label.height()} high, needs {needed} at {label.width()}"
    # The longest word alone: what does not wrap.
    room = label.contentsRect()
    flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft
    box = label.fontMetrics().boundingRect(QRect(0, 0, room.width(), LIMITLESS), flags, text)
    if box.width() > room.width() + 1:
        yield f"is {room.width()} wide, its longest word {box.width()}"


def _told_whole(label: QLabel) -> bool:
    start = label.text().rstrip("…")
    whole = (label.toolTip(), label.accessibleName(), label.accessibleDescription())
    return any(len(one) > len(start) and one.startswith(start[:9]) for one in whole)


def _table(table: QTableView) -> Iterator[str]:
    high = table.fontMetrics().height()
    for row in range(table.model().rowCount()):
        if table.rowHeight(row) < high:
            yield f"row {row} is {table.rowHeight(row)} high for text of {high}"
            break
    header = table.horizontalHeader()
    if header.isVisible():
        for section in range(header.count()):
            if header.sectionSize(section) < header.sectionSizeHint(section):
                yield f"column {section} is narrower than its name"


def _misplaced(widget: QWidget) -> Iterator[str]:
    above = widget.parentWidget()
    if above is not None and not widget.isWindow():
        yield from _outside(widget, above)
    if isinstance(widget, QStackedWidget | QAbstractScrollArea | QComboBox):
        return
    children = [
        one
        for one in widget.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
        if one.isVisibleTo(widget) and not one.isWindow()
    ]
    in_layout = {id(one) for one in _laid_out(widget.layout())}
    laid_out = [one for one in children if id(one) in in_layout]
    for one, other in combinations(laid_out, 2):
        common = one.geometry() & other.geometry()
        if common.width() > 1 and common.height() > 1:
            yield f"{told(one)} lies over {told(other)}"


def _laid_out(layout: QLayout | None) -> Iterator[QWidget]:
    for at in range(layout.count() if layout is not None else 0):
        item = layout.itemAt(at)
        if item.widget() is not None:
            yield item.widget()
        elif item.layout() is not None:
            yield from _laid_out(item.layout())


def _outside(widget: QWidget, above: QWidget) -> Iterator[str]:
    place, room = widget.geometry(), above.rect()
    scroller = above.parentWidget()
    if isinstance(scroller, QScrollArea) and above is scroller.viewport():
        if place.width() > room.width() + 1:
            yield f"is {place.width()} wide and scrolls sideways in {room.width()}"
    elif not room.adjusted(-1, -1, 1, 1).contains(place) and not place.isEmpty():
        yield f"lies at {_at(place)}, outside of {told(above)} with {_of(room.size())}"


def _within(one: QSize, other: QSize) -> bool:
    return one.width() <= other.width() + 1 and one.height() <= other.height() + 1


def _of(size: QSize) -> str:
    return f"{size.width()}x{size.height()}"


def _at(place: QRect) -> str:
    corner: QPoint = place.topLeft()
    return f"{corner.x()},{corner.y()} {_of(place.size())}"
