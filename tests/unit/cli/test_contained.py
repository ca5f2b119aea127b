# SPDX-License-Identifier: Apache-2.0
"""What the image's entry point does before a validator runs."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import stat
import sys
from pathlib import Path

import pytest

from bridge.cli import ask_contained
from bridge.cli.contained import UnlockVolumeLost, _passphrase
from bridge.cli.parser import parse
from bridge.orchestrator.providers.docker.reading import read_inside
from bridge.server.control import ControlDoor
from bridge.server.control_client import ControlClient
from bridge.server.models import QuitBody
from node_manager.events import Broadcast
from node_manager.layout import Layout
from node_manager.state import NodeState
from tests.unit.bridge.view import FewNodes, running


def test_the_passphrase_is_made_once_and_private(tmp_path: Path, layout: Layout) -> None:
    (tmp_path / "unlock").mkdir()
    file = _passphrase(tmp_path / "unlock", layout)
    made = file.read_text()
    assert len(made) >= 40
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert _passphrase(tmp_path / "unlock", layout).read_text() == made


def test_a_key_without_its_passphrase_is_never_replaced(tmp_path: Path, layout: Layout) -> None:
    key = layout.node("localnet").key
    key.parent.mkdir(parents=True)
    key.write_text("{}")
    (tmp_path / "unlock").mkdir()
    with pytest.raises(UnlockVolumeLost):
        _passphrase(tmp_path / "unlock", layout)
    assert list((tmp_path / "unlock").iterdir()) == []


def test_the_environment_names_the_validator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONECLICK_NETWORK", "omniphi-testnet-2")
    monkeypatch.setenv("ONECLICK_MONIKER", "cloudy")
    chosen = parse(["contained"])
    assert (chosen.network, chosen.moniker, chosen.protection) == (
        "omniphi-testnet-2", "cloudy", "passphrase",
    )  # fmt: skip
    assert not chosen.wants_window


async def ask(data: Path, *words: str) -> tuple[int | None, str]:
    """Code and output of the command that runs in the container, by the same bare interpreter."""
    asked = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-S", str(Path(ask_contained.__file__)), *words,
        env={"ONECLICK_DATA": str(data)}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, _ = await asked.communicate()
    return asked.returncode, output.decode()


async def test_without_an_app_it_is_not_well(layout: Layout) -> None:
    assert await ask(layout.data, "health") == (1, "")
    code, told = await ask(layout.data, "status")
    assert (code, json.loads(told)) == (3, {"running": False, "nodes": []})


@pytest.mark.parametrize(
    ("state", "code"), [(NodeState.RUNNING, 0), (NodeState.SYNCING, 0), (NodeState.FAILED, 1)]
)
async def test_the_running_app_is_asked(layout: Layout, state: NodeState, code: int) -> None:
    view = FewNodes(layout.data, dataclasses.replace(running(), state=state))

    async def on_quit(_body: QuitBody) -> None: ...

    door = ControlDoor(view, layout, Broadcast(), on_quit)
    await door.start()
    try:
        assert (await ask(layout.data, "health"))[0] == code
        told = (await ask(layout.data, "status"))[1]
        async with ControlClient(layout) as client:
            known = (await client.statuses())[0]
    finally:
        await door.stop()
    inside = read_inside(told.encode())
    assert inside is not None
    assert (inside.state, inside.height.value) == (known.state, known.height.value)


async def test_the_log_is_read_from_its_end(layout: Layout) -> None:
    assert await ask(layout.data, "logs", "3") == (0, "")
    node = layout.node("localnet")
    node.logs.mkdir(parents=True)
    (node.root / "node.json").write_text("{}")
    (node.logs / "node.log.1").write_text("before the rotation\n")
    (node.logs / "node.log").write_bytes("blöck 1\nblock \xff 2\n".encode("latin-1"))
    assert await ask(layout.data, "logs", "3") == (
        0, "before the rotation\nbl\ufffdck 1\nblock \ufffd 2",
    )  # fmt: skip
    assert (await ask(layout.data, "logs", "1"))[1] == "block \ufffd 2"


def test_its_states_are_the_apps() -> None:
    assert set(ask_contained.WELL) < set(NodeState)
