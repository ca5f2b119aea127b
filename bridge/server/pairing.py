# SPDX-License-Identifier: Apache-2.0
"""Pairing: a website asks, the app shows its origin and a code, the person decides."""

from __future__ import annotations

import asyncio
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from bridge.server.errors import PairingBlocked, PairingRefused, PairingUnknown, WrongCode
from bridge.server.pairing_limits import WINDOW_SECONDS, WRONG_PER_WINDOW, AskingLimits, Meters
from bridge.server.pairing_store import Pairing, PairingStore, Scope, hash_token
from bridge.web.errors import TooMany
from node_manager.events import Broadcast, Event

CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 6
ASK_SECONDS = 120.0
"""A person who has not answered by then is not there."""
WRONG_CODES_PER_REQUEST = 3
EARLIER = 16

Decision = Literal["once", "always", "refuse", "never"]
"""The person's answer; "never" refuses, and the website is not asked about again."""


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
        earlier: ids of the same website's requests that this one replaced.
    """

    id: str
    origin: str
    scopes: frozenset[Scope]
    code: str
    ends_at: float
    phase: Phase = Phase.WAITING
    durable: bool = False
    wrong: int = 0
    earlier: tuple[str, ...] = ()


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


class Pairings:
    """The pairings of this computer and the requests that wait, one for each website."""

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
        self._requests: dict[str, Request] = {}
        self._claiming = asyncio.Lock()
        # A code is good for its own website only, so others' guesses are none.
        self._wrong = Meters(WRONG_PER_WINDOW)
        self._limits = AskingLimits()

    @property
    def waiting(self) -> list[Request]:
        """The requests the person has not answered yet, oldest first."""
        self._drop_old()
        return [one for one in self._requests.values() if one.phase is Phase.WAITING]

    def all(self) -> list[Pairing]:
        """All pairings, newest first."""
        return self._store.all()

    def origins(self) -> frozenset[str]:
        """Origins that are paired."""
        return self._store.origins

    def blocked(self) -> list[str]:
        """Origins that may not ask any more, by name."""
        return sorted(self._store.blocked)

    def ask(self, origin: str, scopes: frozenset[Scope]) -> Request:
        """A website asks; the app is told. What it asked before ends.

        Raises:
            PairingBlocked: the person does not want to be asked by it.
            PairingMustWait: the person refused it not long ago.
            TooMany: it asked too often.
            PairingBusy: too many others wait.
        """
        if origin in self._store.blocked:
            raise PairingBlocked()
        now = self._clock()
        others = [(one.origin, one.ends_at) for one in self.waiting if one.origin != origin]
        self._limits.check(origin, others, now)
        replaced = self._requests.get(origin)
        request = Request(
            id=secrets.token_urlsafe(16),
            origin=origin,
            scopes=scopes,
            code="".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH)),
            ends_at=now + ASK_SECONDS,
            earlier=() if replaced is None else (*replaced.earlier, replaced.id)[-EARLIER:],
        )
        self._requests[origin] = request
        self._broadcast.publish(
            PairingRequested(request.id, origin, request.code, tuple(sorted(scopes)), ASK_SECONDS)
        )
        return request

    def decide(self, request_id: str, decision: Decision) -> Request:
        """The person's answer, as far as it need not be written; `answer` does that too.

        Returns the request it is about.

        Raises:
            PairingUnknown: the request is over.
        """
        refuses = decision in {"refuse", "never"}
        request = self._asked_by(request_id, earlier_too=refuses)
        if request is None:
            raise PairingUnknown()
        request.phase = Phase.REFUSED if refuses else Phase.ALLOWED
        request.durable = decision == "always"
        if refuses:
            self._limits.refused(request.origin, self._clock())
        else:
            self._limits.forgiven(request.origin)
        self._broadcast.publish(PairingsChanged())
        return request

    async def answer(self, request_id: str, decision: Decision) -> None:
        """The person's answer.

        Raises:
            PairingUnknown: the request is over.
            OSError: it is refused, and that it may not ask again could not be written.
        """
        request = self.decide(request_id, decision)
        if decision == "never":
            await asyncio.to_thread(self._store.block, request.origin)
            self._broadcast.publish(PairingsChanged())

    async def let_ask(self, origin: str) -> None:
        """Let a blocked website ask again.

        Raises:
            KeyError: it is not blocked.
            OSError: it could not be written; it is still blocked.
        """
        await asyncio.to_thread(self._store.unblock, origin)
        self._limits.forgiven(origin)
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
            self._end(request)
            return request, token

    def _checked(self, request_id: str, origin: str, code: str) -> Request:
        now = self._clock()
        if self._wrong.full(origin, now):
            raise TooMany(reason="Too many wrong codes.", seconds=int(WINDOW_SECONDS))
        self._drop_old()
        request = self._requests.get(origin)
        if request is None or not _same(request.id, request_id):
            self._wrong.count(origin, now)
            raise PairingUnknown()
        if not _same(request.code, code):
            self._wrong.count(origin, now)
            request.wrong += 1
            if request.wrong >= WRONG_CODES_PER_REQUEST:
                self._end(request)
            raise WrongCode()
        if request.phase is Phase.REFUSED:
            self._end(request)
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

    def _asked_by(self, request_id: str, *, earlier_too: bool) -> Request | None:
        # A website that asks anew at the right moment must not escape the person's refusal.
        return next(
            (
                one
                for one in self.waiting
                if one.id == request_id or (earlier_too and request_id in one.earlier)
            ),
            None,
        )

    def _drop_old(self) -> None:
        now = self._clock()
        for request in [one for one in self._requests.values() if one.ends_at <= now]:
            self._end(request)

    def _end(self, request: Request) -> None:
        # The website may have asked anew while its token was written.
        if self._requests.get(request.origin) is request:
            del self._requests[request.origin]
        self._broadcast.publish(PairingsChanged())


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
