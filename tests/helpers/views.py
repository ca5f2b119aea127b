# SPDX-License-Identifier: Apache-2.0
"""Everything that the window can show a person: pages, steps of the first run, dialogs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication, QWidget

from desktop.components.ask import Ask
from desktop.components.not_opened import NotOpened
from desktop.components.pairing_dialog import PairingDialog
from desktop.components.unlock import UnlockDialog
from desktop.doctor.bundle_dialog import BundleDialog
from desktop.keys.protect_dialog import ProtectDialog
from desktop.keys.prove_dialog import ProveDialog
from desktop.obol.backup_dialog import DvBackupDialog, DvProveDialog
from desktop.obol.settings_dialog import DvDefinitionDialog, DvSettingsDialog
from desktop.pages.first_run import FirstRun
from desktop.pages.registry import dv_page_specs, page_specs
from desktop.preferences.data import MoveDialog
from desktop.window import MainWindow
from node_manager.explanation import Explanation
from node_manager.layout import Layout
from node_manager.networks.catalogue import Catalogue
from node_manager.obol.settings import read_settings
from node_manager.obol.status import DvStatus
from node_manager.state import NodeStatus
from tests.helpers import (
    chain_shots,
    check_samples,
    dv_samples,
    log_samples,
    page_shots,
    samples,
    update_samples,
    wizard,
)
from tests.helpers.fake_engine import FakeEngine
from tests.helpers.wizard import PASSPHRASE, settle, settle_for

Engine = Callable[[Layout], FakeEngine]


@dataclass(frozen=True, slots=True)
class View:
    """One view: the engine behind it, and what a person does to see it; answers with its root."""

    name: str
    engine: Engine
    show: Callable[[MainWindow], QWidget]

    def __str__(self) -> str:
        return self.name


@cache
def _chain(status: Callable[[], NodeStatus] | None = samples.signing) -> Engine:
    """An engine with one chain's validator, or with none; the same one for the same status."""

    def made(layout: Layout) -> FakeEngine:
        statuses = [status()] if status is not None else []
        engine = FakeEngine(statuses, samples.doors(), Catalogue(layout).profiles())
        engine.lines, engine.known_peers = samples.LOG, samples.PEERS
        engine.known_updates = update_samples.newer()
        if statuses:
            engine.key = samples.key(statuses[0])
        page_shots.fill(engine)
        log_samples.write_logs(layout)
        return engine

    return made


@cache
def _cluster(status: Callable[[], DvStatus]) -> Engine:
    """An engine whose only validator is shared."""

    def made(_layout: Layout) -> FakeEngine:
        engine, known = FakeEngine(), status()
        engine.clusters[known.cluster_id] = known
        engine.checks = check_samples.to_mend()
        return engine

    return made


def _page(key: str) -> Callable[[MainWindow], QWidget]:
    def show(window: MainWindow) -> QWidget:
        _with_past(window)
        window.open_page(key)
        settle_for(0.15)
        return window.stack.currentWidget()

    return show


def _with_past(window: MainWindow) -> None:
    adapter = window.context.adapter
    for status in adapter.statuses.values():
        adapter.histories[status.node_id] = samples.history(status, time.time())


def _step(act: Callable[[MainWindow], FirstRun]) -> Callable[[MainWindow], QWidget]:
    def show(window: MainWindow) -> QWidget:
        shown = act(window)
        settle_for(0.05)
        return shown

    return show


def _operator(window: MainWindow) -> FirstRun:
    first_run = wizard.open_wizard(window)
    first_run.network.pick_distributed("hoodi")
    first_run.go_on.click()
    first_run.operator.name.setText("Harbour 4")
    first_run.operator.address.setText(dv_samples.ADDRESSES[0])
    return first_run


def _beacon(window: MainWindow) -> FirstRun:
    first_run = _operator(window)
    first_run.go_on.click()
    first_run.beacon.urls.setPlainText("http://10.0.0.4:5052")
    return first_run


def _enr(window: MainWindow) -> FirstRun:
    first_run = _beacon(window)
    first_run.go_on.click()
    for field in (first_run.enr.passphrase.first, first_run.enr.passphrase.second):
        field.setText(PASSPHRASE)
    first_run.enr.passphrase.judge()
    return first_run


def _enr_restored(window: MainWindow) -> FirstRun:
    first_run = _enr(window)
    first_run.enr.origin.segment("backup").click()
    return first_run


def _dv_summary(window: MainWindow) -> FirstRun:
    first_run = _enr(window)
    first_run.go_on.click()
    return first_run


def _key_from(origin: str) -> Callable[[MainWindow], FirstRun]:
    def act(window: MainWindow) -> FirstRun:
        first_run = wizard.key(window)
        first_run.key.origin.segment(origin).click()
        return first_run

    return act


def _dialog(make: Callable[[MainWindow], Any]) -> Callable[[MainWindow], QWidget]:
    """Make a dialog and show it; one that shows itself answers with None."""

    def show(window: MainWindow) -> QWidget:
        settle()
        dialog = make(window)
        if dialog is not None:
            dialog.open()
        settle_for(0.15)
        shown = QApplication.activeModalWidget()
        if shown is None:
            raise AssertionError("no dialog is shown")
        return shown

    return show


def _node(window: MainWindow) -> NodeStatus:
    return next(iter(window.context.adapter.statuses.values()))


