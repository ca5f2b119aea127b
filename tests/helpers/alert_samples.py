# SPDX-License-Identifier: Apache-2.0
"""Alerts and refusals that fit the other samples."""

from __future__ import annotations

import time

from node_manager.alerts.alert import Alert, AlertKind
from node_manager.alerts.past import PastAlert
from node_manager.explanation import Explanation
from node_manager.signer.refusals import RefusedRequest

NODE = "omniphi-testnet-2"


def standing() -> list[Alert]:
    """One that costs money, one that does not yet."""
    now = time.time()
    return [
        Alert(
            AlertKind.NO_PEERS,
            NODE,
            "my-validator",
            Explanation(
                "alert-no-peers",
                "The node is connected to nobody.",
                "Its port may be blocked, or the network's addresses are out of date.",
                "Look at the Network page. Without peers no block is signed.",
            ),
            now - 740,
        ),
        Alert(
            AlertKind.BACKUP_MISSING,
            NODE,
            "my-validator",
            Explanation(
                "alert-no-backup",
                "The key has no verified backup.",
                "If this disk fails, the validator's key is lost for ever.",
                "Make a backup and keep it apart from this computer.",
            ),
            now - 90_000,
        ),
    ]


def over() -> list[PastAlert]:
    """What called in the last days."""
    now = time.time()
    missed = "{missed} of the last {count} blocks were missed."
    told = [
        (AlertKind.MISSED_BLOCKS, missed, {"missed": 12, "count": 100}, 9_000, 340, True),
        (AlertKind.NODE_DOWN, "The node has ended.", {}, 31_000, 48, True),
        (AlertKind.HEARTBEAT_REFUSED, "The heartbeat is not accepted.", {}, 160_000, 3900, False),
    ]
    return [
        PastAlert(
            kind=kind, node_id=NODE, moniker="my-validator", what=what, facts=facts,
            since=now - ago, until=now - ago + lasted, notified=notified,
        )
        for kind, what, facts, ago, lasted, notified in told
    ]  # fmt: skip


def refused() -> list[RefusedRequest]:
    """Two requests that the guard did not sign."""
    now = time.time()
    return [
        RefusedRequest(
            now - 7000,
            "DOUBLE_SIGN",
            "double signing requested at height: 4034131 (round 0, step 3)",
        ),
        RefusedRequest(
            now - 90_000, "REGRESSION", "regression: 3991020/0/2 asked, 3991021/0/1 recorded"
        ),
    ]
