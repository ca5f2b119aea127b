# SPDX-License-Identifier: Apache-2.0
"""A mock Obol API: definitions by operator in pages, one definition, locks; errors on demand.

It speaks the shapes of the real one: flat definitions, unsigned fields as "" or null, 404 with a
message, 429 with Retry-After. `python -m tests.helpers.obol_api PORT FILE…` serves definitions.
"""

from __future__ import annotations

import asyncio
import copy
import json
import sys
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web


@dataclass
class Fault:
    """What the next requests meet instead of an answer."""

    status: int = 500
    body: str = '{"message":"Internal server error"}'
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    answers: bool = False


class MockObolApi:
    """Use as `async with MockObolApi() as api:`; `api.url` is its address.

    Attributes:
        definitions: by config hash, as they are answered.
        locks: by config hash.
        requests: path and query of each request.
        faults: taken one a request before anything else.
        first_page: the number of the first page (both are said to exist).
        wrapped: whether lists come as an object with totals, or bare.
    """

    def __init__(self, *, first_page: int = 1, wrapped: bool = True) -> None:
        self.definitions: dict[str, dict[str, Any]] = {}
        self.locks: dict[str, dict[str, Any]] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.faults: deque[Fault] = deque()
        self.first_page = first_page
        self.wrapped = wrapped
        self.url = ""
        self._runner: web.AppRunner | None = None

    def add(self, definition: dict[str, Any]) -> None:
        """Answer this definition (a copy of it) from now on."""
        self.definitions[definition["config_hash"].lower()] = copy.deepcopy(definition)

    async def start(self, port: int = 0) -> None:
        app = web.Application()
        app.router.add_get("/v1/definition/operator/{address}", self._of_operator)
        app.router.add_get("/v1/definition/{config_hash}", self._definition)
        app.router.add_get("/v1/lock/configHash/{config_hash}", self._lock)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def __aenter__(self) -> MockObolApi:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _fault(self, request: web.Request) -> web.Response | None:
        self.requests.append((request.path, dict(request.query)))
        if not self.faults:
            return None
        fault = self.faults.popleft()
        await asyncio.sleep(fault.delay)
        if fault.answers:
            return None
        return web.Response(
            status=fault.status,
            text=fault.body,
            headers=fault.headers,
            content_type="application/json",
        )

    async def _of_operator(self, request: web.Request) -> web.Response:
        if (fault := await self._fault(request)) is not None:
            return fault
        address = request.match_info["address"].lower()
        page = int(request.query.get("page", self.first_page))
        limit = int(request.query.get("limit", 100))
        found = [
            one
            for one in self.definitions.values()
            if any((o["address"] or "").lower() == address for o in one["operators"])
        ]
        pages = -(-len(found) // limit)
        start = max(page - self.first_page, 0) * limit
        items = found[start : start + limit]
        if not self.wrapped:
            return web.json_response(items)
        return web.json_response(
            {"cluster_definitions": items, "total_count": len(found), "total_pages": pages}
        )

    async def _definition(self, request: web.Request) -> web.Response:
        if (fault := await self._fault(request)) is not None:
            return fault
        return _found(self.definitions.get(request.match_info["config_hash"].lower()))

    async def _lock(self, request: web.Request) -> web.Response:
        if (fault := await self._fault(request)) is not None:
            return fault
        return _found(self.locks.get(request.match_info["config_hash"].lower()))


def _found(item: dict[str, Any] | None) -> web.Response:
    if item is None:
        return web.json_response({"message": "Not found", "statusCode": 404}, status=404)
    return web.json_response(item)


async def _serve(port: int, files: list[str]) -> None:
    api = MockObolApi()
    for file in files:
        api.add(json.loads(Path(file).read_text("utf-8")))
    await api.start(port)
    print(api.url, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), sys.argv[2:]))