def _shared(window: MainWindow) -> DvStatus:
    return next(iter(window.context.adapter.clusters.values()))


def _question(window: MainWindow) -> Ask:
    return Ask(
        window,
        "Quit One-Click Validator?",
        "The validator can go on without the app.",
        yes="Leave it running",
        third="Stop it and quit",
    )


def _site(window: MainWindow) -> PairingDialog:
    dialog = PairingDialog(window, "https://portal.example", "K7M4QX", ("read", "control"), 120.0)
    dialog.show_others(["https://eager.example"])
    return dialog


def _settings_of_cluster(window: MainWindow) -> DvSettingsDialog:
    settings = read_settings(
        {
            "charon": {
                "operatorAddress": dv_samples.ADDRESSES[0],
                "beaconNodeEndpoints": ["http://10.0.0.4:5052"],
            }
        }
    )
    return DvSettingsDialog(window.context, _shared(window), settings, window)


def _not_opened(window: MainWindow) -> QWidget:
    why = Explanation(
        "data-folder-held",
        "Another program uses the data folder.",
        "Two apps in one folder could sign twice.",
        "End the other one.",
    )
    window.context.adapter.failed.emit(why)
    settle()
    shown = window.stack.currentWidget()
    if not isinstance(shown, NotOpened):
        raise AssertionError("the page is not shown")
    return shown


PAGES = [
    *(View(spec.key, _chain(), _page(spec.key)) for spec in page_specs()),
    View("overview-alert", _chain(samples.alert), _page("overview")),
    View("overview-syncing", _chain(samples.syncing), _page("overview")),
    View("overview-failed", _chain(samples.failed), _page("overview")),
    View("overview-unknown", _chain(samples.unknown), _page("overview")),
    View("keys-proved", _chain(samples.proved), _page("keys")),
    *(
        View(f"obol-{spec.key}", _cluster(dv_samples.running), _page(spec.key))
        for spec in dv_page_specs()
    ),
    View("obol-invited", _cluster(dv_samples.invited), _page("overview")),
    View("obol-confirm", _cluster(dv_samples.to_confirm), _page("overview")),
    View("obol-ceremony", _cluster(dv_samples.ceremony), _page("overview")),
    View("obol-failed", _cluster(dv_samples.failed), _page("overview")),
    View("not-opened", _chain(), _not_opened),
]
STEPS = [
    View("first-run-network", _chain(None), _step(wizard.network)),
    View("first-run-name", _chain(None), _step(wizard.name)),
    View("first-run-key", _chain(None), _step(wizard.key)),
    View("first-run-key-taken-over", _chain(None), _step(_key_from("comet"))),
    View("first-run-key-restored", _chain(None), _step(_key_from("backup"))),
    View("first-run-summary", _chain(None), _step(wizard.summary)),
    View("first-run-progress", _chain(samples.syncing), _step(wizard.progress)),
    View("first-run-failed", _chain(samples.verify_failed), _step(wizard.progress)),
    View("obol-run-operator", _chain(None), _step(_operator)),
    View("obol-run-beacon", _chain(None), _step(_beacon)),
    View("obol-run-enr", _chain(None), _step(_enr)),
    View("obol-run-restored", _chain(None), _step(_enr_restored)),
    View("obol-run-summary", _chain(None), _step(_dv_summary)),
]
DIALOGS = [
    View("question", _chain(), _dialog(_question)),
    View(
        "unlock",
        _chain(),
        _dialog(lambda window: UnlockDialog(window.context, _node(window).node_id, window)),
    ),
    View("website", _chain(), _dialog(_site)),
    View("backup", _chain(), _dialog(wizard.backup_dialog)),
    View(
        "protect",
        _chain(),
        _dialog(lambda w: ProtectDialog(w.context, _node(w).node_id, "passphrase", w)),
    ),
    View(
        "prove",
        _chain(),
        _dialog(lambda w: ProveDialog(w.context, _node(w).node_id, "/media/key.ocvbackup", w)),
    ),
    View("bundle", _chain(), _dialog(lambda w: BundleDialog(w, check_samples.bundle()))),
    View("move", _chain(), _dialog(lambda w: MoveDialog(w.context, Path("/new"), w))),
    View("register-here", _chain(chain_shots.unregistered), _dialog(chain_shots.local_form)),
    View("register", _chain(chain_shots.unregistered), _dialog(chain_shots.wrong)),
    View("register-review", _chain(chain_shots.unregistered), _dialog(chain_shots.review)),
    View("profile", _chain(samples.backed_up), _dialog(chain_shots.edit)),
    View("registered", _chain(chain_shots.unregistered), _dialog(chain_shots.done)),
    View("obol-settings", _cluster(dv_samples.stopped), _dialog(_settings_of_cluster)),
    View(
        "obol-definition",
        _cluster(dv_samples.base),
        _dialog(lambda w: DvDefinitionDialog(w.context, _shared(w), w)),
    ),
    View(
        "obol-backup",
        _cluster(dv_samples.running),
        _dialog(lambda w: DvBackupDialog(w.context, _shared(w), w, everything=True)),
    ),
    View(
        "obol-prove",
        _cluster(dv_samples.running),
        _dialog(lambda w: DvProveDialog(w.context, _shared(w), w)),
    ),
]
VIEWS = [*PAGES, *STEPS, *DIALOGS]
