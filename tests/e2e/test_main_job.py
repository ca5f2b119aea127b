# SPDX-License-Identifier: Apache-2.0
"""The main job on the real localnet: from nothing to a validator that survives what happens."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import psutil

from bridge.localnet.record import LocalnetInfo
from node_manager.keys.consensus import ConsensusPublicKey
from tests.helpers.app import HeadlessApp, eventually
from tests.helpers.operator import Operator, newest_height, signs_now


def running(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


async def test_from_nothing_to_a_validator_that_survives(
    app: HeadlessApp, localnet: LocalnetInfo, tmp_path: Path
) -> None:
    app.start()
    await app.until("running")

    # The doors say what the disk and the chain say.
    async with httpx.AsyncClient() as client:
        told = (await client.get(f"{app.bridge}/consensus-pubkey")).json()
        pubkey: str = told["pubkey"]["value"]
        assert told["pubkey"]["key"] == pubkey
        status = (await client.get(f"{app.bridge}/status")).json()["status"]
    assert status["running"] is True
    assert status["moniker"] == "e2e"
    assert status["network"] == localnet.chain_id
    assert status["peers"] >= 1
    address = ConsensusPublicKey.from_base64(pubkey).address

    # A validator on chain, made with the node program's own command line.
    operator = Operator(localnet, tmp_path / "wallet")
    await operator.create_validator(pubkey)

    async def signs() -> bool:
        return await signs_now(localnet.rpc_url, address)

    await eventually("a signature of ours in a commit", signs, 60)

    def seen_on_chain() -> dict[str, Any] | None:
        told = app.status()
        return told if told["chain"]["registered"]["value"] else None

    told = await eventually("the status tells the registration", seen_on_chain, 60)
    assert told["chain"]["jailed"]["value"] is False

    # The orchestrator has the heartbeat.
    async def heartbeat() -> dict[str, Any] | None:
        path = f"/api/v1/validators/heartbeat/{quote(pubkey, safe='')}"
        async with httpx.AsyncClient(base_url=app.orchestrator) as client:
            try:
                answer = await client.get(path)
            except httpx.TransportError:  # it is still starting
                return None
        return answer.json() if answer.status_code == 200 else None

    assert (await eventually("a heartbeat in the orchestrator", heartbeat, 60))["blockHeight"] > 0

    # The node is killed: it is back within ten seconds with the same data.
    before = app.status()
    os.kill(before["pid"], signal.SIGKILL)

    def back() -> bool:
        told = app.status()
        return told.get("pid") not in {None, before["pid"]} and told["state"] == "running"

    await eventually("the node is back", back, 10)
    assert app.status()["height"]["value"] >= before["height"]["value"]

    # The app is killed: the node goes on and is taken over without a restart.
    before = app.status()
    app.kill()
    assert running(before["pid"])
    own_rpc = f"http://127.0.0.1:{before['rpcPort']}"
    height = await newest_height(own_rpc)

    async def grows() -> bool:
        return await newest_height(own_rpc) > height + 2

    await eventually("the height grows without the app", grows, 20)
    assert app.status()["appRuns"] is False
    app.start()
    after = await app.until("running")
    assert after["pid"] == before["pid"]
    await eventually("still signing", signs, 20)

    # An orderly end: the node first, then the signer; nothing stays behind.
    assert app.end() == 0
    assert not running(after["pid"])
    assert app.status() == {**app.status(), "appRuns": False, "pids": {}}
    assert "Ending in order" in app.told()
