# SPDX-License-Identifier: Apache-2.0
"""The engine for who holds a lease: no call reaches it once the lease may be another's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from docker import DockerClient

from bridge.orchestrator.providers.base import Check

T = TypeVar("T")


class Engine(Protocol):
    """What the provider wants of an engine (node_manager.runtime.docker.engine)."""

    async def call(self, act: Callable[[DockerClient], T]) -> T:
        """Do `act` with the SDK's client, in a thread."""


class HeldEngine:
    """An engine whose every call is preceded by `check`."""

    def __init__(self, engine: Engine, check: Check) -> None:
        self._engine = engine
        self._check = check

    async def call(self, act: Callable[[DockerClient], T]) -> T:
        """As the engine's, unless `check` raises."""

        def act_if_held(client: DockerClient) -> T:
            # In the thread: the process may have been paused while the call waited for it.
            self._check()
            return act(client)

        return await self._engine.call(act_if_held)
