# SPDX-License-Identifier: Apache-2.0
"""The app's own commands talk to the running app through this."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any, Literal, Self

import httpx
from pydantic import BaseModel

from bridge.server.care_models import RepairBody, RepairedBody, ResetBody, ResetDoneBody
from bridge.server.control_address import ControlAddress, LoopbackDoor, control_address
from bridge.server.errors import ControlRefused, NotRunning
from bridge.server.models import DoneBody, LogLinesBody, NodeBody, NodesBody
from bridge.web.problem_document import Problem
from node_manager.closing import AsyncClosing
from node_manager.layout import Layout

SECONDS = 10.0
CONTROL_SECONDS = 180.0
"""A stop waits for the node's grace."""


class ControlClient(AsyncClosing):
    """One connection to the control door; use as an async context manager."""

    def __init__(self, layout: Layout, *, address: ControlAddress | None = None) -> None:
        self._address = address or control_address(layout)
        self._client: httpx.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        path = self._address.socket
        if path is not None:
            transport = httpx.AsyncHTTPTransport(uds=str(path))
            self._client = httpx.AsyncClient(
                transport=transport, base_url="http://localhost", timeout=SECONDS
            )
            return self
        try:
            door = LoopbackDoor.model_validate_json(self._address.token_file.read_bytes())
        except (OSError, ValueError) as error:
            raise NotRunning(path=self._address.shown) from error
        self._client = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{door.port}",
            headers={"Authorization": f"Bearer {door.token}"},
            timeout=SECONDS,
            trust_env=False,
        )
        return self

    async def close(self) -> None:
        """Close the connection."""
        if self._client is not None:
            await self._client.aclose()

    async def statuses(self) -> list[NodeBody]:
        """All validators of the running app.

        Raises:
            NotRunning: no app answers.
            ControlRefused: it refused.
        """
        return NodesBody.model_validate_json(await self.get("/v1/nodes")).nodes

    async def status(self, node_id: str) -> NodeBody:
        """One validator; raises as `statuses`."""
        return NodeBody.model_validate_json(await self.get(f"/v1/nodes/{node_id}"))

    async def start(self, node_id: str) -> DoneBody:
        """Start a validator; raises as `statuses`."""
        return await self._act(node_id, "start")

    async def stop(self, node_id: str) -> DoneBody:
        """Stop a validator; raises as `statuses`."""
        return await self._act(node_id, "stop")

    async def restart(self, node_id: str) -> DoneBody:
        """Stop and start a validator; raises as `statuses`."""
        return await self._act(node_id, "restart")

    async def repair_record(self, node_id: str, *, other_machines_are_off: bool) -> RepairedBody:
        """Raise the signing record of a stopped validator; raises as `statuses`."""
        asked = RepairBody(other_machines_are_off=other_machines_are_off)
        told = await self.post(f"/v1/nodes/{node_id}/repair-record", asked)
        return RepairedBody.model_validate_json(told)

    async def reset_chain_data(self, node_id: str, *, state_sync: bool) -> ResetDoneBody:
        """Remove the chain data of a stopped validator; raises as `statuses`."""
        asked = ResetBody(state_sync=state_sync)
        told = await self.post(f"/v1/nodes/{node_id}/reset-chain-data", asked)
        return ResetDoneBody.model_validate_json(told)

    async def logs(
        self, node_id: str, lines: int = 100, source: Literal["node", "signer"] = "node"
    ) -> list[str]:
        """The last lines of a log; raises as `statuses`."""
        path = f"/v1/nodes/{node_id}/logs?lines={lines}&source={source}"
        return LogLinesBody.model_validate_json(await self.get(path)).lines

    async def follow_logs(
        self, node_id: str, lines: int = 100, source: Literal["node", "signer"] = "node"
    ) -> AsyncIterator[str]:
        """The last lines and then each new one, until the app ends; raises as `statuses`."""
        path = f"/v1/nodes/{node_id}/logs?lines={lines}&source={source}&follow=true"
        async for name, data in self._stream(path):
            if name == "line":
                yield json.loads(data)

    async def events(self) -> AsyncIterator[tuple[str, Any]]:
        """Name and content of each change, until the app ends; raises as `statuses`."""
        async for name, data in self._stream("/v1/events"):
            yield name, json.loads(data)

    async def quit(self, nodes: Literal["stop", "leave"] = "leave") -> None:
        """End the app; `nodes` says what becomes of the validators; raises as `statuses`."""
        await self.post("/v1/quit", {"nodes": nodes})

    async def get(self, path: str) -> bytes:
        """The body of a GET; raises as `statuses`."""
        return await self._request("GET", path, None, SECONDS)

    async def post(self, path: str, body: BaseModel | dict[str, object] | None = None) -> bytes:
        """The body of the answer to a POST; raises as `statuses`."""
        content = (
            body.model_dump(by_alias=True, mode="json") if isinstance(body, BaseModel) else body
        )
        return await self._request("POST", path, content or {}, CONTROL_SECONDS)

    async def _act(self, node_id: str, verb: str) -> DoneBody:
        return DoneBody.model_validate_json(await self.post(f"/v1/nodes/{node_id}/{verb}"))

    async def _request(
        self, method: str, path: str, body: dict[str, object] | None, seconds: float
    ) -> bytes:
        client = self._open()
        try:
            response = await client.request(method, path, json=body, timeout=seconds)
        except httpx.TransportError as error:
            raise NotRunning(path=self._address.shown) from error
        _check(response.status_code, response.content)
        return response.content

    async def _stream(self, path: str) -> AsyncIterator[tuple[str, str]]:
        client = self._open()
        timeout = httpx.Timeout(SECONDS, read=60.0)
        try:
            async with client.stream("GET", path, timeout=timeout) as response:
                if response.is_error:
                    _check(response.status_code, await response.aread())
                name = ""
                async for line in response.aiter_lines():
                    field, _, value = line.partition(": ")
                    if field == "event":
                        name = value
                    elif field == "data":
                        yield name, value
        except httpx.ConnectError as error:
            raise NotRunning(path=self._address.shown) from error
        except httpx.TransportError:
            return  # the app ended

    def _open(self) -> httpx.AsyncClient:
        if self._client is None:
            raise RuntimeError("use it as an async context manager")
        return self._client


def _check(status: int, content: bytes) -> None:
    if status < 400:
        return
    try:
        problem = Problem.model_validate_json(content)
    except ValueError as error:
        raise ControlRefused(
            title="The app answered with an error.", detail=f"HTTP {status}."
        ) from error
    detail = problem.detail.removeprefix(problem.title).strip()
    raise ControlRefused(title=problem.title, detail=detail, todo=problem.todo)
