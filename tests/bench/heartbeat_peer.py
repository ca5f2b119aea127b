# SPDX-License-Identifier: Apache-2.0
"""The peer of the bench `heartbeats`: a minimal FastAPI + SQLAlchemy endpoint, same upsert.

One commit a heartbeat, durable before the answer, as such endpoints are written.
"""

import sys
import uuid
from datetime import UTC, datetime

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy.dialects import postgresql, sqlite

from bridge.orchestrator.db.database import Database
from bridge.orchestrator.db.tables import HeartbeatRow


class Heartbeat(BaseModel):
    walletAddress: str
    consensusPubkey: str
    blockHeight: int
    uptimeSeconds: int
    localRpcPort: int
    localP2pPort: int


def app_for(address: str) -> FastAPI:
    database = Database(address)
    kind = sqlite if database.is_sqlite else postgresql
    app = FastAPI()

    @app.post("/api/v1/validators/heartbeat")
    async def heartbeat(sent: Heartbeat) -> dict[str, object]:
        moment = datetime.now(UTC)
        changes = {
            "wallet_address": sent.walletAddress,
            "block_height": sent.blockHeight,
            "uptime_seconds": sent.uptimeSeconds,
            "local_rpc_port": sent.localRpcPort,
            "local_p2p_port": sent.localP2pPort,
            "last_seen": moment,
        }
        statement = (
            kind.insert(HeartbeatRow)
            .values(
                id=uuid.uuid4(),
                consensus_pubkey=sent.consensusPubkey,
                device_key="",
                signed_ms=0,
                first_seen=moment,
                **changes,
            )
            .on_conflict_do_update(index_elements=[HeartbeatRow.consensus_pubkey], set_=changes)
            .returning(HeartbeatRow.id)
        )
        async with database.sessions.begin() as session:
            found = (await session.execute(statement)).scalar_one()
        return {
            "id": str(found),
            "blockHeight": sent.blockHeight,
            "lastSeen": moment.isoformat(),
            "message": "Heartbeat received",
        }

    return app


if __name__ == "__main__":
    uvicorn.run(app_for(sys.argv[1]), host="127.0.0.1", port=int(sys.argv[2]), log_level="warning")
