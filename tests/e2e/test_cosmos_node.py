# SPDX-License-Identifier: Apache-2.0
"""A real node in prepared homes: it joins and is watched, and its failures get their names."""

from __future__ import annotations

import asyncio
import base64
import json
import random
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import pytest_asyncio

from bridge.localnet.build import ensure_build
from node_manager.checks.ports import check_ports, port_trouble
from node_manager.checks.result import CheckState
from node_manager.cosmos.failures import LogDiagnosis, diagnose_exit
from node_manager.cosmos.genesis import fetch_genesis
from node_manager.cosmos.home import HomePlan, NodePorts, edit_toml, prepare_home
from node_manager.cosmos.liveness import judge
from node_manager.cosmos.program import Program
from node_manager.cosmos.rest import Rest
from node_manager.cosmos.rpc import Rpc
from node_manager.cosmos.standing import StandingReader
from node_manager.cosmos.watch import Watch, WatchReading
from node_manager.layout import Layout

CHAIN = "omniphi-localnet-1"
PLAN = HomePlan(
    chain_id=CHAIN,
    moniker="one",
    min_gas_price="0.025omniphi",
    local_network=True,
    p2p_host="127.0.0.1",
    more_config={"consensus.timeout_commit": "1s"},
)

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(600)]


def free_ports() -> NodePorts:
    """Four free ports below the range that the system hands out."""
    while True:
        first = random.randrange(20_000, 32_000)
        if not any(port_trouble(first + number) for number in range(4)):
            return NodePorts(first, first + 1, first + 2, first + 3)


@contextmanager
def running(program: Program, home: Path) -> Iterator[Path]:
    """The node in `home`, its log beside it."""
    log = home.with_suffix(".log")
    with log.open("ab") as sink:
        process = subprocess.Popen(program.start_argv(home), stdout=sink, stderr=sink)
        try:
            yield log
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@dataclass(frozen=True)
class Chain:
    """A chain of one validator that runs."""

    program: Program
    folder: Path
    ports: NodePorts
    peer: str
    operator_account: str

    @property
    def rpc(self) -> str:
        return f"http://127.0.0.1:{self.ports.rpc}"

    # What fetch_genesis asks of a profile: nothing is published, so the node is asked.
    chain_id = CHAIN
    genesis_url = None
    genesis_sha256 = None

    @property
    def rpc_urls(self) -> tuple[str, ...]:
        return (self.rpc,)

    async def joined_home(self, name: str) -> tuple[Path, NodePorts]:
        """A prepared home that joins this chain."""
        home, ports = self.folder / name, free_ports()
        plan = replace(PLAN, moniker=name, ports=ports, persistent_peers=(self.peer,))
        await prepare_home(self.program, home, plan)
        await fetch_genesis(
            self, home / "config" / "genesis.json", partial_folder=self.folder / "partial"
        )
        return home, ports


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chain(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Chain]:
    build = await ensure_build(Layout.of_this_user(), print)
    program = Program(build.releases[0].binary)
    folder = tmp_path_factory.mktemp("chain")
    home, ports = folder / "one", free_ports()
    await prepare_home(program, home, replace(PLAN, ports=ports))
    founding = folder / "founding"
    await program.init(founding, "one", CHAIN)
    shutil.copy(founding / "config" / "genesis.json", home / "config" / "genesis.json")
    at, ring = ("--home", str(home)), ("--keyring-backend", "test")
    await program.call("keys", "add", "op", *ring, *at)
    account = (await program.call("keys", "show", "op", "-a", *ring, *at)).stdout.strip()
    await program.call("genesis", "add-genesis-account", account, "1000000000000omniphi", *at)
    stake = ("100000000000omniphi", "--chain-id", CHAIN)
    await program.call("genesis", "gentx", "op", *stake, *ring, *at)
    await program.call("genesis", "collect-gentxs", *at)
    peer = f"{await program.node_id(home)}@127.0.0.1:{ports.p2p}"
    with running(program, home):
        one = Chain(program, folder, ports, peer, account)
        await until(one.rpc, lambda reading: (reading.height.current() or 0) >= 3)
        yield one


async def until(
    url: str,
    wanted: Callable[[WatchReading], bool],
    *,
    network: tuple[str, ...] = (),
    address: str = "",
    seconds: float = 60,
) -> WatchReading:
    """The first reading of a node that is as wanted."""
    watch = Watch(url, chain_id=CHAIN, network_urls=network, address=address, period=0.3)
    found: asyncio.Future[WatchReading] = asyncio.get_running_loop().create_future()

    def take(reading: WatchReading) -> None:
        if wanted(reading) and not found.done():
            found.set_result(reading)

    task = asyncio.create_task(watch.run(take))
    try:
        return await asyncio.wait_for(found, seconds)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await watch.close()


async def test_a_prepared_home_joins_and_follows(chain: Chain) -> None:
    home, ports = await chain.joined_home("joins")
    async with Rpc(chain.rpc) as rpc:
        validator = (await rpc.status()).validator_info
    with running(chain.program, home) as log:
        reading = await until(
            f"http://127.0.0.1:{ports.rpc}",
            lambda r: (
                r.catching_up.current() is False
                and r.network_height.current() is not None
                and len(r.blocks) > 2
                and r.peers_out.current() is not None
            ),
            network=(chain.rpc,),
            address=validator.address,
        )
    assert reading.chain == CHAIN
    assert reading.peers_out.current() == 1
    assert reading.seconds_left.current() == 0
    assert {mark.kind for mark in reading.blocks} == {"proposed"}
    assert judge(reading, chain_id=CHAIN, up_seconds=5) is None
    diagnosis = LogDiagnosis(CHAIN)
    for line in log.read_text().splitlines():
        diagnosis.feed(line)
    assert diagnosis.findings == ()


