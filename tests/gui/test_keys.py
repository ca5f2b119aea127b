# SPDX-License-Identifier: Apache-2.0
"""The key: backed up, proved, protected anew, without a passphrase staying in a field."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from desktop.components.ask import Ask
from desktop.components.unlock import UnlockDialog
from desktop.keys.backup_dialog import BackupDialog
from desktop.keys.protect_dialog import ProtectDialog
from desktop.keys.prove_dialog import ProveDialog
from desktop.pages.first_run import FirstRun
from desktop.pages.keys import KeysPage
from desktop.window import MainWindow
from node_manager.downloads.errors import NoSpace
from node_manager.errors import SignsElsewhere
from node_manager.keys.errors import BackupExists, BackupPassphraseWrong
from node_manager.node.twin import NOTHING_YET
from node_manager.signer.refusals import RefusedRequest
from node_manager.state import NodeStatus
from tests.gui.conftest import Opened
from tests.helpers import samples
from tests.helpers.fake_engine import FakeEngine

NODE = "omniphi-testnet-2"
PASSPHRASE = "seven herons over a quiet harbour"


def engine_of(proved: bool = False) -> FakeEngine:
    status = samples.backed_up() if proved else samples.signing()
    return FakeEngine([status], samples.doors(), key=samples.key(status))


def keys(window: MainWindow, qtbot: QtBot) -> KeysPage:
    window.open_page("keys")
    page = window.page("keys")
    assert isinstance(page, KeysPage)
    qtbot.waitUntil(lambda: page.facts is not None)
    return page


def press(qtbot: QtBot, button: QPushButton) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_public_key_and_address_are_copied_whole(open_window: Opened, qtbot: QtBot) -> None:
    engine = engine_of()
    page = keys(open_window(engine), qtbot)
    for name, text in (("Public key", engine.key.public_key), ("Address", engine.key.address)):
        copy = [b for b in page.key.findChildren(object) if _named(b, f"Copy {name}")]
        qtbot.mouseClick(copy[0], Qt.MouseButton.LeftButton)
        assert QApplication.clipboard().text() == text


def _named(widget: object, name: str) -> bool:
    get = getattr(widget, "accessibleName", None)
    return get is not None and get() == name


def test_a_backup_is_primary_until_one_is_proved(open_window: Opened, qtbot: QtBot) -> None:
    page = keys(open_window(engine_of()), qtbot)
    assert page.back_up.property("kind") == "primary"
    assert page.backup.sheet.isHidden()
    page = keys(open_window(engine_of(proved=True)), qtbot)
    assert page.back_up.property("kind") == "plain"
    assert page.backup.sheet.isVisible()


def begun_backup(page: KeysPage) -> BackupDialog:
    page.begin_backup()
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, BackupDialog)
    return dialog


def give(dialog: BackupDialog, first: str, second: str | None = None) -> None:
    """Type the passphrase twice, the second time as the first where nothing else is said."""
    dialog.passphrase.first.setText(first)
    dialog.passphrase.second.setText(first if second is None else second)
    dialog.passphrase.judge()


def test_a_backup_is_one_click_from_the_overview(
    open_window: Opened, qtbot: QtBot, tmp_path: Path
) -> None:
    engine = engine_of()
    window = open_window(engine)
    next_button = next(b for b in window.findChildren(QPushButton) if b.text() == "Back up…")
    press(qtbot, next_button)
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, BackupDialog)
    assert not dialog.go_on.isEnabled()
    target = tmp_path / "key.ocvbackup"
    dialog.file.edit.setText(str(target))
    qtbot.keyClicks(dialog.passphrase.first, PASSPHRASE)
    qtbot.keyClicks(dialog.passphrase.second, PASSPHRASE)
    qtbot.waitUntil(dialog.go_on.isEnabled)
    press(qtbot, dialog.go_on)
    qtbot.waitUntil(lambda: not dialog.isVisible())
    assert ("back_up", NODE, target, PASSPHRASE.encode()) in engine.asked
    assert dialog.passphrase.first.text() == ""


def test_a_weak_passphrase_or_two_that_differ_are_not_accepted(
    open_window: Opened, qtbot: QtBot
) -> None:
    page = keys(open_window(engine_of()), qtbot)
    dialog = begun_backup(page)
    give(dialog, "password1")
    assert not dialog.go_on.isEnabled()
    give(dialog, PASSPHRASE, PASSPHRASE + "x")
    assert not dialog.go_on.isEnabled()
    dialog.reject()


def test_a_refused_backup_says_why_and_stays(open_window: Opened, qtbot: QtBot) -> None:
    engine = engine_of()
    engine.failures["back_up"] = BackupExists(path="/media/key.ocvbackup")
    page = keys(open_window(engine), qtbot)
    dialog = begun_backup(page)
    give(dialog, PASSPHRASE)
    press(qtbot, dialog.go_on)
    qtbot.waitUntil(dialog.trouble.isVisible)
    assert "/media/key.ocvbackup" in dialog.trouble.accessibleName()
    dialog.reject()


def test_a_key_behind_a_passphrase_asks_for_it_before_a_backup(
    open_window: Opened, qtbot: QtBot
) -> None:
    engine = engine_of()
    engine.key = replace(engine.key, protection="passphrase")
    page = keys(open_window(engine), qtbot)
    dialog = begun_backup(page)
    give(dialog, PASSPHRASE)
    assert not dialog.go_on.isEnabled()
    qtbot.keyClicks(dialog.key_passphrase, "of the key")
    assert dialog.go_on.isEnabled()
    dialog.reject()


def test_proving_again_takes_the_file_that_was_proved(open_window: Opened, qtbot: QtBot) -> None:
    engine = engine_of(proved=True)
    engine.failures["verify_backup"] = BackupPassphraseWrong(path="x")
    page = keys(open_window(engine), qtbot)
    press(qtbot, page.backup.prove)
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, ProveDialog)
    assert str(dialog.file.path).endswith("my-validator-2026-11-22.ocvbackup")
    qtbot.keyClicks(dialog.passphrase, "wrong")
    press(qtbot, dialog.go_on)
    qtbot.waitUntil(dialog.trouble.isVisible)
    engine.failures.clear()
    qtbot.keyClicks(dialog.passphrase, PASSPHRASE)
    press(qtbot, dialog.go_on)
    qtbot.waitUntil(lambda: not dialog.isVisible())
    assert engine.asked[-1][0] == "verify"


def test_the_protection_is_changed_with_the_old_passphrase(
    open_window: Opened, qtbot: QtBot
) -> None:
    engine = engine_of()
    engine.key = replace(engine.key, protection="passphrase")
    page = keys(open_window(engine), qtbot)
    assert page.key.protect.text() == "Change the passphrase…"
    press(qtbot, page.key.protect)
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, ProtectDialog)
    qtbot.keyClicks(dialog.old, "old one")
    dialog.keyring.click()
    press(qtbot, dialog.go_on)
    qtbot.waitUntil(lambda: not dialog.isVisible())
    assert ("protect", NODE, "keyring", b"old one", None) in engine.asked


def test_restore_begins_a_first_run_from_a_backup(open_window: Opened, qtbot: QtBot) -> None:
    window = open_window(engine_of())
    press(qtbot, keys(window, qtbot).restore)
    wizard = window.outer.currentWidget()
    assert isinstance(wizard, FirstRun)
    assert wizard.draft.key_origin == "backup"


def test_the_guard_tells_whether_the_key_works_elsewhere(open_window: Opened, qtbot: QtBot) -> None:
    known = samples.signing()
    window = open_window(FakeEngine([known], samples.doors(), key=samples.key(known)))
    guard = keys(window, qtbot).guard

    def told(status: NodeStatus) -> str:
        guard.show_status(status, time.time())
        return guard.other.text()

    assert told(known) == "not seen, votes compared up to height 4,182,906"
    old = replace(known.compared, at=time.time() - 3600)
    assert "not seen" not in told(replace(known, compared=old))
    assert told(samples.syncing()) == NOTHING_YET
    found = SignsElsewhere(height=7, recorded=5).explanation
    assert told(replace(known, reason=found)) == found.filled()[0]


def test_the_guard_shows_what_was_refused(open_window: Opened, qtbot: QtBot) -> None:
    page = keys(open_window(engine_of()), qtbot)
    texts = [label.text() for label in page.guard.findChildren(object) if hasattr(label, "text")]
    assert "2 since the signer started" in texts
    assert "precommit" in texts


def test_the_key_is_locked_once_the_cost_is_said(open_window: Opened, qtbot: QtBot) -> None:
    status = samples.signing()
    engine = FakeEngine([status], key=replace(samples.key(status), protection="passphrase"))
    window = open_window(engine)
    window.open_page("keys")
    page: Any = window.page("keys")
    qtbot.waitUntil(page.key.lock.isVisible)
    qtbot.mouseClick(page.key.lock, Qt.MouseButton.LeftButton)
    ask = QApplication.activeModalWidget()
    assert isinstance(ask, Ask)
    assert "Blocks will be missed" in ask.accessibleDescription()
    qtbot.mouseClick(ask.yes_button, Qt.MouseButton.LeftButton)
    assert ("lock", status.node_id) in engine.asked


def test_a_key_of_the_keyring_has_no_lock(open_window: Opened, qtbot: QtBot) -> None:
    status = samples.signing()
    window = open_window(FakeEngine([status], key=samples.key(status)))
    window.open_page("keys")
    page: Any = window.page("keys")
    qtbot.waitUntil(lambda: page.facts is not None)
    assert not page.key.lock.isVisible()


def test_the_guard_lists_what_it_refused(open_window: Opened, qtbot: QtBot) -> None:
    status = samples.signing()
    engine = FakeEngine([status], key=samples.key(status))
    engine.refused = [RefusedRequest(1e9, "DOUBLE_SIGN", "Height 7 is signed already.")] * 9
    window = open_window(engine)
    window.open_page("keys")
    page: Any = window.page("keys")
    qtbot.waitUntil(lambda: len(page.guard.refusals) == 6)
    assert page.guard.refusals[0].text() == "Height 7 is signed already."
    assert "Asked again, other content" in {one.text() for one in page.guard.findChildren(QLabel)}


def test_a_dialog_grows_with_the_reason_of_a_refusal(open_window: Opened, qtbot: QtBot) -> None:
    engine = FakeEngine([samples.signing()], samples.doors())
    engine.failures["unlock"] = NoSpace(
        what_for="the key", folder="/home/ada/oneclick", needed=64_000_000, free=12
    )
    window = open_window(engine)
    dialog = UnlockDialog(window.context, samples.signing().node_id, window)
    dialog.open()
    before = dialog.height()
    dialog.field.setText("seven herons")
    qtbot.mouseClick(dialog.unlock, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(dialog.trouble.isVisible)
    qtbot.waitUntil(lambda: dialog.height() > before + 60)
    assert dialog.height() >= dialog.column.totalHeightForWidth(dialog.width())
    dialog.close()
