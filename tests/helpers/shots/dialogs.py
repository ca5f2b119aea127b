# SPDX-License-Identifier: Apache-2.0
"""The pictures of the dialogs and questions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication

from bridge.server.pairing_store import Scope
from desktop.acts import NodeActs
from desktop.components.pairing_dialog import PairingDialog
from desktop.lifecycle import quit_question
from desktop.obol.acts import DvActs
from desktop.obol.settings_dialog import DvSettingsDialog
from desktop.preferences.data import MoveDialog, ask_and_move
from node_manager.checks.result import CheckResult, CheckState, Mend
from node_manager.explanation import Explanation
from node_manager.moving import MoveProgress
from node_manager.obol.settings import read_settings
from tests.helpers import chain_shots, dv_samples, page_shots, wizard
from tests.helpers.shots import worlds
from tests.helpers.shots.pages import UNREGISTERED
from tests.helpers.shots.shot import Shot, State, Subject, engine_of, only

DIALOG = "a dialog asks and is answered; how the validator is, its page behind it says"
QUESTION = "a question says what an act costs and has no states of its own"

CHAIN, SHARED = worlds.CHAIN[State.WARNING], worlds.SHARED[State.OK]
LOCKABLE = worlds.CHAIN[State.OK]


def over(page: str, act: Callable[[Any], object], world: Any = CHAIN) -> Shot:
    """A dialog over a page, in a window of its own."""

    def opened(window: Any) -> None:
        page_shots.settle(window)
        act(window)
        wizard.settle()

    return Shot(world, page, opened, fresh=True)


def dialog() -> Any:
    """The dialog that is open."""
    wizard.settle()
    shown = QApplication.activeModalWidget()
    if shown is None:
        raise AssertionError("no dialog is open")
    return shown


def typed(shown: Any) -> None:
    """Fill the fields that a dialog about keys has."""
    for name in ("key_passphrase", "old"):
        if hasattr(shown, name):
            getattr(shown, name).setText(wizard.PASSPHRASE)
    if hasattr(shown, "file"):
        shown.file.edit.setText("/media/KEYS/my-validator-2026-11-22.ocvbackup")
    if hasattr(shown.passphrase, "first"):
        shown.passphrase.first.setText(wizard.PASSPHRASE)
        shown.passphrase.second.setText(wizard.PASSPHRASE)
        shown.passphrase.judge()
    else:
        shown.passphrase.setText(wizard.PASSPHRASE)
    wizard.settle_for(0.2)


def three(page: str, opening: Callable[[Any], object], call: str, world: Any = CHAIN) -> Any:
    """A dialog filled, refused by the engine, and as it opens."""

    def filled(window: Any) -> None:
        opening(window)
        typed(dialog())

    def refused(window: Any) -> None:
        engine_of(window).failures[call] = worlds.refusal()
        filled(window)
        dialog().go_on.click()

    return only(
        DIALOG,
        ok=over(page, filled, world),
        failed=over(page, refused, world),
        empty=over(page, opening, world),
    )


def question(page: str, act: Callable[[Any], object], world: Any = CHAIN) -> Any:
    """A question over a page."""
    return only(QUESTION, ok=over(page, act, world))


def acts(window: Any) -> NodeActs:
    """The acts on a chain's validator."""
    return NodeActs(window.context, window)


def dv_acts(window: Any) -> DvActs:
    """The acts on a distributed validator."""
    return DvActs(window.context, window)


def unlock(window: Any, *, refused: bool = False) -> None:
    """Ask for the passphrase."""
    acts(window).unlock(window.status.node_id)
    if refused:
        engine_of(window).failures["unlock"] = worlds.refusal()
        shown = dialog()
        shown.field.setText(wizard.PASSPHRASE)
        shown.unlock.click()


def bundle(window: Any) -> None:
    """What a support bundle holds."""
    window.page("doctor").bundle_button.click()
    wizard.settle_for(0.2)


def not_saved(window: Any) -> None:
    """A bundle that cannot be saved."""
    bundle(window)
    dialog().save_to(Path("/proc/bundle.zip"))
    wizard.settle_for(0.4)


def pairing(window: Any) -> None:
    """A website asks."""
    scopes = [Scope.READ, Scope.CONTROL]
    PairingDialog(window, "https://portal.example", "K7M4QX", scopes, 120.0).open()


def moving(window: Any) -> Any:
    """The move has begun."""
    shown = MoveDialog(window.context, Path("/mnt/disk/validators"), window)
    shown.open()
    shown._progressed.emit(MoveProgress("copy", 21_000_000_000, 61_000_000_000))
    wizard.settle()
    return shown


def not_moved(window: Any) -> None:
    """The move failed."""
    engine_of(window).failures["move_data"] = worlds.refusal()
    MoveDialog(window.context, Path("/mnt/disk/validators"), window).begin()


def restart(window: Any) -> None:
    """The doctor's restart."""
    still = CheckResult(
        "node", "Node", CheckState.WARN, Explanation("node-still", "Still."), Mend.RESTART_NODE
    )
    window.page("doctor").findings.to_mend.asked.emit(still)


def quitting(window: Any) -> None:
    """Closing the window while something runs."""
    quit_question(window, window.status.moniker).open()


