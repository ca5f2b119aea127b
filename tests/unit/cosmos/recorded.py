# SPDX-License-Identifier: Apache-2.0
"""Recorded answers of a real node, and a server on loopback that gives them."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any, Self

from aiohttp import web
from aiohttp.test_utils import TestServer

POSD = Path(__file__).parents[2] / "fixtures" / "posd"
CHAIN = "omniphi-localnet-1"


def answer(name: str) -> dict[str, Any]:
    """A recorded answer, as "rpc/status"."""
    return json.loads((POSD / f"{name}.json").read_text())


class RecordedServer:
    """Gives fixed answers by path and counts the requests; what it lacks is a plain 404."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, Any]] = {}
        self.asked: list[str] = []
        self.headers: dict[str, str] = {}
        app = web.Application()
        app.router.add_get("/{path:.*}", self._give)
        self._server = TestServer(app)

    async def __aenter__(self) -> Self:
        await self._server.start_server()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.close()

    @property
    def url(self) -> str:
        return str(self._server.make_url("/")).rstrip("/")

    def give(self, path: str, told: Any, status: int = 200) -> None:
        """Answer `path` (with its query, or without to answer any) by `told`."""
        self.answers[path] = (status, told)

    async def _give(self, request: web.Request) -> web.Response:
        path = request.path.lstrip("/")
        self.asked.append(path + (f"?{request.query_string}" if request.query_string else ""))
        status, told = self.answers.get(f"{path}?{request.query_string}") or self.answers.get(
            path, (404, None)
        )
        if told is None:
            return web.Response(status=status, text="404 page not found", headers=self.headers)
        if callable(told):
            told = told(request)
        if isinstance(told, bytes):
            return web.Response(body=told, headers=self.headers)
        return web.json_response(told, status=status, headers=self.headers)


class MovingNode(RecordedServer):
    """A node whose height a test moves; commits at every height, by recorded ones."""

    def __init__(self, height: int = 50, *, chain: str = CHAIN) -> None:
        super().__init__()
        self.height = height
        self.chain = chain
        self.catching_up = False
        self.seconds = 1.0
        self.missed: set[int] = set()
        self.give("status", self._status)
        self.give("commit", self._commit)
        self.give("blockchain", self._range)
        self.give("net_info", answer("rpc/net_info"))
        self.give("validators", answer("rpc/validators"))

    def block_time(self, height: int) -> str:
        moment = 1_795_000_000 + height * self.seconds
        from datetime import UTC, datetime

        return datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z")

    def _status(self, _: web.Request) -> dict[str, Any]:
        told = answer("rpc/status")
        told["result"]["node_info"]["network"] = self.chain
        sync = told["result"]["sync_info"]
        sync["latest_block_height"] = str(self.height)
        sync["latest_block_time"] = self.block_time(self.height)
        sync["catching_up"] = self.catching_up
        return told

    def _commit(self, request: web.Request) -> dict[str, Any]:
        height = int(request.query.get("height", self.height))
        told = answer("rpc/commit_absent" if height in self.missed else "rpc/commit")
        signed = told["result"]["signed_header"]
        if height in self.missed:
            # The other validator of the two signed, this one did not.
            signed["commit"]["signatures"] = [
                {"block_id_flag": 1, "validator_address": "", "timestamp": "0001-01-01T00:00:00Z"},
                {
                    "block_id_flag": 2,
                    "validator_address": "CA5EFDFCB6D8E958022808AFFBFFB2A4FDE59EDC",
                    "timestamp": self.block_time(height),
                },
            ]
            signed["header"]["proposer_address"] = "CA5EFDFCB6D8E958022808AFFBFFB2A4FDE59EDC"
        elif height % 2:
            signed["header"]["proposer_address"] = "CA5EFDFCB6D8E958022808AFFBFFB2A4FDE59EDC"
        signed["header"]["height"] = signed["commit"]["height"] = str(height)
        signed["header"]["time"] = self.block_time(height)
        return told

    def _range(self, request: web.Request) -> dict[str, Any]:
        low, high = int(request.query["minHeight"]), int(request.query["maxHeight"])
        told = answer("rpc/blockchain")
        first = told["result"]["block_metas"][0]
        metas = []
        for height in range(high, low - 1, -1):
            meta = copy.deepcopy(first)
            meta["header"]["height"] = str(height)
            meta["header"]["time"] = self.block_time(height)
            metas.append(meta)
        told["result"]["block_metas"] = metas
        return told
