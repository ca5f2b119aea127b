# SPDX-License-Identifier: Apache-2.0
"""Statuses that fit together, for tests of the window and for its pictures."""

from __future__ import annotations

import base64
import random
import time
from dataclasses import replace

from desktop.engine.client import KeyFacts, PeerRow
from desktop.history import History
from node_manager.downloads.errors import ChecksumWrong
from node_manager.events import DoorChanged
from node_manager.explanation import Explanation
from node_manager.figures import Figure
from node_manager.keys.backup_proof import VerifiedBackup
from node_manager.node.twin import NOTHING_YET
from node_manager.signer.errors import JournalUnwritable
from node_manager.state import (
    BlockMark,
    ChainStanding,
    NodeState,
    NodeStatus,
    SignerFigures,
    Step,
    StepProgress,
    StepState,
    Usage,
)

PUBKEY = bytes(range(32))
HEIGHT = 4_182_907


def blocks(now: float, missed: set[int] = frozenset(), proposed: set[int] = frozenset()) -> tuple:  # type: ignore[assignment,type-arg]
    """A hundred marks, two seconds apart; `missed` and `proposed` count from the oldest."""
    kinds = [
        "missed" if at in missed else "proposed" if at in proposed else "signed"
        for at in range(100)
    ]
    return tuple(
        BlockMark(HEIGHT - 99 + at, kind, now - 1 - (99 - at) * 2.03, 0)
        for at, kind in enumerate(kinds)
    )


def signing(now: float | None = None) -> NodeStatus:
    """A validator that signs, without a backup."""
    now = time.time() if now is None else now

    def figure(value, source="this node", age=1.0, period=5.0):  # type: ignore[no-untyped-def]
        return Figure(value, source, now - age, period)

    def chain(value):  # type: ignore[no-untyped-def]
        return figure(value, "chain", 4, 15)

    return NodeStatus(
        node_id="omniphi-testnet-2",
        network="omniphi-testnet-2",
        chain_id="omniphi-testnet-2",
        moniker="my-validator",
        program="posd",
        version="1.4.2",
        state=NodeState.RUNNING,
        since=now - 540_000,
        started_at=now - 532_900,
        pid=4121,
        consensus_pubkey=PUBKEY,
        consensus_address="A1" * 20,
        rpc_port=26657,
        p2p_port=26656,
        rest_port=1317,
        grpc_port=9090,
        token="OMNI",
        token_decimals=6,
        height=figure(HEIGHT),
        network_height=figure(HEIGHT, "2 public nodes", 4),
        catching_up=figure(False),
        peers_out=figure(14, age=2),
        peers_in=figure(9, age=2),
        block_seconds=figure(2.03),
        blocks=blocks(now, {41, 42, 63}, {78}),
        signer=figure(
            SignerFigures(
                connected=True,
                height=HEIGHT,
                round=0,
                step=3,
                signed_at=now - 1,
                signed=812_331,
                refused=2,
                refused_last="double signing requested at height: 4034131 (round 0, step 3)",
                latency_p50=0.0004,
                latency_p99=0.001,
                missed=3,
            ),
            "signer",
        ),
        compared=figure(HEIGHT - 1, "chain and signer", 4, 30),
        chain=ChainStanding(
            registered=chain(True),
            jailed=chain(False),
            tombstoned=chain(False),
            status=chain("active"),
            voting_power=chain(1_204_500),
            rank=chain(61),
            active_validators=chain(118),
            max_validators=chain(125),
            commission=chain(0.05),
            tokens=chain(1_204_500_000_000),
            unbonding_seconds=chain(1_814_400.0),
            rewards=figure(43_084_000.0, "chain", 38, 60),
            rewards_commission=figure(4_870_000.0, "chain", 38, 60),
            missed=chain(109),
            window=chain(30_000),
            may_miss=chain(28_391),
        ),
        usage=Usage(
            node_cpu=figure(0.34, "computer"),
            node_memory=figure(3_300_000_000, "computer"),
            signer_memory=figure(21_000_000, "computer"),
            data_bytes=figure(61_000_000_000, "computer", 20, 60),
            disk_free=figure(302_000_000_000, "computer", 20, 60),
            disk_total=figure(512_000_000_000, "computer", 20, 60),
            growth_per_day=figure(1_050_000_000, "computer", 20, 3600),
            days_left=figure(287.0, "computer", 20, 3600),
        ),
    )


