# SPDX-License-Identifier: Apache-2.0
"""Bodies of our own `/v1` endpoints: camelCase JSON, each figure with its source and age."""

from __future__ import annotations

import dataclasses
import time
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from bridge.server.legacy_models import PubKey
from bridge.web.names import camel
from node_manager.explanation import Explanation
from node_manager.figures import Figure
from node_manager.state import BlockMark, NodeState, NodeStatus, SignerFigures, StepProgress

T = TypeVar("T")


class Body(BaseModel):
    """Root of the bodies."""

    model_config = ConfigDict(alias_generator=camel, populate_by_name=True)


class FigureBody(Body, Generic[T]):
    """A figure; `value` is null when it is not known or too old, and `unknownWhy` says why."""

    value: T | None
    source: str
    age: float | None = Field(description="Seconds since the source was read.")
    stale: bool
    unknown_why: str

    @classmethod
    def of(cls, figure: Figure[T], now: float) -> FigureBody[T]:
        """The body of `figure` at the Unix time `now`."""
        value = figure.current(now)
        why = ""
        if value is None:
            why = figure.why or (
                "never read" if figure.at is None else "the last reading is too old"
            )
        return cls(
            value=value,
            source=figure.source,
            age=figure.age(now),
            stale=figure.stale(now),
            unknown_why=why,
        )


class ReasonBody(Body):
    """What happened, why, and what to do."""

    code: str
    what: str
    why: str
    todo: str

    @classmethod
    def of(cls, explanation: Explanation | None) -> ReasonBody | None:
        """The body of `explanation`."""
        if explanation is None:
            return None
        what, why, todo = explanation.filled()
        return cls(code=explanation.code, what=what, why=why, todo=todo)


class StepBody(Body):
    """One step of the way from nothing to a running validator."""

    step: str
    state: str
    note: str
    done: int | None
    total: int | None
    rate: float | None
    seconds_left: float | None
    took: float | None
    reason: ReasonBody | None

    @classmethod
    def of(cls, step: StepProgress) -> StepBody:
        """The body of `step`."""
        return cls(
            step=step.step,
            state=step.state,
            note=step.note,
            done=step.done,
            total=step.total,
            rate=step.rate,
            seconds_left=step.seconds_left,
            took=step.took,
            reason=ReasonBody.of(step.reason),
        )


class BlockBody(Body):
    """One of the last blocks, as this validator took part in it."""

    height: int
    kind: str
    time: float
    round: int

    @classmethod
    def of(cls, mark: BlockMark) -> BlockBody:
        """The body of `mark`."""
        return cls(height=mark.height, kind=mark.kind, time=mark.time, round=mark.round)


class SignerBody(Body):
    """What the signer says of itself; latencies in seconds."""

    connected: bool
    height: int | None
    round: int | None
    step: int | None
    signed_at: float | None
    signed: int
    refused: int
    refused_last: str
    latency_p50: float | None
    latency_p99: float | None
    missed: int | None
    locked: bool

    @classmethod
    def of(cls, figures: SignerFigures) -> SignerBody:
        """The body of `figures`."""
        return cls(**dataclasses.asdict(figures))


class ChainBody(Body):
    """How the chain sees this validator."""

    registered: FigureBody[bool]
    jailed: FigureBody[bool]
    jailed_until: FigureBody[float]
    tombstoned: FigureBody[bool]
    status: FigureBody[str]
    voting_power: FigureBody[int]
    rank: FigureBody[int]
    active_validators: FigureBody[int]
    max_validators: FigureBody[int]
    tokens: FigureBody[int]
    commission: FigureBody[float]
    rewards: FigureBody[float]
    rewards_commission: FigureBody[float]
    unbonding_seconds: FigureBody[float]
    missed: FigureBody[int]
    window: FigureBody[int]
    may_miss: FigureBody[int]
    operator: FigureBody[str]
    moniker: FigureBody[str]


