# SPDX-License-Identifier: Apache-2.0
"""The first run: one decision a step, nothing made before the last one."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from desktop.machine import Machine
from desktop.pages.first_run import FirstRun
from desktop.window import MainWindow
from node_manager.checks.result import Mend, PreflightFailed
from node_manager.downloads.errors import ConnectionFailed, GivenFileWrong, NoSpace
from node_manager.errors import MonikerRefused
from node_manager.events import NodeChanged
from node_manager.layout import Layout
from node_manager.networks.catalogue import Catalogue
from node_manager.node.plan import BackupFile, CometFiles
from node_manager.state import NodeState, Step
from tests.gui.conftest import Opened
from tests.helpers import samples
from tests.helpers import wizard as steps
from tests.helpers.fake_engine import FakeEngine

LEFT = Qt.MouseButton.LeftButton


@dataclass(frozen=True)
class Header:
    """What the wizard shows of a backup's header."""

    chain_id: str
    created_at: str
    address: str


@pytest.fixture
def engine(layout: Layout) -> FakeEngine:
    return FakeEngine(profiles=Catalogue(layout).profiles())


def shown_wizard(window: MainWindow) -> FirstRun:
    wizard = window.outer.currentWidget()
    assert isinstance(wizard, FirstRun)
    return wizard


def ready_wizard(window: MainWindow, qtbot: QtBot) -> FirstRun:
    wizard = shown_wizard(window)
    qtbot.waitUntil(lambda: bool(wizard.network.cards))
    return wizard


def test_an_empty_computer_begins_with_the_choice_of_a_network(
    open_window: Opened, qtbot: QtBot, engine: FakeEngine
) -> None:
    wizard = ready_wizard(open_window(engine), qtbot)
    assert not wizard.go_on.isEnabled()
    card = wizard.network.cards["omniphi-testnet-2"]
    qtbot.mouseClick(card, LEFT)
    assert wizard.go_on.isEnabled()
    assert wizard.go_on.text() == "Continue with Omniphi testnet"


def test_money_at_stake_is_never_the_first_card(
    open_window: Opened, qtbot: QtBot, engine: FakeEngine
) -> None:
    wizard = ready_wizard(open_window(engine), qtbot)
    kinds = [card.profile.network_type for card in wizard.network.cards.values()]
    assert kinds[0] != "mainnet"
    assert kinds[-1] == "mainnet"


def test_the_whole_way_makes_the_plan_that_was_decided(
    open_window: Opened, qtbot: QtBot, engine: FakeEngine
) -> None:
    window = open_window(engine)
    ready_wizard(window, qtbot)
    wizard = steps.summary(window)
    assert wizard.go_on.text() == "Set up my-validator"
    assert not engine.asked
    qtbot.mouseClick(wizard.go_on, LEFT)
    qtbot.waitUntil(lambda: bool(engine.asked))
    plan = engine.asked[0][1]
    assert plan.network == steps.NETWORK
    assert plan.moniker == "my-validator"
    assert plan.protection == "passphrase"
    assert plan.passphrase.reveal() == steps.PASSPHRASE.encode()
    assert plan.key_source is None
    assert plan.data_folder is None
    missing = wizard.draft.profile.missing()
    assert set(plan.answers) == {fact.field for fact in missing}
    qtbot.waitUntil(lambda: wizard.step is wizard.progress)


def test_what_nobody_published_must_be_answered(
    open_window: Opened, qtbot: QtBot, engine: FakeEngine
) -> None:
    window = open_window(engine)
    ready_wizard(window, qtbot)
    wizard = steps.name(window)
    assert wizard.go_on.isEnabled()
    checksum = next(field for field in wizard.name.answers if field.startswith("checksum"))
    wizard.name.answers[checksum].clear()
    assert not wizard.go_on.isEnabled()


@pytest.mark.parametrize("moniker", ["", "   ", "é" * 36])
def test_a_name_that_the_chain_refuses_goes_no_further(
    open_window: Opened, qtbot: QtBot, engine: FakeEngine, moniker: str
) -> None:
    window = open_window(engine)
    ready_wizard(window, qtbot)
    wizard = steps.name(window)
    wizard.name.moniker.setText(moniker)
    assert not wizard.go_on.isEnabled()