def backed_up(now: float | None = None) -> NodeStatus:
    """A validator that signs and whose backup was proved."""
    now = time.time() if now is None else now
    return replace(signing(now), backup_verified_at=now - 180)


def proved(now: float | None = None) -> NodeStatus:
    """A validator whose key's facts hold a proof."""
    return backed_up(now)


def alert(now: float | None = None) -> NodeStatus:
    """A validator whose signer cannot write."""
    now = time.time() if now is None else now
    return replace(
        signing(now),
        blocks=blocks(now, {17, *range(42, 100)}, {31}),
        backup_verified_at=now - 3 * 86400,
        reason=JournalUnwritable(path="signer/state.json", why="Read-only file system").explanation,
        signer=Figure(None, "signer", now - 118, 5.0, "The signer does not answer."),
    )


def syncing(now: float | None = None) -> NodeStatus:
    """A node that reads blocks."""
    now = time.time() if now is None else now
    base = signing(now)

    def figure(value, source="this node", age=1.0, period=5.0):  # type: ignore[no-untyped-def]
        return Figure(value, source, now - age, period)

    no = Figure(False, "chain", now - 4, 15)
    return replace(
        base,
        state=NodeState.SYNCING,
        started_at=now - 6390,
        height=figure(2_914_300),
        catching_up=figure(True),
        peers_out=figure(11),
        peers_in=figure(0),
        seconds_left=figure(51 * 60 + 20.0),
        blocks_per_second=figure(412.0),
        blocks=(),
        signer=figure(SignerFigures(connected=True), "signer"),
        compared=Figure(why=NOTHING_YET),
        chain=ChainStanding(registered=no),
        usage=replace(base.usage, days_left=Figure(None, why="known after the sync")),
        steps=steps(now),
    )


def stopped(now: float | None = None) -> NodeStatus:
    """Stopped on purpose."""
    now = time.time() if now is None else now
    return replace(
        backed_up(now),
        state=NodeState.STOPPED,
        since=now - 1200,
        started_at=None,
        pid=None,
        height=Figure(why="The node is stopped."),
        peers_out=Figure(why="The node is stopped."),
        peers_in=Figure(why="The node is stopped."),
        signer=Figure(why="The signer is not running."),
        compared=Figure(why="The node is stopped."),
    )


PORT_TAKEN = Explanation(
    "port-taken",
    "Port {port} ({service}) is taken by {holder}.",
    "Only one program can listen there.",
    "End that program, or choose other ports for this validator.",
    {"port": 26656, "service": "P2P", "holder": "gaiad (process 4121)"},
)


def failed(now: float | None = None) -> NodeStatus:
    """A node that ended and was given up on."""
    now = time.time() if now is None else now
    return replace(
        stopped(now),
        state=NodeState.FAILED,
        reason=PORT_TAKEN,
    )


def unknown(now: float | None = None) -> NodeStatus:
    """A node that has not told anything."""
    status = signing(now)
    return NodeStatus(
        node_id=status.node_id,
        network=status.network,
        chain_id=status.chain_id,
        moniker=status.moniker,
        state=NodeState.RUNNING,
    )


def steps(now: float, failed: Explanation | None = None) -> tuple[StepProgress, ...]:
    """The steps of a first run: in the sync, or failed at Verify."""
    done = StepState.DONE
    if failed is not None:
        return (
            StepProgress(Step.DOWNLOAD, done, "posd 1.4.2, 61.8 MB downloaded", took=8),
            StepProgress(Step.VERIFY, StepState.FAILED, "", reason=failed),
            *(StepProgress(step) for step in list(Step)[2:]),
        )
    return (
        StepProgress(Step.DOWNLOAD, done, "posd 1.4.2, 61.8 MB downloaded", took=8),
        StepProgress(Step.VERIFY, done, "sha256:9f2c41d877a… as published", took=0.2),
        StepProgress(Step.PREPARE, done, "configuration written", took=0.1),
        StepProgress(Step.GENESIS, done, "SHA-256 5e1d90b4a2c…, hash as published", took=1),
        StepProgress(Step.KEY, done, "signer started, guard in force", took=0.3),
        StepProgress(Step.START, done, "the node answers", took=6),
        StepProgress(
            Step.SYNC,
            StepState.WORKING,
            "",
            done=2_914_300,
            total=HEIGHT,
            rate=412.0,
            seconds_left=51 * 60 + 20.0,
        ),
    )


