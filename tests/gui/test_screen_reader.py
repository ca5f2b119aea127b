# SPDX-License-Identifier: Apache-2.0
"""What a screen reader is told of every view, by Qt's own tree (QAccessible)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from desktop.components.bars import Bar
from desktop.logview.view import LogView
from tests.gui.test_keyboard import NAMED, controls, told
from tests.helpers import samples
from tests.helpers.spoken import Role, Spoken, hidden, identity_of, spoken_tree
from tests.helpers.views import DIALOGS, STEPS, VIEWS, View

See = Callable[[View], QWidget]

ACTED_ON = {
    Role.Button, Role.ButtonMenu, Role.CheckBox, Role.RadioButton, Role.EditableText, Role.ComboBox,
    Role.SpinBox, Role.List, Role.Table, Role.Document,
}  # fmt: skip
SHOWN = {Role.Chart, Role.Graphic, Role.ProgressBar}
"""What is drawn: it has to say what it shows."""


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_a_screen_reader_is_told_what_each_control_is_and_is_called(view: View, see: See) -> None:
    root = see(view)
    window = root.window()
    tree = spoken_tree(window)
    assert tree.name
    nodes = {node.identity: node for node in tree.all}
    wanted = {identity_of(one): told(one) for one in controls(window)}
    assert [name for one, name in wanted.items() if one not in nodes] == [], "not in the tree"
    vague = [
        f"{wanted[one]}: {nodes[one].role.name}"
        for one in wanted
        if nodes[one].role not in ACTED_ON | SHOWN
    ]
    assert vague == [], "a person is not told what it is"
    acted_on = [node for node in nodes.values() if node.role in ACTED_ON and not node.hidden]
    assert [node.role.name for node in acted_on if not node.name] == [], "without a name"
    drawn = [node for node in nodes.values() if node.role in SHOWN and not node.hidden]
    assert [node.role.name for node in drawn if not node.words] == [], "says nothing"
    lying = [told(one) for one in window.findChildren(QWidget) if hidden(one) is one.isVisible()]
    assert lying == [], "says that it can be seen and cannot, or the other way round"
    assert said_and_seen(tree, window) == [], "can be read and is not told"
    if view in (*STEPS, *DIALOGS):
        assert strangely_called(root) == [], "called otherwise than the label beside it"


def said_and_seen(tree: Spoken, window: QWidget) -> list[str]:
    """Words on the screen that nothing in the tree says; a label may be called otherwise."""
    words = plain("\n".join(node.words for node in tree.all if not node.hidden))
    return [
        one.text()
        for one in window.findChildren(QLabel)
        if one.isVisible() and not one.accessibleName() and plain(one.text()) not in words
    ]


def plain(text: str) -> str:
    return " ".join(text.replace("&", "").split())


def nodes_of(root: QWidget, role: Role) -> list[Spoken]:
    tree = spoken_tree(root.window())
    return [node for node in tree.all if node.role is role and not node.hidden]


def test_the_strip_and_the_charts_of_the_overview_tell_their_figures(see: See) -> None:
    charts = {node.name: node.description for node in nodes_of(see(NAMED["overview"]), Role.Chart)}
    assert "96 signed, 1 proposed and signed, 3 missed" in charts.pop("Last 100 blocks")
    assert set(charts) == {"Block time", "Signing latency", "Peers"}
    assert charts["Peers"].startswith("Last 23, least 23, greatest 23")
    told = r"Last [0-9].*least [0-9].*greatest [0-9]"
    assert all(re.search(told, one) for one in charts.values())


def test_arrow_keys_on_the_strip_and_on_a_chart_tell_single_values(see: See) -> None:
    for name, kind in (("overview", "BlockStrip"), ("charts", "ChartCard")):
        root = see(NAMED[name])
        one = next(one for one in controls(root) if type(one).__name__ == kind)
        before = one.accessibleDescription()
        one.setFocus(Qt.FocusReason.TabFocusReason)
        QTest.keyClick(root.window().windowHandle(), Qt.Key.Key_Left)
        [said] = [
            node.description
            for node in spoken_tree(root.window()).all
            if node.identity == identity_of(one)
        ]
        assert said != before
        assert re.search("[0-9]{2}:[0-9]{2}", said), said


def test_the_charts_page_tells_each_chart_in_words(see: See) -> None:
    charts = nodes_of(see(NAMED["charts"]), Role.Chart)
    assert len(charts) == 6
    assert all(re.search("[0-9]", node.description) for node in charts)


def test_a_bar_tells_its_share_and_an_unknown_one_tells_none(see: See) -> None:
    root = see(NAMED["overview"])
    [bar] = nodes_of(root, Role.ProgressBar)
    assert (bar.name, bar.description) == ("Slashing budget used", "0.4 %")
    [shown] = [one for one in root.findChildren(Bar) if one.isVisible()]
    shown.show_share(0.42)
    [bar] = nodes_of(root, Role.ProgressBar)
    assert (bar.value, bar.description) == ("42", "42.0 %")
    shown.show_share(None)
    [bar] = nodes_of(root, Role.ProgressBar)
    assert bar.description == ""


def test_rows_of_lists_and_tables_are_read(see: See) -> None:
    root = see(NAMED["network"])
    cells = nodes_of(root, Role.Cell)
    assert len(cells) >= 4 * len(samples.PEERS)
    assert all(cell.name for cell in cells)
    assert [node.name for node in nodes_of(root, Role.ListItem)] == [
        "my-validator: signing · omniphi-testnet-2"
    ]


def test_the_log_tells_its_newest_line_and_the_one_gone_to(see: See) -> None:
    root = see(NAMED["logs"])
    log = root.findChild(LogView)
    log.setFocus(Qt.FocusReason.TabFocusReason)
    [node] = nodes_of(root, Role.Document)
    assert node.description == log.line(log.snapshot.count - 1).spoken
    log.go_to(3)
    [node] = nodes_of(root, Role.Document)
    assert node.description == log.line(3).spoken


def strangely_called(root: QWidget) -> list[str]:
    """Fields that no label on the screen names."""
    labels = [one for one in root.findChildren(QLabel) if one.isVisible() and one.text().strip()]
    buddies = {one.buddy(): plain(one.text()) for one in labels if one.buddy() is not None}
    seen = {plain(one.text()) for one in labels}
    strange = []
    for field in root.findChildren(QWidget):
        if not isinstance(field, QLineEdit | QComboBox | QPlainTextEdit) or not field.isVisible():
            continue
        if isinstance(field.parent(), QAbstractSpinBox | QComboBox) or field in buddies:
            continue
        if isinstance(field.parent(), QWidget) and field.parent() in buddies:
            continue
        if isinstance(field, QPlainTextEdit) and field.isReadOnly():
            continue
        name = plain(field.accessibleName())
        if not any(one in name or name in one for one in seen):
            strange.append(told(field))
    return strange
