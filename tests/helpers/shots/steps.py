# SPDX-License-Identifier: Apache-2.0
"""The pictures of the wizard's steps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from desktop.machine import Machine
from desktop.wizard import network_step
from tests.helpers import dv_samples, wizard
from tests.helpers.shots import worlds
from tests.helpers.shots.shot import Shot, State, Subject, World, only

NOTHING_RUNS = "nothing runs before the last step, so nothing can sync"
NOTHING_MEASURED = "the step measures nothing that could be nearly wrong"
NO_ANSWER = "the step asks the engine nothing that it could refuse"
SMALL = Machine(2, 3_900_000_000, 21_000_000_000, "Linux x86_64")


def at(world: World, act: Callable[[Any], object]) -> Shot:
    """A step of the wizard, in a window of its own."""
    return Shot(world, "", act, fresh=True)


def small_machine(window: Any) -> None:
    """The cards on a computer that is too small for them."""
    usual = network_step.this_machine
    network_step.this_machine = lambda _folder: SMALL
    try:
        shown = wizard.open_wizard(window)
        shown.network.cards.clear()
        shown.network.enter()
        wizard.settle()
        shown.network.pick(wizard.NETWORK)
    finally:
        network_step.this_machine = usual
    wizard.settle()


def bad_source(window: Any) -> None:
    """Another chain whose entry cannot be read."""
    shown = wizard.network(window)
    shown.context.engine.failures["import_profile"] = worlds.refusal()
    shown.network.source.setText("/home/ada/chain.json")
    shown.network.add.click()
    wizard.settle()


def bad_folder(window: Any) -> None:
    """A folder that is none, and a name that is too long."""
    shown = wizard.name(window)
    shown.name.moniker.setText("é" * 40)
    shown.name.folder.setText("relative")
    wizard.settle()


def no_name(window: Any) -> None:
    """Nothing typed yet."""
    wizard.network(window).go_on.click()
    wizard.settle()


def weak(window: Any) -> None:
    """A passphrase that is guessed at once."""
    shown = wizard.key(window)
    shown.key.passphrase.first.setText("validator1")
    shown.key.passphrase.second.setText("validator")
    shown.key.passphrase.judge()
    wizard.settle_for(0.3)


def key_empty(window: Any) -> None:
    """The step as it opens."""
    wizard.name(window).go_on.click()
    wizard.settle()


def bad_backup(window: Any) -> None:
    """A backup that cannot be read."""
    wizard.open_wizard(window).begin_with_backup.click()
    key_empty(window)
    shown = wizard.open_wizard(window)
    shown.context.engine.failures["read_backup"] = worlds.refusal()
    file = Path(window.context.layout.data) / "my-validator.ocvbackup"
    file.write_text("{}")
    shown.key.backup.file.edit.setText(str(file))
    wizard.settle_for(0.6)


def from_node(window: Any) -> None:
    """The key of another node."""
    key_empty(window)
    wizard.open_wizard(window).key.origin.choose("comet")
    wizard.settle()


def refused_summary(window: Any) -> None:
    """The engine refuses to make it."""
    wizard.summary(window).go_on.click()
    wizard.settle()


def shared(window: Any) -> Any:
    """Choose a distributed validator."""
    shown = wizard.open_wizard(window)
    shown.network.pick_distributed("hoodi")
    shown.go_on.click()
    wizard.settle()
    return shown


def operator(window: Any, address: str = dv_samples.ADDRESSES[0]) -> Any:
    """Name it and its operator."""
    shown = shared(window)
    shown.operator.name.setText("Harbour 4")
    shown.operator.address.setText(address)
    wizard.settle()
    return shown


def beacon(window: Any, urls: str = "http://10.0.0.4:5052\nhttp://10.0.0.5:5052") -> Any:
    """Name its beacon nodes."""
    shown = operator(window)
    shown.go_on.click()
    shown.beacon.urls.setPlainText(urls)
    wizard.settle()
    return shown


def enr(window: Any, passphrase: str = wizard.PASSPHRASE) -> Any:
    """Come to the ENR key."""
    shown = beacon(window)
    shown.go_on.click()
    wizard.settle()
    shown.enr.file.edit.setText("/media/KEYS/harbour-4-enr.ocvbackup")
    shown.enr.passphrase.first.setText(passphrase)
    shown.enr.passphrase.second.setText(passphrase)
    shown.enr.passphrase.judge()
    wizard.settle_for(0.3)
    return shown


def enr_restore(window: Any) -> None:
    """Put a backup back."""
    enr(window).enr.origin.segment("backup").click()
    wizard.settle()


def dv_summary(window: Any) -> Any:
    """Come to the summary."""
    shown = enr(window)
    shown.go_on.click()
    wizard.settle()
    return shown


def dv_refused(window: Any) -> None:
    """The engine refuses to make it."""
    dv_summary(window).go_on.click()
    wizard.settle()


N = worlds.NOTHING
STEPS = [
    Subject(
        "step-network",
        "NetworkStep",
        {
            State.OK: at(N, wizard.network),
            State.SYNCING: NOTHING_RUNS,
            State.WARNING: at(N, small_machine),
            State.FAILED: at(N, bad_source),
            State.EMPTY: at(worlds.NO_NETWORKS, wizard.open_wizard),
        },
        {
            "unchosen": at(N, wizard.open_wizard),
            "unread": at(worlds.NO_PROFILES, wizard.open_wizard),
        },
    ),
    Subject(
        "step-name",
        "NameStep",
        {
            State.OK: at(N, wizard.name),
            State.SYNCING: NOTHING_RUNS,
            State.WARNING: NOTHING_MEASURED,
            State.FAILED: at(N, bad_folder),
            State.EMPTY: at(N, no_name),
        },
    ),
    Subject(
        "step-key",
        "KeyStep",
        {
            State.OK: at(N, wizard.key),
            State.SYNCING: NOTHING_RUNS,
            State.WARNING: at(N, weak),
            State.FAILED: at(N, bad_backup),
            State.EMPTY: at(N, key_empty),
        },
        {"no-keyring": at(worlds.NO_KEYRING, key_empty), "other-node": at(N, from_node)},
    ),
    Subject(
        "step-summary",
        "SummaryStep",
        only(
            "it repeats what was decided, and asks the engine once",
            ok=at(N, wizard.summary),
            failed=at(worlds.NO_CREATE, refused_summary),
        ),
    ),
    Subject(
        "step-progress",
        "ProgressStep",
        {
            State.OK: at(worlds.DONE_FIRST, wizard.progress),
            State.SYNCING: at(worlds.SYNCING_FIRST, wizard.progress),
            State.WARNING: at(worlds.SLOW_FIRST, wizard.progress),
            State.FAILED: at(worlds.FAILED_FIRST, wizard.progress),
            State.EMPTY: at(worlds.PREPARING, wizard.progress),
        },
        {"port": at(worlds.PORT_FIRST, wizard.progress)},
    ),
    Subject(
        "step-operator",
        "OperatorStep",
        only(
            NO_ANSWER,
            ok=at(N, operator),
            failed=at(N, lambda window: operator(window, "0x71C7")),
            empty=at(N, shared),
        ),
    ),
    Subject(
        "step-beacon",
        "BeaconStep",
        only(
            NO_ANSWER,
            ok=at(N, beacon),
            failed=at(N, lambda window: beacon(window, "10.0.0.4:5052")),
            empty=at(N, lambda window: beacon(window, "")),
        ),
    ),
    Subject(
        "step-enr",
        "EnrStep",
        only(
            NO_ANSWER,
            ok=at(N, enr),
            warning=at(N, lambda window: enr(window, "validator")),
            empty=at(N, lambda window: enr(window, "")),
        ),
        {"restore": at(N, enr_restore)},
    ),
    Subject(
        "step-dv-summary",
        "DvSummaryStep",
        only(
            "it repeats what was decided, and asks the engine once",
            ok=at(N, dv_summary),
            failed=at(worlds.NO_CREATE, dv_refused),
        ),
    ),
]
