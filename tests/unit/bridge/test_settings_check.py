# SPDX-License-Identifier: Apache-2.0
"""Settings that the doors cannot follow are refused before anything is stored."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from aiohttp import ClientSession

from bridge.engine import Engine, EngineOptions
from bridge.settings_check import check_settings, is_origin
from bridge.settings_errors import (
    AddressRefused,
    OriginRefused,
    PortHeld,
    PortOfValidator,
    PortShared,
)
from node_manager.layout import Layout
from node_manager.settings import Settings, load, save


def changed(**parts: dict[str, object]) -> Settings:
    settings = Settings()
    for name, values in parts.items():
        for key, value in values.items():
            setattr(getattr(settings, name), key, value)
    return settings


@pytest.fixture
def held() -> Iterator[int]:
    """A port that another program has."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def a_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.parametrize(("part", "key"), [("bridge", "port"), ("orchestrator", "port")])
async def test_a_port_that_another_program_has_is_refused_with_its_holder(
    held: int, part: str, key: str
) -> None:
    with pytest.raises(PortHeld, match="process"):
        await check_settings(Settings(), changed(**{part: {key: held}}))


async def test_a_validators_port_and_one_port_for_two_doors_are_refused() -> None:
    port = a_free_port()
    with pytest.raises(PortOfValidator):
        await check_settings(Settings(), changed(bridge={"port": port}), {port})
    both = changed(bridge={"port": port}, orchestrator={"port": port})
    with pytest.raises(PortShared):
        await check_settings(Settings(), both)


async def test_a_closed_door_may_name_any_port(held: int) -> None:
    await check_settings(Settings(), changed(bridge={"port": held, "enabled": False}))


@pytest.mark.parametrize(
    "origin",
    [
        "portal.example",
        "https://Portal.example",
        "https://portal.example/",
        "https://portal.example/app",
        "https://portal.example:443",
        "https://portal.example:x",
        "ftp://portal.example",
        "null",
        "*",
    ],
)
async def test_what_no_browser_sends_as_an_origin_is_refused(origin: str) -> None:
    with pytest.raises(OriginRefused):
        await check_settings(Settings(), changed(bridge={"origins": [origin]}))


@pytest.mark.parametrize(
    "origin", ["https://portal.example", "http://localhost:5173", "http://[::1]:8000"]
)
def test_an_exact_origin_is_taken(origin: str) -> None:
    assert is_origin(origin)


async def test_an_address_that_is_none_is_refused() -> None:
    for settings in (
        changed(heartbeat={"url": "orchestrator"}),
        changed(alerts={"webhook": "mailto:ada@example.org"}),
    ):
        with pytest.raises(AddressRefused):
            await check_settings(Settings(), settings)


@pytest_asyncio.fixture
async def engine(layout: Layout) -> AsyncIterator[Engine]:
    first = changed(
        bridge={"port": a_free_port()},
        orchestrator={"embedded": False},
        heartbeat={"enabled": False},
    )
    save(layout.settings, first)
    engine = Engine(EngineOptions(layout))
    await engine.open()
    yield engine
    await engine.close(stop_nodes=True)


async def metrics(port: int) -> int:
    async with ClientSession() as session, session.get(f"http://127.0.0.1:{port}/metrics") as got:
        return got.status


async def test_the_bridge_moves_to_another_port_and_metrics_follow_without_closing(
    engine: Engine,
) -> None:
    wanted = engine.settings.model_copy(deep=True)
    wanted.bridge.port = a_free_port()
    await engine.change_settings(wanted)
    assert engine.doors.bridge.ports == (wanted.bridge.port,)
    assert await metrics(wanted.bridge.port) == 404
    door = engine.doors.bridge
    more = wanted.model_copy(deep=True)
    more.bridge.metrics = True
    await engine.change_settings(more)
    assert await metrics(wanted.bridge.port) == 200
    assert engine.doors.bridge is door


async def test_a_refused_change_leaves_file_and_doors_as_they_were(
    engine: Engine, held: int, layout: Layout
) -> None:
    before = engine.settings
    wanted = before.model_copy(deep=True)
    wanted.bridge.port = held
    with pytest.raises(PortHeld):
        await engine.change_settings(wanted)
    assert engine.settings == before
    assert load(layout.settings) == before
    assert engine.doors.bridge.ports == (before.bridge.port,)
