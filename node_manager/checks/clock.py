# SPDX-License-Identifier: Apache-2.0
"""This computer's clock against the network's servers, as far as they tell."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from node_manager.checks.result import CheckResult, CheckState, good, not_known
from node_manager.cosmos.errors import CosmosError
from node_manager.cosmos.rpc import Rpc
from node_manager.cosmos.web import is_loopback
from node_manager.explanation import Explanation

WARN_SECONDS = 2.0
FAIL_SECONDS = 10.0
"""CometBFT's light client, which state sync uses, refuses headers this far in the future."""

DATE_SECONDS = 1.0
"""A Date header has whole seconds, cut off."""


@dataclass(frozen=True, slots=True)
class ClockReading:
    """What one server told: this clock is ahead of its by `low` to `high` seconds.

    Attributes:
        high: None when the server only gave a lower bound for its time (a block's).
    """

    server: str
    low: float | None
    high: float | None


def from_date(server: str, date: float, asked: float, answered: float) -> ClockReading:
    """Bounds from a Date header: the server's clock was read between asking and the answer."""
    return ClockReading(server, asked - (date + DATE_SECONDS), answered - date)


def from_block(server: str, block_time: float, answered: float) -> ClockReading:
    """A bound from a block's time: it lies in the network's past, so this clock must be later."""
    return ClockReading(server, None, answered - block_time)


def offset(reading: ClockReading) -> float | None:
    """Seconds that this clock is surely off (ahead positive); None when it may be right."""
    if reading.low is not None and reading.low > 0:
        return reading.low
    if reading.high is not None and reading.high < 0:
        return reading.high
    return None


async def read_clocks(urls: Sequence[str]) -> list[ClockReading]:
    """Ask each server that is not this computer."""
    distant = [url for url in dict.fromkeys(urls) if not is_loopback(url)]
    told = await asyncio.gather(*(_read(url) for url in distant))
    return [reading for reading in told if reading is not None]


async def _read(url: str) -> ClockReading | None:
    async with Rpc(url) as rpc:
        asked = time.time()
        try:
            status = await rpc.status()
        except CosmosError:
            return None
        answered = time.time()
    if rpc.server_date is not None:
        return from_date(rpc.url, rpc.server_date, asked, answered)
    return from_block(rpc.url, status.sync_info.latest_block_time, answered)


async def check_clock(urls: Sequence[str]) -> CheckResult:
    """Hold this clock against the network's servers."""
    if urls and all(is_loopback(url) for url in urls):
        return good("clock", "Clock", "The network runs on this computer and has the same clock.")
    return judge_clock(await read_clocks(urls))


def judge_clock(readings: Sequence[ClockReading]) -> CheckResult:
    """The verdict: several servers are wrong together less often than one."""
    check, title = "clock", "Clock"
    if not readings:
        return not_known(
            check,
            title,
            "Whether the clock is right is not known.",
            "No server of the network has answered.",
        )
    offsets = [offset(reading) for reading in readings]
    if any(found is None for found in offsets):
        if all(reading.low is None for reading in readings):
            return not_known(
                check,
                title,
                "Whether the clock is right is not known.",
                "The network's servers do not tell their time; the last block shows only that"
                " it is not slow.",
            )
        return good(check, title, "The clock agrees with the network's within 2 s.")
    least = min((found for found in offsets if found is not None), key=abs)
    if abs(least) <= WARN_SECONDS:
        return good(check, title, "The clock agrees with the network's within some seconds.")
    state = CheckState.FAIL if abs(least) > FAIL_SECONDS else CheckState.WARN
    told = Explanation(
        "clock-wrong",
        "The clock of this computer is {way} by at least {seconds} s.",
        "Votes carry the time; peers and state sync refuse what is far off.",
        "Switch the automatic setting of the time on (NTP), then check again.",
        {"seconds": f"{abs(least):.0f}", "way": "fast" if least > 0 else "slow"},
    )
    return CheckResult(check, title, state, told)
