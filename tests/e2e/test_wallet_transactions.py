# SPDX-License-Identifier: Apache-2.0
"""What a wallet signs, built by the orchestrator and judged by a real chain."""

from __future__ import annotations

import asyncio
import base64
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession

from bridge.localnet.faucet import fund
from bridge.localnet.record import LocalnetInfo
from bridge.orchestrator.audit import Actor
from bridge.orchestrator.chain.client import ChainAddress
from bridge.orchestrator.chain.messages import SignDoc, sign_bytes
from bridge.orchestrator.server import Orchestrator
from bridge.orchestrator.work.activation import activate_seen
from tests.unit.bridge.orchestrator.conftest import V1, Answer, Client, settings_for
from tests.unit.bridge.orchestrator.wallet import Wallet

TX = f"{V1}/transactions"


@pytest.fixture
async def client(localnet: LocalnetInfo, tmp_path: Path) -> AsyncIterator[Client]:
    chain = ChainAddress(localnet.chain_id, "omni", "omniphi", rest_urls=[localnet.rest_url])
    settings = settings_for(f"sqlite:///{tmp_path / 'orchestrator.sqlite'}")
    orchestrator = Orchestrator(settings, chain)
    await orchestrator.start()
    async with ClientSession() as session:
        yield Client(orchestrator, session)
    await orchestrator.stop()


async def send(client: Client, wallet: Wallet, made: Answer) -> Answer:
    """Sign as a wallet does, broadcast, wait for the block."""
    doc = made.body["signDoc"]
    body, auth = base64.b64decode(doc["bodyBytes"]), base64.b64decode(doc["authInfoBytes"])
    to_sign = sign_bytes(SignDoc(body, auth, doc["chainId"], int(doc["accountNumber"])))
    sent = await client.post(
        f"{TX}/broadcast",
        {
            "bodyBytes": doc["bodyBytes"],
            "authInfoBytes": doc["authInfoBytes"],
            "signature": base64.b64encode(wallet.sign(to_sign)).decode(),
        },
    )
    assert sent.status == 202, sent.body
    async with asyncio.timeout(30):
        while True:
            seen = await client.get(f"{TX}/{sent.body['txHash']}")
            if seen.body["state"] != "pending":
                return seen
            await asyncio.sleep(0.5)


async def test_a_wallet_becomes_a_validator_and_changes_it(
    client: Client, localnet: LocalnetInfo
) -> None:
    wallet = Wallet(f"wallet {os.urandom(8).hex()}")
    await fund(localnet.layout, wallet.address, 5_000_000)
    consensus = base64.b64encode(os.urandom(32)).decode()
    mine = {"walletAddress": wallet.address, "pubKey": wallet.public_text}
    profile = {"moniker": "Alice", "website": "https://alice.example"}
    wish = {
        "walletAddress": wallet.address,
        "validatorName": "Alice",
        "commissionRate": 0.1,
        "runMode": "local",
        "consensusPubkey": consensus,
    }
    setup = await client.post(f"{V1}/setup-requests", wish, await client.sign_in(wallet))
    assert setup.body["setupRequest"]["status"] == "ready_for_chain_tx"

    create = {
        "kind": "create-validator",
        **mine,
        "profile": profile,
        "consensusPubkey": consensus,
        "commissionRate": "0.1",
        "commissionMaxRate": "0.2",
        "commissionMaxChangeRate": "0.01",
        # Far below the genesis validator's: the chain goes on without our signatures.
        "amount": 1_000_000,
    }
    made = await client.post(TX, {"transaction": create})
    assert made.status == 200, made.body
    message = made.body["jsonDocument"]["body"]["messages"][0]
    assert message["@type"] == "/cosmos.staking.v1beta1.MsgCreateValidator"
    assert message["pubkey"]["key"] == consensus
    assert message["commission"]["rate"] == "0.1"
    assert made.body["gasLimit"] > 100_000
    seen = await send(client, wallet, made)
    assert seen.body["state"] == "included", seen.body

    async with asyncio.timeout(40):
        while True:
            snapshot = client.orchestrator.chain.snapshot
            await activate_seen(client.orchestrator.database, snapshot, Actor("worker:test"))
            [listed] = (await client.get(f"{V1}/by-wallet/{wallet.address}")).body
            if listed["setupRequest"]["status"] == "active" and listed["chainInfo"]:
                break
            await asyncio.sleep(0.5)
    assert listed["chainInfo"]["moniker"] == "Alice"
    assert listed["chainInfo"]["tokens"] == "1000000"

    edit = {"kind": "edit-validator", **mine, "profile": {"moniker": "Alice again"}}
    seen = await send(client, wallet, await client.post(TX, {"transaction": edit}))
    assert seen.body["state"] == "included", seen.body
    more = {"kind": "delegate", **mine, "amount": 500_000}
    seen = await send(client, wallet, await client.post(TX, {"transaction": more}))
    assert seen.body["state"] == "included", seen.body
    take = {"kind": "withdraw", **mine, "commission": False}
    seen = await send(client, wallet, await client.post(TX, {"transaction": take}))
    assert seen.body["state"] == "included", seen.body

    # Not jailed: the simulation already says why it would fail.
    refused = await client.post(TX, {"transaction": {"kind": "unjail", **mine}})
    assert refused.status == 422
    assert "jailed" in json.dumps(refused.body)


async def test_an_account_without_funds_is_told_so(client: Client) -> None:
    wallet = Wallet(f"poor {os.urandom(8).hex()}")
    wish = {"kind": "delegate", "amount": 5}
    mine = {"walletAddress": wallet.address, "pubKey": wallet.public_text}
    refused = await client.post(TX, {"transaction": {**wish, **mine}})
    assert refused.status == 422
    assert wallet.address in refused.body["detail"]


async def test_a_fee_that_cannot_be_paid_is_told_before_the_wallet_signs(
    client: Client, localnet: LocalnetInfo
) -> None:
    wallet = Wallet(f"wallet {os.urandom(8).hex()}")
    await fund(localnet.layout, wallet.address, 5_000_000)
    create = {
        "kind": "create-validator",
        "walletAddress": wallet.address,
        "pubKey": wallet.public_text,
        "profile": {"moniker": "Alice"},
        "consensusPubkey": base64.b64encode(os.urandom(32)).decode(),
        "commissionRate": "0.1",
        "commissionMaxRate": "0.2",
        "commissionMaxChangeRate": "0.01",
        "amount": 5_000_000,
    }
    refused = await client.post(TX, {"transaction": create})
    assert refused.status == 422
    [fault] = refused.body["errors"]
    assert fault["field"] == "amount"
    assert "the wallet has 5,000,000" in fault["message"]
    made = await client.post(TX, {"transaction": create | {"amount": 4_900_000}})
    assert made.status == 200, made.body
    assert 4_900_000 + int(made.body["feeAmount"]) <= 5_000_000


async def test_another_wallet_s_key_is_refused(client: Client) -> None:
    one, other = Wallet("one"), Wallet("other")
    wish = {
        "kind": "unjail",
        "walletAddress": one.address,
        "pubKey": other.public_text,
    }
    refused = await client.post(TX, {"transaction": wish})
    assert refused.status == 422
    assert refused.body["errors"][0]["field"] == "pubKey"
