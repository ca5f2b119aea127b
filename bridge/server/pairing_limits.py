# SPDX-License-Identifier: Apache-2.0
"""How often websites may ask to be paired: what one does is not counted against another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bridge.server.errors import PairingBusy, PairingMustWait
from bridge.web.errors import TooMany

WRONG_PER_WINDOW = 10
WINDOW_SECONDS = 60.0
ASKS_PER_WINDOW = 6
WAITING = 8
WAITING_PER_FAMILY = 2
"""A page can make as many subdomains as it likes; they must not take all places."""
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS, WAIT_FACTOR = 60.0, 3600.0, 4.0
ORIGINS_COUNTED = 256


@dataclass(slots=True)
class _Meter:
    """Counts events of the last window."""

    limit: int
    at: list[float] = field(default_factory=list)

    def full(self, now: float) -> bool:
        self.at = [moment for moment in self.at if moment > now - WINDOW_SECONDS]
        return len(self.at) >= self.limit


class Meters:
    """A meter for each origin; of many origins, those that were counted last."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._meters: dict[str, _Meter] = {}

    def full(self, origin: str, now: float) -> bool:
        """Whether `origin` has used up its window."""
        meter = self._meters.get(origin)
        return meter is not None and meter.full(now)

    def count(self, origin: str, now: float) -> None:
        """Count one event of `origin`."""
        meter = self._meters.pop(origin, None) or _Meter(self._limit)
        meter.at.append(now)
        self._meters[origin] = meter
        if len(self._meters) > ORIGINS_COUNTED:
            del self._meters[next(iter(self._meters))]


@dataclass(slots=True)
class _Refusals:
    times: int = 0
    until: float = 0.0


class AskingLimits:
    """Who may ask the person now; times are of the caller's clock, in seconds."""

    def __init__(self) -> None:
        self._asks = Meters(ASKS_PER_WINDOW)
        self._refusals: dict[str, _Refusals] = {}

    def check(self, origin: str, others: Sequence[tuple[str, float]], now: float) -> None:
        """Count that `origin` asks; `others` wait for an answer, each until a moment.

        Raises:
            PairingMustWait: the person refused it not long ago.
            TooMany: it asked too often.
            PairingBusy: too many others wait.
        """
        refused = self._refusals.get(origin)
        if refused is not None and refused.until > now:
            raise PairingMustWait(seconds=_left(refused.until, now))
        if self._asks.full(origin, now):
            raise TooMany(
                reason="This website asked for pairing too often.", seconds=int(WINDOW_SECONDS)
            )
        family = _family(origin)
        relatives = [until for other, until in others if _family(other) == family]
        everyone = [until for _, until in others]
        for crowd, places in ((relatives, WAITING_PER_FAMILY), (everyone, WAITING)):
            if len(crowd) >= places:
                raise PairingBusy(seconds=_left(min(crowd), now))
        self._asks.count(origin, now)

    def refused(self, origin: str, now: float) -> None:
        """The person refused `origin`: it waits, each time longer."""
        refusals = self._refusals.setdefault(origin, _Refusals())
        wait = FIRST_WAIT_SECONDS * WAIT_FACTOR ** min(refusals.times, 8)
        refusals.times += 1
        refusals.until = now + min(LONGEST_WAIT_SECONDS, wait)

    def forgiven(self, origin: str) -> None:
        """The person allowed `origin`, or lets it ask again."""
        self._refusals.pop(origin, None)


def _family(origin: str) -> str:
    """The end of the host's name that subdomains share; numbers have none."""
    host = urlsplit(origin).hostname or origin
    parts = host.split(".")
    return host if ":" in host or parts[-1].isdigit() else ".".join(parts[-2:])


def _left(ends_at: float, now: float) -> int:
    return max(1, round(ends_at - now))
