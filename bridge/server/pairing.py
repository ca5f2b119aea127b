# SPDX-License-Identifier: Apache-2.0
"""Pairing: a website asks, the app shows its origin and a code, the person decides."""

from __future__ import annotations

import asyncio
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from bridge.server.errors import PairingBusy, PairingRefused, PairingUnknown, WrongCode
from bridge.server.pairing_store import Pairing, PairingStore, Scope, hash_token
from bridge.web.errors import TooMany
from node_manager.events import Broadcast, Event

CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 6
ASK_SECONDS = 120.0
"""A person who has not answered by then is not there."""
WRONG_CODES_PER_REQUEST = 3
WRONG_PER_WINDOW = 10
WINDOW_SECONDS = 60.0
ASKS_PER_WINDOW = 6

Decision = Literal["once", "always", "refuse"]


class Phase(StrEnum):
    """How far a request is."""

    WAITING = "waiting"
    ALLOWED = "allowed"
    REFUSED = "refused"


@dataclass(slots=True)
class Request:
    """A website that waits for the person.

    Attributes:
        code: what the website and the app both show, for the person to compare.
        ends_at: on the clock of `Pairings`.
    """

    id: str
    origin: str
    scopes: frozenset[Scope]
    code: str
    ends_at: float
    phase: Phase = Phase.WAITING
    durable: bool = False
    wrong: int = 0


@dataclass(frozen=True, slots=True)
class PairingRequested(Event):
    """A website asks to be paired; answer with `Pairings.decide`."""

    id: str
    origin: str
    code: str
    scopes: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class PairingsChanged(Event):
    """A request ended or a pairing came or went: what is shown is to be read anew."""


@dataclass(slots=True)
class _Meter:
    """Counts events of the last window."""

    limit: int
    at: list[float] = field(default_factory=list)

    def full(self, now: float) -> bool:
        self.at = [moment for moment in self.at if moment > now - WINDOW_SECONDS]
        return len(self.at) >= self.limit

    def count(self, now: float) -> None:
        self.at.append(now)


class Pairings:
    """The pairings of this computer and the one request that may wait."""

    def __init__(
        self,
        store: PairingStore,
        broadcast: Broadcast,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._broadcast = broadcast
        self._clock = clock
        self._request: Request | None = None
        self._claiming = asyncio.Lock()
        self._wrong = _Meter(WRONG_PER_WINDOW)
        self._asks = _Meter(ASKS_PER_WINDOW)

    @property
    def waiting(self) -> Request | None:
        """The request the person has not answered yet."""
        request = self._current()
        return request if request is not None and request.phase is Phase.WAITING else None

    def all(self) -> list[Pairing]:
        """All pairings, newest first."""
        return self._store.all()

    def origins(self) -> frozenset[str]:
        """Origins that are paired."""
        return self._store.origins

    def ask(self, origin: str, scopes: frozenset[Scope]) -> Request:
        """A website asks; the app is told.

        Raises:
            PairingBusy: another website waits.
            TooMany: websites asked too often.
        """
        now = self._clock()
        current = self._current()
        if current is not None and current.origin != origin:
            raise PairingBusy(seconds=_left(current.ends_at, now))
        if self._asks.full(now):
            raise TooMany(reason="Websites asked for pairing too often.", seconds=60)
        self._asks.count(now)
        request = Request(
            id=secrets.token_urlsafe(16),
            origin=origin,
            scopes=scopes,
            code="".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH)),
            ends_at=now + ASK_SECONDS,
        )
        self._request = request
        self._broadcast.publish(
            PairingRequested(request.id, origin, request.code, tuple(sorted(scopes)), ASK_SECONDS)
        )
        return request

    def decide(self, request_id: str, decision: Decision) -> None:
        """The person's answer.

        Raises:
            PairingUnknown: the request is over.
        """
        request = self._current()
        if request is None or request.id != request_id or request.phase is not Phase.WAITING:
            raise PairingUnknown()
        request.phase = Phase.REFUSED if decision == "refuse" else Phase.ALLOWED
        request.durable = decision == "always"
        self._broadcast.publish(PairingsChanged())

    async def claim(self, request_id: str, origin: str, code: str) -> tuple[Request, str | None]:
        """The request and its token, which is None while the person has not answered.

        Raises:
            PairingUnknown: no such request of this origin.
            PairingRefused: the person said no.
            WrongCode: the code differs; a few of them end the request.
            TooMany: too many wrong tries.
            OSError: the pairing could not be written; the request still stands.
        """
        async with self._claiming:
            request = self._checked(request_id, origin, code)
            if request.phase is Phase.WAITING:
                return request, None
            token = secrets.token_urlsafe(32)
            pairing = Pairing(
                id=secrets.token_hex(8),
                origin=origin,
                scopes=sorted(request.scopes),
                token_hash=hash_token(token),
                created_at=time.time(),
                durable=request.durable,
            )
            # Durable before the token is handed out.
            await asyncio.to_thread(self._store.add, pairing)
            self._end()
            return request, token

    def _checked(self, request_id: str, origin: str, code: str) -> Request:
        now = self._clock()
        if self._wrong.full(now):
            raise TooMany(reason="Too many wrong codes.", seconds=int(WINDOW_SECONDS))
        request = self._current()
        if request is None or not _same(request.id, request_id) or request.origin != origin:
            self._wrong.count(now)
            raise PairingUnknown()
        if not _same(request.code, code):
            self._wrong.count(now)
            request.wrong += 1
            if request.wrong >= WRONG_CODES_PER_REQUEST:
                self._end()
            raise WrongCode()
        if request.phase is Phase.REFUSED:
            self._end()
            raise PairingRefused()
        return request

    def holder(self, token: str, origin: str | None) -> Pairing | None:
        """The pairing whose token this is, when it comes from the origin it is bound to."""
        pairing = self._store.find(token)
        return pairing if pairing is not None and pairing.origin == origin else None

    def revoke(self, pairing_id: str) -> None:
        """End a pairing.

        Raises:
            KeyError: no such pairing.
            OSError: it could not be written; the pairing still stands.
        """
        self._store.remove(pairing_id)
        self._broadcast.publish(PairingsChanged())

    def _current(self) -> Request | None:
        if self._request is not None and self._request.ends_at <= self._clock():
            self._end()
        return self._request

    def _end(self) -> None:
        self._request = None
        self._broadcast.publish(PairingsChanged())


def _left(ends_at: float, now: float) -> int:
    return max(1, round(ends_at - now))


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
