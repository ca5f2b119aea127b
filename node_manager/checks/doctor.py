# SPDX-License-Identifier: Apache-2.0
"""Everything that can be looked at of a validator that is set up, running or not."""

from __future__ import annotations

import asyncio

from node_manager.checks.listening import listening_of
from node_manager.checks.preflight import PreflightPlan, preflight
from node_manager.checks.reach import check_reach
from node_manager.checks.result import (
    CheckResult,
    CheckState,
    Mend,
    good,
    gravest_first,
    not_known,
)
from node_manager.explanation import Explanation
from node_manager.state import NodeState, NodeStatus

PEERS_FEW = 3
"""Fewer peers than this alert operators."""

MISSED_SHARE = 0.10
"""A tenth of the window missed alerts operators."""

RESTART = {"node-still", "node-silent", "consensus-failure"}
PREPARE = {"genesis-missing", "genesis-broken", "genesis-changed", "min-gas-price-missing"}


async def examine(plan: PreflightPlan, status: NodeStatus) -> list[CheckResult]:
    """Every check of the computer, then of the validator, the gravest first.

    `plan.own_pids` holds the node's processes, so that its own ports do not count as taken.
    """
    results = [*await preflight(plan), *check_validator(status)]
    if status.state.alive and "P2P" in plan.public_ports:
        pid = status.pid
        listening = None if pid is None else await asyncio.to_thread(listening_of, pid)
        results.append(check_reach(status, listening))
    return gravest_first(results)


def check_validator(status: NodeStatus) -> list[CheckResult]:
    """What the validator's own figures tell."""
    results = [_state(status), _backup(status)]
    if status.state.alive:
        results += [_peers(status), _height(status), _signer(status)]
    if status.chain.registered.current():
        results += [_standing(status), _missed(status)]
    return results


def _state(status: NodeStatus) -> CheckResult:
    check, title = "node", "Node"
    if status.reason is not None and status.state in {NodeState.FAILED, NodeState.BACKOFF}:
        state = CheckState.FAIL if status.state is NodeState.FAILED else CheckState.WARN
        return CheckResult(check, title, state, status.reason, _mend(status.reason.code))
    if status.reason is not None:
        return CheckResult(check, title, CheckState.WARN, status.reason, _mend(status.reason.code))
    return good(check, title, "The node is {state}.", state=status.state.value)


def _mend(code: str) -> Mend | None:
    if code in RESTART:
        return Mend.RESTART_NODE
    return Mend.PREPARE_AGAIN if code in PREPARE else None


def _backup(status: NodeStatus) -> CheckResult:
    check, title = "backup", "Backup"
    if status.backup_verified_at is not None:
        return good(check, title, "A backup of the key was made and opened.")
    return CheckResult(
        check,
        title,
        CheckState.WARN,
        Explanation(
            "no-backup",
            "The key has no verified backup.",
            "If this disk fails, the validator's key is lost for ever.",
            "Make a backup and keep it apart from this computer.",
        ),
        Mend.MAKE_BACKUP,
    )


def _peers(status: NodeStatus) -> CheckResult:
    check, title = "peers", "Peers"
    if (peers := status.peers) is None:
        return not_known(check, title, "The number of peers is not known.", status.peers_out.why)
    if peers >= PEERS_FEW:
        return good(check, title, "{peers} peers are connected.", peers=peers)
    return CheckResult(
        check,
        title,
        CheckState.WARN,
        Explanation(
            "few-peers",
            "Only {peers} peers are connected.",
            "Blocks come late or not at all when these fail, too.",
            "Allow connections to the P2P port, or import the network's newer profile.",
            {"peers": peers},
        ),
    )


def _height(status: NodeStatus) -> CheckResult:
    check, title = "height", "Height"
    own, network = status.height.current(), status.network_height.current()
    if own is None:
        return not_known(check, title, "The node's height is not known.", status.height.why)
    if network is None:
        return not_known(
            check,
            title,
            "The node is at {height}; the network's height is not known.",
            status.network_height.why,
            height=own,
        )
    if status.catching_up.current():
        return CheckResult(
            check,
            title,
            CheckState.WARN,
            Explanation(
                "catching-up",
                "The node is at {height}, the network at {network}.",
                "It still catches up.",
                "Wait until it has caught up; it signs nothing before.",
                {"height": own, "network": network},
            ),
        )
    return good(check, title, "The node is at {height}, like the network.", height=own)


def _signer(status: NodeStatus) -> CheckResult:
    check, title = "signer", "Signer"
    signer = status.signer.current()
    if signer is None:
        return not_known(check, title, "The signer does not tell its state.", status.signer.why)
    if signer.locked:
        return CheckResult(
            check,
            title,
            CheckState.FAIL,
            Explanation(
                "key-locked",
                "The key is locked, so nothing is signed.",
                "It is protected by a passphrase that is not stored.",
                "Enter the passphrase.",
            ),
            Mend.UNLOCK_KEY,
        )
    if not signer.connected:
        return CheckResult(
            check,
            title,
            CheckState.FAIL,
            Explanation(
                "signer-not-connected",
                "The node holds no connection to the signer.",
                "It stands still without one.",
                "Restart the node; blocks are missed until then.",
            ),
            Mend.RESTART_NODE,
        )
    return good(
        check, title, "The signer is connected and has signed {signed} times.", signed=signer.signed
    )


def _standing(status: NodeStatus) -> CheckResult:
    check, title = "standing", "Standing on chain"
    chain = status.chain
    if chain.tombstoned.current():
        return CheckResult(
            check,
            title,
            CheckState.FAIL,
            Explanation(
                "tombstoned",
                "The chain has removed this validator for ever.",
                "Its key has signed two different blocks at one height.",
                "This key cannot come back. Find out where it signed besides here.",
            ),
        )
    if chain.jailed.current():
        return CheckResult(
            check,
            title,
            CheckState.FAIL,
            Explanation(
                "jailed",
                "The chain has jailed this validator.",
                "It has missed more blocks than the chain allows.",
                "Let the node catch up with its signer connected, then send an unjail transaction.",
            ),
        )
    if chain.status.current() not in {None, "active"}:
        return CheckResult(
            check,
            title,
            CheckState.WARN,
            Explanation(
                "below-active-set",
                "The validator is not in the active set.",
                "It has fewer tokens than the last of the {max} active ones.",
                "It needs more delegation to be active.",
                {"max": chain.max_validators.current() or "unknown"},
            ),
        )
    return good(check, title, "The chain counts on this validator.")


def _missed(status: NodeStatus) -> CheckResult:
    check, title = "missed", "Missed blocks"
    missed, window = status.chain.missed.current(), status.chain.window.current()
    if missed is None or not window:
        return not_known(
            check, title, "How many blocks were missed is not known.", status.chain.missed.why
        )
    facts: dict[str, object] = {
        "missed": missed,
        "window": window,
        "left": status.chain.may_miss.current(),
    }
    if missed <= MISSED_SHARE * window:
        return good(check, title, "{missed} of the last {window} blocks were missed.", **facts)
    return CheckResult(
        check,
        title,
        CheckState.WARN,
        Explanation(
            "many-missed",
            "{missed} of the last {window} blocks were missed.",
            "{left} more, and the chain jails the validator.",
            "Look at the height, the peers, the signer and the clock.",
            facts,
        ),
    )
