# SPDX-License-Identifier: Apache-2.0
"""Who may talk to the bridge from a browser: Host and Origin, exact, before anything is read.

The Host check is the defence against DNS rebinding; the Origin check keeps pages out that
nobody allowed (Fetch standard, "HTTP-network-or-cache fetch"; Private Network Access, "CORS
preflight"). Nothing here looks at cookies: there are none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from urllib.parse import urlsplit

from aiohttp import web

from bridge.server.errors import ForeignHost, ForeignOrigin
from bridge.web.problems import Handler, problem_response
from node_manager.explanation import OneClickError

ASKING = "/v1/pairing"
"""Paths below this one answer any website that could be paired: it has to be able to ask."""

_METHODS = "GET, POST, PUT"
_HEADERS = "authorization, content-type"
_VARY = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
_LOCAL_NETWORK = ("Private-Network", "Local-Network")
_LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Vary": "Origin",
}


def can_be_paired(origin: str) -> bool:
    """Whether `origin` is a website a person can judge: https, or http on this computer."""
    try:
        parts = urlsplit(origin)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    shown = f"[{host}]" if ":" in host else host
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    address = shown if port is None else f"{shown}:{port}"
    if not host or port == usual or origin != f"{parts.scheme}://{address}":
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and shown in _LOOPBACK)


class Guard:
    """The middleware of the public door."""

    def __init__(self, allowed: Callable[[], Collection[str]]) -> None:
        self._allowed = allowed
        self._hosts: frozenset[str] = frozenset()

    def serve_port(self, port: int) -> None:
        """Answer to this computer's names with `port` and to nothing else."""
        names = {f"{name}:{port}" for name in _LOOPBACK}
        self._hosts = frozenset(names | (_LOOPBACK if port == 80 else set()))

    @web.middleware
    async def check(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse foreign hosts and origins, answer preflights, and mark answers for a browser."""
        try:
            origin = self.checked_origin(request)
        except OneClickError as error:
            refusal = problem_response(error)
            refusal.headers.update(_ALWAYS)
            return refusal
        if request.method == "OPTIONS" and origin is not None:
            return _preflight(request, origin)
        if origin is not None:
            request[ORIGIN] = origin
        response = await handler(request)
        if not response.prepared:
            response.headers.update(answer_headers(origin))
        return response

    def checked_origin(self, request: web.BaseRequest) -> str | None:
        """The origin of the page that asks, None for a program.

        Raises:
            ForeignHost: it is addressed to another host.
            ForeignOrigin: nobody allowed the page.
        """
        hosts = request.headers.getall("Host", [])
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            raise ForeignHost()
        origins = request.headers.getall("Origin", [])
        if not origins:
            return None
        origin = origins[0]
        if len(origins) != 1:
            raise ForeignOrigin()
        if origin in self._allowed():
            return origin
        path = request.path
        if (path == ASKING or path.startswith(f"{ASKING}/")) and can_be_paired(origin):
            return origin
        raise ForeignOrigin()


ORIGIN = web.RequestKey("origin", str)


def origin_of(request: web.Request) -> str | None:
    """The checked origin of the page that asks, None for a program."""
    return request.get(ORIGIN)


def answer_headers(origin: str | None) -> dict[str, str]:
    """Headers of every answer; a stream sends them itself."""
    if origin is None:
        return dict(_ALWAYS)
    return _ALWAYS | {"Access-Control-Allow-Origin": origin}


def _preflight(request: web.Request, origin: str) -> web.Response:
    headers = answer_headers(origin) | {
        "Vary": _VARY,
        "Access-Control-Allow-Methods": _METHODS,
        "Access-Control-Allow-Headers": _HEADERS,
        "Access-Control-Max-Age": "600",
    }
    for name in _LOCAL_NETWORK:
        if request.headers.get(f"Access-Control-Request-{name}") == "true":
            headers[f"Access-Control-Allow-{name}"] = "true"
            headers["Vary"] += f", Access-Control-Request-{name}"
    return web.Response(status=204, headers=headers)
