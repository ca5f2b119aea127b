# SPDX-License-Identifier: Apache-2.0
"""A Docker engine as the place where a supervised child runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog

from node_manager.runtime.child import ProcessUsage
from node_manager.runtime.docker.container import ContainerLaunch, ManagedContainer
from node_manager.runtime.docker.container_log import keep_copying
from node_manager.runtime.docker.engine import DockerEngine
from node_manager.runtime.docker.errors import DockerTrouble
from node_manager.runtime.outcome import Outcome
from node_manager.runtime.spawning import Launch

log = structlog.get_logger(__name__)

COPY_SECONDS = 1.0


class ContainerRunner:
    """Runs each launch in a container; a `runtime.child.Runner`."""

    def __init__(
        self,
        engine: DockerEngine,
        clothe: Callable[[Launch], Awaitable[ContainerLaunch]],
        to_log: Path,
    ) -> None:
        """`clothe` says what container a launch runs in; its output is appended to `to_log`."""
        self._engine = engine
        self._clothe = clothe
        self._to_log = to_log

    async def spawn(self, launch: Launch, record: Path) -> ContainedChild:
        """Start it.

        Raises:
            DockerTrouble: nothing runs then.
        """
        clothed = await self._clothe(launch)
        container = await ManagedContainer.spawn(self._engine, clothed, record)
        return ContainedChild(container, self._to_log, adopted=False)

    async def adopt(self, record: Path) -> ContainedChild | None:
        """Find it running.

        Raises:
            DockerTrouble: whether it runs is unknown.
        """
        container = await ManagedContainer.adopt(self._engine, record)
        if container is None:
            return None
        return ContainedChild(container, self._to_log, adopted=True)


class ContainedChild:
    """One running container whose log goes to a file; a `runtime.child.Child`."""

    pid = None

    def __init__(self, container: ManagedContainer, to_log: Path, *, adopted: bool) -> None:
        self.adopted = adopted
        self._container = container
        self._to_log = to_log
        self._copying = asyncio.create_task(self._copy(), name=f"log of {container.record.name}")

    @property
    def started_at(self) -> float:
        """Unix time at which the app started it."""
        return self._container.record.started_at

    async def wait(self) -> Outcome:
        """Wait until it has ended and its last words are in the log."""
        outcome = await self._container.wait()
        await self._copy_the_rest()
        return outcome

    async def stop(self, grace_seconds: float) -> Outcome:
        """Ask it to end, kill it after the grace; raises `DockerTrouble`."""
        outcome = await self._container.stop(grace_seconds)
        await self._copy_the_rest()
        return outcome

    def leave(self) -> None:
        """Let it run on without this app; the next start copies its log from here on."""
        self._copying.cancel()

    def usage(self) -> ProcessUsage | None:
        """What it takes; asks the engine."""
        return self._container.usage()

    async def _copy(self) -> None:
        try:
            await keep_copying(self._container.log, self._to_log, COPY_SECONDS)
        except OSError as error:
            log.warning("log of the container not written", reason=str(error))

    async def _copy_the_rest(self) -> None:
        if self._copying.cancel():
            await asyncio.wait({self._copying})
        try:
            await self._container.log.copy(self._to_log)
        except (DockerTrouble, OSError) as error:
            log.info("last words of the container not read", reason=str(error))
