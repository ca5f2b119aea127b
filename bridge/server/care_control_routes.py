# SPDX-License-Identifier: Apache-2.0
"""Rare and grave acts behind the private door: repair of the signing record, reset of the data."""

from __future__ import annotations

from typing import Protocol

from aiohttp import web

from bridge.server.care_models import RepairBody, RepairedBody, ResetBody, ResetDoneBody
from bridge.server.node_routes import NODE, NODE_PLACE
from bridge.web.problem_document import Problem
from bridge.web.routes import Route, answer, read_body
from node_manager.state import NodeStatus


class Carer(Protocol):
    """What these acts need of the engine; `node_manager.manager.Manager` is one."""

    def status(self, node_id: str) -> NodeStatus:
        """The status of one node."""

    async def repair_record(self, node_id: str, *, other_machines_are_off: bool) -> int:
        """Give a stopped validator a signing record above everything its key has signed."""

    async def reset_chain_data(self, node_id: str, *, state_sync: bool = False) -> int:
        """Remove a stopped node's chain data; key and signing record stay."""


class CareControlRoutes:
    """Handlers for whoever sits at this computer."""

    def __init__(self, carer: Carer) -> None:
        """Nothing is asked of it yet."""
        self._carer = carer

    def routes(self) -> list[Route]:
        """The table of these routes."""
        return [
            Route(
                "POST", f"{NODE}/repair-record", self.repair, "Raise the signing record",
                {200: RepairedBody, 404: Problem, 409: Problem}, body=RepairBody,
                places=NODE_PLACE, tag="nodes",
            ),
            Route(
                "POST", f"{NODE}/reset-chain-data", self.reset, "Remove the chain's data",
                {200: ResetDoneBody, 404: Problem, 409: Problem}, body=ResetBody,
                places=NODE_PLACE, tag="nodes",
            ),
        ]  # fmt: skip

    async def repair(self, request: web.Request) -> web.StreamResponse:
        """POST /v1/nodes/{id}/repair-record."""
        asked = await read_body(request, RepairBody)
        node_id = request.match_info["id"]
        above = await self._carer.repair_record(
            node_id, other_machines_are_off=asked.other_machines_are_off
        )
        return answer(RepairedBody(id=node_id, above=above))

    async def reset(self, request: web.Request) -> web.StreamResponse:
        """POST /v1/nodes/{id}/reset-chain-data."""
        asked = await read_body(request, ResetBody)
        node_id = request.match_info["id"]
        freed = await self._carer.reset_chain_data(node_id, state_sync=asked.state_sync)
        state = self._carer.status(node_id).state
        return answer(ResetDoneBody(id=node_id, state=state, freed=freed))
