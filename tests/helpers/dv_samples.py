# SPDX-License-Identifier: Apache-2.0
"""Distributed validators in the states that pages and pictures show."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from node_manager.explanation import Explanation
from node_manager.figures import Figure
from node_manager.obol.alerts import Alert, Gravity
from node_manager.obol.beacon import BeaconReading
from node_manager.obol.ceremony.dkg_progress import DkgPeer, DkgPhase
from node_manager.obol.charon.metrics import FailedDuty
from node_manager.obol.cluster.invites import Invite, InvitedOperator
from node_manager.obol.cluster.verification import Check, CheckState
from node_manager.obol.errors import DkgFailed
from node_manager.obol.portrait import launchpad_steps
from node_manager.obol.status import (
    CeremonyView,
    ClusterFacts,
    DvFigures,
    DvStage,
    DvStatus,
    DvStep,
    DvStepProgress,
    ImageRow,
    OperatorRow,
    ValidatorRow,
    Wait,
)
from node_manager.state import StepState

ENR = (
    "enr:-HW4QGz_FDe7wXPrCGb9GsPxcLgIBN_tsYTd1cEkYCCcXcFgEnXnQfu1cWDHcMKGLyW9XG_yNAeXuWuSQyGyK"
    "0oVC2GAgmlkgnY0iXNlY3AyNTZrMaEDiIQQNUvnuFB6oLGbPaHhVvYTPZB1ne0tgiX7fJvjBLQ"
)
ADDRESSES = (
    "0x71C7656EC7ab88b098defB751B7401B5f6d8976F",
    "0x2aB9aE11b5Cf0F6eb36F0d2dd1e8E2c1b8A60c3D",
    "0xF03e5d5b2c1A90aBc3e4d5F60718293a4B5C77a1",
    "0x8d52Ab0cD1e2F3a4B5c6D7e8F90a1B2c3D4e41Fe",
)
FEE = "0x4bD1a8F7c6E5d4C3b2A1908f7E6d5C4b3A29e0A7"
CONFIG_HASH = "0x9c4e07b1d2583fa66e01c9f7a4b82d350e6f18c7b39a542dd10876fe2c9471d0"
DIGESTS = (f"sha256:{'4e81' * 16}", f"sha256:{'d70c' * 16}")
MISSING = ("the ENR", "the signature of the configuration", "the signature of the ENR")


def steps(done: int, working: bool = True) -> tuple[DvStepProgress, ...]:
    """The first `done` steps done, the next one at work."""
    states = [
        StepState.DONE
        if at < done
        else StepState.WORKING
        if working and at == done
        else StepState.WAITING
        for at in range(len(DvStep))
    ]
    return tuple(DvStepProgress(step, state) for step, state in zip(DvStep, states, strict=True))


def operators(signed: int = 4) -> tuple[OperatorRow, ...]:
    return tuple(
        OperatorRow(
            number=at + 1,
            address=address,
            ours=at == 0,
            enr_ready=at < signed,
            signed=at < signed,
            missing=() if at < signed else MISSING,
            enr=ENR if at == 0 else "",
        )
        for at, address in enumerate(ADDRESSES)
    )


def base(**fields: Any) -> DvStatus:
    """Waiting for an invitation, with the key backed up."""
    status = DvStatus(
        cluster_id="obol-cluster",
        name="Obol cluster",
        stage=DvStage.WAITING,
        since=time.time() - 600,
        network="hoodi",
        operator_address=ADDRESSES[0],
        enr=ENR,
        enr_backup_at=time.time() - 7200,
        charon_version="v1.10.3",
        client="lighthouse",
        launchpad=launchpad_steps("https://api.obol.tech"),
        steps=steps(2),
        wait=Wait(asked_at=time.time() - 12, next_at=time.time() + 30),
    )
    change: Callable[..., DvStatus] = replace
    return change(status, **fields)


def invited() -> DvStatus:
    """Invited; the last operator has not signed."""
    rows = operators(3)
    invite = Invite(
        config_hash=CONFIG_HASH,
        name="Harbour 4",
        version="v1.10.0",
        network="hoodi",
        validators=1,
        threshold=3,
        operators=tuple(
            InvitedOperator(
                row.number,
                row.address,
                row.enr,
                row.enr_ready,
                row.signed,
                row.signed,
                row.ours,
                row.missing,
            )
            for row in rows
        ),
        fully_signed=False,
        trouble="",
    )
    wait = Wait((invite,), asked_at=time.time() - 12, next_at=time.time() + 30)
    return base(wait=wait, operators=rows, steps=steps(3))


def facts(lock_hash: str = "") -> ClusterFacts:
    key = "0x" + "8f" * 48 if lock_hash else ""
    return ClusterFacts(
        name="Harbour 4",
        config_hash=CONFIG_HASH,
        definition_hash="0x" + "5a" * 32,
        version="v1.10.0",
        network="hoodi",
        threshold=3,
        operators=4,
        validators=(ValidatorRow(1, FEE, FEE, key),),
        lock_hash=lock_hash,
    )


def checks() -> tuple[Check, ...]:
    titles = [
        ("config-hash", "Config hash"),
        ("definition-hash", "Definition hash"),
        ("creator-signature", "Creator's signature of the configuration"),
    ]
    titles += [
        (f"operator-{n}-config-signature", f"Signature of the configuration by operator {n}")
        for n in range(1, 5)
    ]
    titles += [
        (f"operator-{n}-enr-signature", f"Signature of the ENR by operator {n}")
        for n in range(1, 5)
    ]
    titles += [("own-operator", "Operators are distinct"), ("network", "Number of validators")]
    return tuple(Check(name, title, CheckState.OK) for name, title in titles)


def refused() -> DvStatus:
    """A signature that is not its operator's."""
    wrong = Check(
        "operator-2-enr-signature",
        "Signature of the ENR by operator 2",
        CheckState.FAILED,
        "It was made by 0x9Ab41c, not by 0xF03e77a1.",
    )
    kept = tuple(check for check in checks() if check.id != wrong.id)
    return base(
        stage=DvStage.VERIFYING,
        cluster=facts(),
        operators=operators(),
        checks=(wrong, *kept),
        steps=steps(4),
    )


