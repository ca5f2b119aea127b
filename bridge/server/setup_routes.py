# SPDX-License-Identifier: Apache-2.0
"""`/v1/nodes/{id}/setup`: what the person wants the validator to be called and to charge.

Offered when the transaction that makes it a validator is written.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from aiohttp import web

from bridge.server.access import Access
from bridge.server.node_routes import NODE, NODE_PLACE
from bridge.server.pairing_store import Scope
from bridge.server.view import NodesView, found
from bridge.transactions.setup import ValidatorSetup, read_setup, setup_file, write_setup
from bridge.web.errors import NoSuchThing
from bridge.web.problem_document import Problem
from bridge.web.routes import Route, answer, read_body
from node_manager.layout import Layout

SETUP = f"{NODE}/setup"


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
                needs=("read",), places=NODE_PLACE, tag="setup",
            ),
            Route(
                "PUT", SETUP, self.write, "Set the profile the validator shall have",
                {200: ValidatorSetup, 404: Problem}, body=ValidatorSetup,
                needs=("control",), places=NODE_PLACE, tag="setup",
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
        await asyncio.to_thread(write_setup, file, setup)
        return answer(setup)

    def _file(self, request: web.Request) -> Path:
        node_id = request.match_info["id"]
        if found(self._view, node_id) is None:
            raise NoSuchThing(thing=f"The validator {node_id}")
        return setup_file(self._layout, node_id)
