# SPDX-License-Identifier: Apache-2.0
"""One statement that stores a batch of heartbeats, whatever its size: the rows come as JSON.

A row changes only when the same device sends a later moment, whichever instance it asks. The
statement text is constant, so that it is prepared once.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import TextClause, text

_COLUMNS = (
    ("id", "uuid"),
    ("wallet_address", "text"),
    ("consensus_pubkey", "text"),
    ("block_height", "bigint"),
    ("uptime_seconds", "bigint"),
    ("local_rpc_port", "integer"),
    ("local_p2p_port", "integer"),
    ("device_key", "text"),
    ("signed_ms", "bigint"),
    ("first_seen", "timestamptz"),
    ("last_seen", "timestamptz"),
)
_KEPT = {"id", "consensus_pubkey", "device_key", "first_seen"}
_TABLE = "local_validator_heartbeats"
_KEY = [name for name, _ in _COLUMNS].index("consensus_pubkey")


@dataclass(frozen=True, slots=True)
class HeartbeatSent:
    """A heartbeat whose signature was checked."""

    wallet_address: str
    consensus_pubkey: str
    block_height: int
    uptime_seconds: int
    local_rpc_port: int
    local_p2p_port: int
    device_key: str
    signed_ms: int


def rows_of(batch: Sequence[HeartbeatSent], moment: str) -> str:
    """The parameter `rows`: each of `batch` with `moment` as first and last seen."""
    return json.dumps(
        [
            (
                uuid.uuid4().hex,
                one.wallet_address,
                one.consensus_pubkey,
                one.block_height,
                one.uptime_seconds,
                one.local_rpc_port,
                one.local_p2p_port,
                one.device_key,
                one.signed_ms,
                moment,
                moment,
            )
            for one in batch
        ],
        separators=(",", ":"),
    )


def sqlite_moment(moment: datetime) -> str:
    """`moment` as the column type stores it in SQLite."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def postgresql_moment(moment: datetime) -> str:
    """`moment` as PostgreSQL reads it."""
    return moment.astimezone(UTC).isoformat()


# Table and columns are the constants above.
_INSERT = f"INSERT INTO {_TABLE} ({', '.join(name for name, _ in _COLUMNS)})"
_CHANGES = ", ".join(f"{name} = excluded.{name}" for name, _ in _COLUMNS if name not in _KEPT)
_CONFLICT = (
    f"ON CONFLICT (consensus_pubkey) DO UPDATE SET {_CHANGES} "
    f"WHERE {_TABLE}.device_key = excluded.device_key "
    f"AND {_TABLE}.signed_ms < excluded.signed_ms"
)


def _sqlite() -> TextClause:
    values = ", ".join(f"value ->> {at}" for at in range(len(_COLUMNS)))
    # WHERE true: else the parser takes ON CONFLICT for a join (sqlite.org/lang_upsert.html)
    select = f"SELECT {values} FROM json_each(:rows) WHERE true"  # noqa: S608
    return text(f"{_INSERT} {select} {_CONFLICT}")


def _postgresql() -> TextClause:
    values = ", ".join(f"CAST(one ->> {at} AS {kind})" for at, (_, kind) in enumerate(_COLUMNS))
    select = f"SELECT {values} FROM json_array_elements(CAST(:rows AS json)) AS one"  # noqa: S608
    return text(f"{_INSERT} {select} {_CONFLICT} RETURNING consensus_pubkey, id")


SQLITE = _sqlite()
SQLITE_TOLD = text(
    "SELECT json_group_array(json_array(consensus_pubkey, id, device_key, last_seen)) "  # noqa: S608
    f"FROM {_TABLE} "
    f"WHERE consensus_pubkey IN (SELECT value ->> {_KEY} FROM json_each(:rows))"
)
"""The rows of the keys of a batch as one: each row that is fetched would wait for the
interpreter, which the loop holds most of the time."""

POSTGRESQL = _postgresql()
"""Gives the keys and ids of what was stored."""
