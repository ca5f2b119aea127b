# SPDX-License-Identifier: Apache-2.0
"""The ways out that a person finds in the window: repair of the record, reset of the data."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.components.ask import Ask
from desktop.pages.network import NetworkPage
from desktop.pages.overview import OverviewPage
from desktop.window import MainWindow
from node_manager.errors import BusyNode
from node_manager.signer.errors import JournalMissing, JournalOld, JournalTorn, SignerError
from node_manager.state import NodeState
from tests.gui.conftest import Opened
from tests.helpers import samples
from tests.helpers.fake_engine import FakeEngine

NODE = samples.signing().node_id


def answer(qtbot: QtBot, *, yes: bool) -> str:
    """Press a button of the question that is open; its text."""
    ask = QApplication.activeModalWidget()
    assert isinstance(ask, Ask)
    text = ask.accessibleDescription()
    button = ask.yes_button if yes else ask.no_button
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    return text


@pytest.mark.parametrize(
    "error",
    [
        JournalTorn(path="signed.journal", why="it is cut", height=7),
        JournalMissing(path="signed.journal"),
        JournalOld(height=7, seen=9),
    ],
    ids=lambda error: error.code,
)
def test_a_damaged_record_is_repaired_when_the_person_vouches_for_other_machines(
    error: SignerError, open_window: Opened, qtbot: QtBot
) -> None:
    failed = replace(samples.signing(), state=NodeState.FAILED, reason=error.explanation)
    engine = FakeEngine([failed])
    window = open_window(engine)
    page = window.page("overview")
    assert isinstance(page, OverviewPage)
    way = _button(window, "Repair the record…")
    qtbot.mouseClick(way, Qt.MouseButton.LeftButton)
    assert "no other computer" in answer(qtbot, yes=False)
    assert ("repair", NODE) not in engine.asked
    qtbot.mouseClick(way, Qt.MouseButton.LeftButton)
    answer(qtbot, yes=True)
    assert ("repair", NODE) in engine.asked


def network(window: MainWindow) -> NetworkPage:
    window.open_page("network")
    page = window.page("network")
    assert isinstance(page, NetworkPage)
    return page


def test_the_chain_data_of_a_stopped_node_are_reset_once_it_is_confirmed(
    open_window: Opened, qtbot: QtBot
) -> None:
    engine = FakeEngine([replace(samples.signing(), state=NodeState.STOPPED)])
    card = network(open_window(engine)).chain_data
    qtbot.mouseClick(card.reset, Qt.MouseButton.LeftButton)
    assert "The key, the signing record and the settings stay" in answer(qtbot, yes=False)
    assert not [asked for asked in engine.asked if asked[0] == "reset"]
    qtbot.mouseClick(card.reset, Qt.MouseButton.LeftButton)
    answer(qtbot, yes=True)
    assert ("reset", NODE, False) in engine.asked
    qtbot.waitUntil(lambda: "1.5 GB" in card.note.text())


def test_a_reset_that_is_refused_says_why(open_window: Opened, qtbot: QtBot) -> None:
    engine = FakeEngine([replace(samples.signing(), state=NodeState.STOPPED)])
    engine.failures["reset_chain_data"] = BusyNode(act="It", state="still ending")
    card = network(open_window(engine)).chain_data
    qtbot.mouseClick(card.reset, Qt.MouseButton.LeftButton)
    answer(qtbot, yes=True)
    qtbot.waitUntil(lambda: "still ending" in card.trouble.report())


def test_a_running_node_is_not_reset_and_says_why(open_window: Opened) -> None:
    card = network(open_window(FakeEngine([samples.signing()]))).chain_data
    assert not card.reset.isEnabled()
    assert "Stop" in card.reset.toolTip()
    assert "unknown" in card.sync.text()


def _button(window: MainWindow, text: str):  # type: ignore[no-untyped-def]
    from PySide6.QtWidgets import QPushButton

    (found,) = [b for b in window.findChildren(QPushButton) if b.text() == text and b.isVisible()]
    return found
