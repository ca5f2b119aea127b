# SPDX-License-Identifier: Apache-2.0
"""Why charon ended or hangs, in words, and whether starting it again can help.

The texts are those of charon 1.10 as recorded; see the fixtures of the tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from node_manager.explanation import Explanation
from node_manager.obol.charon.log import CharonLine

RELAY_REFUSAL_SECONDS = 30 * 60.0
KEY_LOCK_SECONDS = 6.0
CEREMONY_PAUSE_SECONDS = 6.5


@dataclass(frozen=True, slots=True)
class Finding:
    """What a line means.

    Attributes:
        again: whether starting again can help.
        delay: seconds to wait first, None for the usual growing wait.
    """

    explanation: Explanation
    again: bool
    delay: float | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    marks: tuple[str, ...]
    code: str
    what: str
    why: str
    todo: str
    again: bool = False
    delay: float | None = None


_KNOWN = (
    _Known(
        ("data directory not clean",),
        "dkg-folder-not-clean",
        "Charon does not begin the ceremony: {disallowed_entity} lies in its folder.",
        "It is left from an earlier ceremony.",
        "The app moves such files to the archive, never the key, and begins again.",
        again=True,
        delay=CEREMONY_PAUSE_SECONDS,
    ),
    _Known(
        ("private key lock file is recently updated",),
        "key-in-use",
        "Another charon runs with this key, or ended less than 6 s ago.",
        "Its lock was refreshed by `{command}` a moment ago. Two charons with one key would sign"
        " twice.",
        "The app waits and tries again. If it stays so, end the other charon.",
        again=True,
        delay=KEY_LOCK_SECONDS,
    ),
    _Known(
        ("RESERVATION_REFUSED",),
        "relay-refuses",
        "The relay refuses this node.",
        "Relays refuse a node for 30 minutes when it came back too often.",
        "The app tries again in 30 minutes. Starting sooner makes the wait longer.",
        again=True,
        delay=RELAY_REFUSAL_SECONDS,
    ),
    _Known(
        ("mismatching charon version",),
        "charon-versions-differ",
        "The operators run different versions of charon.",
        "The key ceremony needs the same first two numbers of the version on every node. {detail}",
        "Agree with the other operators on one version, set it here, then begin again.",
    ),
    _Known(
        ("unknown private key provided",),
        "enr-not-in-cluster",
        "This node's ENR is not in the cluster.",
        "The cluster was made with another ENR than that of the key at hand.",
        "Compare the two ENRs. Restore the key of the one in the cluster from its backup.",
    ),
    _Known(
        ("private key file does not exist",),
        "enr-key-gone",
        "The ENR key is not there.",
        "Charon found no file at {path}.",
        "Restore the key from its backup. A new key is no member of this cluster.",
    ),
    _Known(
        ("mismatch between lock file fork version and beacon node",),
        "beacon-other-network",
        "The beacon node is of another network than the cluster.",
        "The beacon node is on {beacon_node} and the cluster on {lock_file}.",
        "Name a beacon node of {lock_file}.",
    ),
    _Known(
        ("fetch fork schedule",),
        "beacon-down",
        "The beacon node does not answer.",
        "Charon ends when it cannot read the fork schedule from it.",
        "Start the beacon node or name another one. The app tries again by itself.",
        again=True,
    ),
    _Known(
        ("either flag 'beacon-node-endpoints'",),
        "beacon-none",
        "No beacon node is named.",
        "Charon needs one to know the chain.",
        "Name a beacon node in the settings of this validator.",
    ),
    _Known(
        ("timeout resolving bootnode ENR",),
        "relays-dead",
        "No relay can be reached.",
        "Charon waited a minute for one of its relays.",
        "Check the connection and the relays' addresses. The app tries again by itself.",
        again=True,
    ),
    _Known(
        ("address already in use", "failed to listen on any addresses"),
        "charon-port-taken",
        "A port that charon needs is taken.",
        "{detail}",
        "End the program that has it, or choose another address. The app tries again.",
        again=True,
    ),
    _Known(
        ("verify cluster lock hashes",),
        "lock-changed",
        "The cluster lock was changed.",
        "Its hashes do not fit its content: {detail}",
        "Restore cluster-lock.json from the backup or from another operator.",
    ),
    _Known(
        ("decode cluster lock",),
        "lock-damaged",
        "The cluster lock cannot be read.",
        "{detail}",
        "Restore cluster-lock.json from the backup or from another operator.",
    ),
    _Known(
        ("read cluster-lock.json",),
        "lock-missing",
        "The cluster lock is not there.",
        "Charon found no file at {path}.",
        "Restore it from the backup. Without it charon is not started: relays would refuse it.",
    ),
    _Known(
        ("unknown flag",),
        "charon-flag",
        "This charon does not know a setting that it was given.",
        "{detail}",
        "Choose a version of charon that fits this app.",
    ),
    _Known(
        ("permission denied",),
        "charon-permission",
        "Charon may not read or write its folder.",
        "{detail} In a container charon runs as user 1000, which must own the folder.",
        "Let the user who runs charon own its folder (under Docker: user 1000).",
    ),
    _Known(
        ("node restarted mid-ceremony",),
        "dkg-restarted",
        "A node was started again in the middle of the ceremony.",
        "The ceremony only goes on when all nodes begin it together. Nothing was written.",
        "All operators stop, wait six seconds and start. This app does so by itself.",
        again=True,
        delay=CEREMONY_PAUSE_SECONDS,
    ),
    _Known(
        ("all dials failed",),
        "dkg-peer-lost",
        "A peer was lost in the middle of the ceremony.",
        "Nothing was written: the ceremony is made whole or not at all.",
        "All operators stop, wait six seconds and start. This app does so by itself.",
        again=True,
        delay=CEREMONY_PAUSE_SECONDS,
    ),
    _Known(
        ("p2p connection failed",),
        "dkg-connection",
        "The connection to the peers was lost.",
        "{detail}",
        "All operators begin again together. This app does so by itself.",
        again=True,
        delay=CEREMONY_PAUSE_SECONDS,
    ),
    _Known(
        ("unsupported definition version",),
        "definition-too-new",
        "This charon is too old for the cluster definition.",
        "{detail}",
        "Choose a newer version of charon, the same as the other operators'.",
    ),
    _Known(
        ("invalid config hash", "invalid operator"),
        "definition-refused",
        "Charon refuses the cluster definition.",
        "{detail}",
        "Ask the cluster's creator for the definition; nothing was started with this one.",
    ),
)


def find(text: str, fields: Mapping[str, object]) -> Finding | None:
    """What a failure's text means; None when it is not a known one."""
    for known in _KNOWN:
        if any(mark in text for mark in known.marks):
            facts = {**fields, "detail": f"{text.rstrip('.')}."}
            explanation = Explanation(known.code, known.what, known.why, known.todo, facts)
            return Finding(explanation, known.again, known.delay)
    return None


def relay_refusal() -> Finding:
    """What a relay's refusal means; remembered over the end of the run that met it."""
    found = find("RESERVATION_REFUSED", {})
    if found is None:
        raise AssertionError("the refusal is a known failure")
    return found


def diagnose(lines: Iterable[CharonLine], ended: str) -> Finding:
    """Why charon ended, from the lines of that run (oldest first) and how it ended."""
    listed = list(lines)
    refusal = next((line for line in listed if "RESERVATION_REFUSED" in line.message), None)
    last = next((line for line in reversed(listed) if line.failure), None)
    for line in (refusal, last):
        if line is not None and (found := find(line.failure or line.message, line.fields)):
            return found
    said = last.failure if last else next((one.message for one in reversed(listed)), "nothing")
    return Finding(
        Explanation(
            "charon-ended",
            "Charon {ended}.",
            "Its last words: {said}",
            "It is started again by itself. If it happens again, look at its log.",
            {"ended": ended, "said": f"{said.rstrip('.')}."},
        ),
        again=True,
    )
