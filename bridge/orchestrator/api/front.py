# SPDX-License-Identifier: Apache-2.0
"""Middlewares before every handler: origin, rate limit, and the headers of every answer."""

from __future__ import annotations

import time

from aiohttp import web

from bridge.orchestrator.api.metrics import Metrics
from bridge.orchestrator.api.rates import RateLimit
from bridge.orchestrator.api.remote import limit_key, remote_address
from bridge.orchestrator.audit import Actor
from bridge.orchestrator.auth.callers import Caller
from bridge.orchestrator.settings import Settings
from bridge.web.problems import Handler, problem_response
from node_manager.explanation import OneClickError

REMOTE = web.RequestKey("remote", str)
HEARTBEAT = "/api/v1/validators/heartbeat"
_AUTH = "/api/v1/auth/"
_UNLIMITED = frozenset({"/livez", "/readyz", "/metrics"})

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}
_METHODS = "GET, POST, DELETE"
_HEADERS = "authorization, content-type, idempotency-key"


def actor_of(request: web.Request, caller: Caller) -> Actor:
    """Who asks, for the audit log."""
    return Actor(caller.name, request.get(REMOTE, ""))


class Front:
    """What stands before every handler, and marks every answer."""

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self._settings = settings
        self._origins = frozenset(settings.cors_origins)
        self._metrics = metrics
        self._reads = RateLimit(settings.reads_per_minute)
        self._changes = RateLimit(settings.changes_per_minute)
        self._sign_ins = RateLimit(settings.sign_ins_per_minute)
        self._heartbeats = RateLimit(settings.heartbeats_per_minute)

    @web.middleware
    async def check(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Count, limit, and answer preflights of the origins on the list."""
        started = time.perf_counter()
        response = await self._answer(request, handler)
        self._metrics.count(request, response.status, time.perf_counter() - started)
        return response

    async def mark(self, request: web.Request, response: web.StreamResponse) -> None:
        """Give an answer its headers before its first byte leaves; live streams are answers too."""
        for name, value in _ALWAYS.items():
            response.headers.setdefault(name, value)
        if not self._origins:
            return
        response.headers["Vary"] = "Origin"
        origin = request.headers.get("Origin")
        if origin in self._origins:
            response.headers["Access-Control-Allow-Origin"] = str(origin)
            response.headers["Access-Control-Expose-Headers"] = "Link, Retry-After"

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            return self._preflight(request)
        address = remote_address(request, self._settings.trusted_proxies)
        request[REMOTE] = address
        try:
            if request.path not in _UNLIMITED:
                self._limit(request).take(limit_key(address))
        except OneClickError as error:
            return problem_response(error)
        return await handler(request)

    def _limit(self, request: web.Request) -> RateLimit:
        if request.method in {"GET", "HEAD"}:
            return self._reads
        if request.path == HEARTBEAT:
            return self._heartbeats
        return self._sign_ins if request.path.startswith(_AUTH) else self._changes

    def _preflight(self, request: web.Request) -> web.Response:
        if request.headers.get("Origin") not in self._origins:
            return web.Response(status=403)
        return web.Response(
            status=204,
            headers={
                "Access-Control-Allow-Methods": _METHODS,
                "Access-Control-Allow-Headers": _HEADERS,
                "Access-Control-Max-Age": "600",
            },
        )
