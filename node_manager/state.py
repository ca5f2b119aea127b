# SPDX-License-Identifier: Apache-2.0
"""What a validator on this computer can be doing, and what is known about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from node_manager.explanation import Explanation
from node_manager.figures import Figure


class NodeState(StrEnum):
    """The supervisor's states; `failed` and `backoff` carry a reason."""

    STOPPED = "stopped"
    PREPARING = "preparing"
    STARTING = "starting"
    SYNCING = "syncing"
    RUNNING = "running"
    STOPPING = "stopping"
    BACKOFF = "backoff"
    UPGRADING = "upgrading"
    FAILED = "failed"

    @property
    def alive(self) -> bool:
        """Whether the node's process is expected to live in this state."""
        return self in {NodeState.STARTING, NodeState.SYNCING, NodeState.RUNNING}

    @property
    def at_rest(self) -> bool:
        """Whether nothing of the node runs or is about to."""
        return self in {NodeState.STOPPED, NodeState.FAILED}


class Step(StrEnum):
    """The steps from nothing to a running validator, in order."""

    DOWNLOAD = "download"
    VERIFY = "verify"
    PREPARE = "prepare"
    GENESIS = "genesis"
    KEY = "key"
    START = "start"
    SYNC = "sync"


class StepState(StrEnum):
    """How far a step is."""

    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class StepProgress:
    """One row of the first-run progress.

    Attributes:
        note: what it does or what came of it, in words.
        done: units done (bytes, blocks), None where it cannot be counted.
        total: units in all, None where it is not known.
        rate: units per second.
        seconds_left: estimate, None when unknown.
        took: seconds it took, once done.
        reason: why it failed.
    """

    step: Step
    state: StepState = StepState.WAITING
    note: str = ""
    done: int | None = None
    total: int | None = None
    rate: float | None = None
    seconds_left: float | None = None
    took: float | None = None
    reason: Explanation | None = None


@dataclass(frozen=True, slots=True)
class SignerFigures:
    """What the signer says of itself.

    Attributes:
        connected: whether the node holds a connection to it.
        height: last height signed, None for never.
        signed_at: Unix time of the last signature.
        refused_last: the newest refusal in words, empty for none.
        latency_p50: seconds, over the last 1000 requests.
        latency_p99: seconds, over the last 1000 requests.
        missed: of the last 100 blocks as far as they are known, None when none is; the chain
            tells it, not the signer.
        locked: the key is not unlocked: the person must enter the passphrase.
    """

    connected: bool = False
    height: int | None = None
    round: int | None = None
    step: int | None = None
    signed_at: float | None = None
    signed: int = 0
    refused: int = 0
    refused_last: str = ""
    latency_p50: float | None = None
    latency_p99: float | None = None
    missed: int | None = None
    locked: bool = False


@dataclass(frozen=True, slots=True)
class BlockMark:
    """One cell of the block strip: `kind` is "signed", "proposed", "missed" or "unknown".

    Attributes:
        signature: of this validator's vote for the block, base64; empty for none.
    """

    height: int
    kind: str
    time: float
    round: int = 0
    signature: str = ""


@dataclass(frozen=True, slots=True)
class ChainStanding:
    """How the chain sees this validator. Figures read "unknown" until the chain told."""

    registered: Figure[bool] = Figure()
    jailed: Figure[bool] = Figure()
    jailed_until: Figure[float] = Figure()
    tombstoned: Figure[bool] = Figure()
    status: Figure[str] = Figure()
    voting_power: Figure[int] = Figure()
    rank: Figure[int] = Figure()
    active_validators: Figure[int] = Figure()
    max_validators: Figure[int] = Figure()
    tokens: Figure[int] = Figure()
    commission: Figure[float] = Figure()
    rewards: Figure[float] = Figure()
    rewards_commission: Figure[float] = Figure()
    unbonding_seconds: Figure[float] = Figure()
    missed: Figure[int] = Figure()
    window: Figure[int] = Figure()
    may_miss: Figure[int] = Figure()
    operator: Figure[str] = Figure()
    moniker: Figure[str] = Figure()


@dataclass(frozen=True, slots=True)
class Usage:
    """What the children take of this computer: bytes, and CPU as a share of one core."""

    node_cpu: Figure[float] = Figure()
    node_memory: Figure[int] = Figure()
    signer_memory: Figure[int] = Figure()
    data_bytes: Figure[int] = Figure()
    disk_free: Figure[int] = Figure()
    disk_total: Figure[int] = Figure()
    growth_per_day: Figure[int] = Figure()
    days_left: Figure[float] = Figure()


@dataclass(frozen=True, slots=True)
class NodeStatus:
    """Everything the doors and the window say about one validator, at one moment.

    Attributes:
        since: Unix time at which `state` was entered.
        reason: why it failed or waits.
        consensus_pubkey: the 32 bytes of the ed25519 key, None before it exists.
        consensus_address: 40 upper-case hex digits.
        seconds_left: estimate until it has caught up.
        block_seconds: median seconds between the network's last blocks.
        reached: peers that dialled in from the internet.
        reached_at: Unix time at which there was one last, None for never since the node is watched.
        chart_blocks: the last blocks seen, oldest first, at most 100.
        compared: the newest block whose vote was held against the signer's and is its own: up to
            there no other machine signs with this key.
        token: the staking token as a person reads it; empty until the profile is read.
        token_decimals: decimal places between the chain's amounts and those shown, None when
            nobody says.
    """

    node_id: str
    network: str
    chain_id: str
    moniker: str
    program: str = ""
    version: str = ""
    state: NodeState = NodeState.STOPPED
    since: float = 0.0
    reason: Explanation | None = None
    steps: tuple[StepProgress, ...] = ()
    pid: int | None = None
    started_at: float | None = None
    consensus_pubkey: bytes | None = None
    consensus_address: str = ""
    rpc_port: int | None = None
    p2p_port: int | None = None
    rest_port: int | None = None
    grpc_port: int | None = None
    token: str = ""
    token_decimals: int | None = None
    height: Figure[int] = Figure()
    network_height: Figure[int] = Figure()
    catching_up: Figure[bool] = Figure()
    peers_out: Figure[int] = Figure()
    peers_in: Figure[int] = Figure()
    reached: Figure[int] = Figure()
    reached_at: float | None = None
    seconds_left: Figure[float] = Figure()
    blocks_per_second: Figure[float] = Figure()
    block_seconds: Figure[float] = Figure()
    blocks: tuple[BlockMark, ...] = ()
    signer: Figure[SignerFigures] = Figure()
    compared: Figure[int] = Figure()
    chain: ChainStanding = field(default_factory=ChainStanding)
    usage: Usage = field(default_factory=Usage)
    backup_verified_at: float | None = None
    upgrade_name: str = ""
    upgrade_height: int | None = None

    @property
    def peers(self) -> int | None:
        """Connected peers, None when unknown."""
        out, inside = self.peers_out.current(), self.peers_in.current()
        return None if out is None or inside is None else out + inside
