# SPDX-License-Identifier: Apache-2.0
"""Bodies of the bridge contract that portals already read.

Source: the answers of the upstream desktop app and of its README, both forms of the key.
"""

from __future__ import annotations

import base64
from typing import Literal

from pydantic import BaseModel, Field

from node_manager.state import NodeStatus

SERVICE = "oneclick-validator-bridge"


class PubKey(BaseModel):
    """An ed25519 consensus key in both forms that readers know."""

    type: Literal["tendermint/PubKeyEd25519"] = "tendermint/PubKeyEd25519"
    value: str
    proto_type: Literal["/cosmos.crypto.ed25519.PubKey"] = Field(
        default="/cosmos.crypto.ed25519.PubKey", alias="@type"
    )
    key: str

    @classmethod
    def of(cls, raw: bytes) -> PubKey:
        """The model of the 32 bytes `raw`."""
        text = base64.b64encode(raw).decode("ascii")
        return cls(value=text, key=text)


class PubKeyAnswer(BaseModel):
    """GET /consensus-pubkey."""

    success: Literal[True] = True
    pubkey: PubKey


class Refused(BaseModel):
    """An answer of the contract that says why not."""

    success: Literal[False] = False
    error: str


class RunningStatus(BaseModel):
    """The node answers; a figure that is not known is null."""

    running: Literal[True] = True
    blockHeight: int | None
    syncing: bool | None
    peers: int | None
    moniker: str
    network: str


class StoppedStatus(BaseModel):
    """The node does not answer."""

    running: Literal[False] = False
    error: str


class StatusAnswer(BaseModel):
    """GET /status."""

    success: Literal[True] = True
    status: RunningStatus | StoppedStatus


class LogsAnswer(BaseModel):
    """GET /logs."""

    success: Literal[True] = True
    logs: list[str]


class HealthAnswer(BaseModel):
    """GET /health."""

    success: Literal[True] = True
    service: str = SERVICE
    version: str


def status_answer(status: NodeStatus | None, now: float | None = None) -> StatusAnswer:
    """The contract's view of `status`."""
    if status is None:
        return StatusAnswer(status=StoppedStatus(error="No validator is set up"))
    height = status.height.current(now)
    if not status.state.alive or height is None:
        return StatusAnswer(status=StoppedStatus(error=_why_silent(status)))
    return StatusAnswer(
        status=RunningStatus(
            blockHeight=height,
            syncing=status.catching_up.current(now),
            peers=status.peers,
            moniker=status.moniker,
            network=status.chain_id,
        )
    )


def _why_silent(status: NodeStatus) -> str:
    if status.reason is not None:
        return str(status.reason)
    if status.state.alive:
        return "Node not responding"
    return f"Node is {status.state}"
