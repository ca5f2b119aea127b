# SPDX-License-Identifier: Apache-2.0
"""The Logs page as a person uses it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.window import MainWindow
from node_manager.layout import Layout
from tests.gui.conftest import Opened
from tests.helpers import samples
from tests.helpers.fake_engine import FakeEngine
from tests.helpers.log_samples import NODE_ID, block_lines, write_logs


@pytest.fixture
def logs(open_window: Opened, layout: Layout, qtbot: QtBot) -> Callable[[], tuple[MainWindow, Any]]:
    def opened() -> tuple[MainWindow, Any]:
        write_logs(layout, 300)
        window = open_window(FakeEngine([samples.signing()], samples.doors()))
        window.open_page("logs")
        page: Any = window.page("logs")
        qtbot.waitUntil(lambda: page.view.snapshot is not None and page.view.snapshot.count > 900)
        return window, page

    return opened


def shown(page: Any) -> list[str]:
    snapshot = page.view.snapshot
    return [page.view.line(snapshot.line_at(row)).level for row in range(snapshot.shown)]


def test_choosing_a_level_leaves_its_lines(logs: Any, qtbot: QtBot) -> None:
    _window, page = logs()
    every = page.view.snapshot.count
    qtbot.mouseClick(page.level.segment("warn"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.view.snapshot.shown < every)
    assert set(shown(page)) == {"WRN"}
    assert str(page.view.snapshot.shown) in page.level.segment("warn").text()


def counted(page: Any) -> bool:
    """Whether the search has gone through the whole file: until then "…" follows the count."""
    text = page.search.count.text()
    return " of " in text and not text.endswith("…")


def test_typing_searches_and_enter_goes_from_match_to_match(logs: Any, qtbot: QtBot) -> None:
    _window, page = logs()
    qtbot.keyClicks(page.search, "dialing peer")
    # "…" says that the search still goes on.
    qtbot.waitUntil(
        lambda: " of " in page.search.count.text() and "…" not in page.search.count.text()
    )
    total = len(page.view.snapshot.hits)
    qtbot.keyClick(page.search, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert page.search.count.text() == f"{total} of {total}"
    assert "dialing peer" in page.view.line(page.view.cursor_line).message
    qtbot.keyClick(page.search, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert page.search.count.text() == f"{total - 1} of {total}"


def test_a_broken_expression_is_told_in_the_field(logs: Any, qtbot: QtBot) -> None:
    _window, page = logs()
    page.search.regex.setChecked(True)
    qtbot.keyClicks(page.search, "(peer")
    qtbot.waitUntil(lambda: "not an expression" in page.search.count.text())


def test_scrolling_up_pauses_and_follow_goes_on(logs: Any, qtbot: QtBot) -> None:
    _window, page = logs()
    qtbot.keyClick(page.view, Qt.Key.Key_Home)
    assert not page.view.follows
    before = page.view.snapshot.count
    file = page.context.layout.node(NODE_ID).logs / "node.log"
    with file.open("a") as log:
        log.write("\n".join(block_lines(1, errors=False)) + "\n")
    qtbot.waitUntil(lambda: page.view.snapshot.count == before + 3)
    assert page.foot.state.text() == "Paused, 3 new lines"
    qtbot.mouseClick(page.foot.follow, Qt.MouseButton.LeftButton)
    assert page.view.follows
    assert page.foot.state.text() == "Following"


def test_previous_error_goes_back_and_next_error_ends_at_the_last(logs: Any, qtbot: QtBot) -> None:
    _window, page = logs()
    assert not page.foot.next.isEnabled()
    qtbot.mouseClick(page.foot.before, Qt.MouseButton.LeftButton)
    assert page.view.line(page.view.cursor_line).level == "ERR"
    assert page.view.cursor_line == page.view.snapshot.errors[-1]
    assert not page.foot.next.isEnabled()
    if len(page.view.snapshot.errors) > 1:
        qtbot.mouseClick(page.foot.before, Qt.MouseButton.LeftButton)
        assert page.foot.next.isEnabled()


def test_chosen_lines_are_copied_as_they_stand(logs: Any, qtbot: QtBot) -> None:
    _window, page = logs()
    page.view.go_to(10)
    qtbot.keyClick(page.view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(page.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    file = page.context.layout.node(NODE_ID).logs / "node.log"
    assert QApplication.clipboard().text().split("\n") == file.read_text().split("\n")[10:12]


def test_a_filtered_log_is_saved_as_it_is_shown(logs: Any, qtbot: QtBot, tmp_path: Any) -> None:
    _window, page = logs()
    qtbot.mouseClick(page.level.segment("error"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.view.snapshot.level == "error")
    with qtbot.waitSignal(page.saved):
        page.save_to(tmp_path / "errors.log")
    lines = (tmp_path / "errors.log").read_text().splitlines()
    assert lines and all('"level":"error"' in line for line in lines)
    assert (tmp_path / "errors.log").stat().st_mode & 0o077 == 0


def test_another_log_is_shown_and_the_first_one_is_left(logs: Any, qtbot: QtBot) -> None:
    _window, page = logs()
    app_log = page.context.layout.logs / "app.log"
    app_log.parent.mkdir(parents=True, exist_ok=True)
    app_log.write_text(
        '{"event": "state", "level": "warning", "timestamp": "2026-11-22T13:00:00Z"}\n'
    )
    qtbot.mouseClick(page.source.segment("app"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.view.snapshot is not None and page.view.snapshot.count == 1)
    assert page.view.line(0).level == "WRN"
