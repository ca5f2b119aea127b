# SPDX-License-Identifier: Apache-2.0
"""One statement that stores a batch of heartbeats, whatever its size: the rows come as JSON.

A row changes only when the same device sends a later moment; the keys of those that were stored
come back. The statement text is constant, so that it is prepared once.
"""

from __future__ import annotations

import json
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

# Table and columns are the constants above.
_INSERT = f"INSERT INTO {_TABLE} ({', '.join(name for name, _ in _COLUMNS)})"
_CHANGES = ", ".join(f"{name} = excluded.{name}" for name, _ in _COLUMNS if name not in _KEPT)
_CONFLICT = (
    f"ON CONFLICT (consensus_pubkey) DO UPDATE SET {_CHANGES} "
    f"WHERE {_TABLE}.device_key = excluded.device_key "
    f"AND {_TABLE}.signed_ms < excluded.signed_ms "
    f"RETURNING consensus_pubkey, id"
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one kind of database reads the rows."""

    statement: TextClause
    moment: str

    def rows(self, batch: Sequence[tuple[object, ...]], moment: datetime) -> str:
        """The parameter `rows`: each of `batch` with `moment` as first and last seen."""
        at = moment.astimezone(UTC).strftime(self.moment)
        return json.dumps([[*one, at, at] for one in batch], separators=(",", ":"))


def _sqlite() -> Dialect:
    values = ", ".join(f"json_extract(value, '$[{at}]')" for at in range(len(_COLUMNS)))
    # WHERE true: else the parser takes ON CONFLICT for a join (sqlite.org/lang_upsert.html)
    select = f"SELECT {values} FROM json_each(:rows) WHERE true"  # noqa: S608
    return Dialect(text(f"{_INSERT} {select} {_CONFLICT}"), "%Y-%m-%d %H:%M:%S.%f")


def _postgresql() -> Dialect:
    values = ", ".join(f"CAST(one ->> {at} AS {kind})" for at, (_, kind) in enumerate(_COLUMNS))
    select = f"SELECT {values} FROM json_array_elements(CAST(:rows AS json)) AS one"  # noqa: S608
    return Dialect(text(f"{_INSERT} {select} {_CONFLICT}"), "%Y-%m-%dT%H:%M:%S.%f+00:00")


SQLITE = _sqlite()
POSTGRESQL = _postgresql()
