# SPDX-License-Identifier: Apache-2.0
"""Where the way out of an alert begins."""

from __future__ import annotations

from desktop.words.translation import tr
from node_manager.alerts.alert import AlertKind

BACKUP = "backup"
"""Not a page: the backup of the validator's key."""


def way_of(kind: AlertKind) -> tuple[str, str]:
    """The page, with its part, where it is mended (or BACKUP), and the words of the button."""
    match kind:
        case AlertKind.NODE_DOWN | AlertKind.NOT_SYNCING:
            return "logs", tr("Show the log")
        case AlertKind.NO_PEERS:
            return "network", tr("Show the network")
        case AlertKind.DISK_85 | AlertKind.DISK_95:
            return "settings#data", tr("Move the data…")
        case AlertKind.CLOCK_OFF:
            return "doctor", tr("Ask the doctor")
        case AlertKind.NEWER_VERSION:
            return "settings#updates", tr("Show the update")
        case AlertKind.SIGNING_REFUSED:
            return "keys", tr("Show the guard")
        case AlertKind.HEARTBEAT_REFUSED:
            return "settings#heartbeat", tr("Show its address")
        case AlertKind.BACKUP_MISSING:
            return BACKUP, tr("Back up…")
        case _:
            return "overview", tr("Show the overview")
