# SPDX-License-Identifier: Apache-2.0
"""The app's own node in a container: the key stays on the host, where our signer signs."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bridge.localnet.build import ensure_build
from bridge.localnet.record import LocalnetInfo
from node_manager.cosmos.home import HomePlan, NodePorts, prepare_home
from node_manager.cosmos.program import Program
from node_manager.cosmos.rpc import Rpc
from node_manager.durable import make_private_folder
from node_manager.explanation import OneClickError
from node_manager.keys.consensus import ConsensusPublicKey
from node_manager.keys.keystore import KeyStore
from node_manager.keys.protection import Passphrase
from node_manager.keys.signing_state import SigningState
from node_manager.layout import Layout
from node_manager.node.contained import nodes_network
from node_manager.runtime.docker.container import HOME, ContainerLaunch, ManagedContainer
from node_manager.runtime.docker.engine import DockerEngine
from node_manager.runtime.docker.errors import EngineAbsent, HostPortTaken, VolumeInUse
from node_manager.runtime.docker.program_image import program_image
from node_manager.runtime.process import ManagedProcess
from node_manager.signer.launch import plan_for, signer_launch, wipe_stdin
from node_manager.signer.record import FolderRecord
from tests.helpers.app import PASSPHRASE, HeadlessApp, eventually, free_port
from tests.helpers.docker_engine import TestEngine
from tests.helpers.gateway import opened, profile_for
from tests.helpers.operator import Operator, newest_height, signs_now

CHAIN = "omniphi-localnet-1"
PRIVVAL = 26659
PLAN = HomePlan(
    chain_id=CHAIN,
    moniker="contained",
    min_gas_price="0.025omniphi",
    # inside, all addresses of the container: only published ports reach it
    listen_host="0.0.0.0",
    priv_validator_laddr=f"tcp://0.0.0.0:{PRIVVAL}",
    local_network=True,
    ports=NodePorts(rest=None, grpc=None),
    more_config={"consensus.timeout_commit": "1s"},
)

pytestmark = pytest.mark.timeout(600)


@dataclass
class Place:
    """A chain of one validator whose key is in our key store, and what shall run it."""

    engine: DockerEngine
    launch: ContainerLaunch
    record: Path
    signer: ManagedProcess
    height_url: str

    async def height(self) -> int:
        async with Rpc(self.height_url, timeout=2) as rpc:
            try:
                return (await rpc.status()).sync_info.latest_block_height
            except OneClickError:
                return 0

    async def grows(self, above: int) -> None:
        async def look() -> bool:
            return await self.height() > above

        await eventually(f"a block above {above}", look, 60)


@pytest.fixture
async def place(
    test_engine: TestEngine, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Place]:
    build = await ensure_build(Layout.of_this_user(), print)
    program = Program(build.releases[0].binary)
    node = layout.node("contained")
    monkeypatch.setenv("ONECLICK_LOCKS", str(layout.data / "locks"))
    for folder in (node.signer, node.run, node.logs):
        make_private_folder(folder)
    with Passphrase(PASSPHRASE) as passphrase:
        info = await KeyStore(node).create(passphrase, chain_id=CHAIN)
        unlocked = await KeyStore(node).open(passphrase)
    raw = info.public_key.raw
    FolderRecord(node.signer, CHAIN, raw).lift(SigningState.fresh())
    await found_chain(program, node.home, info.public_key.base64)
    privval, rpc = free_port(), free_port() + 1
    engine = DockerEngine(test_engine.address)
    client = test_engine.client()
    if not client.networks.list(names=["nodes"]):
        client.networks.create("nodes", driver="bridge")
    launch = ContainerLaunch(
        name="oneclick-contained",
        image=await program_image(engine, build.releases[0].binary),
        arguments=tuple(program.start_argv(Path(HOME))[1:]),
        home=node.home,
        ports={PRIVVAL: privval, 26657: rpc},
        network="nodes",
    )
    plan = plan_for(node, chain_id=CHAIN, pubkey=raw, node_address=f"tcp://127.0.0.1:{privval}")
    started = signer_launch(plan, unlocked.seed, node.logs / "signer.log")
    signer = await ManagedProcess.spawn(started, node.run / "signer.json")
    wipe_stdin(started)
    unlocked.seed.close()
    record = node.run / "node-container.json"
    yield Place(engine, launch, record, signer, f"http://127.0.0.1:{rpc}")
    await signer.stop(5)
    for container in client.containers.list(all=True):
        print(container.logs(tail=20).decode(errors="replace"))
        container.remove(force=True)
    await engine.close()
    client.close()


async def found_chain(program: Program, home: Path, pubkey: str) -> None:
    """A genesis whose only validator has `pubkey`; the home has no key of it."""
    await prepare_home(program, home, PLAN)
    founding = home.parent / "founding"
    await program.init(founding, "contained", CHAIN)
    genesis = home / "config" / "genesis.json"
    shutil.copy(founding / "config" / "genesis.json", genesis)
    at, ring = ("--home", str(home)), ("--keyring-backend", "test")
    await program.call("keys", "add", "op", *ring, *at)
    account = (await program.call("keys", "show", "op", "-a", *ring, *at)).stdout.strip()
    await program.call("genesis", "add-genesis-account", account, "1000000000000omniphi", *at)
    key = json.dumps({"@type": "/cosmos.crypto.ed25519.PubKey", "key": pubkey})
    stake = ("100000000000omniphi", "--chain-id", CHAIN, "--pubkey", key)
    await program.call("genesis", "gentx", "op", *stake, *ring, *at)
    await program.call("genesis", "collect-gentxs", *at)


async def test_blocks_are_signed_by_the_host_and_the_app_finds_the_node_again(
    place: Place, test_engine: TestEngine
) -> None:
    node = await ManagedContainer.spawn(place.engine, place.launch, place.record)
    await place.grows(2)

    # A second one on the same home is refused, under another name, too.
    with pytest.raises(VolumeInUse):
        twin = replace(place.launch, name="oneclick-twin", ports={})
        await ManagedContainer.spawn(place.engine, twin, place.record.with_name("twin.json"))

    # What the app knows of it: usage, log, and it is found by its record.
    usage = await asyncio.to_thread(node.usage)
    assert usage is not None
    assert usage.memory > 20_000_000
    assert any("height" in line for line in await node.logs(50))
    found = await ManagedContainer.adopt(place.engine, place.record)
    assert found is not None
    assert found.id == node.id

    # Killed, it has an outcome that says so; started again it goes on with its data and record.
    client = test_engine.client()
    client.containers.get(node.id).kill()
    outcome = await found.wait()
    assert (outcome.signal_name, outcome.wanted) == ("SIGKILL", False)
    assert await ManagedContainer.adopt(place.engine, place.record) is None
    height = await place.height()
    node = await ManagedContainer.spawn(place.engine, place.launch, place.record)
    await place.grows(max(height, 3))

    # The log goes to a file as a native node's does, each line once.
    log = place.record.parent / "node.log"
    began = time.time()
    outcome = await node.stop(20)
    assert outcome.clean
    assert outcome.wanted
    assert time.time() - began < 20
    await node.log.copy(log)
    await node.log.copy(log)
    lines = log.read_text().splitlines()
    assert lines == await node.logs(100_000)
    client.close()


async def test_a_taken_port_and_an_absent_engine_are_told_and_leave_nothing(
    place: Place, test_engine: TestEngine, tmp_path: Path
) -> None:
    first = await ManagedContainer.spawn(place.engine, place.launch, place.record)
    other = replace(place.launch, name="other", home=tmp_path)
    record = tmp_path / "other.json"
    with pytest.raises(HostPortTaken):
        await ManagedContainer.spawn(place.engine, other, record)
    assert not record.exists()
    client = test_engine.client()
    assert [one.name for one in client.containers.list(all=True)] == [place.launch.name]
    client.close()
    await first.stop(20)

    absent = DockerEngine(f"unix://{tmp_path / 'absent.sock'}")
    state = await absent.state()
    assert not state.answers
    assert isinstance(state.trouble, EngineAbsent)
    with pytest.raises(EngineAbsent):
        await ManagedContainer.spawn(absent, place.launch, place.record)
    state = await place.engine.state()
    assert state.answers
    assert state.version


@pytest.fixture
def contained_app(
    test_engine: TestEngine,
    localnet: LocalnetInfo,
    make_app: Callable[[str], HeadlessApp],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[HeadlessApp]:
    """An app whose engine's containers reach the local network."""
    monkeypatch.setenv("DOCKER_HOST", test_engine.address)
    app = make_app("contained")
    app.network = "contained"
    client = test_engine.client()
    network = client.networks.get(nodes_network(client))
    address = network.attrs["IPAM"]["Config"][0]["Gateway"]
    profile_for(address, localnet.profile, app.layout.profiles / app.network)
    reached = localnet.record.validators[0].ports.model_dump().values()
    with opened(address, [localnet.record.server_port, *reached]):
        yield app
    for container in client.containers.list(all=True):
        print(container.logs(tail=20).decode(errors="replace"))
        container.remove(force=True)
    client.close()


