# SPDX-License-Identifier: Apache-2.0
"""Findings of the doctor that fit together, and a bundle of them."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from node_manager.awake import Keeping
from node_manager.checks.computer import check_login
from node_manager.checks.doctor import check_validator
from node_manager.checks.reach import check_reach
from node_manager.checks.result import (
    CheckResult,
    CheckState,
    Mend,
    good,
    gravest_first,
    not_known,
)
from node_manager.checks.sleep import SleepReading, check_sleep
from node_manager.checks.support_bundle import BundleFile, SupportBundle
from node_manager.explanation import Explanation
from node_manager.figures import Figure
from tests.helpers import samples

OPEN_FOLDER = CheckResult(
    "data-folder",
    "Data folder",
    CheckState.WARN,
    Explanation(
        "folder-open",
        "Others on this computer can look into {folder}.",
        "Its permissions are wider than its owner's.",
        "Close it to others; the app can do that.",
        {"folder": "/home/ada/.local/share/oneclick-validator/nodes/omniphi-testnet-2/home"},
    ),
    Mend.CLOSE_FOLDER,
)

FINE = [
    good(
        "program",
        "Node program",
        "{name} {version} runs on this computer.",
        name="posd",
        version="1.4.2",
    ),
    good(
        "disk",
        "Disk space",
        "{free} GB are free, {needed} GB are needed.",
        free="302.0",
        needed=200,
    ),
    good("memory", "Memory", "{free} GB of {total} GB are free.", free="9.9", total="16.0"),
    good("open-files", "Open files", "A program may open {limit} files.", limit=1_048_576),
    good("clock", "Clock", "The clock agrees with the network's within 2 s."),
]

COMPUTER = [
    check_login(True),
    check_sleep(SleepReading(), Keeping(wanted=True, at_work=True, by="org.gnome.SessionManager")),
]


def to_mend() -> list[CheckResult]:
    """A validator that runs, with some things to mend."""
    unknown = not_known(
        "clock", "Clock", "Whether the clock is right is not known.",
        "No server of the network has answered.",
    )  # fmt: skip
    status = samples.signing()
    none = Figure(0, "this node", time.time(), 5.0)
    computer = [
        check_login(False),
        check_sleep(SleepReading(20, "GNOME"), Keeping(wanted=False, at_work=True)),
        check_reach(replace(status, reached=none), None),
    ]
    return gravest_first([OPEN_FOLDER, *computer, unknown, *FINE[:4], *check_validator(status)])


def broken() -> list[CheckResult]:
    """A validator whose key is locked."""
    locked = CheckResult(
        "signer",
        "Signer",
        CheckState.FAIL,
        Explanation(
            "key-locked",
            "The key is locked, so nothing is signed.",
            "It is protected by a passphrase that is not stored.",
            "Enter the passphrase.",
        ),
        Mend.UNLOCK_KEY,
    )
    return [locked, *to_mend()]


def nothing_known() -> list[CheckResult]:
    """A node that has not answered."""
    own = check_validator(samples.unknown())
    return [one for one in own if one.state is CheckState.UNKNOWN]


def fine() -> list[CheckResult]:
    """Nothing to do."""
    own = check_validator(samples.backed_up())
    return [*FINE, *COMPUTER, *(one for one in own if one.state is CheckState.OK)]


def bundle() -> SupportBundle:
    """A small bundle."""
    log = Path(__file__).resolve().parents[1] / "fixtures" / "posd" / "logs" / "node_plain.log"
    return SupportBundle(
        (
            BundleFile("about.txt", "One-Click Validator 0.1.0\nsystem: Linux\n"),
            BundleFile("settings.toml", 'version = 1\n[alerts]\nwebhook = "(hidden)"\n'),
            BundleFile("omniphi-testnet-2/node.log", log.read_text()),
        )
    )


def of_cluster() -> list[CheckResult]:
    """Findings about a distributed validator, with the words of `examination`."""
    beacon = Explanation(
        "beacon-down",
        "The beacon node {url} does not answer as one.",
        "It does not answer.",
        "Check that it runs and can be reached from this computer.",
        {"url": "http://10.0.0.5:5052"},
    )
    missing = Explanation(
        "no-backup",
        "There is no verified backup.",
        "If this disk fails, this node's share of the validators is lost for ever.",
        "Make a backup and keep it apart from this computer.",
    )
    return [
        CheckResult("beacon-2", "Beacon node", CheckState.WARN, beacon),
        CheckResult(
            "shares-backup", "Backup of the key shares", CheckState.WARN, missing, Mend.MAKE_BACKUP
        ),
        good("stage", "Validator", "It is at: {stage}.", stage="Running"),
        good("enr-key", "ENR key", "The key is that of this node's ENR."),
        good("modes", "Who may read the keys", "Only you can read the keys."),
        good("enr-backup", "Backup of the ENR key", "A backup was made and opened."),
        good("lock", "Cluster lock", "Hashes, signatures and key shares fit together."),
        good("beacon-1", "Beacon node", "{url} is synced on {net}.", url="http://10.0.0.4:5052",
             net="hoodi"),
        good("peers", "Peers", "All {count} other nodes answer.", count=3),
    ]  # fmt: skip
