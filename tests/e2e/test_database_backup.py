# SPDX-License-Identifier: Apache-2.0
"""Backup and restore of the orchestrator's database, as packaging/docker/README.md tells it."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bridge.device import DeviceKey
from bridge.orchestrator.chain.client import ChainAddress
from bridge.orchestrator.server import Orchestrator
from tests.helpers.postgres import _program, postgres_or_skip
from tests.unit.bridge.orchestrator.conftest import Client, settings_for
from tests.unit.bridge.orchestrator.wallet import Wallet

KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
REQUEST = {
    "validatorName": "kept",
    "commissionRate": "0.1",
    "runMode": "local",
    "consensusPubkey": KEY,
}


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    with postgres_or_skip() as address:
        yield address


class Service:
    """An orchestrator on a database, asked and answered by its own interface."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self.wallet = Wallet("alice")

    async def __aenter__(self) -> Client:
        from aiohttp import ClientSession

        self._orchestrator = Orchestrator(settings_for(self._url), ChainAddress("test-1", "omni"))
        await self._orchestrator.start()
        self._session = ClientSession()
        return Client(self._orchestrator, self._session)

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()
        await self._orchestrator.stop()


async def fill(client: Client, wallet: Wallet) -> None:
    token = await client.sign_in(wallet)
    body = {**REQUEST, "walletAddress": wallet.address}
    assert (await client.post("/api/v1/validators/setup-requests", body, token)).status == 201
    beat = {
        "walletAddress": wallet.address,
        "consensusPubkey": KEY,
        "blockHeight": 7,
        "uptimeSeconds": 1,
    }
    assert (await client.beat(DeviceKey(Ed25519PrivateKey.generate()), **beat)).status in {200, 201}


async def listed(client: Client, wallet: Wallet) -> list[object]:
    answer = await client.get(f"/api/v1/validators/by-wallet/{wallet.address}")
    assert answer.status == 200
    return list(answer.body)


def program(name: str, *words: str, stdin: bytes | None = None) -> bytes:
    done = subprocess.run([_program(name), *words], input=stdin, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


async def test_a_dump_of_a_running_service_is_proved_and_restored(postgres: str) -> None:
    at = ("-d", f"{postgres}/oneclick")
    server = ("--maintenance-db", f"{postgres}/postgres")
    program("createdb", *server, "oneclick")
    service = Service(f"{postgres}/oneclick")
    async with service as client:
        await fill(client, service.wallet)
        before = await listed(client, service.wallet)
        dump = program("pg_dump", *at, "--format=custom")
        # What comes after the backup is lost by the restore, and nothing else.
        token = await client.sign_in(service.wallet)
        later = {**REQUEST, "walletAddress": service.wallet.address, "validatorName": "later"}
        await client.post("/api/v1/validators/setup-requests", later, token)

    program("createdb", *server, "proof")
    program("pg_restore", "-d", f"{postgres}/proof", "--exit-on-error", stdin=dump)
    count = "SELECT count(*) FROM validator_setup_requests"
    told = program("psql", "-d", f"{postgres}/proof", "-At", "-c", count)
    assert told.strip() == b"1"
    program("dropdb", *server, "proof")

    program("dropdb", *server, "--force", "oneclick")
    program("createdb", *server, "oneclick")
    program("pg_restore", *at, "--exit-on-error", stdin=dump)
    async with service as client:
        assert await listed(client, service.wallet) == before
        assert (await client.get("/readyz")).status == 200


async def test_a_copy_of_sqlite_in_use_is_whole(tmp_path: Path) -> None:
    if shutil.which("sqlite3") is None:
        pytest.skip("sqlite3 (Debian package sqlite3) is not installed")
    file, copy = tmp_path / "orchestrator.sqlite", tmp_path / "oneclick.sqlite"
    service = Service(f"sqlite:///{file}")
    async with service as client:
        await fill(client, service.wallet)
        before = await listed(client, service.wallet)
        subprocess.run(["sqlite3", str(file), f".backup '{copy}'"], check=True, timeout=30)
    for part in tmp_path.glob("orchestrator.sqlite*"):
        part.unlink()
    copy.rename(file)
    async with service as client:
        assert await listed(client, service.wallet) == before
    with sqlite3.connect(file) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
