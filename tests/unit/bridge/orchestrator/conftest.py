# SPDX-License-Identifier: Apache-2.0
"""An orchestrator on each kind of database, and a client that knows its way."""

from __future__ import annotations

import asyncio
import json
import shutil
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiohttp import ClientResponse, ClientSession

from bridge.device import DeviceKey
from bridge.orchestrator.chain.client import ChainAddress
from bridge.orchestrator.db.database import Database
from bridge.orchestrator.db.migrate import migrate
from bridge.orchestrator.enums import ProviderName
from bridge.orchestrator.portal.network import network_of
from bridge.orchestrator.server import Orchestrator
from bridge.orchestrator.settings import Settings
from node_manager.layout import Layout
from tests.helpers.postgres import postgres_or_skip
from tests.unit.bridge.orchestrator.wallet import Wallet

V1 = "/api/v1/validators"
UNLIMITED = {
    "reads_per_minute": 0,
    "changes_per_minute": 0,
    "sign_ins_per_minute": 0,
    "heartbeats_per_minute": 0,
}


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with postgres_or_skip() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of its own without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'orchestrator.sqlite'}"
    address: str = request.getfixturevalue("postgres")
    return asyncio.run(_new_database(address, "template1"))


@pytest.fixture(scope="session")
def with_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with all tables and nothing in them."""
    file = tmp_path_factory.mktemp("tables") / "orchestrator.sqlite"
    asyncio.run(_make_tables(f"sqlite:///{file}"))
    return file


@pytest.fixture(scope="session")
def postgres_with_tables(postgres: str) -> str:
    """The name of such a database in PostgreSQL."""
    address = asyncio.run(_new_database(postgres, "template1"))
    asyncio.run(_make_tables(address))
    return address.rpartition("/")[2]


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of its own; its tables are copied, because each migration takes its time."""
    if request.param == "sqlite":
        file = tmp_path / "orchestrator.sqlite"
        shutil.copy(request.getfixturevalue("with_tables"), file)
        return f"sqlite:///{file}"
    address: str = request.getfixturevalue("postgres")
    return asyncio.run(_new_database(address, request.getfixturevalue("postgres_with_tables")))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The same, open."""
    database = Database(database_url)
    yield database
    await database.close()


async def _new_database(address: str, template: str) -> str:
    name = f"t{uuid.uuid4().hex}"
    connection = await asyncpg.connect(f"{address}/postgres")
    try:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    finally:
        await connection.close()
    return f"{address}/{name}"


async def _make_tables(url: str) -> None:
    database = Database(url)
    try:
        await migrate(database)
    finally:
        await database.close()


@dataclass(slots=True)
class Answer:
    status: int
    body: Any
    headers: dict[str, str]


class Client:
    """Talks to one orchestrator."""

    def __init__(self, orchestrator: Orchestrator, session: ClientSession) -> None:
        self.orchestrator = orchestrator
        self.session = session

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.orchestrator.port}"

    async def get(self, path: str, token: str = "", **headers: str) -> Answer:
        return await self._asked("GET", path, None, token, headers)

    async def post(self, path: str, body: object, token: str = "", **headers: str) -> Answer:
        return await self._asked("POST", path, body, token, headers)

    async def sign_in(self, wallet: Wallet) -> str:
        """A session token of `wallet`."""
        asked = await self.post("/api/v1/auth/nonce", {"walletAddress": wallet.address})
        made = await self.post(
            "/api/v1/auth/session",
            {
                "walletAddress": wallet.address,
                "nonce": asked.body["nonce"],
                "pubKey": wallet.public_text,
                "signature": wallet.sign_text(asked.body["message"]),
            },
        )
        assert made.status == 201, made.body
        return str(made.body["token"])

    async def beat(self, device: DeviceKey, moment_ms: int | None = None, **body: object) -> Answer:
        """A signed heartbeat."""
        content = json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **device.sign(content, moment_ms)}
        async with self.session.post(
            f"{self.url}{V1}/heartbeat", data=content, headers=headers
        ) as response:
            return await _read(response)

    async def _asked(
        self, method: str, path: str, body: object, token: str, headers: dict[str, str]
    ) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            named["Authorization"] = f"Bearer {token}"
        async with self.session.request(
            method, self.url + path, json=body, headers=named
        ) as response:
            return await _read(response)


async def _read(response: ClientResponse) -> Answer:
    text = await response.text()
    body = json.loads(text) if "json" in response.content_type else text
    return Answer(response.status, body, dict(response.headers))


Open = Callable[..., AsyncIterator[Client]]


def settings_for(database_url: str, **more: object) -> Settings:
    values = {
        "port": 0,
        "database_url": database_url,
        "providers": [ProviderName.OMNIPHI_CLOUD, ProviderName.LOCAL],
        **UNLIMITED,
        **more,
    }
    return Settings(**values)  # type: ignore[arg-type]


@asynccontextmanager
async def client_of(database_url: str, portal: Layout | None = None) -> AsyncIterator[Client]:
    """A client of an orchestrator without a chain; it serves the portal where folders are given."""
    settings, chain = settings_for(database_url), ChainAddress("test-1", "omni")
    network = None if portal is None else network_of(settings, chain, portal)
    orchestrator = Orchestrator(settings, chain, network)
    await orchestrator.start()
    async with ClientSession() as session:
        yield Client(orchestrator, session)
    await orchestrator.stop()


@pytest.fixture
async def client(database_url: str) -> AsyncIterator[Client]:
    """A client of an orchestrator on an empty database, without a chain."""
    async with client_of(database_url) as made:
        yield made


@pytest.fixture
def alice() -> Wallet:
    return Wallet("alice")


@pytest.fixture
def mallory() -> Wallet:
    return Wallet("mallory")


@pytest.fixture
def device(tmp_path: Path) -> DeviceKey:
    return DeviceKey.load_or_create(tmp_path / "device")


@pytest.fixture
def other_device(tmp_path: Path) -> DeviceKey:
    return DeviceKey.load_or_create(tmp_path / "other-device")
