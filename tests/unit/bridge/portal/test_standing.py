# SPDX-License-Identifier: Apache-2.0
"""How a wallet and its validator stand, read from a chain's REST server."""

from __future__ import annotations

import asyncio
import base64
import datetime
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, ClientTimeout, web
from aiohttp.test_utils import TestServer

from bridge.orchestrator.chain.addresses import Addresses
from bridge.orchestrator.chain.client import ChainAddress
from bridge.orchestrator.enums import ProviderName
from bridge.orchestrator.portal.network import NetworkBody, network_of
from bridge.orchestrator.server import Orchestrator
from bridge.orchestrator.settings import Settings
from node_manager.keys.consensus import ConsensusPublicKey
from node_manager.layout import Layout
from tests.unit.bridge.orchestrator.wallet import Wallet

CHAIN = "omniphi-localnet-1"
KEY = "sNhwzgJbrkSfA24sHAVYtHlGZptKRmhqtbE46igDmG4="
ADDRESSES = Addresses("omni")
VOTER = base64.b64encode(ConsensusPublicKey.from_base64(KEY).address_bytes).decode()
OTHER_VOTER = base64.b64encode(bytes(20)).decode()
ELSEWHERE = "https://portal.example"


class FakeChain:
    """A REST server of a chain with one validator, which tests change."""

    def __init__(self, operator: str) -> None:
        self.height = 100
        self.missed = 3
        self.offset = 250
        self.votes: list[str] | None = None
        self.down = False
        self.operator = operator
        self.url = ""
        self.account_known = True

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if self.down:
            return web.Response(status=503)
        path = request.path.removeprefix("/cosmos/")
        for start, told in self.told().items():
            if path.startswith(start):
                return web.json_response(told)
        return web.json_response({"code": 5, "message": "not found"}, status=404)

    def commit(self) -> object:
        """The votes in the newest block, as the chain writes them."""
        if self.votes is None:
            return None
        absent = {"block_id_flag": "BLOCK_ID_FLAG_ABSENT", "validator_address": None}
        voted = [
            {"block_id_flag": "BLOCK_ID_FLAG_COMMIT", "validator_address": one}
            for one in self.votes
        ]
        return {"height": str(self.height - 1), "signatures": [absent, *voted]}

    def told(self) -> dict[str, Any]:
        consensus = ADDRESSES.consensus(base64.b64decode(KEY))
        # A block takes three seconds.
        time = datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC)
        time += datetime.timedelta(seconds=3 * self.height)
        block = {"chain_id": CHAIN, "height": str(self.height), "time": time.isoformat()}
        validator = {
            "operator_address": self.operator,
            "consensus_pubkey": {"@type": "/cosmos.crypto.ed25519.PubKey", "key": KEY},
            "jailed": False,
            "status": "BOND_STATUS_BONDED",
            "tokens": "1000000000",
            "description": {"moniker": "heron"},
            "commission": {
                "commission_rates": {
                    "rate": "0.100000000000000000",
                    "max_rate": "0.200000000000000000",
                    "max_change_rate": "0.010000000000000000",
                },
                "update_time": "2026-11-21T16:00:00Z",
            },
        }
        signing = {
            "address": consensus,
            "index_offset": str(self.offset),
            "jailed_until": "1970-01-01T00:00:00Z",
            "missed_blocks_counter": str(self.missed),
        }
        told = {
            "base/tendermint/v1beta1/blocks/latest": {
                "block": {"header": block, "last_commit": self.commit()}
            },
            "staking/v1beta1/validators": {"validators": [validator]},
            "staking/v1beta1/params": {
                "params": {
                    "unbonding_time": "1814400s",
                    "max_validators": 125,
                    "bond_denom": "omniphi",
                    "min_commission_rate": "0.050000000000000000",
                }
            },
            "slashing/v1beta1/signing_infos": {"info": [signing]},
            "slashing/v1beta1/params": {
                "params": {
                    "signed_blocks_window": "100",
                    "min_signed_per_window": "0.500000000000000000",
                    "downtime_jail_duration": "600s",
                    "slash_fraction_double_sign": "0.050000000000000000",
                    "slash_fraction_downtime": "0.000100000000000000",
                }
            },
            "bank/v1beta1/balances": {"balances": [{"denom": "omniphi", "amount": "5000000"}]},
            "distribution/v1beta1/delegators": {
                "rewards": [{"denom": "omniphi", "amount": "12.900000000000000000"}]
            },
            "distribution/v1beta1/validators": {
                "commission": {"commission": [{"denom": "omniphi", "amount": "3.2"}]}
            },
        }
        if self.account_known:
            told["auth/v1beta1/account_info"] = {"info": {"address": "omni1"}}
        return told


@pytest.fixture
def wallet() -> Wallet:
    return Wallet("heron")


@pytest.fixture
async def chain(wallet: Wallet) -> AsyncIterator[FakeChain]:
    found = FakeChain(ADDRESSES.operator(wallet.address))
    app = web.Application()
    app.router.add_get("/{path:.*}", found.answer)
    async with TestServer(app) as server:
        found.url = str(server.make_url("")).rstrip("/")
        yield found


