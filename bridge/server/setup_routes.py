# SPDX-License-Identifier: Apache-2.0
"""`/v1/nodes/{id}/setup`: what the person wants the validator to be called and to charge.

Kept beside the node and offered when the transaction that makes it a validator is written.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from aiohttp import web
from pydantic import AfterValidator, ConfigDict, Field, ValidationError

from bridge.server.access import Access
from bridge.server.models import Body
from bridge.server.pairing_store import Scope
from bridge.server.view import NodesView, found
from bridge.web.errors import NoSuchThing
from bridge.web.names import camel
from bridge.web.problem_document import Problem
from bridge.web.routes import Route, answer, read_body
from node_manager.durable import make_private_folder, write_durably
from node_manager.layout import Layout

SETUP = "/v1/nodes/{id}/setup"
_NODE_PLACE = {"id": {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,63}$"}}

# Limits in bytes, cosmos-sdk x/staking/types/validator.go
_LIMITS = {"moniker": 70, "website": 140, "contact": 140, "details": 280}


def _fits(limit: int) -> AfterValidator:
    def check(text: str) -> str:
        try:
            size = len(text.encode())
        except UnicodeEncodeError as error:
            raise ValueError("is not valid text") from error
        if size > limit:
            raise ValueError(f"is longer than {limit} bytes")
        return text

    return AfterValidator(check)


Rate = Annotated[Decimal, Field(ge=0, le=1, decimal_places=18, max_digits=19)]


class ValidatorSetup(Body):
    """The profile and the commission a validator shall have on chain."""

    model_config = ConfigDict(alias_generator=camel, populate_by_name=True, extra="forbid")

    moniker: Annotated[str, Field(min_length=1, max_length=70), _fits(_LIMITS["moniker"])]
    website: Annotated[str, Field(max_length=140), _fits(_LIMITS["website"])] = ""
    security_contact: Annotated[str, Field(max_length=140), _fits(_LIMITS["contact"])] = ""
    details: Annotated[str, Field(max_length=280), _fits(_LIMITS["details"])] = ""
    commission_rate: Rate
    commission_max_rate: Rate
    commission_max_change_rate: Rate


class SetupRoutes:
    """Handlers of the wished profile."""

    def __init__(self, view: NodesView, layout: Layout, access: Access) -> None:
        self._view = view
        self._layout = layout
        self._access = access

    def routes(self) -> list[Route]:
        """The table of these routes."""
        return [
            Route(
                "GET", SETUP, self.read, "The profile the validator shall have",
                {200: ValidatorSetup, 404: Problem},
                needs=("read",), places=_NODE_PLACE, tag="setup",
            ),
            Route(
                "PUT", SETUP, self.write, "Set the profile the validator shall have",
                {200: ValidatorSetup, 404: Problem}, body=ValidatorSetup,
                needs=("control",), places=_NODE_PLACE, tag="setup",
            ),
        ]  # fmt: skip

    async def read(self, request: web.Request) -> web.StreamResponse:
        """GET /v1/nodes/{id}/setup."""
        self._access.require(request, Scope.READ)
        setup = await asyncio.to_thread(read_setup, self._file(request))
        if setup is None:
            raise NoSuchThing(thing="A profile of this validator")
        return answer(setup)

    async def write(self, request: web.Request) -> web.StreamResponse:
        """PUT /v1/nodes/{id}/setup."""
        self._access.require(request, Scope.CONTROL)
        file = self._file(request)
        setup = await read_body(request, ValidatorSetup)
        await asyncio.to_thread(_write, file, setup)
        return answer(setup)

    def _file(self, request: web.Request) -> Path:
        node_id = request.match_info["id"]
        if found(self._view, node_id) is None:
            raise NoSuchThing(thing=f"The validator {node_id}")
        return setup_file(self._layout, node_id)


def setup_file(layout: Layout, node_id: str) -> Path:
    """Where the wished profile of a node lies."""
    return layout.node(node_id).root / "setup.json"


def read_setup(file: Path) -> ValidatorSetup | None:
    """The wished profile, None where there is none that can be read."""
    try:
        return ValidatorSetup.model_validate_json(file.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def _write(file: Path, setup: ValidatorSetup) -> None:
    make_private_folder(file.parent)
    write_durably(file, setup.model_dump_json(by_alias=True, indent=2))
