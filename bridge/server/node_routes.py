# SPDX-License-Identifier: Apache-2.0
"""`/v1/nodes` and `/v1/events`: the same handlers behind the public and the private door."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

from aiohttp import web

from bridge.server.access import Access
from bridge.server.events import events
from bridge.server.guard import answer_headers, origin_of
from bridge.server.logs import line_events, log_file, page_of
from bridge.server.models import DoneBody, LogLinesBody, LogQuery, NodeBody, NodesBody
from bridge.server.pairing_store import Scope
from bridge.server.streams import Streams
from bridge.server.view import NodesView, found
from bridge.web.errors import NoSuchThing, Refusal
from bridge.web.problem_document import Problem
from bridge.web.routes import Media, Route, answer, read_bytes, read_query
from node_manager.events import Broadcast
from node_manager.layout import FOLDER_NAME
from node_manager.state import NodeStatus

NODE = "/v1/nodes/{id}"
NODE_PLACE = {"id": {"type": "string", "pattern": f"^{FOLDER_NAME.pattern}$"}}
EVENT_STREAM = Media("text/event-stream")


class NodeRoutes:
    """Handlers about the validators of this computer."""

    def __init__(
        self, view: NodesView, broadcast: Broadcast, access: Access, streams: Streams
    ) -> None:
        self._view = view
        self._broadcast = broadcast
        self._access = access
        self._streams = streams

    def routes(self) -> list[Route]:
        """The table of these routes."""
        return [
            Route(
                "GET", "/v1/nodes", self.nodes, "All validators of this computer",
                {200: NodesBody}, needs=("read",), tag="nodes",
            ),
            Route(
                "GET", NODE, self.node, "One validator",
                {200: NodeBody, 404: Problem}, needs=("read",), places=NODE_PLACE, tag="nodes",
            ),
            Route(
                "GET", "/v1/events", self.events, "Changes as they happen",
                {200: EVENT_STREAM, 503: Problem}, needs=("read",), tag="nodes",
            ),
            Route(
                "GET", f"{NODE}/logs", self.logs, "Log lines by pages from the last, or a stream",
                {200: LogLinesBody, 404: Problem, 503: Problem},
                query=LogQuery, needs=("logs",), places=NODE_PLACE, tag="nodes",
            ),
            *(self._control(verb) for verb in ("start", "stop", "restart")),
        ]  # fmt: skip

    async def nodes(self, request: web.Request) -> web.StreamResponse:
        """GET /v1/nodes."""
        self._access.require(request, Scope.READ)
        return answer(NodesBody(nodes=[NodeBody.of(one) for one in self._view.statuses()]))

    async def node(self, request: web.Request) -> web.StreamResponse:
        """GET /v1/nodes/{id}."""
        self._access.require(request, Scope.READ)
        return answer(NodeBody.of(self._status(request)))

    async def events(self, request: web.Request) -> web.StreamResponse:
        """GET /v1/events."""
        self._access.require(request, Scope.READ)
        changes = events(self._view, self._broadcast)
        return await self._stream(request, changes, Scope.READ)

    async def logs(self, request: web.Request) -> web.StreamResponse:
        """GET /v1/nodes/{id}/logs."""
        self._access.require(request, Scope.LOGS)
        query = read_query(request, LogQuery)
        path = log_file(self._view, self._status(request).node_id, query.source)
        if query.follow:
            return await self._stream(request, line_events(path, query.lines), Scope.LOGS)
        page = await page_of(path, query.lines, query.before)
        return answer(LogLinesBody(source=query.source, lines=page.lines, older=page.older))

    async def _stream(
        self, request: web.Request, told: AsyncIterator[tuple[str, str]], scope: Scope
    ) -> web.StreamResponse:
        """Send `told` while the caller may have it: a pairing that ends takes its streams along."""

        def may() -> bool:
            try:
                self._access.require(request, scope)
            except Refusal:
                return False
            return True

        return await self._streams.run(request, told, answer_headers(origin_of(request)), may)

    def _control(self, verb: str) -> Route:
        act: Callable[[str], Awaitable[None]] = getattr(self._view, verb)

        async def handler(request: web.Request) -> web.StreamResponse:
            self._access.require(request, Scope.CONTROL)
            await read_bytes(request)
            node_id = self._status(request).node_id
            await act(node_id)
            return answer(DoneBody(id=node_id, state=self._status(request).state))

        return Route(
            "POST", f"{NODE}/{verb}", handler, f"{verb.capitalize()} the validator",
            {200: DoneBody, 404: Problem, 408: Problem, 409: Problem, 413: Problem, 415: Problem},
            needs=("control",), places=NODE_PLACE, tag="nodes",
        )  # fmt: skip

    def _status(self, request: web.Request) -> NodeStatus:
        node_id = request.match_info["id"]
        status = found(self._view, node_id)
        if status is None:
            raise NoSuchThing(thing=f"The validator {node_id}")
        return status