async def test_the_app_s_own_node_signs_from_a_container_with_the_key_outside(
    contained_app: HeadlessApp, test_engine: TestEngine, localnet: LocalnetInfo, tmp_path: Path
) -> None:
    app = contained_app
    # Without an engine it says so and goes on when there is one.
    test_engine.stop()
    app.start("--runtime", "docker")
    told = await app.until("backoff")
    assert told["reason"]["code"] == "docker-engine-absent"
    test_engine.start()
    told = await app.until("running")
    client = test_engine.client()
    (container,) = client.containers.list()
    assert app.layout.node(told["id"]).home == Path(container.attrs["Mounts"][0]["Source"])

    pubkey = told["consensusPubkey"]["key"]
    address = ConsensusPublicKey.from_base64(pubkey).address
    await Operator(localnet, tmp_path / "wallet").create_validator(pubkey)

    async def signs() -> bool:
        return await signs_now(localnet.rpc_url, address)

    await eventually("a signature of ours in a commit", signs, 60)
    # What the program made at its first call is a key of nobody.
    home = app.layout.node(told["id"]).home
    assert pubkey not in (home / "config" / "priv_validator_key.json").read_text()

    # The app is killed: the container goes on and is taken over as it is; its log goes on, too.
    app.kill()
    own_rpc = f"http://127.0.0.1:{told['rpcPort']}"
    height = await newest_height(own_rpc)

    async def grows() -> bool:
        return await newest_height(own_rpc) > height + 1

    await eventually("the height grows without the app", grows, 20)
    assert "node (container" in app.run("status", check=False).stdout
    app.start()
    await app.until("running")
    assert [one.id for one in client.containers.list()] == [container.id]
    await eventually("still signing", signs, 20)
    blocks = [line for line in app.log().splitlines() if '"message":"committed state"' in line]
    assert len(blocks) > 5
    assert len(blocks) == len(set(blocks)), "each line once"

    # The container is killed: another one goes on with the same data.
    container.kill()

    def another() -> bool:
        return container.id not in {one.id for one in client.containers.list()} and bool(
            client.containers.list()
        )

    await eventually("another container", another, 20)
    await eventually("signing again", signs, 30)

    assert app.end() == 0
    assert client.containers.list() == []
    client.close()
