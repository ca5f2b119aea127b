# SPDX-License-Identifier: Apache-2.0
"""Open doors over a few nodes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import ClientSession

from bridge.server.server import BridgeOptions, BridgeServer
from node_manager.events import Broadcast, Event
from node_manager.layout import Layout
from tests.unit.bridge.view import FewNodes, running

PORTAL = "https://portal.example"
"""On the list in Settings."""


@dataclass(slots=True)
class Door:
    """An open bridge and what belongs to it."""

    server: BridgeServer
    view: FewNodes
    broadcast: Broadcast
    events: list[Event]
    client: ClientSession

    @property
    def port(self) -> int:
        return self.server.ports[0]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
async def door(layout: Layout, tmp_path: Path) -> AsyncIterator[Door]:
    view = FewNodes(tmp_path, running())
    broadcast = Broadcast()
    events: list[Event] = []
    broadcast.subscribe(events.append)
    server = BridgeServer(
        view, layout, broadcast, BridgeOptions(port=0, origins=[PORTAL], metrics=True)
    )
    await server.start()
    async with ClientSession() as client:
        yield Door(server, view, broadcast, events, client)
    await server.stop()
