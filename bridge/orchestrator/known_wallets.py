# SPDX-License-Identifier: Apache-2.0
"""The wallets of the heartbeats that are stored: their addresses were checked when they came.

Reading a bech32 address takes 0.06 ms, a third of all work for a heartbeat; with many validators
each of them would come to that anew after every start.
"""

from __future__ import annotations

import structlog
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from bridge.orchestrator.chain.addresses import Addresses
from bridge.orchestrator.db.database import Database
from bridge.orchestrator.db.tables import HeartbeatRow

log = structlog.get_logger(__name__)

KEPT = 200_000
"""About 150 bytes each."""
_STORED = select(HeartbeatRow.wallet_address).limit(KEPT)


class KnownWallets:
    """Checks the wallet addresses of heartbeats."""

    def __init__(self, database: Database, addresses: Addresses) -> None:
        self._database = database
        self._addresses = addresses
        self._stored: frozenset[str] = frozenset()

    async def load(self) -> None:
        """Learn those that are stored; without them each is read once."""
        try:
            rows = await self._database.rows(_STORED)
        except (DBAPIError, OSError) as error:
            log.info("stored wallets not read", reason=type(error).__name__)
            return
        # The settings may name another chain than when they were stored.
        own = f"{self._addresses.prefix}1"
        self._stored = frozenset(row[0] for row in rows if row[0].startswith(own))

    def check(self, address: str) -> None:
        """Whether it is an account of the chain.

        Raises:
            NotAnAddress: it is not.
        """
        if address not in self._stored:
            self._addresses.account_bytes(address)
