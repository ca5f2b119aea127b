# SPDX-License-Identifier: Apache-2.0
"""A person at the real window joins a cluster: mouse and keyboard, with the recorded charon."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QLocale, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog

from bridge.engine import EngineOptions
from desktop.components.ask import Ask
from desktop.engine.link import EngineLink
from desktop.look.glyphs import Glyph
from desktop.look.theme import theme
from desktop.none_guard import guard_none
from desktop.obol.backup_dialog import DvBackupDialog
from desktop.pages.first_run import FirstRun
from desktop.pages.obol import ObolPage
from node_manager.keys.kdf import KdfPolicy
from node_manager.layout import Layout
from node_manager.obol import node, running
from node_manager.obol.folder import ClusterFolder, cluster_folder
from node_manager.obol.keys import cluster_backup, enr_backup
from node_manager.obol.manager import DvPlan
from node_manager.obol.settings import read_settings
from tests.e2e.dv_cluster import free_ports
from tests.helpers import charon_standin
from tests.helpers.dv_bench import KEYS, see_only, signed_cluster
from tests.helpers.dv_locks import make_lock
from tests.helpers.dv_material import DEAD, Cluster
from tests.helpers.obol_api import MockObolApi
from tests.helpers.person import WindowedApp, button_of, click, dialog, see, words_of, write
from tests.helpers.wizard import PASSPHRASE

guard_none()

pytestmark = [
    pytest.mark.timeout(180),
    pytest.mark.skipif(sys.platform == "win32", reason="charon is for Linux"),
]

LEFT = Qt.MouseButton.LeftButton
VERSIONS = "mismatching charon version; expect=v1.10, got=v1.9"


class OnStandIn(EngineLink):
    """The engine's own link; its distributed validators use the stand-in and the mock API."""

    def __init__(self, layout: Layout, charon: dict[str, Any]) -> None:
        super().__init__(layout, EngineOptions(layout, doors=False))
        self._charon = charon

    def dv_create(self, plan: DvPlan) -> Future[str]:
        own = {"operatorAddress": plan.settings.charon.operator_address}
        settings = read_settings({"network": "hoodi", "charon": {**self._charon, **own}})
        return super().dv_create(replace(plan, settings=settings))


