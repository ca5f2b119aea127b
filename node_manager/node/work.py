# SPDX-License-Identifier: Apache-2.0
"""The one work in hand: what a node is being taken through now."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from node_manager.errors import Interrupted
from node_manager.tasks import TaskGroup

T = TypeVar("T")


class WorkInHand:
    """At most one work at a time; a stop ends it."""

    def __init__(self) -> None:
        self._tasks = TaskGroup()
        self._work: asyncio.Task[Any] | None = None

    @property
    def busy(self) -> bool:
        """Whether there is one."""
        return self._work is not None and not self._work.done()

    def begin(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Do `work` from now on."""
        self._work = task = self._tasks.spawn(work, name)
        return task

    def aside(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Do `work` beside the one in hand."""
        return self._tasks.spawn(work, name)

    async def alone(self, act: str, work: Coroutine[Any, Any, T]) -> T:
        """Do `work` as the work in hand: no start comes between, and a stop ends it.

        Raises:
            Interrupted: a stop came; and what `work` raises.
        """
        task = asyncio.ensure_future(work)
        self._work = task
        await asyncio.wait({task})
        if task.cancelled():
            raise Interrupted(act=act)
        return task.result()

    async def cancel(self) -> None:
        """End the work in hand, unless it is the one that asks."""
        work, self._work = self._work, None
        if work is not None and work is not asyncio.current_task():
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)

    async def close(self) -> None:
        """End all of it."""
        await self._tasks.close()
