# SPDX-License-Identifier: Apache-2.0
"""What is kept alive: a process of this computer, or a container on its Docker engine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from node_manager.runtime.outcome import Outcome
from node_manager.runtime.spawning import Launch


@dataclass(frozen=True, slots=True)
class ProcessUsage:
    """What a child takes: `cpu` as a share of one core since the last reading (None for the
    first one), `memory` in bytes of resident memory."""

    cpu: float | None
    memory: int


class Child(Protocol):
    """One child, started by this run of the app or adopted from an earlier one."""

    @property
    def pid(self) -> int | None:
        """Its process of this computer; None for a container, which may run in another system."""

    @property
    def started_at(self) -> float:
        """Unix time at which the app started it."""

    @property
    def adopted(self) -> bool:
        """Whether an earlier run of the app started it."""

    async def wait(self) -> Outcome:
        """Wait until it ends."""

    async def stop(self, grace_seconds: float) -> Outcome:
        """Ask it to end; kill it when it has not within `grace_seconds`.

        Raises:
            RuntimeTrouble: whether it ended is unknown, or it does not end.
        """

    def leave(self) -> None:
        """Let it run on without this app."""

    def usage(self) -> ProcessUsage | None:
        """What it takes of the computer; None when it is gone. It may block for a second."""


class Runner(Protocol):
    """Where children come from: the class `ManagedProcess`, a Docker engine, or a stand-in."""

    async def spawn(self, launch: Launch, record: Path) -> Child:
        """Start it."""

    async def adopt(self, record: Path) -> Child | None:
        """Find it running."""
