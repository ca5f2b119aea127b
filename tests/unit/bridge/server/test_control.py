# SPDX-License-Identifier: Apache-2.0
"""The private door and its client."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from bridge.server.control import ControlDoor
from bridge.server.control_address import control_address
from bridge.server.control_client import ControlClient
from bridge.server.errors import (
    ControlDoorTaken,
    ControlDoorUnsafe,
    ControlRefused,
    NotRunning,
)
from bridge.server.models import QuitBody
from node_manager.events import Broadcast, NodeChanged
from node_manager.layout import Layout
from node_manager.state import NodeState
from tests.unit.bridge.view import FewNodes, running


class App:
    """An app with only a private door."""

    def __init__(self, layout: Layout, folder: Path, *, unix: bool) -> None:
        self.layout = layout
        self.view = FewNodes(folder, running("alpha"), running("beta"))
        self.broadcast = Broadcast()
        self.quits: list[str] = []
        self.address = control_address(layout, unix=unix)
        self.door = self.another_door()

    def another_door(self) -> ControlDoor:
        async def on_quit(body: QuitBody) -> None:
            self.quits.append(body.nodes)

        return ControlDoor(self.view, self.layout, self.broadcast, on_quit, address=self.address)

    def client(self) -> ControlClient:
        return ControlClient(self.layout, address=self.address)


@pytest.fixture(params=[True, False], ids=["socket", "loopback"])
async def app(request: pytest.FixtureRequest, layout: Layout, tmp_path: Path) -> AsyncIterator[App]:
    app = App(layout, tmp_path, unix=request.param)
    await app.door.start()
    yield app
    await app.door.stop()


async def test_commands_see_all_validators(app: App) -> None:
    async with app.client() as client:
        nodes = await client.statuses()
    assert [node.id for node in nodes] == ["alpha", "beta"]
    assert nodes[0].height.value == 4182
    assert nodes[0].height.source == "this node"
    assert nodes[0].chain.jailed.value is None
    assert nodes[0].chain.jailed.unknown_why == "never read"


async def test_commands_start_and_stop(app: App) -> None:
    async with app.client() as client:
        assert (await client.stop("beta")).state is NodeState.STOPPED
        assert (await client.status("beta")).state is NodeState.STOPPED
        assert (await client.start("beta")).state is NodeState.STARTING


async def test_a_refusal_keeps_its_words(app: App) -> None:
    app.view.fails = True
    async with app.client() as client:
        with pytest.raises(ControlRefused, match="The disk is full"):
            await client.start("alpha")
        with pytest.raises(ControlRefused, match="gamma is not known here"):
            await client.stop("gamma")


async def test_log_lines_are_read_and_followed(app: App) -> None:
    log = app.view.log_path("alpha", "node")
    log.write_text("one\ntwo\nthree\n")
    async with app.client() as client:
        assert await client.logs("alpha", lines=2) == ["two", "three"]
        assert await client.logs("beta") == []
        async with asyncio.timeout(10), aclosing(client.follow_logs("alpha", lines=1)) as lines:
            assert await anext(lines) == "three"
            with log.open("a") as file:
                file.write("four\n")
            assert await anext(lines) == "four"


async def test_events_begin_with_what_is_and_merge_what_changes(app: App) -> None:
    async with (
        app.client() as client,
        asyncio.timeout(10),
        aclosing(client.events()) as events,
    ):
        assert [(await anext(events))[1]["id"] for _ in range(2)] == ["alpha", "beta"]
        for height in range(5000, 5100):
            app.broadcast.publish(NodeChanged(running("alpha", height)))
        name, node = await anext(events)
        assert (name, node["height"]["value"]) == ("node", 5099)


async def test_quitting_says_what_becomes_of_the_validators(app: App) -> None:
    async with app.client() as client:
        await client.quit("stop")
        await client.quit()
    assert app.quits == ["stop", "leave"]


async def test_closing_ends_open_streams_soon(app: App) -> None:
    async with app.client() as client, aclosing(client.events()) as events:
        await anext(events)
        async with asyncio.timeout(5):
            await app.door.stop()


async def test_without_the_app_the_client_says_how_to_start_it(app: App) -> None:
    await app.door.stop()
    with pytest.raises(NotRunning, match="up --headless"):
        async with app.client() as client:
            await client.statuses()


async def test_nobody_else_can_open_the_door(app: App) -> None:
    path = app.address.shown
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_a_loopback_door_needs_its_token(layout: Layout, tmp_path: Path) -> None:
    app = App(layout, tmp_path, unix=False)
    await app.door.start()
    text = app.address.token_file.read_text()
    app.address.token_file.write_text(text.replace('"token":"', '"token":"x'))
    async with app.client() as client:
        with pytest.raises(ControlRefused, match="needs a pairing"):
            await client.statuses()
    await app.door.stop()


async def test_a_second_app_is_refused_and_the_first_stays(layout: Layout, tmp_path: Path) -> None:
    app = App(layout, tmp_path, unix=True)
    await app.door.start()
    with pytest.raises(ControlDoorTaken):
        await app.another_door().start()
    async with app.client() as client:
        assert len(await client.statuses()) == 2
    await app.door.stop()


async def test_the_socket_of_a_killed_app_is_replaced(layout: Layout, tmp_path: Path) -> None:
    import socket

    app = App(layout, tmp_path, unix=True)
    app.address.shown.parent.mkdir(parents=True)
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(app.address.shown))
    left.close()
    await app.door.start()
    async with app.client() as client:
        assert len(await client.statuses()) == 2
    await app.door.stop()


async def test_a_folder_that_is_a_link_is_not_trusted(layout: Layout, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    layout.data.mkdir(parents=True)
    layout.run.symlink_to(elsewhere)
    app = App(layout, tmp_path, unix=True)
    with pytest.raises(ControlDoorUnsafe):
        await app.door.start()


async def test_a_long_data_folder_still_has_a_door(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30)
    app = App(Layout(folder, folder), tmp_path, unix=True)
    await app.door.start()
    async with app.client() as client:
        assert len(await client.statuses()) == 2
    await app.door.stop()
    app.address.shown.parent.rmdir()
