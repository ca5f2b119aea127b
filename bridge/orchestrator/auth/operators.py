# SPDX-License-Identifier: Apache-2.0
"""Keys of the operators of this service."""

from __future__ import annotations

from sqlalchemy import select, update

from bridge.orchestrator.audit import CONSOLE, note
from bridge.orchestrator.auth.secrets import API_KEY, new_token, token_hash
from bridge.orchestrator.db.columns import now
from bridge.orchestrator.db.database import Database
from bridge.orchestrator.db.tables import ApiKey


class Operators:
    """Makes, knows and ends API keys."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, name: str) -> str:
        """A new key, told once.

        Raises:
            sqlalchemy.exc.IntegrityError: the name is in use.
        """
        key = new_token(API_KEY)
        async with self._database.sessions.begin() as session:
            session.add(ApiKey(name=name, key_hash=token_hash(key)))
            note(session, CONSOLE, "key.create", name)
        return key

    async def revoke(self, name: str) -> bool:
        """End the key called `name`; whether there was one."""
        async with self._database.sessions.begin() as session:
            ended = await session.execute(
                update(ApiKey)
                .where(ApiKey.name == name, ApiKey.revoked_at.is_(None))
                .values(revoked_at=now())
                .returning(ApiKey.id)
            )
            there = ended.scalar_one_or_none() is not None
            if there:
                note(session, CONSOLE, "key.revoke", name)
            return there

    async def name_of(self, key: str) -> str | None:
        """The name of a key that holds."""
        query = select(ApiKey.name).where(
            ApiKey.key_hash == token_hash(key), ApiKey.revoked_at.is_(None)
        )
        async with self._database.sessions() as session:
            found: str | None = await session.scalar(query)
            return found