def test_another_folder_for_the_data_reaches_the_plan(
    open_window: Opened, qtbot: QtBot, engine: FakeEngine, tmp_path: Path
) -> None:
    window = open_window(engine)
    ready_wizard(window, qtbot)
    wizard = steps.name(window)
    wizard.name.folder.setText("relative")
    assert not wizard.go_on.isEnabled()
    wizard.name.folder.setText(str(tmp_path))
    wizard.name.leave()
    assert wizard.draft.data_folder == tmp_path


def test_back_keeps_what_was_typed(open_window: Opened, qtbot: QtBot, engine: FakeEngine) -> None:
    window = open_window(engine)
    ready_wizard(window, qtbot)
    wizard = steps.key(window)
    qtbot.mouseClick(wizard.back, LEFT)
    assert wizard.step is wizard.name
    assert wizard.name.moniker.text() == "my-validator"


def test_a_backup_needs_file_passphrase_and_the_word_that_the_old_machine_is_off(
    open_window: Opened, qtbot: QtBot, engine: FakeEngine, tmp_path: Path
) -> None:
    file = tmp_path / "a.ocvbackup"
    file.write_text("{}")
    engine.headers[file] = Header("omniphi-testnet-2", "2026-11-20T08:00:00+00:00", "A1B2")
    window = open_window(engine)
    qtbot.mouseClick(ready_wizard(window, qtbot).begin_with_backup, LEFT)
    wizard = steps.key(window)
    assert wizard.key.origin.current == "backup"
    assert not wizard.go_on.isEnabled()
    wizard.key.backup.file.edit.setText(str(file))
    qtbot.keyClicks(wizard.key.backup.passphrase, "of the backup")
    assert not wizard.go_on.isEnabled()
    qtbot.waitUntil(lambda: "key A1B2" in wizard.key.backup.says)
    wizard.key.backup.machine_off.click()
    assert wizard.go_on.isEnabled()
    qtbot.mouseClick(wizard.go_on, LEFT)
    source = wizard.draft.key_source
    assert isinstance(source, BackupFile)
    assert source.old_machine_is_off
    assert source.passphrase.reveal() == b"of the backup"


def test_a_key_of_another_node_needs_its_state_or_a_height(
    open_window: Opened, qtbot: QtBot, engine: FakeEngine, tmp_path: Path
) -> None:
    key = tmp_path / "priv_validator_key.json"
    key.write_text("{}")
    window = open_window(engine)
    ready_wizard(window, qtbot)
    wizard = steps.key(window)
    wizard.key.origin.segment("comet").click()
    wizard.key.comet.key.edit.setText(str(key))
    wizard.key.comet.machine_off.click()
    assert not wizard.go_on.isEnabled()
    qtbot.keyClicks(wizard.key.comet.start_height, "4,200,000")
    assert wizard.go_on.isEnabled()
    qtbot.mouseClick(wizard.go_on, LEFT)
    source = wizard.draft.key_source
    assert isinstance(source, CometFiles)
    assert source.sign_from_height == 4_200_000


def test_a_computer_without_a_keyring_takes_a_passphrase(
    open_window: Opened, qtbot: QtBot, engine: FakeEngine
) -> None:
    engine.usual = "passphrase"
    window = open_window(engine)
    ready_wizard(window, qtbot)
    wizard = steps.key(window)
    assert not wizard.key.keyring.isEnabled()
    assert wizard.key.by_passphrase.isChecked()


def test_a_refused_plan_is_explained_on_the_summary(
    open_window: Opened, qtbot: QtBot, engine: FakeEngine
) -> None:
    refusal = MonikerRefused(moniker="x", reason="It is taken.")
    engine.failures["create"] = refusal
    window = open_window(engine)
    ready_wizard(window, qtbot)
    wizard = steps.summary(window)
    qtbot.mouseClick(wizard.go_on, LEFT)
    qtbot.waitUntil(wizard.summary.trouble.isVisible)
    assert wizard.step is wizard.summary
    assert wizard.go_on.isEnabled()


def test_the_progress_follows_the_steps(
    open_window: Opened, qtbot: QtBot, engine: FakeEngine
) -> None:
    window = open_window(engine)
    ready_wizard(window, qtbot)
    wizard = steps.summary(window)
    qtbot.mouseClick(wizard.go_on, LEFT)
    qtbot.waitUntil(lambda: wizard.step is wizard.progress)
    engine.publish(NodeChanged(samples.syncing()))
    rows = wizard.progress.steps.rows
    qtbot.waitUntil(lambda: "2,914,300 of 4,182,907 blocks" in rows[Step.SYNC].accessibleName())
    assert rows[Step.KEY].accessibleName().startswith("Key: good")
    assert rows[Step.SYNC].bar.accessibleDescription() == "69.7 %"


