# SPDX-License-Identifier: Apache-2.0
"""The database's address, and a server that was restarted meanwhile."""

from __future__ import annotations

import asyncpg
import pytest

from bridge.orchestrator.db import database as module
from bridge.orchestrator.db.database import Database, database_url
from bridge.orchestrator.errors import DatabaseAddressWrong

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


def test_an_at_in_a_password_is_named_and_not_shown() -> None:
    with pytest.raises(DatabaseAddressWrong, match=r"%40, or set PGPASSWORD") as refused:
        database_url("postgresql://oneclick:open@sesame@database/oneclick")
    assert "sesame" not in str(refused.value)
    url = database_url("postgresql://oneclick:open%40sesame@database/oneclick")
    assert (url.password, url.host) == ("open@sesame", "database")
