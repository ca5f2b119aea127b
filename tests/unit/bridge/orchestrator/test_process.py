# SPDX-License-Identifier: Apache-2.0
"""The orchestrator as a process of its own, and as the app keeps it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
from aiohttp import ClientSession

from bridge.cli.parser import parse
from bridge.orchestrator.db.migrate import head_revision
from bridge.orchestrator.errors import OrchestratorPortTaken
from bridge.orchestrator.launch import EmbeddedOrchestrator
from node_manager.events import Broadcast, DoorChanged, Event
from node_manager.layout import Layout


@pytest.mark.parametrize(
    "words",
    [
        ["orchestrator", "--port", "81"],
        ["orchestrator", "serve", "--port", "81"],
        ["orchestrator", "--port", "81", "serve"],
    ],
)
def test_the_port_can_be_said_in_every_place(words: list[str]) -> None:
    chosen = parse(words)
    assert (chosen.act, chosen.port) == ("serve", 81)


def command(layout: Layout, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bridge.orchestrator", *words],
        env={
            **os.environ,
            "ONECLICK_DATA": str(layout.data),
            "ONECLICK_LOCALNET": str(layout.data),
        },
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_tables_and_keys_come_by_commands(layout: Layout) -> None:
    assert head_revision() in command(layout, "migrate").stdout
    made = command(layout, "key", "create", "anna")
    assert made.stdout.startswith("ock_")
    for file in layout.orchestrator.parent.glob(f"{layout.orchestrator.name}*"):
        assert made.stdout.strip() not in file.read_bytes().decode("latin-1")
        if sys.platform != "win32":
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert command(layout, "key", "create", "anna").returncode == 1
    assert command(layout, "key", "revoke", "anna").returncode == 0
    assert command(layout, "key", "revoke", "anna").returncode == 1
    with contextlib.closing(sqlite3.connect(layout.orchestrator)) as database:
        noted = database.execute("SELECT actor, action, subject FROM audit_log").fetchall()
    assert noted == [("console", "key.create", "anna"), ("console", "key.revoke", "anna")]
    assert "none" in command(layout, "migrate", "base").stdout


class Kept:
    """An app's bundled orchestrator and what it told."""

    def __init__(self, layout: Layout) -> None:
        self.told: list[DoorChanged] = []
        broadcast = Broadcast()
        broadcast.subscribe(self.hear)
        self.one = EmbeddedOrchestrator(layout, broadcast)
        self.layout = layout

    def hear(self, event: Event) -> None:
        if isinstance(event, DoorChanged):
            self.told.append(event)

    async def health(self) -> int:
        async with (
            ClientSession() as session,
            session.get(f"{self.one.url}/api/v1/health") as response,
        ):
            return response.status

    def pid(self) -> int:
        children = psutil.Process().children()
        return next(child.pid for child in children if "orchestrator" in child.cmdline())


@pytest.fixture
async def kept(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Kept]:
    monkeypatch.setenv("ONECLICK_LOCALNET", str(layout.cache))
    layout.data.mkdir(parents=True)
    made = Kept(layout)
    yield made
    await made.one.stop()


async def test_it_answers_when_start_returns_and_comes_back_when_killed(
    kept: Kept, unused_tcp_port: int
) -> None:
    await kept.one.start(unused_tcp_port)
    assert await kept.health() == 200
    assert (kept.told[-1].state, kept.told[-1].note) == ("ok", "built in, answering")
    os.kill(kept.pid(), signal.SIGKILL)
    async with asyncio.timeout(30):
        while True:
            await asyncio.sleep(0.2)
            try:
                if await kept.health() == 200:
                    break
            except OSError:
                continue
    await kept.one.stop()
    assert kept.told[-1].state == "off"


async def test_a_taken_port_is_said_with_its_holder(kept: Kept) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as other,
        pytest.raises(OrchestratorPortTaken, match=f"process {os.getpid()}"),
    ):
        await kept.one.start(other.getsockname()[1])


def test_the_app_does_not_load_the_service(tmp_path: Path) -> None:
    code = (
        "import sys, bridge.orchestrator.launch, bridge.orchestrator.cli\n"
        "heavy = {'sqlalchemy', 'alembic', 'cosmpy', 'asyncpg', 'docker'} & set(sys.modules)\n"
        "sys.exit(' '.join(heavy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
