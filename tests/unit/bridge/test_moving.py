# SPDX-License-Identifier: Apache-2.0
"""A validator moves with its key, its signing record and its settings; nothing is left to sign."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bridge.engine import Engine, EngineOptions
from node_manager import moving
from node_manager.keys.importing import raise_record
from node_manager.keys.secret import SecretBytes
from node_manager.keys.signing_state import SigningState
from node_manager.layout import Layout, read_pointer
from node_manager.moving import FolderMoved, MoveProgress
from node_manager.node.plan import NodePlan
from node_manager.obol.manager import DvPlan
from node_manager.obol.settings import read_settings
from node_manager.runtime.process import Launch, ManagedProcess

PASSPHRASE = b"a heron stands in seven quiet rivers"
SIGNED = SigningState.before(4_182_907)


def engine_at(layout: Layout) -> Engine:
    return Engine(EngineOptions(layout, doors=False, start_nodes=False))


async def unlocked(engine: Engine, node_id: str) -> bytes:
    """The seed, opened by the passphrase."""
    with SecretBytes(PASSPHRASE) as passphrase:
        key = await engine.manager.node(node_id).custody.open(passphrase)
    with key.seed, key.seed.view() as seed:
        return bytes(seed)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "data", tmp_path / "cache", tmp_path / "config" / "pointer.json")


@pytest_asyncio.fixture
async def engine(layout: Layout) -> AsyncIterator[Engine]:
    """An engine with a validator that has signed up to a height, and settings of a person."""
    engine = engine_at(layout)
    await engine.open()
    with SecretBytes(PASSPHRASE) as passphrase:
        node_id = await engine.manager.create(
            NodePlan("localnet", "heron", "passphrase", passphrase)
        )
    assert node_id == "localnet"
    raise_record(engine.manager.node(node_id).custody.signing_record(), SIGNED)
    changed = engine.settings.model_copy(deep=True)
    changed.window.appearance = "dark"
    changed.bridge.origins = ["https://portal.example"]
    await engine.change_settings(changed)
    yield engine
    await engine.close(stop_nodes=True)


async def test_key_record_and_settings_arrive_and_the_old_folder_is_gone(
    engine: Engine, layout: Layout, tmp_path: Path
) -> None:
    seed = await unlocked(engine, "localnet")
    told: list[MoveProgress] = []
    moved = await engine.move_data(tmp_path / "disk" / "validator", told.append)
    assert not layout.data.exists()
    assert told[-1].phase == "remove"
    again = engine_at(moved)
    await again.open()
    try:
        node = again.manager.node("localnet")
        assert await unlocked(again, "localnet") == seed
        newest = node.custody.signing_record().newest()
        assert newest is not None
        assert newest.position == SIGNED.position
        assert node.status.moniker == "heron"
        assert again.settings == engine.settings
        assert node.home.is_relative_to(moved.data)
    finally:
        await again.close(stop_nodes=True)


@pytest.mark.skipif(sys.platform == "win32", reason="a program of POSIX")
async def test_a_client_that_an_earlier_run_left_does_not_sign_on_from_the_old_folder(
    engine: Engine, tmp_path: Path
) -> None:
    settings = read_settings({"charon": {"operatorAddress": "0x" + "12" * 20}})
    manager = await engine.distributed()
    folder = manager.node(await manager.create(DvPlan("Shared", settings))).folder
    launch = Launch(name="teku", argv=["/bin/sleep", "60"], cwd=folder.root, log=tmp_path / "log")
    left = await ManagedProcess.spawn(launch, folder.run / "vc-process.json")
    moved = await engine.move_data(tmp_path / "new", lambda _progress: None)
    assert not left.alive()
    assert (moved.data / "clusters" / "shared" / "cluster.json").exists()


async def test_what_is_left_of_the_old_folder_cannot_sign(
    engine: Engine, layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the switch and the removal: both folders hold the key, one counts."""
    monkeypatch.setattr(moving, "_remove_old", lambda *_told: None)
    moved = await engine.move_data(tmp_path / "new", lambda _progress: None)
    assert layout.node("localnet").key.exists()
    assert moved.node("localnet").key.exists()
    old = engine_at(layout)
    with pytest.raises(FolderMoved):
        await old.open()
    monkeypatch.undo()
    again = engine_at(moved)
    await again.open()
    await again.close(stop_nodes=True)
    assert not layout.node("localnet").key.exists()
    assert read_pointer(layout.pointer) == (moved.data, None)


async def test_a_copy_of_the_old_folder_is_refused_by_its_mark(
    engine: Engine, layout: Layout, tmp_path: Path
) -> None:
    """Killed while it was copied: the half copy opens nothing, the old folder goes on."""
    await engine.close(stop_nodes=True)
    half = Layout(tmp_path / "half", layout.cache, layout.pointer)
    half.node("localnet").root.mkdir(parents=True)
    half.node("localnet").key.write_bytes(layout.node("localnet").key.read_bytes())
    (half.data / moving.COPYING).write_text(json.dumps({"from": str(layout.data)}))
    with pytest.raises(FolderMoved):
        await engine_at(half).open()
    again = engine_at(layout)
    await again.open()
    newest = again.manager.node("localnet").custody.signing_record().newest()
    await again.close(stop_nodes=True)
    assert newest is not None
    assert newest.position == SIGNED.position
