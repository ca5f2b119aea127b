# SPDX-License-Identifier: Apache-2.0
"""The window on the real engine, network and node, used as a person uses it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import psutil
import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QLocale, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from bridge.localnet.record import LocalnetInfo
from desktop.components.ask import Ask
from desktop.components.step_list import StepRow
from desktop.engine.link import EngineLink
from desktop.keys.backup_dialog import BackupDialog
from desktop.keys.prove_dialog import ProveDialog
from desktop.look.glyphs import Glyph
from desktop.look.theme import theme
from desktop.none_guard import guard_none
from desktop.pages.first_run import FirstRun
from desktop.pages.keys import KeysPage
from desktop.pages.logs import LogsPage
from node_manager.durable import write_durably
from node_manager.node.plan import NodePlan
from node_manager.node.record import Ports
from node_manager.state import NodeState, NodeStatus, Step, StepState
from tests.helpers.app import PASSPHRASE, HeadlessApp
from tests.helpers.person import WindowedApp, button_of, click, dialog, see, words_of, write

guard_none()

BACKUP_PASSPHRASE = "four lanterns beside the old mill"
LIMIT_SECONDS = 180.0
FOLLOWS = "In step with the network."


class OwnPorts(EngineLink):
    """The engine's own link; its validators take ports that no other test has."""

    def __init__(self, app: HeadlessApp) -> None:
        super().__init__(app.layout)
        p2p, rpc, rest, grpc = app.ports
        self._ports = Ports(p2p=p2p, rpc=rpc, rest=rest, grpc=grpc)

    def create(self, plan: NodePlan) -> Future[str]:
        return super().create(replace(plan, ports=self._ports))


@pytest.fixture
def opened(
    qapp: QApplication, app: HeadlessApp, monkeypatch: pytest.MonkeyPatch
) -> Iterator[WindowedApp]:
    """The app on an empty data folder, in light and in English."""
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    theme().choose("light")
    monkeypatch.setenv("ONECLICK_LOCKS", str(app.layout.data.parent / "locks"))
    yield WindowedApp(qapp, app.layout, lambda: OwnPorts(app))


def the_status(opened: WindowedApp) -> NodeStatus:
    [status] = opened.context.adapter.statuses.values()
    return status


def is_done(row: StepRow) -> bool:
    """Whether the row of a step shows that it is done."""
    return row.glyph.glyph is Glyph.GOOD


async def go_through_the_wizard(opened: WindowedApp, folder: Path) -> FirstRun:
    """Network, name and folder, key, summary; until the button that begins it is pressed."""
    window = opened.window

    def shown() -> FirstRun | None:
        page = window.outer.currentWidget()
        return page if isinstance(page, FirstRun) and page.network.cards else None

    wizard = await see("the first run with its networks", shown)
    QTest.mouseClick(wizard.network.cards["localnet"], Qt.MouseButton.LeftButton)
    await click(wizard.go_on)
    await write(wizard.name.moniker, "heron-1")
    await write(wizard.name.folder, str(folder))
    await click(wizard.go_on)
    await click(wizard.key.by_passphrase)
    await write(wizard.key.passphrase.first, PASSPHRASE)
    await write(wizard.key.passphrase.second, PASSPHRASE)
    await click(wizard.go_on)
    for fact in ("heron-1", str(folder), "encrypted, opened by your passphrase"):
        await see(fact, lambda fact=fact: fact in words_of(wizard.summary))
    assert wizard.go_on.text() == "Set up heron-1"
    await click(wizard.go_on)
    await see("the progress", lambda: wizard.step is wizard.progress)
    return wizard


@contextmanager
def wrong_checksum(localnet: LocalnetInfo) -> Iterator[Callable[[], None]]:
    """The network's profile names another checksum than its program has; the call mends it."""
    file = localnet.profile / "chain.json"
    right = file.read_text()
    url: str = next(iter(json.loads(right)["codebase"]["binaries"].values()))
    digest = url.rpartition(":")[2]
    # Each time at once: the app may be reading it.
    write_durably(file, right.replace(digest, digest[::-1]))
    try:
        yield lambda: write_durably(file, right)
    finally:
        write_durably(file, right)


def left_behind(app: HeadlessApp) -> list[str]:
    """Processes of this data folder that still live."""
    mine = str(app.layout.data)
    found = []
    for process in psutil.process_iter():
        try:
            words = process.cmdline()
        except psutil.Error:
            continue
        if any(mine in word for word in words):
            found.append(" ".join(words))
    return found


