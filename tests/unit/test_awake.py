# SPDX-License-Identifier: Apache-2.0
"""The computer is kept awake while it is wanted and a validator is at work, and not longer."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest

from node_manager.awake import Awake, Keeping, SystemHold
from node_manager.events import Broadcast, Event


@dataclass
class Desk:
    """A stand-in for the system, and what decides about it."""

    wanted: bool = True
    at_work: bool = False
    offers: str = "caffeinate"
    held: int = 0
    forgets: bool = False
    threads: set[str] = field(default_factory=set)
    broadcast: Broadcast = field(default_factory=Broadcast)

    def take(self) -> str:
        self.threads.add(threading.current_thread().name)
        self.held += bool(self.offers)
        return self.offers

    def release(self) -> None:
        self.threads.add(threading.current_thread().name)
        if self.forgets:
            raise RuntimeError("The session has ended.")
        self.held -= bool(self.offers)

    def changed(self) -> None:
        self.broadcast.publish(Event())


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def awake(desk: Desk) -> AsyncIterator[Awake]:
    made = Awake(desk.broadcast, lambda: desk.wanted, lambda: desk.at_work, lambda: desk)
    made.start()
    yield made
    await made.close()


async def until(told: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not told():
            await asyncio.sleep(0.01)


async def test_it_is_held_from_the_first_validator_to_the_last(awake: Awake, desk: Desk) -> None:
    desk.changed()
    assert awake.keeping == Keeping(wanted=True, at_work=False)
    desk.at_work = True
    desk.changed()
    await until(lambda: awake.keeping.by == "caffeinate")
    desk.changed()
    await awake.settle()
    assert desk.held == 1
    desk.at_work = False
    desk.changed()
    await until(lambda: desk.held == 0)
    assert not awake.keeping.by


async def test_a_person_who_does_not_want_it_ends_it(awake: Awake, desk: Desk) -> None:
    desk.at_work = True
    await awake.settle()
    desk.wanted = False
    awake.follow()
    await until(lambda: desk.held == 0)
    assert await awake.settle() == Keeping(wanted=False, at_work=True)


async def test_a_system_that_offers_nothing_is_asked_again_later(awake: Awake, desk: Desk) -> None:
    desk.at_work, desk.offers = True, ""
    assert not (await awake.settle()).by
    desk.offers = "org.gnome.SessionManager"
    assert (await awake.settle()).by == "org.gnome.SessionManager"


async def test_the_end_of_the_app_lets_it_sleep(desk: Desk) -> None:
    desk.at_work = True
    awake = Awake(desk.broadcast, lambda: True, lambda: True, lambda: desk)
    await awake.settle()
    await awake.close()
    await awake.close()
    assert desk.held == 0
    assert len(desk.threads) == 1, "a hold is released in the thread that took it"
    assert threading.current_thread().name not in desk.threads


async def test_a_hold_that_the_system_has_forgotten_is_none(awake: Awake, desk: Desk) -> None:
    desk.at_work, desk.forgets = True, True
    await awake.settle()
    desk.at_work = False
    assert not (await awake.settle()).by


def test_the_systems_own_means_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAKEPY_FAKE_SUCCESS", "yes")
    hold = SystemHold()
    assert hold.take() == "WakepyFakeSuccess"
    hold.release()


@pytest.mark.skipif("sys.platform != 'linux'", reason="other systems always have a means")
def test_without_a_session_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "disabled:")
    hold = SystemHold()
    assert hold.take() == ""
    hold.release()
