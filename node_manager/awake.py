# SPDX-License-Identifier: Apache-2.0
"""Keeping the computer from falling asleep by itself while a validator is at work.

wakepy asks the system by its own means: GNOME's and the freedesktop power management on D-Bus,
`caffeinate`, SetThreadExecutionState. None of them hinders a closed lid or a person's command.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol, TypeVar

import structlog

from node_manager.events import Broadcast, Event
from node_manager.tasks import TaskGroup

log = structlog.get_logger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Keeping:
    """Whether the computer is kept awake.

    Attributes:
        wanted: by the settings.
        at_work: a validator is, so that sleep would cost blocks.
        by: the system's means that holds sleep off now; empty for none.
    """

    wanted: bool
    at_work: bool
    by: str = ""


class Hold(Protocol):
    """One hold on the system's sleep; taken and released in one thread."""

    def take(self) -> str:
        """Hold sleep off; by which means, empty when the system offers none."""

    def release(self) -> None:
        """Let it sleep again.

        Raises:
            RuntimeError: the system has forgotten the hold.
        """


class SystemHold:
    """The hold of this computer's system."""

    def __init__(self) -> None:
        # Here, because most of a start needs none of it.
        from wakepy import keep

        self._mode = keep.running(on_fail="pass")

    def take(self) -> str:
        """Hold sleep off; by which means, empty when the system offers none."""
        self._mode.__enter__()
        return str(self._mode.method) if self._mode.active and self._mode.method else ""

    def release(self) -> None:
        """Let it sleep again."""
        self._mode.__exit__(None, None, None)


class Awake:
    """Follows settings and validators; each event may change what is due."""

    def __init__(
        self,
        broadcast: Broadcast,
        wanted: Callable[[], bool],
        at_work: Callable[[], bool],
        make: Callable[[], Hold] = SystemHold,
    ) -> None:
        self._broadcast, self._wanted, self._at_work, self._make = broadcast, wanted, at_work, make
        self._hold: Hold | None = None
        self._by = ""
        self._due = False
        self._changing = asyncio.Lock()
        self._tasks = TaskGroup()
        self._thread: ThreadPoolExecutor | None = None
        self._unsubscribe: Callable[[], None] = lambda: None

    @property
    def keeping(self) -> Keeping:
        """How it is now."""
        return Keeping(self._wanted(), self._at_work(), self._by)

    def start(self) -> None:
        """Follow from now on."""
        self._unsubscribe = self._broadcast.subscribe(self._hear)

    def follow(self) -> None:
        """See to it soon that what is due is done."""
        self._due = self._is_due()
        self._tasks.spawn(self.settle(), "awake")

    async def settle(self) -> Keeping:
        """Do what is due now, also where it failed before; how it is then."""
        async with self._changing:
            due = self._due = self._is_due()
            if due != bool(self._by):
                await (self._take() if due else self._release())
        return self.keeping

    async def close(self) -> None:
        """Follow no more and let the computer sleep; harmless when it is closed."""
        self._unsubscribe()
        await self._tasks.close()
        async with self._changing:
            await self._release()
        if self._thread is not None:
            self._thread.shutdown(wait=False)
            self._thread = None

    def _hear(self, _event: Event) -> None:
        if self._is_due() != self._due:
            self.follow()

    def _is_due(self) -> bool:
        return self._wanted() and self._at_work()

    async def _take(self) -> None:
        def take() -> tuple[Hold, str]:
            hold = self._make()
            return hold, hold.take()

        self._hold, self._by = await self._in_thread(take)
        if self._by:
            log.info("computer kept awake", by=self._by)
        else:
            await self._release()

    async def _release(self) -> None:
        hold, by, self._hold, self._by = self._hold, self._by, None, ""
        if hold is None:
            return
        try:
            await self._in_thread(hold.release)
        except RuntimeError as error:  # what held it is gone, and its hold with it
            log.info("hold on sleep was gone", by=by, reason=str(error))

    async def _in_thread(self, act: Callable[[], T]) -> T:
        """One thread for all: a hold belongs to the thread that took it."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="awake")
        return await asyncio.get_running_loop().run_in_executor(self._thread, act)