async def close_and_stop(opened: WindowedApp) -> None:
    """Close the window and answer that the validator is to be stopped."""
    opened.window.close()
    ask = await see("the question", dialog)
    assert isinstance(ask, Ask)
    await click(button_of(ask, "Stop it and quit"))


def test_a_person_brings_a_validator_up_backs_its_key_up_and_quits(
    opened: WindowedApp, app: HeadlessApp, localnet: LocalnetInfo, tmp_path: Path
) -> None:
    async def person() -> None:
        window = opened.window
        chain_data = tmp_path / "another disk"
        wizard = await go_through_the_wizard(opened, chain_data)
        rows = wizard.progress.steps.rows
        for step in Step:
            await see(f"{step} done", partial(is_done, rows[step]), 90)
        await see("that it follows", lambda: wizard.progress.title.text() == FOLLOWS)
        assert any(chain_data.iterdir())

        await click(wizard.go_on)
        overview = window.page("overview")
        await see("the overview", overview.isVisible)
        registered = "In step. Waiting to be registered."
        await see(registered, lambda: registered in words_of(overview))
        own = window.page("overview").height_card.own
        before = own.accessibleName()
        # Looked at every three seconds and painted every five: many times both, on a busy machine.
        await see("a greater height", lambda: own.accessibleName() != before, 40)
        assert the_status(opened).chain_id == localnet.chain_id

        await click(button_of(window.sidebar, "Keys"))
        keys = window.page("keys")
        assert isinstance(keys, KeysPage)
        await click(keys.back_up)
        ask = await see("the backup's dialog", dialog)
        assert isinstance(ask, BackupDialog)
        file = tmp_path / "a drive" / "heron-1.ocvbackup"
        file.parent.mkdir()
        await write(ask.key_passphrase, PASSPHRASE)
        await write(ask.file.edit, str(file))
        await write(ask.passphrase.first, BACKUP_PASSPHRASE)
        await write(ask.passphrase.second, BACKUP_PASSPHRASE)
        await click(ask.go_on)
        await see("the proof", lambda: "Backed up, and the backup was opened" in words_of(keys))
        assert app.layout.data not in file.parents
        assert file.exists()
        await click(keys.backup.prove)
        prove = await see(
            "the dialog of the proof", lambda: dialog() if not ask.isVisible() else None
        )
        assert isinstance(prove, ProveDialog)
        assert prove.file.path == file
        await write(prove.passphrase, PASSPHRASE)
        await click(prove.go_on)
        await see("that the wrong one opens nothing", prove.trouble.isVisible)
        await write(prove.passphrase, BACKUP_PASSPHRASE)
        await click(prove.go_on)
        await see("that it is proved", lambda: not prove.isVisible())

        await click(button_of(window.sidebar, "Logs"))
        logs = window.page("logs")
        assert isinstance(logs, LogsPage)
        await see("the log", lambda: logs.view.snapshot and logs.view.snapshot.count)
        await write(logs.search, "committed state")
        await click(logs.search.only)
        await see("the match", lambda: logs.view.snapshot and len(logs.view.snapshot.hits) > 0)
        await see("its count", lambda: " of " in logs.search.count.text())
        await write(logs.search, "no line says this")
        await see("that there is none", lambda: logs.search.count.text() == "none")

        await close_and_stop(opened)

    opened.used_by(person, LIMIT_SECONDS)
    assert opened.exit_code == 0
    assert not left_behind(app)


@pytest.mark.logs("checksum|download|failed")
def test_a_program_that_is_not_the_published_one_is_not_run_until_it_is(
    opened: WindowedApp, localnet: LocalnetInfo, tmp_path: Path
) -> None:
    async def person() -> None:
        with wrong_checksum(localnet) as mend:
            wizard = await go_through_the_wizard(opened, tmp_path / "chain")
            await see("the refusal", lambda: wizard.progress.title.text().startswith("Stopped: "))
            failed = next(one for one in the_status(opened).steps if one.state is StepState.FAILED)
            row = wizard.progress.steps.rows[failed.step]
            told = words_of(row.trouble)
            assert "What happened" in told
            assert "The key is safe; nothing is signed." in words_of(wizard.progress)
            mend()
            await click(button_of(row.trouble, "Download again"))
        await see("the download", lambda: is_done(row))
        await see("that it runs", lambda: the_status(opened).state is NodeState.RUNNING, 90)
        await close_and_stop(opened)

    opened.used_by(person, LIMIT_SECONDS)
    assert opened.exit_code == 0
