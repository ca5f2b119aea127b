# SPDX-License-Identifier: Apache-2.0
"""CometBFT's RPC, by recorded answers of a real node."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from node_manager.cosmos import errors
from node_manager.cosmos.rpc import Rpc
from node_manager.cosmos.rpc_answers import BlockFlag
from node_manager.cosmos.web import is_loopback, normal_url
from tests.unit.cosmos.recorded import CHAIN, RecordedServer, answer

ADDRESS = "E713305F35F3C116DD2541673A8B6BD0F9AE2001"


@pytest.fixture
async def server() -> AsyncIterator[RecordedServer]:
    async with RecordedServer() as running:
        names = "status net_info commit block blockchain validators abci_info genesis"
        for name in names.split():
            running.give(name, answer(f"rpc/{name}"))
        yield running


@pytest.fixture
async def rpc(server: RecordedServer) -> AsyncIterator[Rpc]:
    async with Rpc(server.url) as client:
        yield client


async def test_heights_are_numbers_and_times_are_seconds(rpc: Rpc) -> None:
    status = await rpc.status()
    assert status.node_info.network == CHAIN
    assert status.sync_info.latest_block_height == 50
    assert status.sync_info.latest_block_time == pytest.approx(1795354174.1408)
    assert status.sync_info.catching_up is False
    assert status.validator_info.voting_power == 100000
    assert len(status.validator_info.pub_key.raw) == 32


async def test_peers_are_counted_by_who_dialled(rpc: Rpc) -> None:
    peers = await rpc.net_info()
    assert (peers.n_peers, peers.outbound, peers.inbound) == (1, 0, 1)


async def test_a_commit_tells_who_signed(rpc: Rpc) -> None:
    body = (await rpc.commit(50)).signed_header.commit
    assert body.flag_of(ADDRESS) is BlockFlag.COMMIT
    assert body.flag_of("00" * 20) is None
    assert body.absent == 1


async def test_the_set_and_the_headers_come_whole(rpc: Rpc) -> None:
    assert [m.voting_power for m in await rpc.validators()] == [100000, 40000]
    metas = (await rpc.blockchain(31, 50)).block_metas
    assert [m.header.height for m in metas[:2]] == [50, 49]
    assert (await rpc.abci_info()).response.last_block_height == 50
    assert (await rpc.block()).block.header.chain_id == CHAIN
    assert (await rpc.genesis())["chain_id"] == CHAIN


async def test_the_servers_refusal_is_quoted(rpc: Rpc, server: RecordedServer) -> None:
    server.give("commit", answer("rpc/block_too_high"))
    with pytest.raises(errors.Refused, match="must be less than or equal") as refused:
        await rpc.commit(99999)
    assert not isinstance(refused.value, errors.NotFound)


async def test_a_transaction_no_block_has_is_not_found(rpc: Rpc, server: RecordedServer) -> None:
    server.give("tx", answer("rpc/tx_notfound"))
    with pytest.raises(errors.NotFound):
        await rpc.tx("DEAD")


async def test_nothing_listening_is_no_answer() -> None:
    async with Rpc("tcp://127.0.0.1:1") as rpc:
        with pytest.raises(errors.NoAnswer):
            await rpc.status()


@pytest.mark.parametrize("told", [{"result": {}}, {"result": 1}, {}, [1], b"<html>"])
async def test_other_answers_are_not_understood(
    told: object, rpc: Rpc, server: RecordedServer
) -> None:
    server.give("status", told)
    with pytest.raises(errors.AnswerNotUnderstood):
        await rpc.status()


async def test_a_gateway_in_trouble_is_no_answer(rpc: Rpc, server: RecordedServer) -> None:
    server.give("status", {}, status=502)
    with pytest.raises(errors.NoAnswer):
        await rpc.status()


async def test_the_servers_clock_is_kept(rpc: Rpc, server: RecordedServer) -> None:
    server.headers["Date"] = "Sun, 22 Nov 2026 13:29:36 GMT"
    await rpc.status()
    assert rpc.server_date == 1795354176


def test_addresses_of_configuration_files_are_http() -> None:
    assert normal_url("tcp://127.0.0.1:26657") == "http://127.0.0.1:26657"
    assert normal_url("https://rpc.example:443/") == "https://rpc.example:443"
    assert is_loopback("tcp://127.0.0.1:1")
    assert is_loopback("http://localhost:1")
    assert is_loopback("http://[::1]:1")
    assert not is_loopback("https://rpc.example")
