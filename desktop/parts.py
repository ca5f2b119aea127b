# SPDX-License-Identifier: Apache-2.0
"""The rows of "What is running", from a status and the states of the doors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from desktop.components.part_list import Part
from desktop.look.glyphs import Glyph
from desktop.words import wording
from desktop.words.translation import engine_words, explained, tr
from node_manager.state import NodeState, NodeStatus

if TYPE_CHECKING:
    from node_manager.events import DoorChanged

PART_COUNT = 6


def parts_of(status: NodeStatus, doors: Mapping[str, DoorChanged], now: float) -> list[Part]:
    """Node, signer, bridge, heartbeat, orchestrator and backup."""
    return [
        _node(status, now),
        _signer(status, now),
        _door(doors.get("bridge"), tr("Bridge"), now),
        _door(doors.get("heartbeat"), tr("Heartbeat"), now),
        _door(doors.get("orchestrator"), tr("Orchestrator"), now),
        _backup(status, now),
    ]


def _node(status: NodeStatus, now: float) -> Part:
    age = wording.ago(status.height.age(now))
    known = status.height.current(now) is not None
    match status.state:
        case NodeState.STOPPED:
            return Part(tr("Node"), Glyph.STOPPED, tr("stopped"), age, "logs")
        case NodeState.FAILED:
            words = explained(status.reason)[0] if status.reason else tr("ended")
            return Part(tr("Node"), Glyph.BAD, words, age, "logs")
        case NodeState.SYNCING if known:
            glyph, words = Glyph.BUSY, tr("reading blocks")
        case NodeState.RUNNING if known:
            glyph, words = Glyph.GOOD, tr("in step")
        case NodeState.SYNCING | NodeState.RUNNING:
            return Part(tr("Node"), Glyph.UNKNOWN, tr("does not answer"), age, "logs")
        case NodeState.BACKOFF:
            return Part(tr("Node"), Glyph.WARN, tr("ended, starts again"), age, "logs")
        case _:
            return Part(tr("Node"), Glyph.BUSY, _at_work(status.state), age, "logs")
    peers = status.peers
    if status.height.stale(now):
        glyph = Glyph.UNKNOWN
    if peers is not None:
        words = f"{words}, {wording.peers(peers)}"
        if not peers:
            glyph = Glyph.WARN
    return Part(tr("Node"), glyph, words, age, "logs")


def _at_work(state: NodeState) -> str:
    return {
        NodeState.PREPARING: tr("being prepared"),
        NodeState.STARTING: tr("starting"),
        NodeState.STOPPING: tr("stopping"),
        NodeState.UPGRADING: tr("being upgraded"),
    }.get(state, state.value)


def _signer(status: NodeStatus, now: float) -> Part:
    figures = status.signer.current(now)
    age = wording.ago(status.signer.age(now))
    name = tr("Signer")
    if figures is None:
        if status.state.at_rest:
            return Part(name, Glyph.STOPPED, tr("not running"), age, "keys")
        words = engine_words(status.signer.why) or tr("unknown")
        return Part(name, Glyph.UNKNOWN, words, age, "keys")
    if figures.locked:
        return Part(name, Glyph.WAITING, tr("locked, waits for the passphrase"), age, "keys")
    if not figures.connected:
        return Part(name, Glyph.WARN, tr("the node is not connected to it"), age, "keys")
    words, hint = tr("unlocked, guard in force"), ""
    counted = sum(mark.kind != "unknown" for mark in status.blocks)
    if figures.missed is not None and counted:
        words = tr("guard in force, {missed} of {count} missed").format(
            missed=wording.number(figures.missed), count=wording.number(counted)
        )
        hint = tr("Blocks in which the chain holds no vote of this key, of the last 100.")
    if figures.signed_at is None:
        words = tr("connected, nothing to sign yet")
    glyph = Glyph.UNKNOWN if status.signer.stale(now) else Glyph.GOOD
    return Part(name, glyph, words, age, "keys", hint)


def _door(door: DoorChanged | None, name: str, now: float) -> Part:
    if door is None:
        return Part(name, Glyph.UNKNOWN, tr("unknown"), tr("never"), "settings")
    age = wording.ago(None if door.at is None else max(0.0, now - door.at))
    glyph = {
        "ok": Glyph.GOOD,
        "failed": Glyph.WARN,
        "working": Glyph.BUSY,
        "off": Glyph.STOPPED,
    }.get(door.state, Glyph.UNKNOWN)
    words = engine_words(door.note)
    if door.state == "failed" and door.reason is not None and not words:
        words = explained(door.reason)[0]
    return Part(name, glyph, words or tr("unknown"), age, "settings")


def _backup(status: NodeStatus, now: float) -> Part:
    at = status.backup_verified_at
    if at is None:
        return Part(tr("Backup"), Glyph.WARN, tr("none yet"), tr("never"), "keys")
    age = wording.ago(max(0.0, now - at))
    return Part(tr("Backup"), Glyph.GOOD, tr("opened to prove it"), age, "keys")