class Scene:
    """The other operators, their API, and this operator's charon."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.layout = Layout(data=root / "data", cache=root / "cache")
        self.cluster = Cluster(signed_cluster().enrs, threshold=2, name="Harbour 4")
        whole = Cluster(self.cluster.enrs, threshold=2, name="Harbour 4").sign_all()
        make_lock(whole.raw(), KEYS).write(root / "artefacts", 0)
        self.program = charon_standin.install(
            root / "program", {"artefacts": str(root / "artefacts"), "speed": 30}
        )
        (root / "key").write_text(KEYS[0].hex())
        self.api = MockObolApi()

    def sign(self, *operators: int) -> None:
        """These have signed at the Launchpad."""
        self.cluster.signed |= set(operators)
        self.api.add(self.cluster.raw())

    def plan(self, **changes: Any) -> None:
        """What charon does next."""
        file = self.program.parent / "plan.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | changes))

    def ceremonies(self) -> int:
        file = self.program.parent / "calls.jsonl"
        lines = file.read_text().splitlines() if file.exists() else []
        return sum(json.loads(line)["command"] == "dkg" for line in lines)

    def charon(self) -> dict[str, Any]:
        p2p, vapi, monitoring = free_ports(3)
        return {
            "program": str(self.program),
            "dkgSidecar": {
                "apiEndpoint": self.api.url,
                "initialRetryDelaySeconds": 20,
                "shutdownDelaySeconds": 0,
            },
            "p2pTcpAddress": f"127.0.0.1:{p2p}",
            "validatorApiAddress": f"127.0.0.1:{vapi}",
            "monitoringAddress": f"127.0.0.1:{monitoring}",
            "simnetBeaconMock": True,
            "simnetValidatorMock": True,
        }

    @property
    def folder(self) -> ClusterFolder:
        return cluster_folder(self.layout, "harbour-4")


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """The mock API answers from a thread of its own."""
    cheap = KdfPolicy(memory_kib=64, iterations=1, lanes=1, floor_kib=8)
    monkeypatch.setattr(node, "back_up_key", partial(enr_backup.back_up_key, policy=cheap))
    whole = partial(cluster_backup.back_up_cluster, policy=cheap)
    monkeypatch.setattr(node, "back_up_cluster", whole)
    monkeypatch.setattr(running, "LOOK_SECONDS", 0.2)
    see_only(tmp_path, monkeypatch)
    one = Scene(tmp_path)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(one.api.start(), loop).result(10)
    yield one
    asyncio.run_coroutine_threadsafe(one.api.stop(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def opened(
    qapp: QApplication, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> Iterator[WindowedApp]:
    """The app on an empty data folder, in light and in English."""
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    theme().choose("light")
    monkeypatch.setenv("ONECLICK_LOCKS", str(scene.root / "locks"))
    charon = scene.charon()
    yield WindowedApp(qapp, scene.layout, lambda: OnStandIn(scene.layout, charon))


async def go_through_the_wizard(opened: WindowedApp, scene: Scene) -> ObolPage:
    """Network, operator, beacon node, the key of a charon of before, its backup, summary."""

    def first_run() -> FirstRun | None:
        page = opened.window.outer.currentWidget()
        return page if isinstance(page, FirstRun) and page.network.dv_cards else None

    wizard = await see("the first run", first_run)
    QTest.mouseClick(wizard.network.dv_cards["hoodi"], LEFT)
    await click(wizard.go_on)
    await write(wizard.operator.name, "Harbour 4")
    await write(wizard.operator.address, scene.cluster.addresses[0])
    await click(wizard.go_on)
    QTest.keyClicks(wizard.beacon.urls, "http://127.0.0.1:5052")
    await click(wizard.go_on)
    await click(wizard.enr.origin.segment("file"))
    await write(wizard.enr.source.edit, str(scene.root / "key"))
    await write(wizard.enr.file.edit, str(scene.root / "enr.ocvbackup"))
    assert not wizard.go_on.isEnabled()  # no way on without a passphrase for the backup
    await write(wizard.enr.passphrase.first, PASSPHRASE)
    await write(wizard.enr.passphrase.second, PASSPHRASE)
    await click(wizard.go_on)
    for fact in ("Harbour 4", scene.cluster.addresses[0], str(scene.root / "enr.ocvbackup")):
        await see(fact, lambda fact=fact: fact in words_of(wizard.dv_summary).replace("\u200b", ""))
    await click(button_of(wizard, "Set up Harbour 4"))

    def overview() -> ObolPage | None:
        page = opened.window.stack.currentWidget()
        return page if isinstance(page, ObolPage) and page.isVisible() else None

    return await see("its overview", overview)


async def says(page: ObolPage, words: str, seconds: float = 30) -> None:
    """Wait until the sentence begins so."""
    try:
        await see(words, lambda: page.sentence.accessibleName().startswith(words), seconds)
    except AssertionError as error:
        raise AssertionError(f"{error}; it says {page.sentence.accessibleName()!r}") from None


async def press_next(page: ObolPage, text: str) -> None:
    """Press the button of the next thing once it has this text."""
    await see(text, lambda: page.sentence._button.text() == text)
    await click(page.sentence._button)


async def stop(page: ObolPage) -> None:
    """Press Stop and mean it."""
    await click(page.toggle)
    ask = await see("the question", dialog)
    assert isinstance(ask, Ask)
    await click(ask.yes_button)
    await says(page, "Stopped at")


def glyphs(page: ObolPage) -> list[Glyph]:
    return [stop.glyph for stop in page.path.path.stops]


def test_from_the_first_window_to_duties(opened: WindowedApp, scene: Scene) -> None:
    async def person() -> None:
        page = await go_through_the_wizard(opened, scene)

        # the ENR: backed up, shown, to be copied and scanned, and what to do with it
        await says(page, "Waiting for an invitation.")
        enr = scene.cluster.enrs[0]
        assert (scene.root / "enr.ocvbackup").is_file()
        assert scene.folder.key.stat().st_mode & 0o777 == 0o600
        await press_next(page, "Copy ENR")
        assert QApplication.clipboard().text() == page.enr.qr.text == enr
        assert "https://launchpad.obol.org" in words_of(page.enr)

        # the invitation: who misses what
        scene.sign()
        await click(page.invites.ask_now)
        await says(page, "Your signature is missing. 0 of 3 have signed.")
        assert "the ENR" in page.invites.lines[0][2]
        scene.sign(0, 2)
        await click(page.invites.ask_now)
        await says(page, "Waiting for one operator. 2 of 3 have signed.")
        [(_glyph, _words, missing)] = page.invites.lines
        assert "the signature of the configuration" in missing
        assert [cells[2].text for cells in page.operators.table[1:]][0::2] == ["nothing"] * 2

        # everybody has signed: each check, the addresses, and nothing before the person's word
        scene.plan(
            dkg=["wait-sigterm-node0", "versions", "ok-node0"],
            raw={
                "versions": [
                    json.dumps(
                        {"level": "error", "msg": f"Application failed to start: {VERSIONS}"}
                    )
                ]
            },
        )
        scene.sign(1)
        await click(page.invites.ask_now)
        await says(page, "Waiting for your word on the addresses.")
        checked = {words: glyph for glyph, words, _reason in page.checks.lines}
        assert {checked[name] for name in checked if "after the DKG" not in name} == {Glyph.GOOD}
        assert {"Config hash", "Definition hash"} <= set(checked)
        assert "Signature of the ENR: 3 of 3" in checked, sorted(checked)
        await see("the addresses", lambda: words_of(page.confirm).lower().count(DEAD.lower()) == 2)
        await see(
            "the version", lambda: "Every operator needs a version v1." in page.version.text()
        )
        assert page.version.isVisible()
        assert not page.confirm.begin.isEnabled()
        assert scene.ceremonies() == 0
        await click(page.confirm.compared)
        await click(page.confirm.begin)

        # the ceremony: who is there, cancelled, failed with its cause, begun anew
        await says(page, "Waiting for one operator. 3 of 4 connected.")
        assert glyphs(page)[3] is Glyph.WAITING
        await stop(page)
        assert not scene.folder.lock.exists() and scene.folder.key.exists()
        scene.folder.key_lock.unlink(missing_ok=True)
        await click(page.toggle)
        await says(page, "Not running since")
        assert "Agree with the other operators on one version" in words_of(page.trouble)
        assert glyphs(page)[3] is Glyph.BAD
        scene.folder.key_lock.unlink(missing_ok=True)
        await press_next(page, "Try again")

        # keys made: they run, and their backup is the next thing
        await press_next(page, "Back up…")
        asked = await see("the dialog", dialog)
        assert isinstance(asked, DvBackupDialog)
        await write(asked.file.edit, str(scene.root / "all.ocvbackup"))
        await write(asked.passphrase.first, PASSPHRASE)
        await write(asked.passphrase.second, PASSPHRASE)
        await click(asked.go_on)
        await see("the backup", lambda: (scene.root / "all.ocvbackup").is_file())
        await see("its end", lambda: not isinstance(dialog(), QDialog))
        await says(page, "Ready for its duties.")
        assert glyphs(page) == [Glyph.GOOD] * 5
        await see("the duties", lambda: "19" in words_of(page.tiles).split())

        # not ready: the reason in words
        await stop(page)
        scene.folder.key_lock.unlink(missing_ok=True)
        scene.plan(readyz=["ready check uninitialised", "ok", "ok", "ok", "ok", "vc not connected"])
        await click(page.toggle)
        await says(page, "Ready for its duties.")
        await see(
            "the reason",
            lambda: (
                "No validator client talks to charon." in page.sentence.accessibleName()
                or "No validator client talks to charon." in words_of(page.sentence)
            ),
        )
        assert page.alerts.isVisible()

    opened.used_by(person, 150)
    assert opened.exit_code == 0
