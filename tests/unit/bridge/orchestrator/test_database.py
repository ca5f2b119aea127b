# SPDX-License-Identifier: Apache-2.0
"""A database server that was restarted meanwhile costs nobody a request."""

from __future__ import annotations

import asyncpg
import pytest

from bridge.orchestrator.db import database as module
from bridge.orchestrator.db.database import Database

CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"


async def test_a_connection_that_was_cut_while_idle_is_replaced(
    postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "IDLE_SECONDS", 0.0)
    database = Database(f"{postgres}/postgres")
    try:
        await database.check()
        other = await asyncpg.connect(f"{postgres}/postgres")
        assert await other.fetch(CUT)
        await other.close()
        await database.check()
    finally:
        await database.close()
