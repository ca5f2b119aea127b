# SPDX-License-Identifier: Apache-2.0
"""The contract that portals already read."""

from __future__ import annotations

import base64
import dataclasses
import time

import pytest

from node_manager.figures import Figure
from node_manager.state import NodeState
from tests.unit.bridge.conftest import Door
from tests.unit.bridge.view import KEY


async def test_the_key_is_told_in_both_forms(door: Door) -> None:
    text = base64.b64encode(KEY).decode()
    async with door.client.get(f"{door.url}/consensus-pubkey") as response:
        assert response.status == 200
        assert await response.json() == {
            "success": True,
            "pubkey": {
                "type": "tendermint/PubKeyEd25519",
                "value": text,
                "@type": "/cosmos.crypto.ed25519.PubKey",
                "key": text,
            },
        }


async def test_without_a_key_the_answer_says_so(door: Door) -> None:
    door.view.nodes["alpha"] = dataclasses.replace(door.view.nodes["alpha"], consensus_pubkey=None)
    async with door.client.get(f"{door.url}/consensus-pubkey") as response:
        assert response.status == 500
        assert await response.json() == {"success": False, "error": "The key does not exist yet"}


async def test_the_status_has_the_figures_of_the_node(door: Door) -> None:
    async with door.client.get(f"{door.url}/status") as response:
        assert await response.json() == {
            "success": True,
            "status": {
                "running": True,
                "blockHeight": 4182,
                "syncing": False,
                "peers": 3,
                "moniker": "Tester",
                "network": "omniphi-localnet-1",
            },
        }


async def test_a_silent_node_does_not_read_as_running(door: Door) -> None:
    old = Figure(4182, "this node", time.time() - 600)
    door.view.nodes["alpha"] = dataclasses.replace(door.view.nodes["alpha"], height=old)
    async with door.client.get(f"{door.url}/status") as response:
        assert (await response.json())["status"] == {
            "running": False,
            "error": "Node not responding",
        }


@pytest.mark.parametrize("state", [NodeState.STOPPED, NodeState.FAILED, NodeState.PREPARING])
async def test_a_node_that_does_not_run_is_told_with_its_state(
    door: Door, state: NodeState
) -> None:
    door.view.nodes["alpha"] = dataclasses.replace(door.view.nodes["alpha"], state=state)
    async with door.client.get(f"{door.url}/status") as response:
        status = (await response.json())["status"]
    assert status == {"running": False, "error": f"Node is {state}"}


async def test_the_status_follows_the_node_at_once(door: Door) -> None:
    async with door.client.get(f"{door.url}/status") as response:
        assert (await response.json())["status"]["blockHeight"] == 4182
    door.view.nodes["alpha"] = dataclasses.replace(
        door.view.nodes["alpha"], height=Figure(4183, "this node", time.time())
    )
    async with door.client.get(f"{door.url}/status") as response:
        assert (await response.json())["status"]["blockHeight"] == 4183


async def test_without_any_validator_the_door_still_answers(door: Door) -> None:
    door.view.nodes.clear()
    async with door.client.get(f"{door.url}/status") as response:
        assert response.status == 200
        assert (await response.json())["status"]["running"] is False
    async with door.client.get(f"{door.url}/health") as response:
        assert (await response.json())["service"] == "oneclick-validator-bridge"


@pytest.mark.parametrize("verb", ["start", "stop"])
async def test_start_and_stop_of_the_contract_are_not_offered(door: Door, verb: str) -> None:
    async with door.client.post(f"{door.url}/{verb}") as response:
        assert response.status == 501
        assert (await response.json())["success"] is False


async def test_both_loopback_addresses_answer_and_no_other(door: Door) -> None:
    hosts = {host for host, _ in door.server.addresses}
    assert hosts <= {"127.0.0.1", "::1"}
    for host in hosts:
        shown = f"[{host}]" if ":" in host else host
        async with door.client.get(f"http://{shown}:{door.port}/health") as response:
            assert response.status == 200