class UsageBody(Body):
    """What the node takes of this computer: bytes, and CPU as a share of one core."""

    node_cpu: FigureBody[float]
    node_memory: FigureBody[int]
    signer_memory: FigureBody[int]
    data_bytes: FigureBody[int]
    disk_free: FigureBody[int]
    disk_total: FigureBody[int]
    growth_per_day: FigureBody[int]
    days_left: FigureBody[float]


class NodeBody(Body):
    """Everything about one validator on this computer. Times are Unix seconds."""

    id: str
    network: str
    chain_id: str
    moniker: str
    program: str
    version: str
    state: NodeState
    since: float
    reason: ReasonBody | None
    steps: list[StepBody]
    pid: int | None
    started_at: float | None
    consensus_pubkey: PubKey | None
    consensus_address: str
    rpc_port: int | None
    p2p_port: int | None
    height: FigureBody[int]
    network_height: FigureBody[int]
    catching_up: FigureBody[bool]
    peers: int | None
    peers_out: FigureBody[int]
    peers_in: FigureBody[int]
    seconds_left: FigureBody[float]
    blocks_per_second: FigureBody[float]
    block_seconds: FigureBody[float]
    blocks: list[BlockBody]
    signer: FigureBody[SignerBody]
    chain: ChainBody
    usage: UsageBody
    backup_verified_at: float | None
    upgrade_name: str
    upgrade_height: int | None

    @classmethod
    def of(cls, status: NodeStatus, now: float | None = None) -> NodeBody:
        """The body of `status` at the Unix time `now`."""
        moment = time.time() if now is None else now
        key = status.consensus_pubkey
        return cls(
            id=status.node_id,
            reason=ReasonBody.of(status.reason),
            steps=[StepBody.of(step) for step in status.steps],
            consensus_pubkey=None if key is None else PubKey.of(key),
            peers=status.peers,
            blocks=[BlockBody.of(mark) for mark in status.blocks],
            signer=_signer(status.signer, moment),
            chain=ChainBody(**_figures(status.chain, moment)),
            usage=UsageBody(**_figures(status.usage, moment)),
            **_figures(status, moment, without=("signer",)),
            **{name: getattr(status, name) for name in _PLAIN},
        )


_PLAIN = (
    "network",
    "chain_id",
    "moniker",
    "program",
    "version",
    "state",
    "since",
    "pid",
    "started_at",
    "consensus_address",
    "rpc_port",
    "p2p_port",
    "backup_verified_at",
    "upgrade_name",
    "upgrade_height",
)


def _figures(holder: Any, now: float, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """The figures among the fields of a dataclass, by name."""
    values = {
        part.name: getattr(holder, part.name)
        for part in dataclasses.fields(holder)
        if part.name not in without
    }
    return {
        name: FigureBody.of(value, now).model_dump()
        for name, value in values.items()
        if isinstance(value, Figure)
    }


def _signer(figure: Figure[SignerFigures], now: float) -> FigureBody[SignerBody]:
    value = None if figure.value is None else SignerBody.of(figure.value)
    return FigureBody[SignerBody].of(
        Figure(value, figure.source, figure.at, figure.period, figure.why), now
    )


class NodesBody(Body):
    """GET /v1/nodes."""

    nodes: list[NodeBody]


class LogLinesBody(Body):
    """GET /v1/nodes/{id}/logs; `older` asks for the page before, null at the log's beginning."""

    source: str
    lines: list[str]
    older: str | None = None


class DoneBody(Body):
    """A change was done; `state` is the node's state now."""

    id: str
    state: NodeState


class QuitBody(Body):
    """POST /v1/quit; `nodes` says what becomes of the validators."""

    nodes: Literal["stop", "leave"] = "leave"


class QuittingBody(Body):
    """The app ends."""

    quitting: Literal[True] = True


class LogQuery(Body):
    """Which lines of which log: the last, or those before the `older` of an earlier answer."""

    model_config = ConfigDict(alias_generator=camel, populate_by_name=True, extra="forbid")

    lines: int = Field(default=100, ge=0, le=10_000)
    source: Literal["node", "signer"] = "node"
    follow: bool = False
    before: str | None = Field(default=None, pattern=r"^[0-9]{1,15}\.[0-9a-f]{8}k?$")