def test_a_failed_step_stays_open_and_tries_again(
    open_window: Opened, qtbot: QtBot, engine: FakeEngine
) -> None:
    status = samples.verify_failed()
    engine.known[status.node_id] = status
    window = open_window(engine)
    wizard = shown_wizard(window)
    row = wizard.progress.steps.rows[Step.VERIFY]
    qtbot.waitUntil(row.trouble.isVisible)
    assert "is not the published program" in row.trouble.accessibleName()
    assert wizard.progress.steps.rows[Step.KEY].accessibleName().endswith("waits for Verify")
    assert "c07e5512" in row.trouble.report()
    row.again_asked.emit()
    assert ("start", status.node_id) in engine.asked


def choose(progress: Any, file: Path, qtbot: QtBot) -> None:
    """Press the button and choose a file, as a person does."""
    row = progress.steps.rows[Step.VERIFY]
    qtbot.waitUntil(row.use_file.isVisible)
    qtbot.mouseClick(row.use_file, LEFT)
    dialog: Any = QApplication.activeModalWidget()
    assert isinstance(dialog, QFileDialog)
    dialog.setDirectory(str(file.parent))
    name: Any = dialog.findChild(QLineEdit, "fileNameEdit")
    name.setText(file.name)
    qtbot.keyClick(name, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not dialog.isVisible())


def test_a_file_at_hand_takes_the_place_of_a_refused_download(
    open_window: Opened, qtbot: QtBot, engine: FakeEngine, tmp_path: Path
) -> None:
    status = samples.verify_failed()
    engine.known[status.node_id] = status
    wizard = open_window(engine).outer.currentWidget()
    file = tmp_path / "posd-1.4.2.tar.gz"
    file.write_bytes(b"the published program")
    choose(wizard.progress, file, qtbot)
    qtbot.waitUntil(lambda: ("use file", status.node_id, file) in engine.asked)
    assert engine.known[status.node_id].state is NodeState.STARTING


def test_a_file_that_is_not_the_published_one_is_refused_with_both_hashes(
    open_window: Opened, qtbot: QtBot, engine: FakeEngine, tmp_path: Path
) -> None:
    status = samples.verify_failed()
    engine.known[status.node_id] = status
    wizard = open_window(engine).outer.currentWidget()
    file = tmp_path / "posd-1.4.1.tar.gz"
    file.write_bytes(b"another program")
    engine.failures["use_file"] = GivenFileWrong(
        path=file, algorithm="sha256", found="11aa" * 16, expected="9f2c" * 16
    )
    choose(wizard.progress, file, qtbot)
    row = wizard.progress.steps.rows[Step.VERIFY]
    qtbot.waitUntil(lambda: "posd-1.4.1.tar.gz" in row.trouble.accessibleName())
    for _second in range(2):
        wizard.progress._render(time.time())
    told = row.trouble.accessibleName()
    assert "11aa" * 16 in told
    assert "9f2c" * 16 in told
    assert "Nothing was installed or changed." in told
    assert row.use_file.isEnabled()
    assert engine.known[status.node_id].state is NodeState.FAILED
    # A new trouble of the step itself takes its place.
    reason = ConnectionFailed(url="https://releases.example", reason="No route.").explanation
    engine.change(status.node_id, reason=reason, steps=samples.steps(time.time(), reason))
    qtbot.waitUntil(lambda: "releases.example" in row.trouble.accessibleName())
    assert "11aa" not in row.trouble.accessibleName()


def test_no_file_is_asked_for_where_none_would_help(
    open_window: Opened, qtbot: QtBot, engine: FakeEngine
) -> None:
    full = NoSpace(what_for="posd", folder="/data", needed=9, free=1).explanation
    status = replace(samples.verify_failed(), reason=full, steps=samples.steps(time.time(), full))
    engine.known[status.node_id] = status
    wizard = open_window(engine).outer.currentWidget()
    row = wizard.progress.steps.rows[Step.VERIFY]
    qtbot.waitUntil(row.trouble.isVisible)
    assert not row.use_file.isVisible()


