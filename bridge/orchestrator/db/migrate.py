# SPDX-License-Identifier: Apache-2.0
"""Brings a database to the tables this version wants, and back."""

from __future__ import annotations

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from bridge.orchestrator.db.database import Database
from bridge.orchestrator.db.sqlite_file import make_private
from bridge.orchestrator.errors import DatabaseTooNew

SCRIPTS = Path(__file__).resolve().parents[1] / "migrations"
_LOCK = 0x6F6E6563
"""Number of the advisory lock that keeps two instances from migrating at once."""


async def migrate(database: Database, target: str = "head") -> str:
    """Bring the tables up (or with "-1", "base" or a revision: to it); return the revision.

    Raises:
        DatabaseUnreachable: it does not answer.
        DatabaseTooNew: a later version of this program made it.
    """
    if database.is_sqlite:
        await asyncio.to_thread(make_private, database.url)
    await database.check()
    async with database.engine.begin() as connection:
        return await connection.run_sync(_migrate, target)


async def current_revision(database: Database) -> str:
    """The revision of the tables, empty for none."""
    async with database.engine.connect() as connection:
        return await connection.run_sync(_revision)


def head_revision() -> str:
    """The revision this version wants."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    return config


def _revision(connection: Connection) -> str:
    return MigrationContext.configure(connection).get_current_revision() or ""


def _migrate(connection: Connection, target: str) -> str:
    config = _config()
    config.attributes["connection"] = connection
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
    else:
        # The same for `serve` and `worker` on one new file; and all of it happens or nothing.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    found = _revision(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found and found not in known:
        raise DatabaseTooNew(revision=found)
    if target in {"head"} or target.startswith("+"):
        command.upgrade(config, target)
    elif target == "base" or target.startswith("-"):
        command.downgrade(config, target)
    else:
        command.upgrade(config, target)
    return _revision(connection)
