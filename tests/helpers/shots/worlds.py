# SPDX-License-Identifier: Apache-2.0
"""The worlds of the pictures: a chain's validator and a distributed one, each in five states."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bridge.server.errors import BridgePortTaken
from node_manager.alerts.alert import Alert, AlertKind
from node_manager.checks.result import CheckState
from node_manager.downloads.errors import NoSpace
from node_manager.events import DoorChanged
from node_manager.explanation import Explanation
from node_manager.updates.standing import Standing
from tests.helpers import (
    alert_samples,
    check_samples,
    dv_samples,
    log_samples,
    page_shots,
    progress_samples,
    samples,
    update_samples,
)
from tests.helpers.fake_engine import FakeEngine
from tests.helpers.history_samples import cluster_past, nothing
from tests.helpers.shots.shot import State, World


def refusal() -> NoSpace:
    """An engine that says no, with facts of the usual length."""
    folder = "/home/ada/.local/share/oneclick-validator"
    return NoSpace(what_for="posd.tar.gz", folder=folder, needed=64_000_000, free=12_000_000)


def _full(engine: FakeEngine) -> None:
    page_shots.fill(engine)
    engine.lines, engine.known_peers = samples.LOG, samples.PEERS
    engine.dv_past = cluster_past


def _fine(engine: FakeEngine) -> None:
    _full(engine)
    engine.checks, engine.standing_alerts = check_samples.fine(), []


def _shared(engine: FakeEngine) -> None:
    _full(engine)
    engine.checks = check_samples.of_cluster()


def _shared_fine(engine: FakeEngine) -> None:
    _fine(engine)
    engine.checks = [one for one in check_samples.of_cluster() if one.state is CheckState.OK]


def _syncing(engine: FakeEngine) -> None:
    _full(engine)
    engine.standing_alerts, engine.refused = alert_samples.standing()[1:], []


def _failed(engine: FakeEngine) -> None:
    _full(engine)
    engine.checks = check_samples.broken()
    missed = Explanation(
        "alert-missed-blocks",
        "{missed} of the last {count} blocks were missed.",
        "{left} more may be missed before the chain jails the validator.",
        "Look at the Overview: node, signer, peers and clock.",
        {"missed": 58, "count": 100, "left": 9_812},
    )
    status = samples.alert()
    grave = Alert(
        AlertKind.MISSED_BLOCKS, status.node_id, status.moniker, missed, status.since + 539_000
    )
    engine.standing_alerts = [grave, *alert_samples.standing()]
    engine.known_doors = [
        DoorChanged(
            "bridge",
            "failed",
            "closed",
            status.since + 539_000,
            BridgePortTaken(port=15000, holder="gaiad (process 4121)").explanation,
        ),
        *engine.known_doors[1:],
    ]


def _with_updates(standing: Standing) -> Callable[[FakeEngine], None]:
    def fill(engine: FakeEngine) -> None:
        _fine(engine)
        engine.known_updates = standing

    return fill


def updates() -> dict[str, World]:
    """A validator that is fine, and how the app's version can stand."""
    standings = {
        "newest": update_samples.newest(),
        "newer": update_samples.newer(),
        "downloaded": update_samples.downloaded(Path("/home/ada/updates")),
        "unsafe": update_samples.unsafe(),
        "forged": update_samples.forged(),
        "offline": update_samples.offline(),
        "frozen": update_samples.frozen(),
    }
    return {
        name: World(f"updates-{name}", samples.proved, fill=_with_updates(standing))
        for name, standing in standings.items()
    }


def _empty(engine: FakeEngine) -> None:
    engine.past = nothing
    engine.dv_past = nothing
    engine.key = None
    engine.known_doors = []
    engine.checks = check_samples.nothing_known()


def _refusing(engine: FakeEngine) -> None:
    """Whatever a page asks for is refused."""
    _full(engine)
    for call in (
        "history", "dv_history", "peers", "listening", "key_facts", "examine", "dv_examine",
        "alerts", "past_alerts", "settings", "pairings", "support_bundle", "refusals", "profiles",
    ):  # fmt: skip
        engine.failures[call] = refusal()


CHAIN = {
    State.OK: World("chain-ok", samples.proved, fill=_fine, files=log_samples.write_logs),
    State.SYNCING: World(
        "chain-syncing", samples.syncing, fill=_syncing, files=log_samples.write_logs
    ),
    State.WARNING: World(
        "chain-warning", progress_samples.missing, fill=_full, files=log_samples.write_logs
    ),
    State.FAILED: World("chain-failed", samples.alert, fill=_failed, files=log_samples.write_logs),
    State.EMPTY: World("chain-empty", samples.unknown, fill=_empty, past=False),
}
REFUSING = World("chain-refusing", samples.signing, fill=_refusing)
ENDED = World("chain-ended", samples.failed, fill=_failed)
STOPPED = World("chain-stopped", samples.stopped, fill=_fine)

SHARED = {
    State.OK: World(
        "shared-ok",
        cluster=dv_samples.running,
        fill=_shared_fine,
        files=log_samples.write_charon_log,
    ),
    State.SYNCING: World("shared-syncing", cluster=dv_samples.ceremony, fill=_shared),
    State.WARNING: World(
        "shared-warning",
        cluster=dv_samples.troubled,
        fill=_shared,
        files=log_samples.write_charon_log,
    ),
    State.FAILED: World("shared-failed", cluster=dv_samples.failed, fill=_shared),
    State.EMPTY: World("shared-empty", cluster=dv_samples.without_backup, fill=_empty),
}
REFUSING_SHARED = World("shared-refusing", cluster=dv_samples.running, fill=_refusing)
WAITING = World("shared-waiting", cluster=dv_samples.base, fill=_shared)
INVITED = World("shared-invited", cluster=dv_samples.invited, fill=_shared)
WRONG = World("shared-wrong", cluster=dv_samples.refused, fill=_shared)
TO_CONFIRM = World("shared-confirm", cluster=dv_samples.to_confirm, fill=_shared)
REST = World("shared-stopped", cluster=dv_samples.stopped, fill=_shared)

NOTHING = World("nothing")
"""No validator yet: the first run."""
NO_NETWORKS = World("no-networks", fill=lambda engine: setattr(engine, "known_profiles", []))
NO_PROFILES = World("no-profiles", fill=lambda engine: engine.failures.update(profiles=refusal()))
NO_CREATE = World(
    "no-create",
    fill=lambda engine: engine.failures.update(create=refusal(), dv_create=refusal()),
)
NO_KEYRING = World("no-keyring", fill=lambda engine: setattr(engine, "usual", "passphrase"))
NOT_OPENED = World("not-opened", opens=False)
PREPARING = World("preparing", progress_samples.preparing)
SYNCING_FIRST = World("progress-syncing", samples.syncing)
SLOW_FIRST = World("progress-slow", progress_samples.lonely)
DONE_FIRST = World("progress-done", progress_samples.set_up)
FAILED_FIRST = World("progress-failed", samples.verify_failed)
PORT_FIRST = World("progress-port", progress_samples.port_failed)
