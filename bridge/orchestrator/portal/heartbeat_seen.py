# SPDX-License-Identifier: Apache-2.0
"""What the app of a validator last told the service, for the portal's pages."""

from __future__ import annotations

from sqlalchemy import select

from bridge.orchestrator.db.database import Database
from bridge.orchestrator.db.tables import HeartbeatRow
from bridge.orchestrator.portal.standing import HeartbeatOf, HeartbeatSeen


def heartbeat_of(database: Database) -> HeartbeatOf:
    """Reads the newest heartbeat of a consensus key (base64) out of `database`."""

    async def read(pubkey: str) -> HeartbeatSeen | None:
        query = select(HeartbeatRow).where(HeartbeatRow.consensus_pubkey == pubkey)
        found = await database.rows(query)
        if not found:
            return None
        row: HeartbeatRow = found[0][0]
        return HeartbeatSeen(
            block_height=row.block_height,
            uptime_seconds=row.uptime_seconds,
            last_seen=row.last_seen,
        )

    return read
