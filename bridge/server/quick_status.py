# SPDX-License-Identifier: Apache-2.0
"""GET /status in front of the application: portals ask it over and over.

Routing, middlewares and the making of an answer take more of the processor than all the rest of
such a request. Here the guard is asked, and then an answer is sent that stands ready. Every other
request, and each one that is refused, goes on to the application, which says why.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from bridge.server.guard import Guard, answer_headers
from bridge.web.ready import ReadyAnswer
from bridge.web.routes import JSON

PATH = "/status"

Answering = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class QuickStatus:
    """Answers the plain GET /status of those whom the guard lets in."""

    def __init__(self, guard: Guard, body: Callable[[], bytes]) -> None:
        """`body` is asked for each answer; the same object is the same answer."""
        self._guard = guard
        self._body = body
        self._made_of = b""
        self._ready: dict[str | None, ReadyAnswer] = {}

    def stand_before(self, server: web.Server) -> None:
        """Take the requests of `server` first; to be called before it has connections."""
        application: Answering = server.request_handler

        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            try:
                ready = self._answer(request)
            except Exception:  # noqa: BLE001 (refused, or a defect: the application says so)
                ready = None
            return await application(request) if ready is None else ready

        server.request_handler = handle

    def _answer(self, request: web.BaseRequest) -> ReadyAnswer | None:
        if request.path != PATH or request.method != "GET" or not ReadyAnswer.suits(request):
            return None
        origin = self._guard.checked_origin(request)
        body = self._body()
        if body is not self._made_of:
            self._made_of = body
            self._ready.clear()
        answer = self._ready.get(origin)
        if answer is None:
            headers = {"Content-Type": JSON, **answer_headers(origin)}
            answer = self._ready[origin] = ReadyAnswer(body, headers)
        return answer
