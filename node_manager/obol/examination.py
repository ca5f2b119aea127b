# SPDX-License-Identifier: Apache-2.0
"""The doctor of a distributed validator: computer, keys, programs, beacon nodes, cluster.

Nothing is asked of charon's validator API: any request there would count as a validator client.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from node_manager.checks.computer import check_disk, check_folder, check_memory, check_open_files
from node_manager.checks.ports import check_ports
from node_manager.checks.result import (
    CheckResult,
    CheckState,
    Mend,
    good,
    gravest_first,
    not_known,
)
from node_manager.explanation import Explanation, OneClickError
from node_manager.obol.alerts import Gravity
from node_manager.obol.beacon import BeaconReading, read_beacons
from node_manager.obol.charon.command_lines import port_of
from node_manager.obol.clients.kinds import client_of
from node_manager.obol.folder import ClusterFolder
from node_manager.obol.keys.keyfile import read_public
from node_manager.obol.record import DvRecord
from node_manager.obol.settings import DvSettings
from node_manager.obol.status import DvStage, DvStatus

DISK_GB, MEMORY_GB = 5.0, 2.0
"""charon and a validator client, without a beacon node; the requirements' limits are 1 + 2 GiB."""

GRAVITIES = {Gravity.CRITICAL: CheckState.FAIL, Gravity.WARNING: CheckState.WARN}


async def examine_cluster(
    folder: ClusterFolder, record: DvRecord, status: DvStatus, own_pids: set[int]
) -> list[CheckResult]:
    """Every check, the gravest first; `own_pids` may hold the ports."""
    settings = record.settings
    charon = settings.charon
    beacons = asyncio.create_task(
        read_beacons(
            charon.beacon_node_endpoints, charon.fallback_beacon_node_endpoints, settings.network
        )
    )
    try:
        ports = await check_ports(
            {
                "P2P": port_of(charon.p2p_tcp_address),
                "Validator API": port_of(charon.validator_api_address),
                "Monitoring": port_of(charon.monitoring_address),
            },
            own_pids=own_pids,
        )
        results = [
            check_state(status),
            *await asyncio.to_thread(lambda: list(_files(folder, record, status))),
            *await asyncio.to_thread(lambda: list(_programs(folder, settings))),
            *(replace(one, mend=None) for one in ports),
            *check_beacons(await beacons, settings),
            *check_alerts(status),
        ]
    finally:
        beacons.cancel()
    return gravest_first(results)


def check_state(status: DvStatus) -> CheckResult:
    """Where it stands, and why it does not go on."""
    check, title = "stage", "Validator"
    if status.reason is None:
        return good(check, title, "It is at: {stage}.", stage=status.stage.text)
    state = CheckState.FAIL if status.stage is DvStage.FAILED else CheckState.WARN
    return CheckResult(check, title, state, status.reason)


def check_beacons(readings: list[BeaconReading], settings: DvSettings) -> list[CheckResult]:
    """Each beacon node as it answers now; one that stands in may fail without harm yet."""
    if settings.charon.simnet_beacon_mock:
        return [good("beacon", "Beacon node", "charon simulates its beacon node.")]
    if not readings:
        missing = Explanation(
            "beacon-none",
            "No beacon node is named.",
            "Charon ends at once without one.",
            "Name a beacon node of {network} in the settings of this validator.",
            {"network": settings.network},
        )
        return [CheckResult("beacon", "Beacon node", CheckState.FAIL, missing)]
    usable = any(one.usable for one in readings)
    found = []
    for number, one in enumerate(readings, 1):
        check, title = f"beacon-{number}", "Beacon node"
        if one.trouble is None:
            found.append(good(check, title, "{url} is synced on {net}.", url=one.url,
                              net=one.network))  # fmt: skip
        else:
            other = one.trouble.code == "beacon-other-network"
            state = CheckState.WARN if usable and not other else CheckState.FAIL
            found.append(CheckResult(check, title, state, one.trouble))
    return found


