# SPDX-License-Identifier: Apache-2.0
"""Many small blocking calls in one turn of a thread.

Handing a call to a thread and back costs more than a look into SQLite or the check of a
signature takes; what is asked while the thread works waits, and goes together next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

from bridge.orchestrator.errors import ServiceEnding

Asked = TypeVar("Asked")
Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class _Failure:
    error: Exception


@dataclass(slots=True)
class _Waiting(Generic[Asked, Told]):
    asked: Asked
    answer: asyncio.Future[Told]


class Together(Generic[Asked, Told]):
    """Calls `work` in a thread of its own, for all that wait in one turn."""

    def __init__(self, name: str, work: Callable[[Asked], Told]) -> None:
        self._work = work
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._waiting: list[_Waiting[Asked, Told]] = []
        self._runs = False
        self._closed = False

    async def ask(self, asked: Asked) -> Told:
        """What `work` says of `asked`, or raises.

        Raises:
            ServiceEnding: it is closed, or closes before `work` has come to it.
        """
        if self._closed:
            raise ServiceEnding()
        loop = asyncio.get_running_loop()
        waiting = _Waiting[Asked, Told](asked, loop.create_future())
        self._waiting.append(waiting)
        if not self._runs:
            self._runs = True
            # Not at once: what came in the same turn of the loop goes along.
            loop.call_soon(self._next_turn)
        return await waiting.answer

    def close(self) -> None:
        """End the thread after the turn it is in; who waits for a later one is told."""
        self._closed = True
        self._thread.shutdown(wait=False, cancel_futures=True)
        _refuse(self._waiting)
        self._waiting = []

    def _next_turn(self) -> None:
        turn, self._waiting = self._waiting, []
        self._runs = bool(turn)
        if not turn:
            return
        job = asyncio.get_running_loop().run_in_executor(
            self._thread, self._all, [one.asked for one in turn]
        )
        job.add_done_callback(lambda done: self._tell(turn, done))

    def _all(self, asked: Sequence[Asked]) -> list[Told | _Failure]:
        return [self._attempt(one) for one in asked]

    def _attempt(self, asked: Asked) -> Told | _Failure:
        try:
            return self._work(asked)
        except Exception as error:  # noqa: BLE001 - it is raised where it was asked
            return _Failure(error)

    def _tell(
        self, turn: Sequence[_Waiting[Asked, Told]], job: asyncio.Future[list[Told | _Failure]]
    ) -> None:
        if job.cancelled():
            _refuse(turn)
            return
        for one, told in zip(turn, job.result(), strict=True):
            if one.answer.done():
                continue  # who asked has left
            if isinstance(told, _Failure):
                one.answer.set_exception(told.error)
            else:
                one.answer.set_result(told)
        self._next_turn()


def _refuse(waiting: Sequence[_Waiting[Asked, Told]]) -> None:
    for one in waiting:
        if not one.answer.done():
            one.answer.set_exception(ServiceEnding())
