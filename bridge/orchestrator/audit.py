# SPDX-License-Identifier: Apache-2.0
"""What changed, by whom, from where: written in the transaction of the change itself."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bridge.orchestrator.db.tables import AuditEntry


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes something.

    Attributes:
        name: "wallet:ADDRESS", "operator:NAME", "device:KEY", "worker:ID", or "console": whoever
            has a shell where the service runs.
        remote: the address it came from, empty for a worker.
    """

    name: str
    remote: str = ""


CONSOLE = Actor("console")


def note(
    session: AsyncSession, actor: Actor, action: str, subject: object, **detail: object
) -> None:
    """Add an entry; it is stored when the change is. Never a secret in `detail`."""
    session.add(
        AuditEntry(
            actor=actor.name[:160],
            remote=actor.remote[:64],
            action=action,
            subject=str(subject)[:128],
            detail=detail,
        )
    )
