# SPDX-License-Identifier: Apache-2.0
"""When a person is called: one rule a kind, from what the engine already knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from node_manager.alerts.alert import AlertKind
from node_manager.explanation import Explanation
from node_manager.state import NodeState, NodeStatus

UPGRADE_SECONDS = 86_400.0
MISSED_RAISE, MISSED_CLEAR = 10, 5
"""Of the last hundred blocks: a tenth missed is worth a call, a twentieth is over."""

DISK_SLACK = 0.02
"""A disk that is emptied by less than this does not count as mended."""

GB = 1000**3


class Verdict(Enum):
    """What a rule says besides an explanation."""

    WELL = "well"
    UNKNOWN = "unknown"


Answer = Explanation | Verdict


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of alert.

    Attributes:
        judge: status, time, and whether it is raised now; an explanation means trouble. UNKNOWN
            leaves an alert as it is: what cannot be seen is neither mended nor broken.
        hold: seconds that trouble must last before a person is called.
    """

    kind: AlertKind
    judge: Callable[[NodeStatus, float, bool], Answer]
    hold: float = 0.0


def _node_down(status: NodeStatus, _now: float, _raised: bool) -> Answer:
    if status.state not in {NodeState.FAILED, NodeState.BACKOFF}:
        return Verdict.WELL
    return status.reason or Explanation(
        "node-down",
        "The node has ended.",
        "The reason is not known.",
        "Look at its log, then start it again. Blocks are missed until then.",
    )


def _not_syncing(status: NodeStatus, now: float, _raised: bool) -> Answer:
    if not status.state.alive:
        return Verdict.WELL
    if status.reason is not None and status.reason.code in {
        "node-still", "node-silent", "no-first-block",
    }:  # fmt: skip
        return status.reason
    if status.state is NodeState.STARTING:
        return Verdict.UNKNOWN
    return Verdict.UNKNOWN if status.height.current(now) is None else Verdict.WELL


def _no_peers(status: NodeStatus, now: float, _raised: bool) -> Answer:
    if not status.state.alive:
        return Verdict.WELL
    out, inside = status.peers_out.current(now), status.peers_in.current(now)
    if out is None or inside is None:
        return Verdict.UNKNOWN
    if out + inside > 0:
        return Verdict.WELL
    return Explanation(
        "alert-no-peers",
        "The node is connected to nobody.",
        "Its port may be blocked, or the network's addresses are out of date.",
        "Look at the Network page. Without peers no block is signed.",
    )


def _missed(status: NodeStatus, now: float, raised: bool) -> Answer:
    if not status.chain.registered.value:
        return Verdict.WELL
    known = [block for block in status.blocks if block.kind != "unknown"]
    if not known or status.height.current(now) is None:
        return Verdict.UNKNOWN
    missed = sum(block.kind == "missed" for block in known)
    if missed < (MISSED_CLEAR if raised else MISSED_RAISE):
        return Verdict.WELL
    left = status.chain.may_miss.current(now)
    return Explanation(
        "alert-missed",
        "{missed} of the last {count} blocks were missed.",
        "{left} more may be missed before the chain jails the validator.",
        "Look at the Overview: node, signer, peers and clock.",
        {"missed": missed, "count": len(known), "left": "unknown" if left is None else left},
    )


def _jailed(status: NodeStatus, now: float, _raised: bool) -> Answer:
    chain = status.chain
    if chain.tombstoned.current(now):
        return Explanation(
            "alert-tombstoned",
            "The chain has removed this validator for ever.",
            "Its key has signed two different blocks at one height.",
            "This key cannot come back. Find out where it signed besides here.",
        )
    if chain.jailed.current(now) is None:
        return Verdict.UNKNOWN
    if not chain.jailed.current(now):
        return Verdict.WELL
    return Explanation(
        "alert-jailed",
        "The chain has jailed this validator.",
        "It has missed more blocks than the chain allows.",
        "Let the node catch up with its signer connected, then send an unjail transaction.",
    )


def _disk(share: float) -> Callable[[NodeStatus, float, bool], Answer]:
    def judge(status: NodeStatus, now: float, raised: bool) -> Answer:
        free, total = status.usage.disk_free.current(now), status.usage.disk_total.current(now)
        if free is None or not total:
            return Verdict.UNKNOWN
        used = 1 - free / total
        if used < share - (DISK_SLACK if raised else 0):
            return Verdict.WELL
        return Explanation(
            "alert-disk",
            "The disk is {percent} % full: {free} GB are free.",
            "A node whose disk is full stands still and misses blocks.",
            "Free space, or move the data folder to a larger disk.",
            {"percent": int(used * 100), "free": f"{free / GB:.1f}"},
        )

    return judge


def _backup(status: NodeStatus, _now: float, _raised: bool) -> Answer:
    if status.backup_verified_at is not None:
        return Verdict.WELL
    if not status.state.alive:
        return Verdict.UNKNOWN
    return Explanation(
        "alert-no-backup",
        "The key has no verified backup.",
        "If this disk fails, the validator's key is lost for ever.",
        "Make a backup and keep it apart from this computer.",
    )


def _upgrade(status: NodeStatus, now: float, _raised: bool) -> Answer:
    if status.upgrade_height is None:
        return Verdict.WELL
    height, seconds = status.height.current(now), status.block_seconds.current(now)
    if height is None or seconds is None:
        return Verdict.UNKNOWN
    left = (status.upgrade_height - height) * seconds
    if not 0 < left <= UPGRADE_SECONDS:
        return Verdict.WELL
    return Explanation(
        "alert-upgrade",
        "The upgrade {name} comes in about {hours} hours, at height {height}.",
        "The chain has planned it; a node without the new program stops there.",
        "Let the app run: it fetches and checks the program, then restarts the node.",
        {
            "name": status.upgrade_name,
            "hours": max(1, round(left / 3600)),
            "height": status.upgrade_height,
        },
    )


RULES = (
    Rule(AlertKind.NODE_DOWN, _node_down, hold=30),
    Rule(AlertKind.NOT_SYNCING, _not_syncing, hold=60),
    Rule(AlertKind.NO_PEERS, _no_peers, hold=120),
    Rule(AlertKind.MISSED_BLOCKS, _missed),
    Rule(AlertKind.JAILED, _jailed),
    Rule(AlertKind.DISK_85, _disk(0.85)),
    Rule(AlertKind.DISK_95, _disk(0.95)),
    Rule(AlertKind.BACKUP_MISSING, _backup, hold=600),
    Rule(AlertKind.UPGRADE_AHEAD, _upgrade),
)
"""What a status alone tells. The clock, the guard and the heartbeat have sources of their own."""