async def test_what_a_running_node_may_not_lose_stays_when_it_is_prepared_again(
    chain: Chain,
) -> None:
    ports = chain.ports
    changed = await prepare_home(chain.program, chain.folder / "one", replace(PLAN, ports=ports))
    assert changed == ()


async def test_the_standing_is_what_the_chain_says(chain: Chain) -> None:
    async with Rpc(chain.rpc) as rpc:
        key = (await rpc.status()).validator_info.pub_key.raw
    async with Rest([f"http://127.0.0.1:{chain.ports.rest}"]) as rest:
        standing = await StandingReader(rest, key, "omni").read()
        account = await rest.account(chain.operator_account)
        assert await rest.base_fee() is None
    assert standing.registered.current() is True
    assert standing.moniker.current() == "one"
    assert (standing.rank.current(), standing.active_validators.current()) == (1, 1)
    assert standing.voting_power.current() == 100_000
    assert standing.missed.current() == 0
    assert standing.may_miss.current() is not None
    assert standing.rewards.current() is not None
    assert account.sequence == 1


BROKEN: dict[str, Callable[[Path], object]] = {
    "genesis-missing": lambda home: (home / "config/genesis.json").unlink(),
    "genesis-broken": lambda home: (home / "config/genesis.json").write_text("{"),
    "min-gas-price-missing": lambda home: edit_toml(
        home / "config/app.toml", {"minimum-gas-prices": ""}
    ),
    "peer-malformed": lambda home: edit_toml(
        home / "config/config.toml", {"p2p.persistent_peers": "127.0.0.1"}
    ),
    "no-signer": lambda home: edit_toml(
        home / "config/config.toml", {"priv_validator_laddr": "tcp://127.0.0.1:0"}
    ),
    "signing-state-missing": lambda home: (home / "data/priv_validator_state.json").unlink(),
    "signing-state-broken": lambda home: (home / "data/priv_validator_state.json").write_text(
        '{"height'
    ),
}


@pytest.mark.parametrize("code", BROKEN)
async def test_a_home_that_is_broken_is_explained(code: str, chain: Chain) -> None:
    home, _ = await chain.joined_home(code)
    BROKEN[code](home)
    output = await chain.program.run(*chain.program.start_argv(home)[1:], timeout=30)
    lines = [*output.stdout.splitlines(), *output.stderr.splitlines()]
    assert diagnose_exit(output.code, lines).code == code


async def test_a_taken_p2p_port_ends_the_node_with_its_name(chain: Chain) -> None:
    home, ports = await chain.joined_home("port")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", ports.p2p))
        taken.listen()
        output = await chain.program.run(*chain.program.start_argv(home)[1:], timeout=30)
    lines = [*output.stdout.splitlines(), *output.stderr.splitlines()]
    explanation = diagnose_exit(output.code, lines)
    assert explanation.code == "port-taken"
    assert str(ports.p2p) in str(explanation)


async def test_a_taken_rest_port_is_silent_but_the_preflight_finds_it(chain: Chain) -> None:
    home, ports = await chain.joined_home("rest")
    assert ports.rest is not None
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", ports.rest))
        taken.listen()
        results = await check_ports(ports.named(), public=())
        with running(chain.program, home) as log:
            await until(f"http://127.0.0.1:{ports.rpc}", lambda r: (r.height.current() or 0) > 1)
            assert "already in use" not in log.read_text()
    assert {r.id: r.state for r in results}["port-rest"] is CheckState.FAIL


async def test_a_genesis_with_another_state_is_named_although_the_node_lives(
    chain: Chain,
) -> None:
    home, ports = await chain.joined_home("state")
    file = home / "config/genesis.json"
    genesis = json.loads(file.read_text())
    genesis["app_state"]["mint"]["minter"]["inflation"] = "0.090000000000000000"
    file.write_text(json.dumps(genesis))
    diagnosis = LogDiagnosis(CHAIN)
    with running(chain.program, home) as log:
        async with asyncio.timeout(60):
            while diagnosis.halted is None:
                await asyncio.sleep(0.2)
                for line in log.read_text().splitlines():
                    diagnosis.feed(line)
        async with Rpc(f"http://127.0.0.1:{ports.rpc}") as rpc:
            assert (await rpc.status()).sync_info.latest_block_height < 3
    assert diagnosis.halted.code == "genesis-differs"


async def test_a_node_of_one_key_is_found_by_that_key_only(chain: Chain) -> None:
    stranger = base64.b64decode("gs48tCfXNbA2ERwrEOo25321E/2Z1G8KLzAoooohMaI=")
    async with Rest([f"http://127.0.0.1:{chain.ports.rest}"]) as rest:
        standing = await StandingReader(rest, stranger, "omni").read()
    assert standing.registered.current() is False
    assert standing.voting_power.current() is None
