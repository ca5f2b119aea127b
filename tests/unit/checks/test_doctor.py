# SPDX-License-Identifier: Apache-2.0
"""The doctor reads the validator's figures; what is unknown or old is neither good nor bad."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from node_manager.checks.doctor import check_validator, examine
from node_manager.checks.preflight import PreflightPlan
from node_manager.checks.result import CheckResult, CheckState, Mend
from node_manager.explanation import Explanation
from node_manager.figures import Figure
from node_manager.state import ChainStanding, NodeState, NodeStatus, SignerFigures

T = TypeVar("T")


def read(value: T, source: str) -> Figure[T]:
    """A figure that stays fresh for as long as a run of all tests may take."""
    return Figure(value, source, time.time(), period=3600)


CHAIN = ChainStanding(
    registered=read(True, "chain"),
    jailed=read(False, "chain"),
    tombstoned=read(False, "chain"),
    status=read("active", "chain"),
    missed=read(1, "chain"),
    window=read(100, "chain"),
    may_miss=read(49, "chain"),
)
HEALTHY = NodeStatus(
    node_id="n",
    network="localnet",
    chain_id="omniphi-localnet-1",
    moniker="m",
    state=NodeState.RUNNING,
    height=read(100, "this node"),
    network_height=read(100, "1 public node"),
    catching_up=read(False, "this node"),
    peers_out=read(3, "this node"),
    peers_in=read(2, "this node"),
    signer=read(SignerFigures(connected=True, signed=7), "signer"),
    chain=CHAIN,
    backup_verified_at=time.time(),
)


def found(status: NodeStatus) -> dict[str, tuple[CheckState, str, Mend | None]]:
    return {r.id: (r.state, r.explanation.code, r.mend) for r in check_validator(status)}


def test_a_healthy_validator_has_nothing_to_mend() -> None:
    assert {state for state, _, _ in found(HEALTHY).values()} == {CheckState.OK}
    assert set(found(HEALTHY)) == {
        "node",
        "backup",
        "peers",
        "height",
        "signer",
        "standing",
        "missed",
    }


def test_old_figures_are_unknown_and_not_good() -> None:
    old = Figure(100, "this node", time.time() - 3600)
    peers = replace(HEALTHY, peers_out=old, height=old, signer=Figure())
    told = found(peers)
    assert told["peers"][0] is CheckState.UNKNOWN
    assert told["height"][0] is CheckState.UNKNOWN
    assert told["signer"][0] is CheckState.UNKNOWN


def test_a_failure_comes_with_its_reason_and_its_mend() -> None:
    still = Explanation("node-still", "The node stands still.")
    failed = replace(HEALTHY, state=NodeState.FAILED, reason=still)
    assert found(failed)["node"] == (CheckState.FAIL, "node-still", Mend.RESTART_NODE)
    assert "peers" not in found(failed)


def test_a_locked_key_and_a_missing_backup_have_their_buttons() -> None:
    signer = read(SignerFigures(locked=True), "signer")
    told = found(replace(HEALTHY, signer=signer, backup_verified_at=None))
    assert told["signer"] == (CheckState.FAIL, "key-locked", Mend.UNLOCK_KEY)
    assert told["backup"] == (CheckState.WARN, "no-backup", Mend.MAKE_BACKUP)


def test_the_chains_verdict_is_told() -> None:
    def standing(**figures: Figure) -> str:  # type: ignore[type-arg]
        return found(replace(HEALTHY, chain=replace(CHAIN, **figures)))["standing"][1]

    assert standing(jailed=read(True, "chain")) == "jailed"
    assert standing(tombstoned=read(True, "chain")) == "tombstoned"
    assert standing(status=read("inactive", "chain")) == "below-active-set"


def test_many_missed_blocks_few_peers_and_syncing_are_warnings() -> None:
    told = found(
        replace(
            HEALTHY,
            chain=replace(CHAIN, missed=read(11, "chain")),
            peers_out=read(1, "this node"),
            peers_in=read(0, "this node"),
            catching_up=read(True, "this node"),
        )
    )
    assert [told[check][:2] for check in ("missed", "peers", "height")] == [
        (CheckState.WARN, "many-missed"),
        (CheckState.WARN, "few-peers"),
        (CheckState.WARN, "catching-up"),
    ]


async def test_the_gravest_comes_first(tmp_path: Path) -> None:
    jailed = replace(HEALTHY, chain=replace(CHAIN, jailed=read(True, "chain")))
    results = await examine(PreflightPlan(tmp_path, {}), jailed)
    assert results[0].id == "standing"
    order = [CheckState.FAIL, CheckState.WARN, CheckState.UNKNOWN, CheckState.OK]
    grades = [order.index(r.state) for r in results]
    assert grades == sorted(grades)


async def test_whether_peers_come_in_is_looked_at_where_they_are_awaited(tmp_path: Path) -> None:
    def ids(found: list[CheckResult]) -> set[str]:
        return {one.id for one in found}

    public, local = PreflightPlan(tmp_path, {}), PreflightPlan(tmp_path, {}, public_ports=())
    assert "reach" in ids(await examine(public, HEALTHY))
    assert "reach" not in ids(await examine(local, HEALTHY))
    assert "reach" not in ids(await examine(public, replace(HEALTHY, state=NodeState.STOPPED)))
