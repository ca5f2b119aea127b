# SPDX-License-Identifier: Apache-2.0
"""The localnet is a real network: blocks, money, others who join, an upgrade, a clean end."""

from __future__ import annotations

import asyncio
import hashlib
import json
import socket
import subprocess
import tarfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from bridge.localnet import processes
from bridge.localnet.errors import AddressInvalid, NoBlocks, TransactionFailed, UpgradeTooEarly
from bridge.localnet.faucet import fund
from bridge.localnet.founding import SNAPSHOT_INTERVAL
from bridge.localnet.network import down, status, switch_release, up
from bridge.localnet.ports import PortChooser, ValidatorPorts
from bridge.localnet.record import LocalnetInfo
from bridge.localnet.upgrade import follow_upgrade, pass_upgrade, wait_for_halt
from node_manager.cosmos.errors import NoAnswer
from node_manager.cosmos.home import HomePlan, NodePorts, StateSync, prepare_home
from node_manager.cosmos.program import Program
from node_manager.cosmos.rest import Rest
from node_manager.cosmos.rpc import Rpc
from node_manager.cosmos.state_sync import find_trust
from node_manager.layout import Layout
from node_manager.networks.catalogue import Catalogue
from node_manager.networks.targets import this_target
from tests.helpers.app import HeadlessApp

OMNI = 1_000_000


async def height(info: LocalnetInfo) -> int:
    async with Rpc(info.rpc_url) as rpc:
        return (await rpc.status()).sync_info.latest_block_height


async def balance(info: LocalnetInfo, address: str) -> int:
    async with Rest([info.rest_url]) as rest:
        return sum(coin.amount for coin in await rest.balances(address))


async def new_account(program: Program, home: Path, name: str) -> str:
    keyring = ("--keyring-backend", "test", "--home", str(home), "--output", "json")
    return str(json.loads((await program.call("keys", "add", name, *keyring)).stdout)["address"])


async def fetch_release(info: LocalnetInfo, folder: Path) -> Path:
    """What a person does with the profile: download, compare, unpack."""
    binary = json.loads((info.profile / "chain.json").read_text())["codebase"]["binaries"]
    url, _, checksum = binary[this_target()].partition("?checksum=sha256:")
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        archive = (await client.get(url)).content
        published = (await client.get(f"{url}.sha256")).text
    assert hashlib.sha256(archive).hexdigest() == checksum
    assert published.split() == [checksum, url.rpartition("/")[2]]
    (folder / "posd.tar.gz").write_bytes(archive)
    with tarfile.open(folder / "posd.tar.gz") as tar:
        tar.extractall(folder, filter="data")
    return folder / "posd"


