# SPDX-License-Identifier: Apache-2.0
"""`ready_for_chain_tx` becomes `active` when the validator is seen on chain."""

from __future__ import annotations

from sqlalchemy import select, update

from bridge.orchestrator.audit import Actor, note
from bridge.orchestrator.chain.client import Snapshot
from bridge.orchestrator.db.columns import now
from bridge.orchestrator.db.database import Database
from bridge.orchestrator.db.tables import SetupRequest
from bridge.orchestrator.enums import SetupStatus

CHUNK = 500


async def activate_seen(database: Database, snapshot: Snapshot, actor: Actor) -> int:
    """Mark the setup requests whose validator the chain knows; return how many were marked."""
    query = select(SetupRequest.id, SetupRequest.consensus_pubkey).where(
        SetupRequest.status == SetupStatus.READY_FOR_CHAIN_TX,
        SetupRequest.consensus_pubkey.is_not(None),
    )
    async with database.sessions() as session:
        waiting = (await session.execute(query)).all()
    seen = [row_id for row_id, key in waiting if key in snapshot.by_pubkey]
    marked = 0
    for begin in range(0, len(seen), CHUNK):
        async with database.sessions.begin() as session:
            changed = await session.scalars(
                update(SetupRequest)
                .where(
                    SetupRequest.id.in_(seen[begin : begin + CHUNK]),
                    SetupRequest.status == SetupStatus.READY_FOR_CHAIN_TX,
                )
                .values(status=SetupStatus.ACTIVE, completed_at=now(), updated_at=now())
                .returning(SetupRequest.id)
                .execution_options(synchronize_session=False)
            )
            for row_id in changed.all():
                note(session, actor, "setup.active", row_id, height=snapshot.height)
                marked += 1
    return marked