def check_alerts(status: DvStatus) -> list[CheckResult]:
    """What charon's figures give cause to say, and that its peers are well when nothing is."""
    if status.stage not in {DvStage.RUNNING, DvStage.STARTING}:
        return []
    told = [
        CheckResult(
            alert.explanation.code, "Cluster", GRAVITIES.get(alert.gravity, CheckState.UNKNOWN),
            alert.explanation,
        )
        for alert in status.alerts
        if alert.explanation != status.reason
    ]  # fmt: skip
    alive = status.figures.peers_alive.current()
    if alive is None:
        why = status.figures.peers_alive.why
        return [*told, not_known("peers", "Peers", "Who of the cluster answers is not known.", why)]
    others = len(status.operators) - 1
    if alive == others:
        told.append(good("peers", "Peers", "All {count} other nodes answer.", count=others))
    return told


def _files(folder: ClusterFolder, record: DvRecord, status: DvStatus) -> Iterator[CheckResult]:
    yield check_folder(folder.root)
    yield check_disk(folder.root, DISK_GB)
    yield check_memory(MEMORY_GB)
    yield check_open_files()
    yield _key(folder, record)
    yield _modes(folder)
    mend = Mend.MAKE_BACKUP
    yield _backup("enr-backup", "Backup of the ENR key", record.enr_backup_at, mend)
    if status.cluster is not None and status.cluster.lock_hash:
        yield _backup("shares-backup", "Backup of the key shares", record.artefacts_backup_at, mend)
        yield _lock(record)


def _key(folder: ClusterFolder, record: DvRecord) -> CheckResult:
    check, title = "enr-key", "ENR key"
    try:
        found = read_public(folder.charon).text
    except OneClickError as error:
        return CheckResult(check, title, CheckState.FAIL, error.explanation)
    if found == record.enr:
        return good(check, title, "The key is that of this node's ENR.")
    told = Explanation(
        "enr-key-other",
        "The key at {path} is not that of this node's ENR.",
        "The cluster knows this node by the ENR {enr}.",
        "Restore that key from its backup.",
        {"path": folder.key, "enr": record.enr},
    )
    return CheckResult(check, title, CheckState.FAIL, told)


def _modes(folder: ClusterFolder) -> CheckResult:
    check, title = "modes", "Who may read the keys"
    secrets = [folder.key, *folder.keystores.glob("keystore-*")]
    if os.name != "posix":
        return not_known(check, title, "Who may read the keys is not checked on this system.")
    open_ones = [one for one in secrets if one.exists() and one.stat().st_mode & 0o077]
    if not open_ones:
        return good(check, title, "Only you can read the keys.")
    told = Explanation(
        "keys-open",
        "Other users of this computer can read {path}.",
        "Whoever reads a key share can sign with it.",
        "Close it for others: chmod go= {path}",
        {"path": open_ones[0]},
    )
    return CheckResult(check, title, CheckState.FAIL, told)


def _backup(check: str, title: str, at: float | None, mend: Mend) -> CheckResult:
    if at is not None:
        return good(check, title, "A backup was made and opened.")
    told = Explanation(
        "no-backup",
        "There is no verified backup.",
        "If this disk fails, this node's share of the validators is lost for ever.",
        "Make a backup and keep it apart from this computer.",
    )
    return CheckResult(check, title, CheckState.WARN, told, mend)


def _lock(record: DvRecord) -> CheckResult:
    check, title = "lock", "Cluster lock"
    if record.verified_lock:
        return good(check, title, "Hashes, signatures and key shares fit together.")
    return not_known(check, title, "The lock was not checked yet; each start does so.")


def _programs(folder: ClusterFolder, settings: DvSettings) -> Iterator[CheckResult]:
    own = settings.charon.program
    if own is not None:
        yield _program("charon-program", "charon", str(own))
    client = settings.validator_client
    if client.enabled and not settings.charon.simnet_validator_mock:
        named = client.program or client_of(folder, settings).program
        yield _program("client-program", "Validator client", named)


def _program(check: str, title: str, named: str) -> CheckResult:
    found = shutil.which(named)
    if found is not None:
        return good(check, title, "{path} is there.", path=Path(found))
    told = Explanation(
        "dv-program-missing",
        "The program {program} is not on this computer.",
        "Without it this node takes no part in the duties.",
        "Install {program}, or name its file in the settings of this validator.",
        {"program": named},
    )
    return CheckResult(check, title, CheckState.FAIL, told)
