# SPDX-License-Identifier: Apache-2.0
"""Everything can be reached and seen to be reached with the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage, QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QButtonGroup,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QScrollBar,
    QWidget,
)

from desktop.look.theme import theme
from desktop.preferences.data import MoveDialog
from tests.helpers.views import VIEWS, View

Look = Callable[[View], QWidget]

ENOUGH = 60
"""Pixels of a ring: the smallest one is drawn around a mark of 16 pixels."""
NON_TEXT = 3.0
"""WCAG 2.2, 1.4.11 and 2.4.13."""
KINDS = (QAbstractButton, QLineEdit, QComboBox, QAbstractSpinBox, QAbstractItemView, QPlainTextEdit)
OWN = ("LogView", "BlockStrip", "ChartCard", "Path", "PartRow")
"""Widgets of ours that take keys."""

NAMED = {view.name: view for view in VIEWS}
OF_ALL_KINDS = (
    "overview", "charts", "logs", "keys", "network", "doctor", "alerts", "settings",
    "obol-invited", "obol-run-beacon", "first-run-network", "first-run-name", "first-run-key",
    "protect", "bundle", "website",
)  # fmt: skip
"""Views that hold every kind of control."""


def controls(root: QWidget) -> list[QWidget]:
    """What a person can act on there now."""
    buttons = [one for one in root.findChildren(QAbstractButton) if one.isVisible()]
    chosen = [one for one in buttons if one.isChecked()]
    grouped = {one for one in buttons if not one.isChecked() and _rival(one, chosen)}
    return [
        one
        for one in root.findChildren(QWidget)
        if (isinstance(one, KINDS) or type(one).__name__ in OWN)
        and one.isVisible()
        and one.isEnabled()
        and one not in grouped
        and not isinstance(one, QScrollBar | QHeaderView)
        and not _is_inner(one)
    ]


def _rival(button: QAbstractButton, chosen: list[QAbstractButton]) -> bool:
    """Whether another button of its group is chosen: arrow keys lead from that one to it."""
    for group in button.window().findChildren(QButtonGroup):
        if button in group.buttons():
            return group.exclusive() and group.checkedButton() is not None
    return button.autoExclusive() and any(
        one.autoExclusive() and one.parent() is button.parent() for one in chosen
    )


def _is_inner(widget: QWidget) -> bool:
    """Whether it is a part of a control of Qt's own."""
    if type(widget).__module__.startswith("PySide6") and isinstance(widget, QAbstractButton):
        return isinstance(widget.parent(), QLineEdit | QAbstractItemView)
    return isinstance(widget.parent(), QAbstractSpinBox | QComboBox)


def told(widget: QWidget) -> str:
    own = widget.text() if isinstance(widget, QAbstractButton) else ""
    return f"{type(widget).__name__} {widget.accessibleName() or own!r}"


def pressed(root: QWidget, *, back: bool) -> QWidget | None:
    """Press Tab, or Shift+Tab; what has the keyboard then."""
    shift = Qt.KeyboardModifier.ShiftModifier if back else Qt.KeyboardModifier.NoModifier
    key = Qt.Key.Key_Backtab if back else Qt.Key.Key_Tab
    QTest.keyClick(root.window().windowHandle(), key, shift)
    return QApplication.focusWidget()


def round_trip(root: QWidget, *, back: bool = False) -> list[QWidget]:
    """Where Tab leads from what has the keyboard, until it comes back there."""
    first = pressed(root, back=back)
    assert first is not None
    stops = [first]
    for _press in range(200):
        stop = pressed(root, back=back)
        assert stop is not None
        if stop is first:
            return stops
        assert stop not in stops, f"Tab goes in a circle at {told(stop)}"
        shown = stop.visibleRegion()
        assert not shown.isEmpty(), f"{told(stop)} has the keyboard out of sight"
        stops.append(stop)
    raise AssertionError("Tab does not come back")


def goes_back(before: QRect, after: QRect) -> bool:
    """Up within a column, or to the left within a row; another column may begin at its top."""
    side_by_side = before.top() < after.bottom() and after.top() < before.bottom()
    one_column = before.left() < after.right() and after.left() < before.right()
    if side_by_side:
        return after.left() < before.left()
    return one_column and after.bottom() <= before.top()


def ground_of(widget: QWidget, root: QWidget) -> QWidget:
    """What scrolls with the widget, else the root."""
    at = widget
    while at is not root:
        above = at.parent()
        if not isinstance(above, QWidget):
            break
        if isinstance(above.parent(), QScrollArea):
            return at
        at = above
    return root


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_tab_reaches_each_control_once_as_one_reads_and_comes_back(view: View, see: Look) -> None:
    root = see(view)
    if not controls(root):
        assert isinstance(root, MoveDialog), "there is nothing to act on"
        return
    stops = round_trip(root)
    wanted = controls(root.window())
    assert [told(one) for one in wanted if one not in stops] == [], "Tab never comes there"
    assert [told(one) for one in stops if one not in wanted] == [], "nothing can be done there"
    assert back_steps(stops, root) == []
    back = round_trip(root, back=True)
    assert [told(one) for one in back] == [told(one) for one in _turned(stops, back[0])]
    clashes = {key: owners for key, owners in keys_of(root.window()).items() if len(owners) > 1}
    assert clashes == {}, "a key means two things"


