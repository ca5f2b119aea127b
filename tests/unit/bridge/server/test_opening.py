# SPDX-License-Identifier: Apache-2.0
"""The port is ours or said to be someone else's; never another port."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from bridge.server.errors import BridgeAlreadyOpen, BridgePortTaken
from bridge.server.pairing_store import PairingsUnreadable
from bridge.server.server import BridgeOptions, BridgeServer
from node_manager.events import Broadcast, DoorChanged
from node_manager.layout import Layout
from tests.unit.bridge.conftest import Door
from tests.unit.bridge.view import FewNodes


def server_at(port: int, layout: Layout, folder: Path) -> BridgeServer:
    return BridgeServer(FewNodes(folder), layout, Broadcast(), BridgeOptions(port=port))


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_a_taken_port_is_told_with_its_holder(
    layout: Layout, tmp_path: Path, host: str
) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as other:
        server = server_at(other.getsockname()[1], layout, tmp_path)
        with pytest.raises(BridgePortTaken, match=f"process {os.getpid()}"):
            await server.start()
        assert server.ports == ()


async def test_a_second_copy_of_the_app_is_recognised(
    door: Door, layout: Layout, tmp_path: Path
) -> None:
    with pytest.raises(BridgeAlreadyOpen):
        await server_at(door.port, layout, tmp_path).start()


async def test_the_port_is_free_again_after_closing(layout: Layout, tmp_path: Path) -> None:
    first = server_at(0, layout, tmp_path)
    await first.start()
    port = first.ports[0]
    await first.stop()
    second = server_at(port, layout, tmp_path)
    await second.start()
    assert second.ports == (port,)
    await second.stop()


async def test_opening_and_closing_are_told(door: Door) -> None:
    await door.server.stop()
    told = [(event.door, event.state) for event in door.events if isinstance(event, DoorChanged)]
    assert told == [("bridge", "ok"), ("bridge", "off")]


async def test_a_damaged_file_of_pairings_keeps_the_door_closed(
    layout: Layout, tmp_path: Path
) -> None:
    layout.data.mkdir(parents=True)
    (layout.data / "pairings.json").write_text("{")
    server = server_at(0, layout, tmp_path)
    with pytest.raises(PairingsUnreadable):
        await server.start()
    assert server.ports == ()