def dv_settings(window: Any, *, refused: bool = False) -> None:
    """The settings of a stopped one."""
    settings = read_settings(
        {
            "charon": {
                "operatorAddress": dv_samples.ADDRESSES[0],
                "beaconNodeEndpoints": ["http://10.0.0.4:5052", "http://10.0.0.5:5052"],
            }
        }
    )
    DvSettingsDialog(window.context, window.cluster, settings, window).open()
    if refused:
        engine_of(window).failures["dv_change_settings"] = worlds.refusal()
        dialog().go_on.click()


def dv_definition(window: Any, *, refused: bool = False) -> None:
    """A definition as a file."""
    dv_acts(window).use_definition(window.cluster)
    if refused:
        engine_of(window).failures["dv_use_definition"] = worlds.refusal()
        file = Path(window.context.layout.data) / "cluster-definition.json"
        file.write_text("{}")
        dialog().file.edit.setText(str(file))
        dialog().go_on.click()


def shared(act: Callable[[Any], object], world: Any = SHARED) -> Any:
    """A question about a distributed validator."""
    return question("overview", act, world)


DIALOGS = [
    Subject(
        "backup-dialog",
        "BackupDialog",
        three("keys", lambda window: window.page("keys").begin_backup(), "back_up"),
    ),
    Subject(
        "prove-dialog",
        "ProveDialog",
        three("keys", lambda window: window.page("keys")._on_prove(), "verify_backup"),
    ),
    Subject(
        "protect-dialog",
        "ProtectDialog",
        three("keys", lambda window: window.page("keys")._on_protect(), "change_protection"),
    ),
    Subject(
        "unlock-dialog",
        "UnlockDialog",
        only(
            DIALOG,
            failed=over("keys", lambda window: unlock(window, refused=True)),
            empty=over("keys", unlock),
        ),
    ),
    Subject(
        "bundle-dialog",
        "BundleDialog",
        only(DIALOG, ok=over("doctor", bundle), failed=over("doctor", not_saved)),
    ),
    Subject("pairing-dialog", "PairingDialog", only(DIALOG, ok=over("settings", pairing))),
    Subject(
        "move-dialog",
        "MoveDialog",
        only(
            DIALOG,
            syncing=over("settings", moving),
            failed=over("settings", not_moved),
        ),
    ),
    Subject(
        "registration-dialog",
        "RegistrationDialog",
        only(
            "a form; the chain's standing is on the page behind it",
            ok=over("overview", chain_shots.done, UNREGISTERED),
            warning=over("overview", chain_shots.review, UNREGISTERED),
            failed=over("overview", chain_shots.wrong, UNREGISTERED),
            empty=over("overview", chain_shots.local_form, UNREGISTERED),
        ),
        {"edit": over("overview", chain_shots.edit, LOCKABLE)},
    ),
    Subject(
        "dv-backup-dialog",
        "DvBackupDialog",
        three(
            "keys",
            lambda window: dv_acts(window).back_up(window.cluster, everything=True),
            "dv_back_up",
            SHARED,
        ),
    ),
    Subject(
        "dv-prove-dialog",
        "DvProveDialog",
        three("keys", lambda window: window.dv_page("keys")._on_prove(), "dv_prove_backup", SHARED),
    ),
    Subject(
        "dv-settings-dialog",
        "DvSettingsDialog",
        only(
            DIALOG,
            ok=over("overview", dv_settings, worlds.REST),
            failed=over("overview", lambda window: dv_settings(window, refused=True), worlds.REST),
        ),
    ),
    Subject(
        "dv-definition-dialog",
        "DvDefinitionDialog",
        only(
            DIALOG,
            failed=over(
                "overview", lambda window: dv_definition(window, refused=True), worlds.WAITING
            ),
            empty=over("overview", dv_definition, worlds.WAITING),
        ),
    ),
    Subject(
        "ask-stop",
        "Ask",
        question("overview", lambda window: acts(window).ask_and_stop(window.status)),
    ),
    Subject(
        "ask-lock",
        "Ask",
        question("keys", lambda window: acts(window).ask_and_lock(window.status)),
    ),
    Subject(
        "ask-repair",
        "Ask",
        question("overview", lambda window: acts(window).ask_and_repair(window.status)),
    ),
    Subject(
        "ask-reset",
        "Ask",
        question("network", lambda window: window.page("network").chain_data._on_reset()),
    ),
    Subject("ask-restart", "Ask", question("doctor", restart)),
    Subject(
        "ask-move",
        "Ask",
        question(
            "settings",
            lambda window: ask_and_move(window.context, Path("/mnt/disk/validators"), window),
        ),
    ),
    Subject("ask-quit", "Ask", question("overview", quitting)),
    Subject(
        "ask-dv-stop", "Ask", shared(lambda window: dv_acts(window).ask_and_stop(window.cluster))
    ),
    Subject(
        "ask-dv-remove",
        "Ask",
        shared(lambda window: dv_acts(window).ask_and_remove(window.cluster), worlds.REST),
    ),
    Subject(
        "ask-dv-anew",
        "Ask",
        shared(lambda window: dv_acts(window).ask_and_look_anew(window.cluster), worlds.TO_CONFIRM),
    ),
]