def keys_of(window: QWidget) -> dict[str, list[str]]:
    """Shortcuts and mnemonics that count now, each with what it belongs to."""
    keys: dict[str, list[str]] = {}
    for shortcut in window.findChildren(QShortcut):
        owner = shortcut.parent()
        if isinstance(owner, QWidget) and owner.isVisible():
            keys.setdefault(shortcut.key().toString(), []).append(told(owner))
    for one in window.findChildren(QWidget):
        if isinstance(one, QLabel | QAbstractButton) and one.isVisible():
            mnemonic = QKeySequence.mnemonic(one.text())
            if not mnemonic.isEmpty() and (isinstance(one, QAbstractButton) or one.buddy()):
                keys.setdefault(mnemonic.toString(), []).append(one.text())
    return keys


def back_steps(stops: list[QWidget], root: QWidget) -> list[str]:
    """Where Tab goes against the order of reading within what scrolls together."""
    boxes: dict[QWidget, list[tuple[QWidget, QRect]]] = {}
    for stop in stops:
        ground = ground_of(stop, root.window())
        boxes.setdefault(ground, []).append(
            (stop, QRect(stop.mapTo(ground, QPoint(0, 0)), stop.size()))
        )
    wrong = []
    for found in boxes.values():
        back = [
            f"{told(one)} -> {told(other)}"
            for (one, before), (other, after) in pairwise([*found, found[0]])
            if goes_back(before, after)
        ]
        # Once round it goes from the end to the beginning.
        wrong += back if len(back) > 1 else []
    return wrong


def _turned(stops: list[QWidget], first: QWidget) -> list[QWidget]:
    """The ring of stops the other way round, from `first` on."""
    ring = stops[::-1]
    at = ring.index(first)
    return ring[at:] + ring[:at]


@pytest.mark.parametrize("name", ["keys", "first-run-key", "protect", "obol-run-beacon"])
def test_arrow_keys_lead_through_a_group_of_which_tab_reaches_the_chosen_one(
    name: str, see: Look
) -> None:
    root = see(NAMED[name])
    groups = [
        group
        for group in root.window().findChildren(QButtonGroup)
        if any(one.isVisible() and one.isEnabled() for one in group.buttons())
    ]
    assert groups
    for group in groups:
        usable = [one for one in group.buttons() if one.isVisible() and one.isEnabled()]
        reached = {usable[0]}
        usable[0].click()
        assert usable[0] in round_trip(root)
        usable[0].setFocus(Qt.FocusReason.TabFocusReason)
        for _press in usable[1:]:
            for key in (Qt.Key.Key_Right, Qt.Key.Key_Down):
                QTest.keyClick(root.window().windowHandle(), key)
                chosen = group.checkedButton()
                if chosen not in reached:
                    break
            assert chosen.hasFocus()
            reached.add(chosen)
        assert reached == set(usable)


def luminance(picture: QImage) -> NDArray[np.float64]:
    """Of each pixel, relative (WCAG 2.2)."""
    plain = picture.convertToFormat(QImage.Format.Format_RGB32)
    bits = np.frombuffer(plain.constBits(), np.uint8)
    rows = bits.reshape(plain.height(), plain.bytesPerLine())[:, : plain.width() * 4]
    share = rows.reshape(plain.height(), plain.width(), 4)[:, :, :3] / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    blue, green, red = (linear[:, :, at] for at in range(3))
    return np.asarray(0.2126 * red + 0.7152 * green + 0.0722 * blue)


def changed(before: QImage, after: QImage) -> int:
    """Pixels that stand out from what they were."""
    one, other = luminance(before) + 0.05, luminance(after) + 0.05
    return int((np.maximum(one, other) / np.minimum(one, other) >= NON_TEXT).sum())


def ring(stop: QWidget, root: QWidget) -> int:
    """How many pixels tell that `stop` has the keyboard."""
    window = root.window()
    ground = ground_of(stop, window)
    if ground is not window:
        area = ground.parent().parent()
        assert isinstance(area, QScrollArea)
        area.ensureWidgetVisible(stop)
    around = QRect(stop.mapTo(window, QPoint(0, 0)), stop.size()).adjusted(-4, -4, 4, 4)
    after = window.grab(around).toImage()
    stop.clearFocus()
    before = window.grab(around).toImage()
    stop.setFocus(Qt.FocusReason.TabFocusReason)
    return changed(before, after)


@pytest.mark.parametrize("name", OF_ALL_KINDS)
def test_where_the_keyboard_is_stands_out_in_both_themes(name: str, see: Look) -> None:
    root = see(NAMED[name])
    kinds = {}
    for stop in controls(root.window()):
        kind = (type(stop), *(stop.property(name) for name in ("kind", "measure", "place", "tone")))
        kinds.setdefault(kind, stop)
    faint = []
    for appearance in ("light", "dark"):
        theme().choose(appearance, 1.0)
        for stop in kinds.values():
            stop.setFocus(Qt.FocusReason.TabFocusReason)
            if (seen := ring(stop, root)) < ENOUGH:
                faint.append(f"{appearance}: {told(stop)}, {seen} pixels")
    assert faint == []
