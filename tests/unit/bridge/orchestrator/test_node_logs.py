# SPDX-License-Identifier: Apache-2.0
"""The log of a cloud node: asked of the service, read by a worker, shown to its owner."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator

import pytest

from bridge.orchestrator.db.columns import now
from bridge.orchestrator.db.tables import NodeLog
from bridge.orchestrator.enums import ProviderName
from bridge.orchestrator.node_logs import LINE, LINES, LogReader
from bridge.orchestrator.providers.base import ProviderTrouble
from bridge.orchestrator.work.worker import Worker
from tests.unit.bridge.orchestrator.cloud import Cloud
from tests.unit.bridge.orchestrator.conftest import V1, Client
from tests.unit.bridge.orchestrator.test_setups import deployed, wish_of
from tests.unit.bridge.orchestrator.wallet import Wallet


class Talker(Cloud):
    """A provider whose nodes write."""

    def __init__(self) -> None:
        super().__init__()
        self.lines = [f"line {number}" for number in range(2 * LINES)]
        self.reads: list[uuid.UUID] = []

    async def logs(self, node_id: uuid.UUID, lines: int) -> list[str]:
        self._act()
        self.reads.append(node_id)
        return self.lines[-lines:]


@pytest.fixture
def talker() -> Talker:
    return Talker()


@pytest.fixture
async def workers(client: Client, talker: Talker) -> AsyncIterator[list[Worker]]:
    """Two workers that read logs and do nothing else."""
    service = client.orchestrator
    reader = LogReader(service.database, {ProviderName.OMNIPHI_CLOUD: talker})
    made = [Worker(service.database, service.chain, {}, logs=reader) for _ in range(2)]
    yield made
    for worker in made:
        await worker.stop()


@pytest.fixture
async def owner(client: Client, alice: Wallet) -> str:
    return await client.sign_in(alice)


@pytest.fixture
async def logs(client: Client, alice: Wallet, owner: str) -> str:
    """The path of the logs of a node that is deployed."""
    made = await client.post(f"{V1}/setup-requests", wish_of(alice), owner)
    setup = made.body["setupRequest"]["id"]
    await deployed(client, setup)
    node = (await client.get(f"{V1}/setup-requests/{setup}")).body["node"]
    return str(node["logsUrl"])


async def test_the_owner_reads_the_last_lines(
    client: Client, owner: str, logs: str, workers: list[Worker], talker: Talker
) -> None:
    talker.lines[-1] = "\0\x1b[32m" + "x" * 2 * LINE
    for worker in workers:
        worker.start()
    found = await client.get(f"{logs}?lines=2", owner)
    assert found.status == 200
    assert found.body["lines"] == [f"line {2 * LINES - 2}", "x" * (LINE - 1)]
    assert len((await client.get(f"{logs}?lines={LINES}", owner)).body["lines"]) == LINES
    assert len((await client.get(logs, owner)).body["lines"]) == 100
    assert len(talker.reads) == 1  # a moment ago is new enough


async def test_readers_at_once_cost_one_read(
    client: Client, owner: str, logs: str, workers: list[Worker], talker: Talker
) -> None:
    asked = asyncio.gather(*(client.get(logs, owner) for _ in range(5)))
    await asyncio.sleep(0.3)  # all five wait by now
    for worker in workers:
        worker.start()
    assert {found.status for found in await asked} == {200}
    assert len(talker.reads) == 1


async def test_what_the_provider_says_is_passed_on(
    client: Client, owner: str, logs: str, workers: list[Worker], talker: Talker
) -> None:
    talker.fails = [ProviderTrouble(reason="Docker is away.")]
    workers[0].start()
    found = await client.get(logs, owner)
    assert found.status == 503
    assert "Docker is away." in found.body["detail"]


async def test_without_a_worker_it_is_said(client: Client, logs: str, owner: str) -> None:
    client.orchestrator.logs._wait_seconds = 0.1
    found = await client.get(logs, owner)
    assert (found.status, found.body["code"]) == (503, "logs-not-read")
    async with client.orchestrator.database.sessions.begin() as session:
        row = await session.get_one(NodeLog, uuid.UUID(await node_of(client, logs)))
        row.lines, row.read_at = ["said long ago"], now()
    assert (await client.get(logs, owner)).body["lines"] == ["said long ago"]


async def node_of(client: Client, logs: str) -> str:
    return str((await client.get(logs.removesuffix("/logs"))).body["node"]["id"])


async def test_a_request_without_a_node_has_no_log(
    client: Client, alice: Wallet, owner: str
) -> None:
    made = await client.post(f"{V1}/setup-requests", wish_of(alice), owner)
    path = f"{V1}/setup-requests/{made.body['setupRequest']['id']}/logs"
    found = await client.get(path, owner)
    assert found.status == 409
    assert "has no node" in found.body["detail"]


@pytest.mark.parametrize("lines", ["0", str(LINES + 1), "many"])
async def test_only_so_many_lines_are_asked_for(
    client: Client, owner: str, logs: str, lines: str
) -> None:
    assert (await client.get(f"{logs}?lines={lines}", owner)).status in {400, 422}