@contextmanager
def running(binary: Path, home: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            [binary, "start", "--home", home, "--log_no_color"], stdout=output, stderr=output
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


async def test_it_makes_a_block_a_second(localnet: LocalnetInfo) -> None:
    start = await height(localnet)
    await asyncio.sleep(10)
    assert 6 <= await height(localnet) - start <= 11


async def test_its_profile_names_everything_a_node_needs(localnet: LocalnetInfo) -> None:
    profile = Catalogue(localnet.layout).get("localnet")
    assert profile.is_local
    assert profile.chain_id == localnet.chain_id
    assert profile.missing() == []
    assert profile.persistent_peers == (localnet.peer,)
    assert profile.min_gas_price == "0.025omniphi"
    async with httpx.AsyncClient(trust_env=False) as client:
        genesis = (await client.get(profile.genesis_url)).content
    assert hashlib.sha256(genesis).hexdigest() == profile.genesis_sha256


async def test_its_server_resumes_downloads(localnet: LocalnetInfo) -> None:
    url = localnet.release_url("v2").partition("?")[0]
    async with httpx.AsyncClient(trust_env=False) as client:
        whole = await client.get(url)
        part = await client.get(
            url, headers={"Range": "bytes=1000-", "If-Range": whole.headers["ETag"]}
        )
        missing = await client.get(f"{localnet.server_url}/releases/v3/posd.tar.gz")
        outside = await client.get(f"{localnet.server_url}/../network.json")
    assert part.status_code == 206
    assert part.content == whole.content[1000:]
    assert missing.status_code == outside.status_code == 404


async def test_the_faucet_pays_an_account(localnet: LocalnetInfo, tmp_path: Path) -> None:
    account = await new_account(Program(localnet.posd), tmp_path, "somebody")
    await asyncio.gather(
        fund(localnet.layout, account, 5 * OMNI), fund(localnet.layout, account, 7 * OMNI)
    )
    assert await balance(localnet, account) == 12 * OMNI


async def test_the_faucet_names_what_is_wrong(localnet: LocalnetInfo) -> None:
    with pytest.raises(AddressInvalid):
        await fund(localnet.layout, localnet.faucet_address[:-1] + "q", OMNI)
    with pytest.raises(TransactionFailed, match="insufficient funds"):
        await fund(localnet.layout, localnet.faucet_address, 10**18)


async def join(
    info: LocalnetInfo, home: Path, binary: Path, state_sync: StateSync | None = None
) -> ValidatorPorts:
    """Prepare a node's home by the published peers and genesis."""
    ports = PortChooser().validator(5)
    plan = HomePlan(
        chain_id=info.chain_id,
        moniker="stranger",
        min_gas_price="0.025omniphi",
        ports=NodePorts(p2p=ports.p2p, rpc=ports.rpc, rest=None, grpc=ports.grpc),
        persistent_peers=info.peers,
        local_network=True,
        state_sync=state_sync,
    )
    await prepare_home(Program(binary), home, plan)
    async with httpx.AsyncClient(trust_env=False) as client:
        genesis = (await client.get(info.genesis_url)).content
    (home / "config" / "genesis.json").write_bytes(genesis)
    await Program(binary).validate_genesis(home)
    return ports


async def test_a_stranger_joins_with_what_is_served_and_becomes_a_validator(
    localnet: LocalnetInfo, tmp_path: Path
) -> None:
    binary = await fetch_release(localnet, tmp_path)
    program, home = Program(binary), tmp_path / "home"
    ports = await join(localnet, home, binary)
    with running(binary, home, tmp_path / "node.log"):
        async with Rpc(f"http://127.0.0.1:{ports.rpc}") as rpc:
            await caught_up(rpc, localnet)
            key = (await rpc.status()).validator_info.pub_key.value
        account = await new_account(program, home, "operator")
        await fund(localnet.layout, account, 2_000 * OMNI)
        await paid(program, home, account)
        await create_validator(program, home, tmp_path, key, localnet)
        async with Rpc(localnet.rpc_url) as rpc:
            deadline = time.monotonic() + 30
            while key not in {member.pub_key.value for member in await rpc.validators()}:
                assert time.monotonic() < deadline
                await asyncio.sleep(0.5)


async def caught_up(rpc: Rpc, info: LocalnetInfo) -> None:
    deadline = time.monotonic() + 60
    while True:
        assert time.monotonic() < deadline, "it does not catch up"
        await asyncio.sleep(0.5)
        try:
            own = (await rpc.status()).sync_info
        except NoAnswer:
            continue  # not up yet
        if own.latest_block_height >= await height(info) - 1 > 0:
            return


async def paid(program: Program, home: Path, account: str) -> None:
    """Its own node is a block or more behind the one that took the faucet's transaction."""
    deadline = time.monotonic() + 60
    query = ("query", "bank", "balances", account, "--home", str(home), "--output", "json")
    while not json.loads((await program.call(*query)).stdout)["balances"]:
        assert time.monotonic() < deadline, "the money does not arrive"
        await asyncio.sleep(0.5)


async def create_validator(
    program: Program, home: Path, folder: Path, key: str, info: LocalnetInfo
) -> None:
    file = folder / "validator.json"
    file.write_text(
        json.dumps(
            {
                "pubkey": {"@type": "/cosmos.crypto.ed25519.PubKey", "key": key},
                "amount": f"{1_000 * OMNI}omniphi",
                "moniker": "stranger",
                "commission-rate": "0.10",
                "commission-max-rate": "0.20",
                "commission-max-change-rate": "0.01",
                "min-self-delegation": "1",
            }
        )
    )
    output = await program.call(
        *("tx", "staking", "create-validator", str(file), "--from", "operator"),
        *("--keyring-backend", "test", "--home", str(home), "--chain-id", info.chain_id),
        *("--gas", "auto", "--gas-adjustment", "1.5", "--gas-prices", "0.025omniphi"),
        *("--yes", "--output", "json"),
    )
    assert json.loads(output.stdout)["code"] == 0, output.stdout


@pytest.fixture
async def own_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[LocalnetInfo]:
    """A network of two validators for one test, which may break it."""
    monkeypatch.setenv("ONECLICK_LOCALNET", str(tmp_path / "network"))
    layout = Layout(data=tmp_path / "data", cache=Layout.of_this_user().cache)
    try:
        yield await up(layout, validators=2)
    finally:
        await down(layout, forget=True)


async def test_governance_halts_the_first_release_and_the_second_goes_on(
    own_network: LocalnetInfo,
) -> None:
    layout = own_network.layout
    with pytest.raises(UpgradeTooEarly):
        await pass_upgrade(layout, height=3)
    plan = await pass_upgrade(layout)
    versions = json.loads((own_network.profile / "versions.json").read_text())["versions"]
    assert [each["height"] for each in versions] == [0, plan.height]
    binaries = Catalogue(layout).get("localnet").versions.versions[1].binaries
    async with Rest([own_network.rest_url]) as rest:
        planned = await rest.upgrade_plan()
    assert planned is not None
    assert json.loads(planned.info) == {"binaries": binaries}

    await wait_for_halt(own_network, plan)
    halted = await height(own_network)
    await asyncio.sleep(3)
    assert await height(own_network) == halted == plan.height
    assert "NEEDED at height" in own_network.folder.log("validator-0").read_text()

    info = await follow_upgrade(layout, plan)
    assert await height(info) >= plan.height
    assert info.record.release == "v2"
    assert "applying upgrade" in info.folder.log("validator-1").read_text()


async def test_who_asks_for_a_validator_on_it_need_not_start_it_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONECLICK_LOCALNET", str(tmp_path / "network"))
    layout = Layout(data=tmp_path / "data", cache=Layout.of_this_user().cache)
    app = HeadlessApp(layout, tmp_path / "network")
    try:
        app.start()
        await app.until("running", 120)
        assert "makes blocks" in app.told()
        assert app.end() == 0
        assert (await status(layout)).running, "others may be on it"
    finally:
        app.clean_up()
        await down(layout, forget=True)


async def test_down_leaves_no_process_and_up_goes_on_with_the_chain(
    own_network: LocalnetInfo,
) -> None:
    layout, record = own_network.layout, own_network.record
    again = await up(layout, validators=5)
    assert again.already_running
    assert again.record == record
    pids = [each.pid for each in (await status(layout)).processes]
    assert len(pids) == 3
    reached = await height(own_network)

    assert await down(layout)
    assert not await down(layout)
    for pid in pids:
        assert pid is not None
        assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie"
    for validator in record.validators:
        for port in (validator.ports.p2p, validator.ports.rpc, validator.ports.rest):
            with socket.socket() as probe:
                assert probe.connect_ex(("127.0.0.1", port)) != 0
    assert (await status(layout)).stopped

    # somebody took a port in between
    taken = record.validators[0].ports.rpc
    with socket.create_server(("127.0.0.1", taken)):
        resumed = await up(layout)
    assert resumed.record.validators[0].ports.rpc != taken
    assert await height(resumed) >= reached
    profile = json.loads((resumed.profile / "chain.json").read_text())
    assert profile["apis"]["rpc"][0]["address"] == resumed.rpc_url

    await down(layout, forget=True)
    assert (await status(layout)).record is None
    assert not list(own_network.folder.root.rglob("*.json"))


async def test_a_node_joins_from_a_snapshot(own_network: LocalnetInfo, tmp_path: Path) -> None:
    while await height(own_network) < SNAPSHOT_INTERVAL + 3:
        await asyncio.sleep(1)
    servers = Catalogue(own_network.layout).get("localnet").state_sync_servers
    trust = await find_trust(servers, own_network.chain_id, depth=15)
    ports = await join(own_network, tmp_path / "home", own_network.posd_v1, trust)
    with running(own_network.posd_v1, tmp_path / "home", tmp_path / "node.log"):
        async with Rpc(f"http://127.0.0.1:{ports.rpc}") as rpc:
            await caught_up(rpc, own_network)
            assert (await rpc.status()).sync_info.earliest_block_height > 1


async def test_a_release_that_comes_too_early_is_told_by_its_log(
    own_network: LocalnetInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = await pass_upgrade(own_network.layout, height=await height(own_network) + 200)
    monkeypatch.setattr(processes, "BLOCK_SECONDS", 8)
    with pytest.raises(NoBlocks):
        await switch_release(own_network.layout, "v2")
    log = own_network.folder.log("validator-0").read_text()
    assert "BINARY UPDATED BEFORE TRIGGER" in log
    assert plan.height > 0
