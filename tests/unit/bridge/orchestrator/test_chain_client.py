# SPDX-License-Identifier: Apache-2.0
"""The orchestrator's picture of the chain, by recorded answers of a real node."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from decimal import Decimal

import pytest

from bridge.orchestrator.chain.client import ChainAddress, ChainClient
from bridge.orchestrator.errors import ChainUnavailable
from node_manager.cosmos.encoding import unix_time
from tests.unit.cosmos.recorded import CHAIN, RecordedServer, answer
from tests.unit.cosmos.test_rest import STAKING, fill

VALIDATORS = f"{STAKING}/validators"
BLOCK = "cosmos/base/tendermint/v1beta1/blocks/latest"
Open = Callable[..., ChainClient]


@pytest.fixture
async def server() -> AsyncIterator[RecordedServer]:
    async with RecordedServer() as running:
        fill(running)
        yield running


@pytest.fixture
async def client_for() -> AsyncIterator[Open]:
    made: list[ChainClient] = []

    def client(*urls: str, chain: str = CHAIN) -> ChainClient:
        made.append(ChainClient(ChainAddress(chain, "omni", "omniphi", rest_urls=urls)))
        return made[-1]

    yield client
    for one in made:
        await one.stop()


def readings(server: RecordedServer) -> int:
    return sum(path.startswith(VALIDATORS) for path in server.asked)


async def test_it_knows_every_validator_by_its_key(
    server: RecordedServer, client_for: Open
) -> None:
    snapshot = await client_for(server.url).refresh()
    told = answer("rest/staking_validators")["validators"]
    assert set(snapshot.by_pubkey) == {one["consensus_pubkey"]["key"] for one in told}
    header = answer("rest/latest_block")["block"]["header"]
    assert (snapshot.height, snapshot.chain_id) == (int(header["height"]), CHAIN)
    assert snapshot.block_time == unix_time(header["time"])
    assert snapshot.slashing is not None
    assert snapshot.staking is not None


async def test_it_is_read_again_when_there_is_a_new_block_and_not_before(
    server: RecordedServer, client_for: Open
) -> None:
    client = client_for(server.url)
    first = await client.refresh()
    seen = await client.refresh()
    assert readings(server) == 1
    assert seen.by_pubkey is first.by_pubkey
    assert first.at is not None
    assert seen.at is not None
    assert seen.at >= first.at
    block = answer("rest/latest_block")
    block["block"]["header"]["height"] = str(first.height + 1)
    server.give(BLOCK, block)
    assert (await client.refresh()).height == first.height + 1
    assert readings(server) == 2


async def test_the_next_server_answers_for_one_that_is_gone(
    server: RecordedServer, client_for: Open
) -> None:
    async with RecordedServer() as gone:
        url = gone.url
    assert (await client_for(url, server.url).refresh()).by_pubkey


async def test_no_server_is_said_and_the_last_picture_stays(
    server: RecordedServer, client_for: Open
) -> None:
    client = client_for(server.url)
    known = await client.refresh()
    server.answers.clear()
    with pytest.raises(ChainUnavailable):
        await client.refresh()
    assert client.snapshot is known


async def test_another_chain_is_not_taken_for_ours(
    server: RecordedServer, client_for: Open
) -> None:
    client = client_for(server.url, chain="omniphi-testnet-2")
    with pytest.raises(ChainUnavailable, match=f"serves {CHAIN}, not omniphi-testnet-2"):
        await client.refresh()
    assert client.snapshot.by_pubkey == {}


async def test_the_gas_price_is_what_the_server_asks_for(
    server: RecordedServer, client_for: Open
) -> None:
    told = answer("rest/node_config")["minimum_gas_price"]
    assert await client_for(server.url).gas_price() == Decimal(told.removesuffix("omniphi"))
