# SPDX-License-Identifier: Apache-2.0
"""An alert and its events."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from node_manager.events import Event
from node_manager.explanation import Explanation


class AlertKind(StrEnum):
    """What can call a person. The values are stable: settings name them."""

    NODE_DOWN = "node-down"
    NOT_SYNCING = "not-syncing"
    NO_PEERS = "no-peers"
    MISSED_BLOCKS = "missed-blocks"
    JAILED = "jailed"
    DISK_85 = "disk-85"
    DISK_95 = "disk-95"
    CLOCK_OFF = "clock-off"
    SIGNING_REFUSED = "signing-refused"
    HEARTBEAT_REFUSED = "heartbeat-refused"
    BACKUP_MISSING = "backup-missing"
    UPGRADE_AHEAD = "upgrade-ahead"
    NEWER_VERSION = "newer-version"
    CLUSTER_DOWN = "cluster-down"
    CLUSTER_NOT_READY = "cluster-not-ready"
    CLUSTER_PEERS = "cluster-peers"
    CLUSTER_DUTIES = "cluster-duties"
    CLUSTER_BEACON = "cluster-beacon"
    CLUSTER_VERSIONS = "cluster-versions"
    CLUSTER_KEY = "cluster-key"


TITLES = {
    AlertKind.NODE_DOWN: "The node is down",
    AlertKind.NOT_SYNCING: "The node does not follow the network",
    AlertKind.NO_PEERS: "The node has no peers",
    AlertKind.MISSED_BLOCKS: "Missed blocks rise",
    AlertKind.JAILED: "The validator is jailed",
    AlertKind.DISK_85: "The disk is 85 % full",
    AlertKind.DISK_95: "The disk is 95 % full",
    AlertKind.CLOCK_OFF: "The clock is off",
    AlertKind.SIGNING_REFUSED: "The double-sign guard refused",
    AlertKind.HEARTBEAT_REFUSED: "The heartbeat is refused",
    AlertKind.BACKUP_MISSING: "The key has no backup",
    AlertKind.UPGRADE_AHEAD: "An upgrade is ahead",
    AlertKind.NEWER_VERSION: "A newer version of the app is out",
    AlertKind.CLUSTER_DOWN: "The distributed validator is down",
    AlertKind.CLUSTER_NOT_READY: "The distributed validator is not ready",
    AlertKind.CLUSTER_PEERS: "An operator’s node is gone",
    AlertKind.CLUSTER_DUTIES: "Duties of the cluster fail",
    AlertKind.CLUSTER_BEACON: "The beacon node is not usable",
    AlertKind.CLUSTER_VERSIONS: "Versions of charon differ",
    AlertKind.CLUSTER_KEY: "Another charon has the key",
}
"""A short name of each kind, for the list in which they are silenced."""

URGENT = frozenset(
    {
        AlertKind.NODE_DOWN,
        AlertKind.NO_PEERS,
        AlertKind.JAILED,
        AlertKind.MISSED_BLOCKS,
        AlertKind.DISK_95,
        AlertKind.SIGNING_REFUSED,
        AlertKind.CLUSTER_DOWN,
        AlertKind.CLUSTER_NOT_READY,
        AlertKind.CLUSTER_DUTIES,
        AlertKind.CLUSTER_BEACON,
        AlertKind.CLUSTER_KEY,
    }
)
"""Kinds that cost money or soon do."""


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that a person is called for.

    Attributes:
        node_id: the validator; empty for what is the whole computer's.
        moniker: its name, for a person.
        since: Unix time at which it was raised.
    """

    kind: AlertKind
    node_id: str
    moniker: str
    explanation: Explanation
    since: float

    @property
    def urgent(self) -> bool:
        """Whether it costs money, or soon does."""
        return self.kind in URGENT


@dataclass(frozen=True, slots=True)
class AlertRaised(Event):
    """An alert begins. `notify` is False when it is silenced, or was told a short while ago."""

    alert: Alert
    notify: bool


@dataclass(frozen=True, slots=True)
class AlertCleared(Event):
    """An alert is over since the Unix time `at`. `notify` as it was when it was raised."""

    alert: Alert
    notify: bool
    at: float = 0.0
