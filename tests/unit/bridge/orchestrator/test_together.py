# SPDX-License-Identifier: Apache-2.0
"""Calls that share the turns of a thread: each is answered, also when it closes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from bridge.orchestrator.errors import ServiceEnding
from bridge.orchestrator.together import Together


class Work:
    """Doubles a number when it may, and notes in which thread."""

    def __init__(self) -> None:
        self.may = threading.Event()
        self.begun = threading.Event()
        self.threads: set[int] = set()

    def __call__(self, number: int) -> int:
        self.begun.set()
        assert self.may.wait(10)
        self.threads.add(threading.get_ident())
        if number < 0:
            raise ValueError("negative")
        return 2 * number


@pytest.fixture
def work() -> Iterator[Work]:
    made = Work()
    yield made
    made.may.set()


async def begun(work: Work) -> None:
    assert await asyncio.to_thread(work.begun.wait, 10)


async def test_each_gets_its_own_answer_or_error(work: Work) -> None:
    together = Together("test", work)
    work.may.set()
    answers = await asyncio.gather(*map(together.ask, (1, -1, 3)), return_exceptions=True)
    together.close()
    assert (answers[0], answers[2]) == (2, 6)
    assert isinstance(answers[1], ValueError)
    assert len(work.threads) == 1
    assert threading.get_ident() not in work.threads


async def test_who_asks_after_the_end_is_told(work: Work) -> None:
    together = Together("test", work)
    together.close()
    async with asyncio.timeout(5):
        with pytest.raises(ServiceEnding):
            await together.ask(1)


async def test_the_turn_in_hand_is_finished_and_the_next_refused(work: Work) -> None:
    together = Together("test", work)
    first = asyncio.create_task(together.ask(1))
    await begun(work)
    second = asyncio.create_task(together.ask(2))
    await asyncio.sleep(0)
    together.close()
    third = asyncio.create_task(together.ask(3))
    work.may.set()
    async with asyncio.timeout(5):
        assert await first == 2
        for late in (second, third):
            with pytest.raises(ServiceEnding):
                await late


async def test_who_left_meanwhile_disturbs_nobody(work: Work) -> None:
    together = Together("test", work)
    leaves, stays = asyncio.create_task(together.ask(1)), asyncio.create_task(together.ask(2))
    await begun(work)
    leaves.cancel()
    work.may.set()
    async with asyncio.timeout(5):
        assert await stays == 4
    together.close()


async def test_what_was_asked_in_the_turn_of_the_end_is_told(work: Work) -> None:
    """Before its first turn has begun."""
    together = Together("test", work)
    waits = asyncio.create_task(together.ask(1))
    await asyncio.sleep(0)
    together.close()
    async with asyncio.timeout(5):
        with pytest.raises(ServiceEnding):
            await waits
