# SPDX-License-Identifier: Apache-2.0
"""What is remembered of a node between two starts of the app (`node.json`)."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from node_manager.explanation import OneClickError
from node_manager.records import Record, read_record, write_record

VERSION = 1


class NodeRecordUnreadable(OneClickError):
    """`node.json` is damaged; nothing is started from it."""

    code = "node-record-unreadable"
    what = "The record of the validator in {folder} cannot be read."
    why = "{reason}"
    todo = "Restore node.json from a copy, or set the validator up again; the key stays."


Runtime = Literal["native", "docker"]
"""How a node's program runs: as a process of this computer, or in a container."""


class Ports(BaseModel):
    """Ports of one node; only p2p is reachable from outside."""

    model_config = ConfigDict(frozen=True)

    p2p: int = 26656
    rpc: int = 26657
    rest: int = 1317
    grpc: int = 9090


class NodeRecord(Record):
    """One validator of this computer.

    Attributes:
        runtime: how its program runs.
        signer_port: where a node in a container awaits its signer; 0 for a native one.
        state_sync: whether an empty home begins with a snapshot of the network's state.
        twin_seen: whether another machine was seen to sign with the key; the next start watches
            the network before it signs.
        upgrade: name of the last upgrade the node took part in, empty for none.
        wanted: whether the person wants it to run; survives restarts of the app.
        home: the node program's home, None for the usual place.
        program_version: the release it runs, empty before the first download.
        answers: what the person said where the profile is silent.
    """

    model_config = ConfigDict(extra="ignore")

    version: int = VERSION
    id: str
    network: str
    chain_id: str
    moniker: str
    created_at: float
    ports: Ports = Ports()
    runtime: Runtime = "native"
    signer_port: int = 0
    home: Path | None = None
    program_version: str = ""
    upgrade: str = ""
    state_sync: bool = False
    twin_seen: bool = False
    wanted: bool = False
    wallet_address: str = ""
    answers: dict[str, str] = Field(default_factory=dict)


def load_record(file: Path) -> NodeRecord:
    """Read `node.json`.

    Raises:
        NodeRecordUnreadable: it is missing, damaged or of a later version.
    """
    return read_record(file, NodeRecord, VERSION, NodeRecordUnreadable)


def save_record(file: Path, record: NodeRecord) -> None:
    """Write `node.json` durably.

    Raises:
        OSError: the old record stands.
    """
    write_record(file, record)