WRONG_HASH = ChecksumWrong(
    url="https://releases.example/posd-1.4.2.tar.gz",
    algorithm="sha256",
    expected="9f2c41d877ab03e55e1d90b4",
    found="c07e551204f9ab3e118c2a6f",
).explanation


def verify_failed(now: float | None = None) -> NodeStatus:
    """A first run whose download is not the published program."""
    now = time.time() if now is None else now
    return NodeStatus(
        node_id="omniphi-testnet-2",
        network="omniphi-testnet-2",
        chain_id="omniphi-testnet-2",
        moniker="my-validator",
        program="posd",
        version="1.4.2",
        state=NodeState.FAILED,
        since=now - 5,
        reason=WRONG_HASH,
        steps=steps(now, WRONG_HASH),
    )


def doors(now: float | None = None) -> list[DoorChanged]:
    """The doors, all well."""
    now = time.time() if now is None else now
    return [
        DoorChanged("bridge", "ok", "answering on localhost:15000", now - 41),
        DoorChanged("heartbeat", "ok", "accepted", now - 12),
        DoorChanged("orchestrator", "ok", "built in, answering", now - 12),
    ]


def history(status: NodeStatus, now: float) -> History:
    """An hour of figures around those of a status."""
    result = History()
    noise = random.Random(7)
    for minute in range(60, -1, -1):
        at = now - minute * 60
        wave = noise.uniform(-0.06, 0.06)

        def figure(value, at=at):  # type: ignore[no-untyped-def]
            return Figure(value, "this node", at, 60)

        signer = (status if status.state is NodeState.SYNCING else signing(now)).signer.value
        if status.signer.current(now) is None and minute < 3:
            signer = None
        result.add(
            replace(
                status,
                block_seconds=figure(2.61 if minute == 22 else 2.03 + wave / 1.5),
                blocks_per_second=figure(
                    120.0 if minute == 41 else 330 + 90 * (60 - minute) / 60 + 400 * wave
                ),
                peers_out=figure(13 if 18 < minute < 27 else 14),
                peers_in=figure(9),
                signer=figure(
                    replace(
                        signer, latency_p50=0.0004 + wave / 3000, latency_p99=0.001 + wave / 500
                    )
                    if signer and signer.latency_p50
                    else None
                ),
                usage=replace(status.usage, node_memory=figure(int(2.1e9 + (60 - minute) * 2e7))),
            ),
            at,
        )
    return result


def key(status: NodeStatus) -> KeyFacts:
    """The key of a status."""
    return KeyFacts(
        public_key=base64.b64encode(status.consensus_pubkey or PUBKEY).decode(),
        address="omnivalcons1x5w8rj7q2m4t0k9d3fz6yc8uahnp4gkav7eqs",
        chain_id=status.chain_id,
        created_at="2026-11-16T09:12:00+00:00",
        origin="created",
        protection="keyring",
        proof=None if status.backup_verified_at is None else proof(status),
    )


def proof(status: NodeStatus) -> VerifiedBackup:
    """The proof of a backup of a status' key."""
    return VerifiedBackup(
        path="/media/KEYS/my-validator-2026-11-22.ocvbackup",
        sha256="9f2c41d877ab03e5" * 4,
        address=status.consensus_address,
        chain_id=status.chain_id,
        made_at="2026-11-22T14:04:00+00:00",
        verified_at=status.backup_verified_at or 0.0,
        height=4_182_822,
        current_height=HEIGHT,
    )


PEERS = [
    PeerRow(name, f"{place:02x}" * 20, f"65.108.{place}.12", place % 3 != 0)
    for place, name in enumerate(
        ["amber-1", "north-sea", "kelp", "sentry-eu", "sentry-us", "old-oak", "pebble", "tern"]
    )
]


LOG = [
    "2:07PM INF received proposal module=consensus proposal=4182905/0",
    "2:07PM INF finalizing commit of block height=4182905 num_txs=3",
    "2:07PM INF committed state app_hash=1B08F2 height=4182905",
    '2:07PM ERR dialing failed addr=9f1c@65.108.44.12:26656 err="i/o timeout" module=p2p',
    "2:07PM INF finalizing commit of block height=4182906 num_txs=0",
    "2:07PM INF committed state app_hash=E5519A height=4182906",
]
