# SPDX-License-Identifier: Apache-2.0
"""Bodies of `/v1/pairings` behind the private door."""

from __future__ import annotations

from typing import Literal

from bridge.server.models import Body
from bridge.server.pairing_store import Scope

PAIRINGS = "/v1/pairings"


class WaitingBody(Body):
    """A website that waits for the person; `code` is what it shows too."""

    id: str
    origin: str
    code: str
    scopes: list[Scope]


class PairingBody(Body):
    """A website that was allowed; `always` outlives this run of the app."""

    id: str
    origin: str
    scopes: list[Scope]
    created_at: float
    always: bool


class PairingsBody(Body):
    """GET /v1/pairings; `blocked` are origins that may not ask any more."""

    waiting: list[WaitingBody]
    pairings: list[PairingBody]
    blocked: list[str]


class DecisionBody(Body):
    """POST /v1/pairings/{id}/decision."""

    decision: Literal["once", "always", "refuse", "never"]


class LetAskBody(Body):
    """POST /v1/pairings/let-ask."""

    origin: str
