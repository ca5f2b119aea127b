# SPDX-License-Identifier: Apache-2.0
"""Keeping one child alive: adopt it or start it, start it again when it ends, stop it in order."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import structlog

from node_manager.explanation import Explanation, OneClickError
from node_manager.runtime.backoff import Backoff
from node_manager.runtime.child import Child, Runner
from node_manager.runtime.errors import LaunchBroken
from node_manager.runtime.outcome import Outcome
from node_manager.runtime.process import Launch, ManagedProcess
from node_manager.runtime.supervision import (
    Decision,
    Exit,
    Phase,
    Supervision,
    restart_unless_hopeless,
)

__all__ = ["Clock", "Decision", "Exit", "Phase", "Runner", "Supervision", "Supervisor"]

log = structlog.get_logger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Clock:
    """Time and chance: `monotonic` and `sleep` in seconds."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Coroutine[Any, Any, object]] = asyncio.sleep
    uniform: Callable[[float, float], float] = random.uniform


class Wish(StrEnum):
    """What somebody wants of a child that is being kept alive."""

    STOP = "stop"
    LEAVE = "leave"
    HURRY = "hurry"


def _ignore(*_: object) -> None:
    return None


class Supervisor:
    """Keeps one child alive. All of it runs on one event loop.

    Args:
        name: for logs.
        launch: makes the launch of each start anew, so that no secret is kept here and a newer
            program is used once there is one. It may take its time (a stop cancels it) and may
            raise `OneClickError`.
        record: where the process record is.
        on_exited: decides about an end that nobody asked for.
        on_started: called with each process that is up; `process.adopted` tells which way.
        on_change: called with each new `Supervision`.
        grace_seconds: what the child gets between the request to end and the kill.
    """

    def __init__(
        self,
        name: str,
        launch: Callable[[], Awaitable[Launch]],
        record: Path,
        *,
        on_exited: Callable[[Exit], Awaitable[Decision]] = restart_unless_hopeless,
        on_started: Callable[[Child], object] = _ignore,
        on_change: Callable[[Supervision], object] = _ignore,
        backoff: Backoff | None = None,
        grace_seconds: float = 30.0,
        runner: Runner = ManagedProcess,
        clock: Clock | None = None,
    ) -> None:
        self._name = name
        self._launch = launch
        self._record = record
        self._on_exited = on_exited
        self._on_started = on_started
        self._on_change = on_change
        self._backoff = backoff or Backoff()
        self._grace = self._stop_grace = grace_seconds
        self._runner = runner
        self._clock = clock or Clock()
        self._keeper: asyncio.Task[Outcome | None] | None = None
        self._first_start: asyncio.Future[None] | None = None
        self._wish: Wish | None = None
        self._wished = asyncio.Event()
        self._failures = 0
        self._up_since = 0.0
        self.process: Child | None = None
        self.supervision = Supervision(Phase.STOPPED, time.time())

    @property
    def phase(self) -> Phase:
        """What it is doing now."""
        return self.supervision.phase

    async def start(self) -> None:
        """Take over the running child or start it, and keep it alive from now on.

        Returns when it is up, or when somebody stopped it meanwhile. In backoff the wait ends.

        Raises:
            OneClickError: it cannot be started; the phase is FAILED with that reason.
        """
        while self._keeper is not None and self._ending:
            await asyncio.wait({self._keeper})
        if self._keeper is None:
            self._wish = None
            self._wished.clear()
            self._first_start = asyncio.get_running_loop().create_future()
            self._keeper = asyncio.create_task(self._keep_alive(), name=f"keep {self._name}")
            self._keeper.add_done_callback(self._keeper_ended)
        elif self.phase is Phase.BACKOFF:
            self._ask(Wish.HURRY)
        if self._first_start is not None:
            await asyncio.shield(self._first_start)

    async def stop(self, grace_seconds: float | None = None) -> Outcome | None:
        """End the child in order and stay stopped; how it ended, None if none ran.

        A second call with a shorter grace shortens the first one.

        Raises:
            ProcessDoesNotEnd: not even killing it helped; the phase is FAILED.
        """
        if self._keeper is None:
            self._enter(Phase.STOPPED)
            return None
        self._stop_grace = self._grace if grace_seconds is None else grace_seconds
        if self.phase is Phase.STOPPING and self.process is not None:
            return await self.process.stop(self._stop_grace)
        self._ask(Wish.STOP)
        # shielded: whoever waits may give up, the end itself goes on
        return await asyncio.shield(self._keeper)

    async def leave(self) -> None:
        """Let the child run on without this app; the next start of the app adopts it."""
        if self._keeper is not None:
            self._ask(Wish.LEAVE)
            await asyncio.shield(self._keeper)

    async def restart(self, grace_seconds: float | None = None) -> None:
        """End the child in order and start it at once, without backoff.

        Raises:
            OneClickError: it does not end, or cannot be started again; the phase is FAILED.
        """
        await self.stop(grace_seconds)
        await self.start()

    @property
    def _ending(self) -> bool:
        return self._wish in {Wish.STOP, Wish.LEAVE}

    def _ask(self, wish: Wish) -> None:
        self._wish = wish
        self._wished.set()

    async def _keep_alive(self) -> Outcome | None:
        """The keeper: one turn a life, until somebody wishes otherwise or a decision ends it."""
        self._failures = 0
        self._enter(Phase.STARTING, restarts=0)
        while True:
            end = await self._live_once()
            if self._ending or end is None:
                return await self._end(end)
            if self._first_start is not None and end.error is not None:
                self._enter(Phase.FAILED, end.error.explanation)
                raise end.error
            decision = await self._decide(end)
            if self._ending:
                return await self._end(end)
            if not decision.again:
                phase = Phase.STOPPED if decision.reason is None else Phase.FAILED
                self._enter(phase, decision.reason)
                return end.outcome
            await self._back_off(decision)
            if self._ending:
                return await self._end(end)
            self._enter(Phase.STARTING, restarts=self.supervision.restarts + 1)

    async def _live_once(self) -> Exit | None:
        """Bring the child up and wait for its end; None when a wish came first."""
        try:
            process = await self._bring_up()
        except OneClickError as error:
            self._failures += 1
            return Exit(None, error, 0.0, self._failures)
        if process is None:
            return None
        self._went_up(process)
        outcome = await self._unless_wished(process.wait())
        if outcome is None:
            return None
        self.process = None
        lived = self._clock.monotonic() - self._up_since
        self._failures = 0 if lived >= self._backoff.healthy_seconds else self._failures + 1
        return Exit(outcome, None, lived, self._failures)

    async def _bring_up(self) -> Child | None:
        try:
            if (running := await self._runner.adopt(self._record)) is not None:
                return running
            launch = await self._unless_wished(self._launch())
            if launch is None or self._ending:
                return None
            return await self._runner.spawn(launch, self._record)
        except OneClickError:
            raise
        except Exception as error:
            # a defect in the launch must not end the supervision of a validator
            log.exception("launch broken", program=self._name)
            raise LaunchBroken(name=self._name, error=repr(error)) from error

    def _went_up(self, process: Child) -> None:
        self.process = process
        age = max(0.0, time.time() - process.started_at) if process.adopted else 0.0
        self._up_since = self._clock.monotonic() - age
        self._enter(Phase.UP)
        if self._first_start is not None:
            self._first_start.set_result(None)
            self._first_start = None
        try:
            self._on_started(process)
        except Exception:  # whoever listens must not end the supervision
            log.exception("listener failed", program=self._name)

    async def _decide(self, end: Exit) -> Decision:
        log.info(
            "process needs a decision",
            program=self._name,
            outcome=str(end.outcome or end.error),
            lived=round(end.lived, 3),
            failures=end.failures,
        )
        try:
            return await self._on_exited(end)
        except Exception:  # a validator is kept alive also when its diagnosis is broken
            log.exception("decision failed", program=self._name)
            return Decision.restart()

    async def _back_off(self, decision: Decision) -> None:
        delay = decision.delay
        if delay is None:
            delay = self._backoff.delay(self._failures, self._clock.uniform)
        self._enter(Phase.BACKOFF, decision.reason, next_start=time.time() + delay)
        await self._unless_wished(self._clock.sleep(delay))
        if self._wish is Wish.HURRY:
            self._wish = None
            self._wished.clear()

    async def _end(self, end: Exit | None) -> Outcome | None:
        """Fulfil the wish that ends the supervision."""
        outcome = None if end is None else end.outcome
        if (process := self.process) is None:
            self._enter(Phase.STOPPED)
        elif self._wish is Wish.LEAVE:
            process.leave()
            self.process = None
            self._enter(Phase.LEFT)
        else:
            self._enter(Phase.STOPPING)
            try:
                outcome = await process.stop(self._stop_grace)
            except OneClickError as error:
                self._enter(Phase.FAILED, error.explanation)
                raise
            self.process = None
            self._enter(Phase.STOPPED)
        return outcome

    async def _unless_wished(self, work: Awaitable[T]) -> T | None:
        """The result of `work`, or None when a wish came first; `work` is cancelled then."""
        working = asyncio.ensure_future(work)
        wished = asyncio.ensure_future(self._wished.wait())
        try:
            await asyncio.wait({working, wished}, return_when=asyncio.FIRST_COMPLETED)
            return working.result() if working.done() else None
        finally:
            working.cancel()
            wished.cancel()
            await asyncio.gather(working, wished, return_exceptions=True)

    def _enter(
        self,
        phase: Phase,
        reason: Explanation | None = None,
        *,
        next_start: float | None = None,
        restarts: int | None = None,
    ) -> None:
        if restarts is None:
            restarts = self.supervision.restarts
        self.supervision = Supervision(phase, time.time(), reason, next_start, restarts)
        try:
            self._on_change(self.supervision)
        except Exception:  # whoever listens must not end the supervision
            log.exception("listener failed", program=self._name)

    def _keeper_ended(self, keeper: asyncio.Task[Outcome | None]) -> None:
        self._keeper = None
        waiting, self._first_start = self._first_start, None
        if keeper.cancelled():  # the loop is being torn down: the child stays for the next start
            if self.process is not None:
                self.process.leave()
            if waiting is not None:
                waiting.cancel()
            return
        error = keeper.exception()
        if error is not None and not isinstance(error, OneClickError):
            log.error("supervision failed", program=self._name, exc_info=error)
            broken = LaunchBroken(name=self._name, error=repr(error))
            self._enter(Phase.FAILED, broken.explanation)
        if waiting is not None:
            if error is None:
                waiting.set_result(None)
            else:
                waiting.set_exception(error)
                waiting.exception()  # whoever waited may have given up
