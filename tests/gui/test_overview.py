# SPDX-License-Identifier: Apache-2.0
"""The overview tells the truth at a glance and acts only after saying what it costs."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from desktop.components.ask import Ask
from desktop.components.unlock import UnlockDialog
from desktop.pages.overview import OverviewPage
from desktop.window import MainWindow
from node_manager.errors import PassphraseNeeded
from node_manager.events import DoorChanged
from node_manager.figures import Figure
from node_manager.state import NodeState, SignerFigures
from tests.gui.conftest import Opened
from tests.helpers import samples
from tests.helpers.fake_engine import FakeEngine

NODE = "omniphi-testnet-2"


def overview(window: MainWindow) -> OverviewPage:
    page = window.page("overview")
    assert isinstance(page, OverviewPage)
    return page


def button(window: MainWindow, text: str) -> QPushButton:
    found = [b for b in window.findChildren(QPushButton) if b.text() == text and b.isVisible()]
    assert len(found) == 1, [b.text() for b in window.findChildren(QPushButton)]
    return found[0]


def click(qtbot: QtBot, window: MainWindow, text: str) -> None:
    qtbot.mouseClick(button(window, text), Qt.MouseButton.LeftButton)


def test_a_signing_validator_is_shown_with_source_and_age(open_window: Opened) -> None:
    window = open_window(FakeEngine([samples.signing()], samples.doors()))
    page = overview(window)
    assert page.sentence.accessibleName().startswith("Signing. 3 of the last 100 blocks missed.")
    assert "4,182,907" in page.height_card.own.accessibleName()
    assert "this node · 1 s ago" in page.height_card.own.accessibleName()
    assert page.tiles[2].accessibleName() == "Peers, 23, 14 out, 9 in, this node · 2 s ago"
    assert "28,391 more may be missed" in page.budget.accessibleName()
    assert "96 signed" in page.height_card.strip.accessibleDescription()


def test_an_event_of_the_engine_changes_what_is_shown(open_window: Opened, qtbot: QtBot) -> None:
    engine = FakeEngine([samples.signing()])
    page = overview(open_window(engine))
    engine.change(NODE, height=Figure(4_182_950, "this node", time.time(), 5.0))
    qtbot.waitUntil(lambda: "4,182,950" in page.height_card.own.accessibleName())


def test_a_figure_without_a_source_reads_unknown_with_its_reason(open_window: Opened) -> None:
    status = replace(samples.signing(), peers_out=Figure(why="the RPC refuses"), peers_in=Figure())
    page = overview(open_window(FakeEngine([status])))
    assert page.tiles[2].accessibleName() == "Peers, unknown, the RPC refuses, no source"


def test_a_stale_figure_says_so(open_window: Opened) -> None:
    old = Figure(samples.HEIGHT, "this node", time.time() - 22, 5.0)
    page = overview(open_window(FakeEngine([replace(samples.signing(), height=old)])))
    assert "stale, 22 s ago" in page.height_card.own.accessibleName()


def test_stop_says_what_it_costs_and_can_be_taken_back(open_window: Opened, qtbot: QtBot) -> None:
    engine = FakeEngine([samples.signing()])
    window = open_window(engine)
    click(qtbot, window, "Stop…")
    ask = QApplication.activeModalWidget()
    assert isinstance(ask, Ask)
    assert "Blocks will be missed" in ask.accessibleDescription()
    assert "jailed" in ask.accessibleDescription()
    qtbot.keyClick(ask, Qt.Key.Key_Escape)
    assert not engine.asked


def test_stop_stops_when_it_is_still_wanted(open_window: Opened, qtbot: QtBot) -> None:
    engine = FakeEngine([samples.signing()])
    window = open_window(engine)
    click(qtbot, window, "Stop…")
    ask = QApplication.activeModalWidget()
    assert isinstance(ask, Ask)
    qtbot.mouseClick(ask.yes_button, Qt.MouseButton.LeftButton)
    assert ("stop", NODE) in engine.asked
    qtbot.waitUntil(lambda: bool(window.findChildren(QPushButton)) and _has(window, "Start"))


def _has(window: MainWindow, text: str) -> bool:
    return any(b.text() == text and b.isVisible() for b in window.findChildren(QPushButton))


def test_a_stopped_validator_is_started_by_the_next_thing(
    open_window: Opened, qtbot: QtBot
) -> None:
    engine = FakeEngine([samples.stopped()])
    page = overview(open_window(engine))
    start = [b for b in page.sentence.findChildren(QPushButton) if b.isVisible()]
    qtbot.mouseClick(start[0], Qt.MouseButton.LeftButton)
    assert ("start", NODE) in engine.asked


def test_a_refused_start_is_explained_above_the_page(open_window: Opened, qtbot: QtBot) -> None:
    engine = FakeEngine([samples.stopped()])
    engine.failures["start"] = PassphraseNeeded()
    window = open_window(engine)
    page = overview(window)
    start = [b for b in page.sentence.findChildren(QPushButton) if b.isVisible()]
    qtbot.mouseClick(start[0], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(window.trouble.isVisible)
    assert PassphraseNeeded().explanation.filled()[0] in window.trouble.panel.accessibleName()


def test_syncing_shows_progress_and_time_left(open_window: Opened) -> None:
    page = overview(open_window(FakeEngine([samples.syncing()])))
    assert page.height_card.bar.accessibleDescription() == "69.7 %"
    assert "1,268,607 blocks" in page.height_card.difference.accessibleName()
    assert "No block can be missed yet" in page.budget.accessibleName()


def test_the_doors_are_shown_and_follow_their_events(open_window: Opened, qtbot: QtBot) -> None:
    engine = FakeEngine([samples.signing()], samples.doors())
    page = overview(open_window(engine))
    names = [row.accessibleName() for row in page.parts.rows]
    assert "Heartbeat: accepted, 12 s ago" in names
    assert "Backup: none yet, never" in names
    engine.publish(DoorChanged("heartbeat", "failed", "refused", None))
    engine.change(NODE)
    qtbot.waitUntil(
        lambda: "Heartbeat: refused, never" in [row.accessibleName() for row in page.parts.rows]
    )


def test_a_row_of_what_is_running_opens_its_page_by_keyboard(
    open_window: Opened, qtbot: QtBot
) -> None:
    window = open_window(FakeEngine([samples.signing()], samples.doors()))
    qtbot.keyClick(overview(window).parts.rows[1], Qt.Key.Key_Return)
    assert window.stack.currentWidget() is window.page("keys")


def test_a_locked_key_is_unlocked_with_the_passphrase(open_window: Opened, qtbot: QtBot) -> None:
    locked = Figure(SignerFigures(locked=True), "signer", time.time(), 5.0)
    engine = FakeEngine([replace(samples.signing(), signer=locked)])
    window = open_window(engine)
    click(qtbot, window, "Unlock…")
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, UnlockDialog)
    assert not dialog.unlock.isEnabled()
    qtbot.keyClicks(dialog.field, "seven herons")
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not dialog.isVisible())
    assert ("unlock", NODE, b"seven herons") in engine.asked


def test_a_refused_passphrase_keeps_the_dialog_with_its_reason(
    open_window: Opened, qtbot: QtBot
) -> None:
    locked = Figure(SignerFigures(locked=True), "signer", time.time(), 5.0)
    engine = FakeEngine([replace(samples.signing(), signer=locked)])
    engine.failures["unlock"] = PassphraseNeeded()
    window = open_window(engine)
    click(qtbot, window, "Unlock…")
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, UnlockDialog)
    qtbot.keyClicks(dialog.field, "wrong")
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    qtbot.waitUntil(dialog.trouble.isVisible)
    assert dialog.isVisible()
    assert dialog.field.text() == ""
    dialog.reject()


def test_the_last_log_lines_are_shown(open_window: Opened, qtbot: QtBot) -> None:
    engine = FakeEngine([samples.signing()])
    engine.lines = samples.LOG
    page = overview(open_window(engine))
    page.render_now()
    qtbot.waitUntil(lambda: "height=4182906" in page.lines.text.text())


def test_arrow_keys_tell_the_blocks_one_by_one(open_window: Opened, qtbot: QtBot) -> None:
    strip = overview(open_window(FakeEngine([samples.signing()]))).height_card.strip
    qtbot.keyClick(strip, Qt.Key.Key_Left)
    assert "Height 4,182,907" in strip.accessibleDescription()
    for _press in range(36):
        qtbot.keyClick(strip, Qt.Key.Key_Left)
    assert "Height 4,182,871" in strip.accessibleDescription()
    assert strip.accessibleDescription().endswith("missed")


def test_several_validators_stand_side_by_side(open_window: Opened) -> None:
    other = replace(samples.syncing(), node_id="other", moniker="other-one")
    window = open_window(FakeEngine([samples.signing(), other]))
    assert window.sidebar.nodes.model().rowCount() == 2
    window.sidebar.nodes.choose("other")
    assert overview(window).title.text() == "other-one"


def test_content_never_scrolls_sideways(open_window: Opened, qtbot: QtBot) -> None:
    window = open_window(FakeEngine([samples.signing()], samples.doors()))
    for width in (960, 1024, 1180, 1600):
        window.resize(width, 700)
        qtbot.wait(20)
        for key in ("overview", "keys", "network"):
            window.open_page(key)
            qtbot.wait(20)
            page = window.page(key)
            assert page.widget().width() <= page.viewport().width()
            edge = page.viewport().width()
            for child in page.widget().findChildren(QPushButton):
                if child.isVisible():
                    right = child.mapTo(page.widget(), child.rect().topRight()).x()
                    assert right <= edge, (key, width, child.text())


def test_a_failed_validator_says_why(open_window: Opened) -> None:
    window = open_window(FakeEngine([replace(samples.failed(), steps=())]))
    assert window.status is not None
    assert window.status.state is NodeState.FAILED
    assert "Port 26656 (P2P) is taken" in overview(window).sentence.accessibleName()


def test_the_signers_row_says_how_many_blocks_it_missed_with_the_age(open_window: Opened) -> None:
    window = open_window(FakeEngine([samples.signing()], samples.doors()))
    window.open_page("overview")
    page: Any = window.page("overview")
    row = next(row for row in page.parts.rows if row.accessibleName().startswith("Signer"))
    assert "guard in force, 3 of 100 missed" in row.accessibleName()
    assert row.accessibleName().endswith(" ago")
    assert "the chain holds no vote" in row.accessibleDescription()


def test_what_the_chain_has_not_told_is_not_counted_as_signed(open_window: Opened) -> None:
    status = samples.signing()
    value = status.signer.value
    assert value is not None
    untold = replace(status, signer=replace(status.signer, value=replace(value, missed=None)))
    window = open_window(FakeEngine([untold], samples.doors()))
    window.open_page("overview")
    page: Any = window.page("overview")
    row = next(row for row in page.parts.rows if row.accessibleName().startswith("Signer"))
    assert "unlocked, guard in force" in row.accessibleName()
