# SPDX-License-Identifier: Apache-2.0
"""A network that moves on: joined by a snapshot, read anew from its first block, upgraded."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from bridge.localnet.founding import SNAPSHOT_INTERVAL
from bridge.localnet.network import down, up
from bridge.localnet.record import LocalnetInfo
from bridge.localnet.upgrade import follow_upgrade, pass_upgrade
from node_manager.cosmos.rpc import Rpc
from node_manager.layout import Layout
from node_manager.runtime.logfiles import tail
from node_manager.signer.journal import FILE
from tests.helpers.app import HeadlessApp, eventually
from tests.helpers.operator import newest_height

pytestmark = pytest.mark.timeout(600)


@dataclass
class Network:
    """A network of two validators and an app beside it."""

    info: LocalnetInfo
    app: HeadlessApp


@pytest_asyncio.fixture
async def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Network]:
    monkeypatch.setenv("ONECLICK_LOCALNET", str(tmp_path / "network"))
    layout = Layout(tmp_path / "net", Layout.of_this_user().cache)
    app = HeadlessApp(Layout(tmp_path / "app" / "data", layout.cache), tmp_path / "network")
    try:
        yield Network(await up(layout, validators=2), app)
    finally:
        app.clean_up()
        print(app.told())
        print("\n".join(tail(app.layout.logs / "app.log", 60)))
        await down(layout, forget=True)


async def first_block(rpc_port: int) -> int:
    """The oldest block that the node has."""
    async with Rpc(f"http://127.0.0.1:{rpc_port}") as rpc:
        return (await rpc.status()).sync_info.earliest_block_height


async def test_a_snapshot_a_reset_and_an_upgrade_by_governance(own: Network) -> None:
    app, info = own.app, own.info

    async def has_snapshot() -> bool:
        return await newest_height(info.rpc_url) > SNAPSHOT_INTERVAL + 3

    await eventually("the network has a snapshot", has_snapshot, 90)

    # A fresh home begins with it.
    app.start("--state-sync")
    told = await app.until("running", 120)
    assert await first_block(told["rpcPort"]) > 1

    # Reset: refused while it runs; then the chain's data go, and key and record stay.
    running = app.run("reset-chain-data", "--yes", check=False)
    assert running.returncode == 1
    assert "Stop it first" in running.stderr
    app.run("stop")
    folder = app.layout.node("localnet")
    key, record = folder.key.read_bytes(), (folder.signer / FILE).read_bytes()
    unsure = app.run("reset-chain-data", check=False)
    assert unsure.returncode == 2
    assert (folder.home / "data" / "blockstore.db").exists()
    assert "MB removed" in app.run("reset-chain-data", "--yes").stdout
    assert not (folder.home / "data" / "blockstore.db").exists()
    assert (folder.key.read_bytes(), (folder.signer / FILE).read_bytes()) == (key, record)

    # Without a snapshot it reads every block.
    app.run("start")
    told = await app.until("running", 90)
    assert await first_block(told["rpcPort"]) == 1

    # The chain upgrades; the node follows without a person.
    plan = await pass_upgrade(info.layout)
    await follow_upgrade(info.layout, plan)

    async def upgraded() -> bool:
        now = app.status()
        return now["state"] == "running" and now["height"]["value"] > plan.height

    await eventually("the app's node goes on after the upgrade", upgraded, 90)
    after = app.status()
    assert after["version"] == info.build.release("v2").version
    assert after["pid"] != told["pid"]
    assert after["consensusPubkey"] == told["consensusPubkey"]
    assert "upgrading." in app.told()

    # It stays upgraded when it is started again.
    app.run("restart")
    again = await app.until("running", 60)
    assert again["version"] == after["version"]
    assert app.end() == 0
