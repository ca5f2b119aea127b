# SPDX-License-Identifier: Apache-2.0
"""A supervised program comes back after an end that nobody asked for, and only then."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from node_manager.explanation import Explanation, OneClickError
from node_manager.runtime.backoff import Backoff
from node_manager.runtime.errors import ProcessDoesNotEnd, ProgramMissing, ProgramNotStarted
from node_manager.runtime.outcome import Outcome
from node_manager.runtime.process import Launch
from node_manager.runtime.supervisor import (
    Clock,
    Decision,
    Exit,
    Phase,
    Supervision,
    Supervisor,
)
from tests.unit.runtime.test_process import until

PLAN = Launch(name="node", argv=["posd"], cwd=Path(), log=Path("node.log"))


class FakeProcess:
    """A process whose end the test decides."""

    def __init__(self, *, adopted: bool = False, started_at: float | None = None) -> None:
        self.adopted = adopted
        self.started_at = time.time() if started_at is None else started_at
        self.end: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.left = False
        self.graces: list[float] = []
        self.deaf = False
        self.stuck = False

    async def wait(self) -> Outcome:
        return await asyncio.shield(self.end)

    async def stop(self, grace_seconds: float) -> Outcome:
        self.graces.append(grace_seconds)
        if self.stuck:
            raise ProcessDoesNotEnd(name="node", pid=1)
        if not self.deaf or grace_seconds == 0:
            self.ends(Outcome(0, wanted=True))
        return await self.wait()

    def leave(self) -> None:
        self.left = True

    def ends(self, outcome: Outcome | None = None) -> None:
        if not self.end.done():
            self.end.set_result(outcome or Outcome(1))


@dataclass
class World:
    """The processes there were, the time, and what the supervisor said."""

    running: FakeProcess | None = None
    refusals: list[OneClickError] = field(default_factory=list)
    now: float = 1000.0
    processes: list[FakeProcess] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    changes: list[Supervision] = field(default_factory=list)
    exits: list[Exit] = field(default_factory=list)
    started: list[bool] = field(default_factory=list)
    decision: Callable[[Exit], Decision] = lambda _: Decision.restart()
    waiting: asyncio.Event = field(default_factory=asyncio.Event)
    waits_for_ever: bool = False

    async def adopt(self, record: Path) -> Any:
        found, self.running = self.running, None
        return found

    async def spawn(self, launch: Launch, record: Path) -> Any:
        if self.refusals:
            raise self.refusals.pop()
        self.processes.append(FakeProcess())
        return self.processes[-1]

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.waiting.set()
        if self.waits_for_ever:
            await asyncio.Event().wait()
        await asyncio.sleep(0)

    async def launch(self) -> Launch:
        return PLAN

    async def decide(self, end: Exit) -> Decision:
        self.exits.append(end)
        return self.decision(end)

    @property
    def phases(self) -> list[Phase]:
        return [change.phase for change in self.changes]

    def supervisor(self, **parts: Any) -> Supervisor:
        clock = Clock(lambda: self.now, self.sleep, lambda _low, _high: 1.0)
        defaults: dict[str, Any] = {
            "launch": self.launch,
            "on_exited": self.decide,
            "on_change": self.changes.append,
            "on_started": lambda process: self.started.append(process.adopted),
            "grace_seconds": 5.0,
            "backoff": Backoff(first=0.5, longest=4.0, healthy_seconds=60),
        }
        return Supervisor(
            "node", record=Path("node.json"), runner=self, clock=clock, **{**defaults, **parts}
        )

    async def lives(self, count: int) -> FakeProcess:
        await until(lambda: len(self.processes) >= count)
        await asyncio.sleep(0.005)
        return self.processes[-1]


@pytest.fixture
async def world() -> World:
    return World()


async def test_start_then_stop(world: World) -> None:
    supervisor = world.supervisor()
    await supervisor.start()
    assert supervisor.phase is Phase.UP
    assert await supervisor.stop() == Outcome(0, wanted=True)
    assert world.phases == [Phase.STARTING, Phase.UP, Phase.STOPPING, Phase.STOPPED]
    assert world.processes[0].graces == [5.0]
    assert world.exits == [], "a wanted end needs no decision"
    assert supervisor.process is None


async def test_a_running_child_is_taken_over_instead_of_started(world: World) -> None:
    running = world.running = FakeProcess(adopted=True)
    supervisor = world.supervisor()
    await supervisor.start()
    assert supervisor.process is running
    assert world.processes == []
    assert world.started == [True]
    await supervisor.stop()


async def test_starting_twice_starts_once(world: World) -> None:
    supervisor = world.supervisor()
    await asyncio.gather(supervisor.start(), supervisor.start())
    await supervisor.start()
    assert len(world.processes) == 1
    await supervisor.stop()


async def test_it_comes_back_after_an_end_that_nobody_asked_for(world: World) -> None:
    supervisor = world.supervisor()
    await supervisor.start()
    world.processes[0].ends(Outcome(None, signal=9))
    await world.lives(2)
    assert supervisor.phase is Phase.UP
    assert supervisor.supervision.restarts == 1
    assert world.exits[0].outcome == Outcome(None, signal=9)
    assert world.waits == [0.5]
    await supervisor.stop()


async def test_delays_grow_up_to_the_longest(world: World) -> None:
    supervisor = world.supervisor()
    await supervisor.start()
    for count in range(2, 8):
        world.processes[-1].ends()
        await world.lives(count)
    assert world.waits == [0.5, 1.0, 2.0, 4.0, 4.0, 4.0]
    assert [end.failures for end in world.exits] == [1, 2, 3, 4, 5, 6]
    await supervisor.stop()


async def test_a_healthy_life_makes_the_next_delay_short_again(world: World) -> None:
    supervisor = world.supervisor()
    await supervisor.start()
    for count in range(2, 5):
        world.processes[-1].ends()
        await world.lives(count)
    world.now += 61
    world.processes[-1].ends()
    await world.lives(5)
    assert world.waits == [0.5, 1.0, 2.0, 0.5]
    assert world.exits[-1].lived == 61
    await supervisor.stop()


async def test_the_life_of_an_adopted_child_began_before_the_app(world: World) -> None:
    running = world.running = FakeProcess(adopted=True, started_at=time.time() - 3600)
    supervisor = world.supervisor()
    await supervisor.start()
    running.ends(Outcome(None, adopted=True))
    await world.lives(1)
    assert world.exits[0].lived == pytest.approx(3600, abs=5)
    await supervisor.stop()


async def test_stop_ends_the_wait_for_a_restart(world: World) -> None:
    world.waits_for_ever = True
    supervisor = world.supervisor()
    await supervisor.start()
    world.processes[0].ends()
    await world.waiting.wait()
    assert supervisor.phase is Phase.BACKOFF
    next_start = supervisor.supervision.next_start
    assert next_start is not None and next_start > time.time() - 1
    assert await supervisor.stop() == Outcome(1)
    assert supervisor.phase is Phase.STOPPED
    assert len(world.processes) == 1


async def test_start_ends_the_wait_for_a_restart(world: World) -> None:
    world.waits_for_ever = True
    supervisor = world.supervisor()
    await supervisor.start()
    world.processes[0].ends()
    await world.waiting.wait()
    await supervisor.start()
    await world.lives(2)
    assert supervisor.phase is Phase.UP
    await supervisor.stop()


async def test_a_decision_to_fail_ends_the_restarts_and_says_why(world: World) -> None:
    reason = Explanation("disk-full", "The disk is full.")
    world.decision = lambda _: Decision.fail(reason)
    supervisor = world.supervisor()
    await supervisor.start()
    world.processes[0].ends()
    await until(lambda: supervisor.phase is Phase.FAILED)
    assert supervisor.supervision.reason == reason
    assert world.waits == []
    await supervisor.start()
    assert supervisor.phase is Phase.UP, "a person may try again"
    await supervisor.stop()


async def test_a_decision_to_stop_leaves_it_ended(world: World) -> None:
    world.decision = lambda _: Decision.stop()
    supervisor = world.supervisor()
    await supervisor.start()
    world.processes[0].ends(Outcome(0))
    await until(lambda: supervisor.phase is Phase.STOPPED)
    assert supervisor.supervision.reason is None


async def test_a_decision_may_set_the_delay(world: World) -> None:
    """An upgrade switches the program and starts it at once."""
    world.decision = lambda _: Decision.restart(delay=0)
    supervisor = world.supervisor()
    await supervisor.start()
    world.processes[0].ends()
    await world.lives(2)
    assert world.waits == [0]
    await supervisor.stop()


@pytest.mark.logs("decision failed")
async def test_a_broken_decision_keeps_the_child_alive(world: World) -> None:
    def broken(_: Exit) -> Decision:
        raise RuntimeError("a defect")

    world.decision = broken
    supervisor = world.supervisor()
    await supervisor.start()
    world.processes[0].ends()
    await world.lives(2)
    await supervisor.stop()


@pytest.mark.logs("listener failed")
async def test_broken_listeners_keep_the_child_alive(world: World) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("a defect")

    supervisor = world.supervisor(on_change=broken, on_started=broken)
    await supervisor.start()
    assert supervisor.phase is Phase.UP
    await supervisor.stop()


async def test_a_first_start_that_fails_is_told_to_who_asked(world: World) -> None:
    missing = ProgramMissing(name="node", path="posd")
    world.refusals = [missing]
    supervisor = world.supervisor()
    with pytest.raises(ProgramMissing):
        await supervisor.start()
    assert supervisor.phase is Phase.FAILED
    assert supervisor.supervision.reason == missing.explanation
    await supervisor.start()
    assert supervisor.phase is Phase.UP
    await supervisor.stop()


@pytest.mark.logs("launch broken")
async def test_a_defect_in_the_launch_is_told_and_does_not_hang(world: World) -> None:
    async def broken() -> Launch:
        raise KeyError("a defect")

    supervisor = world.supervisor(launch=broken)
    with pytest.raises(Exception, match="a defect"):
        await supervisor.start()
    assert supervisor.phase is Phase.FAILED


async def test_a_restart_that_fails_is_tried_again(world: World) -> None:
    supervisor = world.supervisor()
    await supervisor.start()
    refusal = ProgramNotStarted(name="node", path="posd", error="out of memory")
    world.refusals = [refusal] * 3
    world.processes[0].ends()
    await world.lives(2)
    assert [end.error for end in world.exits] == [None, refusal, refusal, refusal]
    assert supervisor.phase is Phase.UP
    await supervisor.stop()


async def test_by_default_a_program_that_went_missing_is_not_tried_for_ever(world: World) -> None:
    clock = Clock(lambda: world.now, world.sleep, lambda _low, _high: 1.0)
    supervisor = Supervisor("node", world.launch, Path("r"), runner=world, clock=clock)
    await supervisor.start()
    missing = ProgramMissing(name="node", path="posd")
    world.refusals = [missing]
    world.processes[0].ends()
    await until(lambda: supervisor.phase is Phase.FAILED)
    assert supervisor.supervision.reason == missing.explanation


async def test_stop_cancels_a_long_preparation(world: World) -> None:
    cleaned = asyncio.Event()

    async def long_launch() -> Launch:
        try:
            await asyncio.sleep(60)
        finally:
            cleaned.set()
        return PLAN

    supervisor = world.supervisor(launch=long_launch)
    starting = asyncio.create_task(supervisor.start())
    await asyncio.sleep(0.01)
    assert await supervisor.stop() is None
    await starting
    assert cleaned.is_set()
    assert supervisor.phase is Phase.STOPPED
    assert world.processes == []


async def test_stopping_what_does_not_run_is_no_error(world: World) -> None:
    supervisor = world.supervisor()
    assert await supervisor.stop() is None
    assert supervisor.phase is Phase.STOPPED


async def test_a_second_stop_without_grace_kills(world: World) -> None:
    supervisor = world.supervisor()
    await supervisor.start()
    world.processes[0].deaf = True
    patient = asyncio.create_task(supervisor.stop(60))
    await until(lambda: supervisor.phase is Phase.STOPPING)
    await asyncio.sleep(0)
    await supervisor.stop(0)
    assert (await patient) == Outcome(0, wanted=True)
    assert world.processes[0].graces == [60, 0]
    assert supervisor.phase is Phase.STOPPED


async def test_giving_up_waiting_does_not_give_up_stopping(world: World) -> None:
    supervisor = world.supervisor()
    await supervisor.start()
    process = world.processes[0]
    process.deaf = True
    impatient = asyncio.create_task(supervisor.stop())
    await until(lambda: bool(process.graces))
    impatient.cancel()
    await asyncio.sleep(0)
    process.ends(Outcome(0, wanted=True))
    await until(lambda: supervisor.phase is Phase.STOPPED)


async def test_a_process_that_does_not_end_is_not_called_stopped(world: World) -> None:
    supervisor = world.supervisor()
    await supervisor.start()
    world.processes[0].stuck = True
    with pytest.raises(ProcessDoesNotEnd):
        await supervisor.stop()
    assert supervisor.phase is Phase.FAILED


async def test_leaving_lets_the_child_run_on(world: World) -> None:
    supervisor = world.supervisor()
    await supervisor.start()
    await supervisor.leave()
    assert world.processes[0].left
    assert world.processes[0].graces == []
    assert supervisor.phase is Phase.LEFT


async def test_restart_asks_nobody_and_waits_for_nothing(world: World) -> None:
    supervisor = world.supervisor()
    await supervisor.start()
    await supervisor.restart()
    assert len(world.processes) == 2
    assert world.exits == []
    assert world.waits == []
    await supervisor.stop()


async def test_a_start_during_a_stop_waits_for_its_end(world: World) -> None:
    supervisor = world.supervisor()
    await supervisor.start()
    world.processes[0].deaf = True
    stopping = asyncio.create_task(supervisor.stop())
    await until(lambda: supervisor.phase is Phase.STOPPING)
    starting = asyncio.create_task(supervisor.start())
    await asyncio.sleep(0.01)
    assert len(world.processes) == 1
    world.processes[0].ends(Outcome(0, wanted=True))
    await asyncio.gather(stopping, starting)
    assert supervisor.phase is Phase.UP
    assert len(world.processes) == 2
    await supervisor.stop()


async def test_any_sequence_of_commands_leaves_one_child_at_most(world: World) -> None:
    chance = random.Random(7)
    supervisor = world.supervisor()
    tasks: list[asyncio.Task[Any]] = []
    for _ in range(300):
        command = chance.choice([supervisor.start, supervisor.stop, supervisor.restart, None])
        if command is not None:
            tasks.append(asyncio.create_task(command()))
        elif world.processes:
            world.processes[-1].ends()
        await asyncio.sleep(0 if chance.random() < 0.8 else 0.002)
        assert sum(not process.end.done() for process in world.processes) <= 1
    await asyncio.gather(*tasks)
    await supervisor.stop()
    assert supervisor.phase is Phase.STOPPED
    assert all(process.end.done() for process in world.processes)


# --- with real processes ---------------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="the daemons are POSIX scripts")
async def test_a_killed_program_is_back_within_two_seconds(
    launch: Callable[..., Launch], record: Path
) -> None:
    async def plan() -> Launch:
        return launch("waits.sh")

    supervisor = Supervisor("node", plan, record)
    await supervisor.start()
    assert supervisor.process is not None
    killed = supervisor.process.pid
    began = time.monotonic()
    os.kill(killed, signal.SIGKILL)
    await until(lambda: supervisor.supervision.restarts == 1 and supervisor.phase is Phase.UP, 2)
    assert time.monotonic() - began < 2
    assert supervisor.process.pid != killed
    outcome = await supervisor.stop()
    assert outcome is not None and outcome.wanted


@pytest.mark.skipif(os.name != "posix", reason="the daemons are POSIX scripts")
async def test_a_program_that_ends_at_once_does_not_storm(
    launch: Callable[..., Launch], record: Path
) -> None:
    async def plan() -> Launch:
        return launch("ends_with.sh", "1")

    backoff = Backoff(first=0.05, longest=10, jitter=0)
    supervisor = Supervisor("node", plan, record, backoff=backoff)
    await supervisor.start()
    await asyncio.sleep(0.7)
    restarts = supervisor.supervision.restarts
    await supervisor.stop()
    assert 1 <= restarts <= 4, "0.05 + 0.1 + 0.2 + 0.4 seconds are waited"
