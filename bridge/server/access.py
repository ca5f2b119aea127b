# SPDX-License-Identifier: Apache-2.0
"""What a caller may do: the public door asks for a pairing, the private one was entered already."""

from __future__ import annotations

from typing import Protocol

from aiohttp import web

from bridge.server.errors import NotPaired, ScopeMissing
from bridge.server.guard import origin_of
from bridge.server.pairing import Pairings
from bridge.server.pairing_store import Scope


class Access(Protocol):
    """Decides whether a request may use a scope."""

    def require(self, request: web.Request, scope: Scope) -> None:
        """Return when it may.

        Raises:
            Refusal: it may not, and why.
        """


class Everything:
    """The private door: whoever opened it is this computer's person."""

    def require(self, request: web.Request, scope: Scope) -> None:
        """Anything goes."""


class ByPairing:
    """The public door: a token of the same origin, with the scope."""

    def __init__(self, pairings: Pairings) -> None:
        self._pairings = pairings

    def require(self, request: web.Request, scope: Scope) -> None:
        """Check the Authorization header.

        Raises:
            NotPaired: no token, an unknown one, or one of another origin.
            ScopeMissing: the pairing does not cover `scope`.
        """
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise NotPaired()
        pairing = self._pairings.holder(token.strip(), origin_of(request))
        if pairing is None:
            raise NotPaired()
        if scope not in pairing.scopes:
            raise ScopeMissing(scope=scope)