def to_confirm() -> DvStatus:
    """Everything is right; the person's word is missing."""
    return base(
        stage=DvStage.CONFIRM,
        cluster=facts(),
        operators=operators(),
        checks=checks(),
        steps=steps(5, working=False),
    )


def ceremony() -> DvStatus:
    """The DKG waits for one of four."""
    peers = tuple(
        DkgPeer(name, at, ours=at == 0, connected=at < 3)
        for at, name in enumerate(("brave-otter", "calm-heron", "quick-seal", "old-gull"))
    )
    rows = tuple(
        replace(row, peer=peer.name, connected=peer.connected)
        for row, peer in zip(operators(), peers, strict=True)
    )
    return base(
        stage=DvStage.DKG,
        cluster=facts(),
        operators=rows,
        checks=checks(),
        ceremony=CeremonyView(DkgPhase.WAITING, 1, peers),
        steps=steps(5),
    )


def running() -> DvStatus:
    """Ready, four nodes of four."""
    now = time.time()

    def told(value: Any, period: float = 12.0) -> Figure[Any]:
        return Figure(value, "charon", now - 2, period)

    pings, clocks = (None, 0.038, 0.120, 0.064), (None, -0.011, 0.024, 0.004)
    rows = tuple(
        replace(
            row,
            connected=True,
            version="v1.10.3",
            ping=told(ping),
            clock_offset=told(clock),
            participation=told(share),
        )
        for row, ping, clock, share in zip(
            operators(), pings, clocks, (1.0, 1.0, 0.992, 0.998), strict=True
        )
    )
    return base(
        stage=DvStage.RUNNING,
        cluster=facts("0x" + "77" * 32),
        operators=rows,
        checks=(*checks(), Check("lock-hash", "Lock hash", CheckState.OK)),
        steps=steps(9, working=False),
        artefacts_backup_at=now - 3600,
        figures=DvFigures(
            alive=told(True),
            ready=told(True),
            slot=told(1_204_512),
            peers_alive=told(3),
            duties_succeeded=told(1204),
            duties_failed=told(0),
            beacon_peers=told(71),
            using_fallback=told(False),
            validators_active=told(1),
            balance_gwei=told(32_004_100_000),
            charon_version=told("v1.10.3"),
        ),
        beacons=(
            BeaconReading("http://10.0.0.4:5052", False, "hoodi", False, 0, "Lighthouse/v7.0.1"),
        ),
    )


def contained() -> DvStatus:
    """Running in containers, whose images are pinned."""
    now = time.time()
    images = (
        ImageRow("charon", "obolnetwork/charon:v1.10.3", DIGESTS[0], now - 3 * 86_400),
        ImageRow("lighthouse", "sigp/lighthouse:v7.1.0", DIGESTS[1], None),
    )
    return replace(running(), images=images)


def troubled() -> DvStatus:
    """Running with a peer whose clock is off and duties that failed."""
    status = running()
    now = time.time()
    far = replace(
        status.operators[2],
        clock_offset=Figure(2.4, "charon", now - 2, 12.0),
        ping=Figure(0.164, "charon", now - 2, 12.0),
    )
    gone = replace(
        status.operators[3],
        connected=False,
        version="",
        ping=Figure(),
        clock_offset=Figure(),
        participation=Figure(),
    )
    clock = Explanation(
        "peer-clock",
        "The clocks of this computer and of {peer} differ by {ms} ms.",
        "Duties have exact times; more than 200 ms costs some of them.",
        "Switch the automatic setting of the time on (NTP) on both computers.",
        {"peer": "0xF03e…77a1", "ms": 2400},
    )
    figures = replace(
        status.figures,
        duties_failed=Figure(3, "charon", now - 2, 12.0),
        peers_alive=Figure(2, "charon", now - 2, 12.0),
    )
    return replace(
        status,
        operators=(*status.operators[:2], far, gone),
        alerts=(Alert(Gravity.WARNING, clock),),
        figures=figures,
        failed_duties=(FailedDuty("attester", "not enough partial signatures", 3),),
    )


def failed() -> DvStatus:
    """The ceremony ended without a lock."""
    status = ceremony()
    reason = DkgFailed(
        first="A peer was lost in the middle of the ceremony.",
        why_words="Nothing was written: the ceremony is made whole or not at all.",
        todo_words="All operators begin again together. This app does so by itself.",
    ).explanation
    rows = tuple(
        replace(row, state=StepState.FAILED) if row.state is StepState.WORKING else row
        for row in status.steps
    )
    return replace(status, stage=DvStage.FAILED, reason=reason, steps=rows)


def stopped() -> DvStatus:
    """Stopped by the person while it waited."""
    return base(stage=DvStage.STOPPED)


def without_backup() -> DvStatus:
    """Made with a key that has no backup."""
    return base(enr_backup_at=None, steps=steps(1))
