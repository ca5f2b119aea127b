# SPDX-License-Identifier: Apache-2.0
"""Heartbeats: stored before they are answered, and only from the device that came first."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sqlite3
import string
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
from aiohttp import ClientSession
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from bridge.device import KEY_HEADER, SIGNATURE_HEADER, TIME_HEADER, DeviceKey, encoded
from bridge.orchestrator.db.sqlite_file import SqliteWriter
from node_manager.layout import Layout
from tests.unit.bridge.orchestrator.conftest import V1, Client, client_of
from tests.unit.bridge.orchestrator.wallet import Wallet

KEY = base64.b64encode(bytes(range(32))).decode()


def beat_of(wallet: Wallet, height: int = 7, key: str = KEY) -> dict[str, object]:
    return {
        "walletAddress": wallet.address,
        "consensusPubkey": key,
        "blockHeight": height,
        "uptimeSeconds": 60,
        "localRpcPort": 26657,
        "localP2pPort": 26656,
    }


async def test_the_newest_heartbeat_is_told(
    client: Client, device: DeviceKey, alice: Wallet
) -> None:
    sent = await client.beat(device, **beat_of(alice, 7))
    assert sent.status == 200
    assert set(sent.body) == {"id", "blockHeight", "lastSeen", "message"}
    await client.beat(device, **beat_of(alice, 8))
    found = await client.get(f"{V1}/heartbeat/{KEY}")
    assert found.status == 200
    assert found.body["blockHeight"] == 8
    assert found.body["walletAddress"] == alice.address
    assert found.body["id"] == sent.body["id"]
    assert found.body["firstSeen"] < found.body["lastSeen"]


async def test_a_key_with_slashes_is_found_written_either_way(
    client: Client, device: DeviceKey, alice: Wallet
) -> None:
    key = base64.b64encode(b"\xff" * 32).decode()
    assert "/" in key
    await client.beat(device, **beat_of(alice, key=key))
    for written in (key, key.replace("/", "%2F").replace("+", "%2B")):
        assert (await client.get(f"{V1}/heartbeat/{written}")).status == 200


async def test_an_unknown_key_is_not_found(client: Client) -> None:
    found = await client.get(f"{V1}/heartbeat/{KEY}")
    assert found.status == 404
    assert "detail" in found.body


async def test_another_device_cannot_overwrite(
    client: Client, device: DeviceKey, other_device: DeviceKey, alice: Wallet, mallory: Wallet
) -> None:
    await client.beat(device, **beat_of(alice, 7))
    refused = await client.beat(other_device, **beat_of(mallory, 99))
    assert refused.status == 403
    assert refused.body["code"] == "other-device"
    found = await client.get(f"{V1}/heartbeat/{KEY}")
    assert (found.body["blockHeight"], found.body["walletAddress"]) == (7, alice.address)


async def test_a_heartbeat_is_not_taken_twice(
    client: Client, device: DeviceKey, alice: Wallet
) -> None:
    moment = time.time_ns() // 1_000_000
    assert (await client.beat(device, moment, **beat_of(alice, 7))).status == 200
    assert (await client.beat(device, moment, **beat_of(alice, 7))).status == 409
    assert (await client.beat(device, moment - 1, **beat_of(alice, 6))).status == 409


@pytest.mark.parametrize("seconds", [-1000, 1000])
async def test_a_clock_that_is_far_off_is_said(
    client: Client, device: DeviceKey, alice: Wallet, seconds: int
) -> None:
    moment = int((time.time() + seconds) * 1000)
    refused = await client.beat(device, moment, **beat_of(alice))
    assert refused.status == 401
    assert "clock" in refused.body["detail"]


async def test_an_unsigned_heartbeat_is_refused(client: Client, alice: Wallet) -> None:
    refused = await client.post(f"{V1}/heartbeat", beat_of(alice))
    assert refused.status == 401
    assert refused.body["code"] == "device-signature-wrong"


@pytest.mark.parametrize("other", ["body", "time", "device"])
async def test_a_signature_of_something_else_is_refused(
    client: Client, device: DeviceKey, other_device: DeviceKey, alice: Wallet, other: str
) -> None:
    moment = time.time_ns() // 1_000_000
    body = json.dumps(beat_of(alice, 7)).encode()
    headers = device.sign(body, moment)
    if other == "body":
        body = json.dumps(beat_of(alice, 8)).encode()
    elif other == "time":
        headers[TIME_HEADER] = str(moment + 1)
    else:
        headers[KEY_HEADER] = other_device.public
    assert await sent(client, body, headers) == (401, "device-signature-wrong")
    assert (await client.get(f"{V1}/heartbeat/{KEY}")).status == 404


async def test_what_a_device_signed_for_another_purpose_is_no_heartbeat(
    client: Client, alice: Wallet
) -> None:
    private, moment = Ed25519PrivateKey.generate(), time.time_ns() // 1_000_000
    body = json.dumps(beat_of(alice)).encode()
    headers = {
        KEY_HEADER: encoded(private.public_key().public_bytes_raw()),
        TIME_HEADER: str(moment),
        SIGNATURE_HEADER: encoded(private.sign(f"{moment}\n".encode() + body)),
    }
    assert await sent(client, body, headers) == (401, "device-signature-wrong")


async def test_a_device_has_one_name(client: Client, device: DeviceKey, alice: Wallet) -> None:
    body = json.dumps(beat_of(alice)).encode()
    for name in (device.public[:-2] + after(device.public[-2]) + "=", device.public.rstrip("=")):
        headers = {**device.sign(body), KEY_HEADER: name}
        assert await sent(client, body, headers) == (401, "device-signature-wrong")


@pytest.mark.parametrize("moment", ["", "soon", "1e12", "-5", "17e9", "²", "9" * 400])
async def test_a_time_that_is_none_is_refused(
    client: Client, device: DeviceKey, alice: Wallet, moment: str
) -> None:
    body = json.dumps(beat_of(alice)).encode()
    headers = {**device.sign(body), TIME_HEADER: moment}
    assert await sent(client, body, headers) == (401, "device-signature-wrong")


async def sent(client: Client, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    """Status and code of the answer to a heartbeat with these headers."""
    asked = {"Content-Type": "application/json", **headers}
    url = f"{client.url}{V1}/heartbeat"
    async with client.session.post(url, data=body, headers=asked) as told:
        return told.status, (await told.json(content_type=None))["code"]


def after(sign: str) -> str:
    """The next sign of base64: another text, whose last bits nobody reads."""
    signs = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
    return signs[signs.index(sign) + 1]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("walletAddress", "cosmos1qqqq"),
        ("walletAddress", "omni1notanaddress"),
        ("consensusPubkey", KEY[:-2] + "9="),
        ("consensusPubkey", "AAAA"),
        ("blockHeight", -1),
        ("blockHeight", 2**63),
        ("localRpcPort", 70_000),
        ("surprise", 1),
    ],
)
async def test_a_wrong_field_is_named(
    client: Client, device: DeviceKey, alice: Wallet, field: str, value: object
) -> None:
    refused = await client.beat(device, **{**beat_of(alice), field: value})
    assert refused.status == 422
    assert [fault["field"] for fault in refused.body["errors"]] == [field]


async def test_heartbeats_that_come_together_share_commits(
    client: Client, device: DeviceKey, alice: Wallet
) -> None:
    keys = [base64.b64encode(number.to_bytes(32)).decode() for number in range(200)]
    sent = await asyncio.gather(*(client.beat(device, **beat_of(alice, key=key)) for key in keys))
    assert {one.status for one in sent} == {200}
    assert client.orchestrator.heartbeats.commits < len(keys) / 2
    assert len({one.body["id"] for one in sent}) == len(keys)


async def test_of_two_at_once_for_one_key_the_later_stands(
    client: Client, device: DeviceKey, alice: Wallet
) -> None:
    moment = time.time_ns() // 1_000_000
    sent = await asyncio.gather(
        *(client.beat(device, moment + n, **beat_of(alice, n)) for n in range(20))
    )
    assert {one.status for one in sent} <= {200, 409}
    found = await client.get(f"{V1}/heartbeat/{KEY}")
    assert found.body["blockHeight"] == 19


async def test_the_wallet_can_bind_another_device(
    client: Client, device: DeviceKey, other_device: DeviceKey, alice: Wallet, mallory: Wallet
) -> None:
    await client.beat(device, **beat_of(alice))
    path = f"{V1}/heartbeat/{KEY}/device"
    wanted = {"deviceKey": other_device.public}
    assert (await client.post(path, wanted)).status == 401
    assert (await client.post(path, wanted, await client.sign_in(mallory))).status == 403
    assert (await client.post(path, wanted, await client.sign_in(alice))).status == 200
    assert (await client.beat(other_device, **beat_of(alice))).status == 200
    assert (await client.beat(device, **beat_of(alice))).status == 403


async def test_heartbeats_outlive_the_service(
    client: Client, device: DeviceKey, alice: Wallet
) -> None:
    from aiohttp import ClientSession

    from bridge.orchestrator.chain.client import ChainAddress
    from bridge.orchestrator.server import Orchestrator
    from tests.unit.bridge.orchestrator.conftest import settings_for

    await client.beat(device, **beat_of(alice, 41))
    again = Orchestrator(
        settings_for(client.orchestrator.settings.database_url), ChainAddress("test-1", "omni")
    )
    await again.start()
    async with ClientSession() as session:
        found = await Client(again, session).get(f"{V1}/heartbeat/{KEY}")
    await again.stop()
    assert found.body["blockHeight"] == 41


@asynccontextmanager
async def held_back(database_url: str) -> AsyncIterator[None]:
    """Nothing can be committed to the heartbeats meanwhile."""
    async with AsyncExitStack() as stack:
        if database_url.startswith("sqlite"):
            file = sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
            stack.callback(file.close)
            file.execute("BEGIN IMMEDIATE")
        else:
            server = await asyncpg.connect(database_url)
            stack.push_async_callback(server.close)
            await stack.enter_async_context(server.transaction())
            await server.execute("LOCK TABLE local_validator_heartbeats IN SHARE MODE")
        yield


async def test_no_heartbeat_is_answered_before_it_is_stored(
    client: Client, device: DeviceKey, alice: Wallet
) -> None:
    await client.beat(device, **beat_of(alice, 1))
    async with held_back(client.orchestrator.settings.database_url):
        sending = asyncio.create_task(client.beat(device, **beat_of(alice, 2)))
        await asyncio.wait([sending], timeout=0.5)
        assert not sending.done()
        assert (await client.get(f"{V1}/heartbeat/{KEY}")).body["blockHeight"] == 1
    assert (await sending).status == 200
    assert (await client.get(f"{V1}/heartbeat/{KEY}")).body["blockHeight"] == 2


async def test_a_commit_waits_for_the_disk(client: Client) -> None:
    database = client.orchestrator.database
    if not database.is_sqlite:
        async with database.engine.connect() as connection:
            assert await connection.scalar(text("SHOW synchronous_commit")) == "on"
        return
    asked = text("PRAGMA synchronous")
    writer = SqliteWriter(database.url)
    assert await writer.run(lambda connection: connection.scalar(asked)) == 2
    await writer.close()
    async with database.engine.connect() as connection:
        assert await connection.scalar(asked) == 2


async def test_a_killed_service_has_every_heartbeat_that_it_answered(
    layout: Layout, device: DeviceKey, alice: Wallet, unused_tcp_port: int, tmp_path: Path
) -> None:
    database_url = f"sqlite:///{tmp_path / 'orchestrator.sqlite'}"
    environment = {
        **os.environ,
        "ONECLICK_DATA": str(layout.data),
        "ONECLICK_LOCALNET": str(layout.data),
        "ONECLICK_ORCHESTRATOR_DATABASE_URL": database_url,
        "ONECLICK_ORCHESTRATOR_HEARTBEATS_PER_MINUTE": "0",
    }
    command = [sys.executable, "-m", "bridge.orchestrator", "--port", str(unused_tcp_port)]
    keys = [base64.b64encode(number.to_bytes(32)).decode() for number in range(16)]
    answered: dict[str, int] = {}

    async def beat_on(session: ClientSession, key: str) -> None:
        for height in range(1, 10_000):
            content = json.dumps(beat_of(alice, height, key)).encode()
            headers = {"Content-Type": "application/json", **device.sign(content)}
            async with session.post(f"{url}/heartbeat", data=content, headers=headers) as told:
                if told.status == 200:
                    answered[key] = height

    url = f"http://127.0.0.1:{unused_tcp_port}{V1}"
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as service:
        try:
            async with ClientSession() as session:
                async with asyncio.timeout(60):
                    while await _is_away(unused_tcp_port):
                        await asyncio.sleep(0.1)
                sending = [asyncio.create_task(beat_on(session, key)) for key in keys]
                async with asyncio.timeout(60):
                    while sum(answered.values()) < 100:
                        await asyncio.sleep(0.01)
                async with held_back(database_url):
                    await asyncio.sleep(0.3)
                    service.kill()
                    service.wait()
                await asyncio.gather(*sending, return_exceptions=True)
        finally:
            service.kill()
    async with client_of(database_url) as client:
        for key, height in answered.items():
            found = await client.get(f"{V1}/heartbeat/{key}")
            assert found.body["blockHeight"] >= height


async def _is_away(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return True
    writer.close()
    return False
