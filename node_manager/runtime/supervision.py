# SPDX-License-Identifier: Apache-2.0
"""The words between a supervisor and those who use it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from node_manager.explanation import Explanation, OneClickError
from node_manager.runtime.errors import CANNOT_HEAL
from node_manager.runtime.outcome import Outcome


class Phase(StrEnum):
    """What the supervisor is doing about its child."""

    STOPPED = "stopped"
    STARTING = "starting"
    UP = "up"
    BACKOFF = "backoff"
    STOPPING = "stopping"
    FAILED = "failed"
    LEFT = "left running"


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done about an end: start again, leave it ended, or call it failed.

    Attributes:
        again: start it again.
        delay: seconds to wait first; None for the backoff's own.
        reason: why it failed or waits, for a person.
    """

    again: bool
    delay: float | None = None
    reason: Explanation | None = None

    @classmethod
    def restart(cls, reason: Explanation | None = None, *, delay: float | None = None) -> Decision:
        """Start it again, after the backoff's delay or after `delay` seconds (0 for at once)."""
        return cls(True, delay, reason)

    @classmethod
    def stop(cls) -> Decision:
        """Leave it ended: that was its proper end."""
        return cls(False)

    @classmethod
    def fail(cls, reason: Explanation) -> Decision:
        """Leave it ended: starting it again cannot help."""
        return cls(False, None, reason)


@dataclass(frozen=True, slots=True)
class Exit:
    """An end, or a start that did not come about, that nobody asked for.

    Attributes:
        outcome: how it ended; None when it could not be started again.
        error: why it could not be started again; None when it ended.
        lived: seconds it had run.
        failures: quick ends in a row, this one included; 0 after a healthy life.
    """

    outcome: Outcome | None
    error: OneClickError | None
    lived: float
    failures: int


@dataclass(frozen=True, slots=True)
class Supervision:
    """What the supervisor is doing now.

    Attributes:
        since: Unix time at which the phase began.
        reason: why it waits or failed.
        next_start: Unix time of the next start, in backoff only.
        restarts: starts after an end that nobody asked for.
    """

    phase: Phase
    since: float
    reason: Explanation | None = None
    next_start: float | None = None
    restarts: int = 0


async def restart_unless_hopeless(end: Exit) -> Decision:
    """Start again, unless the program is missing or cannot run on this computer."""
    if isinstance(end.error, CANNOT_HEAL):
        return Decision.fail(end.error.explanation)
    return Decision.restart(end.error.explanation if end.error else None)
