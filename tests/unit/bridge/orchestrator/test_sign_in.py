# SPDX-License-Identifier: Apache-2.0
"""Ways to a session, or past a limit, that somebody may try."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession
from sqlalchemy import update

from bridge.orchestrator.auth.adr36 import ORDER, sign_bytes
from bridge.orchestrator.chain.client import ChainAddress
from bridge.orchestrator.db.columns import now
from bridge.orchestrator.db.tables import WalletNonce
from bridge.orchestrator.server import Orchestrator
from tests.unit.bridge.orchestrator.conftest import UNLIMITED, V1, Client, client_of, settings_for
from tests.unit.bridge.orchestrator.wallet import Wallet

NONCE = "/api/v1/auth/nonce"
SESSION = "/api/v1/auth/session"


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    async with client_of(f"sqlite:///{tmp_path / 'a.sqlite'}") as made:
        yield made


async def asked_of(client: Client, wallet: Wallet) -> tuple[str, str]:
    """A nonce and the message that holds it."""
    asked = await client.post(NONCE, {"walletAddress": wallet.address})
    return asked.body["nonce"], asked.body["message"]


async def session(client: Client, address: str, nonce: str, public: str, signature: bytes) -> int:
    body = {
        "walletAddress": address,
        "nonce": nonce,
        "pubKey": public,
        "signature": base64.b64encode(signature).decode(),
    }
    return (await client.post(SESSION, body)).status


async def test_another_key_may_not_sign_in_the_wallets_name(
    client: Client, alice: Wallet, mallory: Wallet
) -> None:
    nonce, message = await asked_of(client, alice)
    signature = mallory.sign(sign_bytes(alice.address, message))
    assert await session(client, alice.address, nonce, mallory.public_text, signature) == 401


async def test_a_nonce_is_for_the_wallet_that_asked(
    client: Client, alice: Wallet, mallory: Wallet
) -> None:
    nonce, message = await asked_of(client, alice)
    said = message.replace(alice.address, mallory.address)
    signature = mallory.sign(sign_bytes(mallory.address, said))
    assert await session(client, mallory.address, nonce, mallory.public_text, signature) == 401


async def test_a_nonce_runs_out(client: Client, alice: Wallet) -> None:
    nonce, message = await asked_of(client, alice)
    signature = alice.sign(sign_bytes(alice.address, message))
    async with client.orchestrator.database.sessions.begin() as database:
        await database.execute(update(WalletNonce).values(expires_at=now()))
    assert await session(client, alice.address, nonce, alice.public_text, signature) == 401


async def test_the_second_form_of_a_signature_is_none(client: Client, alice: Wallet) -> None:
    nonce, message = await asked_of(client, alice)
    signature = alice.sign(sign_bytes(alice.address, message))
    other = signature[:32] + (ORDER - int.from_bytes(signature[32:])).to_bytes(32)
    assert await session(client, alice.address, nonce, alice.public_text, other) == 401


@pytest.mark.parametrize(
    ("limited", "method", "path"),
    [
        ("reads_per_minute", "GET", "/api/v1/health"),
        ("changes_per_minute", "POST", f"{V1}/stop"),
        ("sign_ins_per_minute", "POST", NONCE),
        ("heartbeats_per_minute", "POST", f"{V1}/heartbeat"),
    ],
)
async def test_each_kind_of_request_has_its_limit(
    tmp_path: Path, limited: str, method: str, path: str
) -> None:
    limits = {**UNLIMITED, limited: 8}
    settings = settings_for(f"sqlite:///{tmp_path / 'a.sqlite'}", **limits)
    orchestrator = Orchestrator(settings, ChainAddress("test-1", "omni"))
    await orchestrator.start()
    statuses = []
    async with ClientSession() as asking:
        for _ in range(4):
            url = f"http://127.0.0.1:{orchestrator.port}{path}"
            async with asking.request(method, url, json={}) as response:
                statuses.append(response.status)
                assert response.headers["X-Frame-Options"] == "DENY"
        assert 429 not in statuses[:2]
        assert statuses[2:] == [429, 429]
        async with asking.get(f"http://127.0.0.1:{orchestrator.port}/livez") as response:
            assert response.status == 200
    await orchestrator.stop()