@pytest.fixture
async def service(chain: FakeChain, layout: Layout, tmp_path: Path) -> AsyncIterator[str]:
    """Address of an orchestrator on that chain."""
    settings = Settings(
        port=0,
        database_url=f"sqlite:///{tmp_path / 'orchestrator.sqlite'}",
        providers=[ProviderName.OMNIPHI_CLOUD, ProviderName.LOCAL],
        reads_per_minute=0,
        cors_origins=[ELSEWHERE],
    )
    address = ChainAddress(CHAIN, "omni", "omniphi", None, [chain.url])
    serving = Orchestrator(settings, address, network_of(settings, address, layout))
    await serving.start()
    yield f"http://127.0.0.1:{serving.port}"
    await serving.stop()


async def read(url: str) -> tuple[int, Any]:
    async with ClientSession() as client, client.get(url) as answer:
        return answer.status, await answer.json()


async def until(service: str, wallet: Wallet, height: int) -> Any:
    """How the wallet stands once the chain was read at `height`."""
    async with asyncio.timeout(20):
        while True:
            _, told = await read(f"{service}/api/v1/portal/wallets/{wallet.address}")
            if told["height"] == height:
                return told
            await asyncio.sleep(0.1)


async def test_everything_about_a_validator_in_one_reading(
    service: str, chain: FakeChain, wallet: Wallet
) -> None:
    status, told = await read(f"{service}/api/v1/portal/wallets/{wallet.address}")
    assert status == 200
    assert (told["height"], told["balance"], told["known"]) == (100, "5000000", True)
    assert told["rules"]["mayMiss"] == 50
    validator = told["validator"]
    assert validator["operatorAddress"] == chain.operator
    assert validator["status"] == "active"
    assert validator["signing"]["counted"] == 100, "never more than the window"
    assert validator["signing"]["missed"] == 3
    assert validator["signing"]["jailedUntil"] is None
    assert (validator["rewards"], validator["commissionEarned"]) == ("12", "3")
    assert validator["heartbeat"] is None


@pytest.mark.parametrize(
    ("votes", "signed"), [([VOTER], True), ([OTHER_VOTER], False), ([], False), (None, None)]
)
async def test_whether_the_last_block_is_signed_is_told(
    service: str, chain: FakeChain, wallet: Wallet, votes: list[str] | None, signed: bool | None
) -> None:
    chain.votes = votes
    chain.height += 1
    told = await until(service, wallet, chain.height)
    assert told["validator"]["signing"]["signedLast"] is signed


@pytest.mark.parametrize(("blocks", "seconds"), [(1, None), (5, 3.0), (100, 3.0)])
async def test_how_long_a_block_takes_is_measured(
    service: str, chain: FakeChain, wallet: Wallet, blocks: int, seconds: float | None
) -> None:
    assert (await until(service, wallet, chain.height))["rules"]["blockSeconds"] is None
    chain.height += blocks
    assert (await until(service, wallet, chain.height))["rules"]["blockSeconds"] == seconds


async def test_a_wallet_without_a_validator(service: str, chain: FakeChain) -> None:
    chain.account_known = False
    stranger = Wallet("stranger").address
    status, told = await read(f"{service}/api/v1/portal/wallets/{stranger}")
    assert (status, told["validator"], told["known"]) == (200, None, False)


@pytest.mark.parametrize("address", ["omni1nonsense", "cosmos1abc", "x" * 300])
async def test_what_is_no_address_is_refused(service: str, address: str) -> None:
    assert (await read(f"{service}/api/v1/portal/wallets/{address}"))[0] == 422
    assert (await read(f"{service}/api/v1/portal/wallets/{address}/events"))[0] == 422


async def test_a_silent_chain_is_told_in_words(
    service: str, chain: FakeChain, wallet: Wallet
) -> None:
    chain.down = True
    status, told = await read(f"{service}/api/v1/portal/wallets/{wallet.address}")
    assert (status, told["title"]) == (503, "The chain does not answer.")


async def test_each_new_block_is_told(service: str, chain: FakeChain, wallet: Wallet) -> None:
    url = f"{service}/api/v1/portal/wallets/{wallet.address}/events"
    heights = []
    async with (
        asyncio.timeout(30),
        ClientSession(timeout=ClientTimeout(None)) as client,
        client.get(url) as stream,
    ):
        assert stream.content_type == "text/event-stream"
        async for line in stream.content:
            if line.startswith(b"data: "):
                heights.append(json.loads(line[6:])["height"])
                chain.height += 1
                if len(heights) == 3:
                    break
    assert heights == [100, 101, 102]


async def test_a_portal_from_elsewhere_may_read_the_stream(
    service: str, chain: FakeChain, wallet: Wallet
) -> None:
    url = f"{service}/api/v1/portal/wallets/{wallet.address}/events"
    for origin, allowed in ((ELSEWHERE, ELSEWHERE), ("https://evil.example", None)):
        async with ClientSession() as client, client.get(url, headers={"Origin": origin}) as told:
            assert told.headers.get("Access-Control-Allow-Origin") == allowed
            assert told.headers["Vary"] == "Origin"
            assert told.headers["X-Frame-Options"] == "DENY"


async def test_the_network_is_described_for_page_and_wallet(service: str) -> None:
    status, told = await read(f"{service}/api/v1/portal/network")
    assert status == 200
    body = NetworkBody.model_validate(told)
    assert body.cloud_providers == [ProviderName.OMNIPHI_CLOUD]
    assert (body.chain_id, body.bridge_port) == (CHAIN, 15000)
