# SPDX-License-Identifier: Apache-2.0
"""The person's answer to websites through the private door, and by commands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge.cli.parser import parse, run
from bridge.server.control import ControlDoor
from bridge.server.control_client import ControlClient
from bridge.server.errors import ControlRefused, PairingBlocked
from bridge.server.models import QuitBody
from bridge.server.pairing import Pairings
from bridge.server.pairing_control_models import PAIRINGS, PairingsBody
from bridge.server.pairing_control_routes import PairingControlRoutes
from bridge.server.pairing_store import PairingStore, Scope
from node_manager.events import Broadcast
from node_manager.layout import Layout
from tests.unit.bridge.view import FewNodes

SITE = "https://portal.example"
EAGER = "https://eager.example"


@pytest.fixture
async def pairings(layout: Layout, tmp_path: Path) -> AsyncIterator[Pairings]:
    """Pairings behind an open private door."""
    broadcast = Broadcast()
    found = Pairings(PairingStore(layout.data / "pairings.json"), broadcast)

    async def on_quit(body: QuitBody) -> None:
        raise AssertionError("nobody asked to quit")

    extra = PairingControlRoutes(lambda: found).routes()
    door = ControlDoor(FewNodes(tmp_path), layout, broadcast, on_quit, extra=extra)
    await door.start()
    yield found
    await door.stop()


async def read(layout: Layout) -> PairingsBody:
    async with ControlClient(layout) as client:
        return PairingsBody.model_validate_json(await client.get(PAIRINGS))


async def command(layout: Layout, *words: str) -> int:
    chosen = parse(["--data", str(layout.data), "pairings", *words])
    return await asyncio.to_thread(run, chosen)


async def test_who_asks_is_shown_with_its_code(pairings: Pairings, layout: Layout) -> None:
    assert (await read(layout)).waiting == []
    asked = pairings.ask(SITE, frozenset({Scope.READ}))
    [waiting] = (await read(layout)).waiting
    assert (waiting.origin, waiting.code, waiting.scopes) == (SITE, asked.code, [Scope.READ])


async def test_allowed_by_command_and_revoked_again(
    pairings: Pairings, layout: Layout, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = pairings.ask(SITE, frozenset({Scope.READ, Scope.CONTROL}))
    code = f"{asked.code[:3]} {asked.code[3:]}".lower()
    assert await command(layout, "allow", code) == 0
    _, token = await pairings.claim(asked.id, SITE, asked.code)
    assert token is not None
    assert pairings.holder(token, SITE) is not None
    assert await command(layout, "list") == 0
    assert "control, read" in capsys.readouterr().out
    assert await command(layout, "revoke", SITE) == 0
    assert pairings.holder(token, SITE) is None
    assert await command(layout, "revoke", SITE) == 1


async def test_another_code_allows_nobody(pairings: Pairings, layout: Layout) -> None:
    asked = pairings.ask(SITE, frozenset({Scope.READ}))
    other = "222222" if asked.code != "222222" else "333333"
    assert await command(layout, "allow", other) == 1
    assert pairings.waiting == [asked]


async def test_the_code_says_which_of_several_websites_is_allowed(
    pairings: Pairings, layout: Layout, capsys: pytest.CaptureFixture[str]
) -> None:
    eager = pairings.ask(EAGER, frozenset({Scope.CONTROL}))
    wanted = pairings.ask(SITE, frozenset({Scope.READ}))
    assert await command(layout, "allow", wanted.code) == 0
    assert SITE in capsys.readouterr().out
    assert pairings.waiting == [eager]


async def test_a_website_that_may_not_ask_is_listed_and_let_ask_again(
    pairings: Pairings, layout: Layout, capsys: pytest.CaptureFixture[str]
) -> None:
    eager = pairings.ask(EAGER, frozenset({Scope.READ}))
    assert await command(layout, "refuse", "--never", eager.code) == 0
    assert (await read(layout)).blocked == [EAGER]
    assert await command(layout, "list") == 0
    assert f"may not ask  {EAGER}" in capsys.readouterr().out
    with pytest.raises(PairingBlocked):
        pairings.ask(EAGER, frozenset({Scope.READ}))
    assert await command(layout, "let-ask", EAGER) == 0
    pairings.ask(EAGER, frozenset({Scope.READ}))
    assert await command(layout, "let-ask", EAGER) == 1


async def test_refused_and_over(pairings: Pairings, layout: Layout) -> None:
    asked = pairings.ask(SITE, frozenset({Scope.READ}))
    assert await command(layout, "refuse", asked.code) == 0
    async with ControlClient(layout) as client:
        with pytest.raises(ControlRefused, match="no such pairing request"):
            await client.post(f"{PAIRINGS}/{asked.id}/decision", {"decision": "always"})
        with pytest.raises(ControlRefused, match="not known here"):
            await client.post(f"{PAIRINGS}/nobody/revoke")