def test_a_first_run_that_was_left_goes_on_where_it_was(
    open_window: Opened, qtbot: QtBot, engine: FakeEngine
) -> None:
    status = replace(samples.verify_failed(), state=NodeState.PREPARING, reason=None)
    engine.known[status.node_id] = status
    wizard = shown_wizard(open_window(engine))
    assert wizard.step is wizard.progress


def test_the_overview_opens_from_the_progress(
    open_window: Opened, qtbot: QtBot, engine: FakeEngine
) -> None:
    status = samples.verify_failed()
    engine.known[status.node_id] = status
    window = open_window(engine)
    wizard = shown_wizard(window)
    qtbot.mouseClick(wizard.go_on, LEFT)
    assert window.stack.currentWidget() is window.page("overview")
    assert window.outer.currentWidget() is not wizard


@pytest.mark.parametrize(
    ("memory", "said", "small"),
    [(8_000_000_000, "8.0 GB", False), (1_000_000_000, "only 1.0 GB", True)],
)
def test_a_card_holds_what_the_network_needs_against_this_computer(
    open_window: Opened,
    qtbot: QtBot,
    engine: FakeEngine,
    monkeypatch: pytest.MonkeyPatch,
    memory: int,
    said: str,
    small: bool,
) -> None:
    machine = Machine(2, memory, 21_000_000_000, "Linux x86_64")
    monkeypatch.setattr("desktop.wizard.network_step.this_machine", lambda _folder: machine)
    wizard = ready_wizard(open_window(engine), qtbot)
    card = wizard.network.cards["localnet"]
    told = [label.text() for label in card.findChildren(QLabel)]
    assert {"2 GB", "5 GB", said} <= set(told)
    assert any(text.startswith("Measured on two cores") for text in told)
    assert card.too_small is small
    # A network whose team says nothing is neither fit nor too small.
    other = wizard.network.cards["omniphi-testnet-2"]
    assert "not said" in [label.text() for label in other.findChildren(QLabel)]
    assert not other.too_small


def test_a_network_is_added_from_a_file(
    open_window: Opened, qtbot: QtBot, engine: FakeEngine
) -> None:
    wizard = ready_wizard(open_window(engine), qtbot)
    qtbot.keyClicks(wizard.network.source, "/tmp/chain.json")
    qtbot.keyClick(wizard.network.source, Qt.Key.Key_Return)
    qtbot.waitUntil(wizard.go_on.isEnabled)
    assert ("import", "/tmp/chain.json") in engine.asked


def test_a_snapshot_is_a_choice_where_the_network_names_servers(
    open_window: Opened, qtbot: QtBot, engine: FakeEngine
) -> None:
    servers = ("https://rpc.one.example:443", "https://rpc.two.example:443")
    engine.known_profiles = [
        replace(profile, own=profile.own.model_copy(update={"state_sync_servers": servers}))
        for profile in engine.known_profiles
    ]
    window = open_window(engine)
    ready_wizard(window, qtbot)
    wizard = steps.name(window)
    assert wizard.name.begin.isVisible()
    qtbot.mouseClick(wizard.name.begin.segment("snapshot"), LEFT)
    assert "2 servers" in wizard.name._begin_note.text()
    wizard.name.leave()
    assert wizard.draft.plan().state_sync


def test_without_such_servers_the_chain_is_fetched_from_its_first_block(
    open_window: Opened, qtbot: QtBot, engine: FakeEngine
) -> None:
    window = open_window(engine)
    ready_wizard(window, qtbot)
    wizard = steps.name(window)
    assert not wizard.name.begin.isVisible()
    wizard.name.leave()
    assert not wizard.draft.plan().state_sync


def test_a_taken_port_is_met_in_the_first_run(open_window: Opened, qtbot: QtBot) -> None:
    reason = PreflightFailed(problem="Port 26656 is taken.", checks=["port-p2p"]).explanation
    status = replace(samples.verify_failed(), reason=reason, steps=(), state=NodeState.PREPARING)
    engine = FakeEngine([status])
    window = open_window(engine)
    window.resume_first_run(status)
    wizard = shown_wizard(window)
    engine.change(status.node_id, state=NodeState.FAILED)
    qtbot.waitUntil(wizard.progress.free_ports.isVisible)
    qtbot.mouseClick(wizard.progress.free_ports, LEFT)
    assert ("mend", status.node_id, Mend.CHANGE_PORTS) in engine.asked
