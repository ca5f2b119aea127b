# SPDX-License-Identifier: Apache-2.0
"""The Doctor page as a person uses it."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.components.ask import Ask
from desktop.doctor.bundle_dialog import BundleDialog
from desktop.doctor.findings import words_of
from desktop.window import MainWindow
from node_manager.awake import Keeping
from node_manager.checks.computer import check_login
from node_manager.checks.result import CheckResult, CheckState, Mend
from node_manager.checks.sleep import SleepReading, check_sleep
from node_manager.explanation import Explanation
from tests.gui.conftest import Opened
from tests.helpers import check_samples, samples
from tests.helpers.fake_engine import FakeEngine


@pytest.fixture
def doctor(open_window: Opened, qtbot: QtBot) -> Any:
    def opened(checks: list[CheckResult]) -> tuple[FakeEngine, MainWindow, Any]:
        engine = FakeEngine([samples.signing()], samples.doors())
        engine.checks, engine.bundle = checks, check_samples.bundle()
        window = open_window(engine)
        window.open_page("doctor")
        page: Any = window.page("doctor")
        qtbot.waitUntil(lambda: bool(page.findings.results))
        return engine, window, page

    return opened


def row_of(page: Any, check: str) -> Any:
    return next(row for row in page.findings.to_mend.rows if row.result.id == check)


def test_findings_are_counted_and_the_gravest_decides_the_glyph(doctor: Any) -> None:
    _engine, window, page = doctor(check_samples.to_mend())
    assert page.findings.title.text().startswith("4 things to mend, 2 not known, ")
    assert page.findings.line.text() == "Nothing stops the validator now. These could, later."
    assert window.context.to_mend == 4
    assert {row.result.state for row in page.findings.to_mend.rows} == {
        CheckState.WARN,
        CheckState.UNKNOWN,
    }


def test_all_fine_offers_no_button(doctor: Any) -> None:
    _engine, window, page = doctor(check_samples.fine())
    assert page.findings.line.text() == "Nothing to do."
    assert not page.mend_all.isVisible()
    assert not page.findings.to_mend.isVisible()
    assert window.context.to_mend == 0


def test_one_press_mends_what_needs_no_decision_and_looks_again(doctor: Any, qtbot: QtBot) -> None:
    engine, _window, page = doctor(check_samples.to_mend())
    assert page.mend_all.text() == "Mend 3 that need no decision"
    before = engine.asked.count(("examine", "omniphi-testnet-2"))
    engine.checks = check_samples.fine()
    qtbot.mouseClick(page.mend_all, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not page.mend_all.isVisible())
    assert ("mend", "omniphi-testnet-2", Mend.CLOSE_FOLDER) in engine.asked
    assert engine.asked.count(("examine", "omniphi-testnet-2")) == before + 1


def test_the_computers_own_part_is_mended_by_a_press_each_or_at_once(
    doctor: Any, qtbot: QtBot
) -> None:
    computer = [
        check_login(False),
        check_sleep(SleepReading(20, "GNOME"), Keeping(wanted=False, at_work=True)),
    ]
    engine, _window, page = doctor([*computer, *check_samples.fine()])
    told = [words_of(row.result) for row in page.findings.to_mend.rows]
    assert "stays down until you open the app" in told[0]
    assert "after 20 min without input, says GNOME" in told[1]
    assert page.mend_all.text() == "Mend 2 that need no decision"
    for check, text, mend in (
        ("login", "Turn on", Mend.START_AT_LOGIN),
        ("sleep", "Keep awake", Mend.KEEP_AWAKE),
    ):
        button = row_of(page, check).button
        assert button.text() == text
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert ("mend", "omniphi-testnet-2", mend) in engine.asked


def test_a_restart_is_asked_for_first(doctor: Any, qtbot: QtBot) -> None:
    still = CheckResult(
        "node", "Node", CheckState.WARN, Explanation("node-still", "Still."), Mend.RESTART_NODE
    )
    engine, _window, page = doctor([still])
    qtbot.mouseClick(row_of(page, "node").button, Qt.MouseButton.LeftButton)
    ask = QApplication.activeModalWidget()
    assert isinstance(ask, Ask)
    assert not any(one[0] == "mend" for one in engine.asked)
    qtbot.mouseClick(ask.yes_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ("mend", "omniphi-testnet-2", Mend.RESTART_NODE) in engine.asked)


def test_check_again_looks_again(doctor: Any, qtbot: QtBot) -> None:
    engine, _window, page = doctor(check_samples.to_mend())
    engine.checks = check_samples.fine()
    qtbot.mouseClick(page.findings.again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.findings.line.text() == "Nothing to do.")
    assert page.findings.age.text().startswith("checked ")


def test_a_bundle_is_shown_before_it_is_saved(doctor: Any, qtbot: QtBot, tmp_path: Path) -> None:
    _engine, _window, page = doctor(check_samples.fine())
    qtbot.mouseClick(page.bundle_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), BundleDialog))
    dialog: Any = QApplication.activeModalWidget()
    dialog.files.setCurrentRow(1)
    assert "(hidden)" in dialog.text.toPlainText()
    dialog.save_to(tmp_path / "bundle.zip")
    qtbot.waitUntil(lambda: "bundle.zip" in dialog._note.text())
    with zipfile.ZipFile(tmp_path / "bundle.zip") as archive:
        assert len(archive.namelist()) == dialog.files.count()
    dialog.close()


def test_a_taken_port_is_mended_by_one_click(open_window: Opened, qtbot: QtBot) -> None:
    engine = FakeEngine([samples.failed()], samples.doors())
    engine.checks = [
        CheckResult(
            "port-p2p",
            "Port for P2P",
            CheckState.FAIL,
            Explanation("port-taken", "Port {port} is taken.", facts={"port": 26656}),
            Mend.CHANGE_PORTS,
        )
    ]
    window = open_window(engine)
    window.open_page("doctor")
    page: Any = window.page("doctor")
    qtbot.waitUntil(lambda: bool(page.findings.to_mend.rows))
    button = page.findings.to_mend.rows[0].button
    assert button.text() == "Choose free ports"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert ("mend", samples.failed().node_id, Mend.CHANGE_PORTS) in engine.asked
