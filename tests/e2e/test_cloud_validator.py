# SPDX-License-Identifier: Apache-2.0
"""Cloud validators on a real Docker engine and the real localnet, with what goes wrong there."""

from __future__ import annotations

import asyncio
import json
import socket
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from docker import DockerClient
from docker.models.containers import Container

from bridge.localnet.genesis import ChainRules
from bridge.localnet.network import down, up
from bridge.localnet.record import LocalnetInfo
from bridge.orchestrator.providers.docker.naming import P2P_PORT, Names
from bridge.orchestrator.providers.docker.provider import validators_network
from node_manager.keys.consensus import ConsensusPublicKey
from node_manager.layout import Layout
from tests.helpers.app import eventually, free_port
from tests.helpers.docker_engine import NoDocker, TestEngine, build_image, running_engine
from tests.helpers.gateway import Gateway, opened, profile_for
from tests.helpers.operator import Operator, newest_height, signs_now
from tests.helpers.orchestrator import HostedOrchestrator, Portal
from tests.unit.bridge.orchestrator.wallet import Wallet

pytestmark = pytest.mark.timeout(600)

SERVICE = "e2e"


@dataclass(frozen=True, slots=True)
class World:
    """The engine with our image, and the localnet as its containers reach it."""

    engine: TestEngine
    client: DockerClient
    image: str
    gateway: Gateway
    profile: Path


@pytest.fixture(scope="module")
def localnet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalnetInfo]:
    """A network of these tests' own: it does not jail while a container is replaced."""
    root = tmp_path_factory.mktemp("cloudnet")
    layout = Layout(data=root / "data", cache=Layout.of_this_user().cache)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ONECLICK_LOCALNET", str(root / "network"))
        try:
            yield asyncio.run(up(layout, rules=ChainRules(signed_blocks_window=300)))
        finally:
            asyncio.run(down(layout, forget=True))


@pytest.fixture(scope="module")
def engine() -> Iterator[TestEngine]:
    try:
        with running_engine() as running:
            yield running
    except NoDocker as reason:
        pytest.skip(f"no Docker engine on this machine: {reason}")


@pytest.fixture(scope="module")
def world(
    engine: TestEngine, localnet: LocalnetInfo, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    image = build_image("node", engine)
    client = engine.client()
    network = client.networks.get(validators_network(client, SERVICE))
    address = network.attrs["IPAM"]["Config"][0]["Gateway"]
    ports = localnet.record.validators[0].ports
    reached = [localnet.record.server_port, *ports.model_dump().values()]
    folder = tmp_path_factory.mktemp("profile") / "localnet"
    with opened(address, reached) as gateway:
        profile = profile_for(address, localnet.profile, folder)
        yield World(engine, client, image, gateway, profile)
    client.close()


@pytest.fixture(scope="module")
def hosted(
    world: World, localnet: LocalnetInfo, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[HostedOrchestrator]:
    """One service for all of these tests; a worker with the usual settings stays from one to
    the next."""
    first_port = free_port()
    hosted = HostedOrchestrator(
        tmp_path_factory.mktemp("hosted") / "orchestrator",
        {
            "PROVIDERS": "omniphi_cloud,local",
            "DOCKER_HOST": world.engine.address,
            "DOCKER_IMAGE": world.image,
            "DOCKER_SERVICE": SERVICE,
            "DOCKER_PROFILE": str(world.profile),
            "DOCKER_LISTEN_HOST": "127.0.0.1",
            "DOCKER_FIRST_PORT": str(first_port),
            "DOCKER_LAST_PORT": str(first_port + 100),
            "DOCKER_CPUS": "1.5",
            "DOCKER_MEMORY_GB": "1.5",
        },
        {"ONECLICK_LOCALNET": str(localnet.layout.localnet)},
    )
    hosted.start("serve")
    asyncio.run(hosted.ready())
    yield hosted
    hosted.end()
    for act in ("serve", "worker"):
        print(act, hosted.told(act)[-4000:])


@pytest.fixture
def orchestrator(world: World, hosted: HostedOrchestrator) -> Iterator[HostedOrchestrator]:
    """The service, with nothing of an earlier test."""
    hosted.keep("serve")
    asyncio.run(hosted.ready())
    yield hosted
    hosted.forget()
    for container in world.client.containers.list(all=True):
        print(container.name, container.logs(tail=30).decode(errors="replace"))
        container.remove(force=True, v=True)
    for volume in world.client.volumes.list():
        volume.remove(force=True)


@pytest.fixture
async def portal(orchestrator: HostedOrchestrator) -> Portal:
    signed_in = Portal(orchestrator, Wallet("alice"))
    await signed_in.sign_in()
    return signed_in


async def container_of(world: World, portal: Portal, setup: str) -> Container:
    node = (await portal.told(setup))["node"]["id"]
    name = Names(SERVICE, uuid.UUID(node)).container
    return await asyncio.to_thread(world.client.containers.get, name)


def ours(world: World) -> tuple[list[Container], list[Any]]:
    """Containers and data volumes of validators on the engine."""
    volumes = [one for one in world.client.volumes.list() if one.name.endswith("-data")]
    return world.client.containers.list(all=True), volumes


def inside(container: Container, code: str) -> str:
    """What Python in the container prints."""
    done = container.exec_run(["/usr/local/bin/python", "-c", code])
    return str(done.output.decode())


async def test_a_cloud_validator_signs_and_signs_again_after_a_redeploy(
    world: World,
    portal: Portal,
    orchestrator: HostedOrchestrator,
    localnet: LocalnetInfo,
    tmp_path: Path,
) -> None:
    orchestrator.keep("worker")
    setup = await portal.ask("cloudy")
    told = await portal.until(setup, "ready_for_chain_tx")
    pubkey = told["setupRequest"]["consensusPubkey"]
    address = ConsensusPublicKey.from_base64(pubkey).address
    container = await container_of(world, portal, setup)

    # It may take and do little.
    host = container.attrs["HostConfig"]
    assert host["ReadonlyRootfs"]
    assert host["CapDrop"] == ["ALL"]
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert (host["NanoCpus"], host["Memory"], host["PidsLimit"]) == (1.5e9, 1536 << 20, 512)
    status = inside(container, "print(open('/proc/self/status').read())")
    facts = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert (facts["CapEff"], facts["NoNewPrivs"]) == ("0000000000000000", "1")
    assert facts["Uid"].split() == ["10001"] * 4
    assert "Read-only file system" in inside(container, "open('/app/x', 'w')")

    # The key is encrypted in its volume, and what opens it is in no other place.
    search = (
        "import pathlib;"
        "secret = pathlib.Path('/unlock/passphrase').read_bytes().strip();"
        "print([str(f) for f in pathlib.Path('/data').rglob('*')"
        " if f.is_file() and f.stat().st_size < 1 << 24 and secret in f.read_bytes()])"
    )
    assert inside(container, search).strip() == "[]"
    envelope = inside(container, "print(open('/data/nodes/localnet/key.json').read())")
    assert json.loads(envelope)["lock"]["mode"] == "passphrase"
    assert "passphrase" not in json.dumps(container.attrs["Config"]["Env"]).lower()

    # No second container works on its volumes.
    twin = await asyncio.to_thread(
        world.client.containers.run, world.image, detach=True,
        volumes_from=[container.id], environment={"ONECLICK_NETWORK": "localnet"},
    )  # fmt: skip
    assert (await asyncio.to_thread(twin.wait, timeout=60))["StatusCode"] == 1
    assert "The app already runs." in twin.logs().decode()
    twin.remove()

    # Its owner reads its log.
    async def follows_the_chain() -> bool:
        return any("committed state" in line for line in await portal.logs(setup))

    await eventually("its log tells of blocks", follows_the_chain)

    # Its peers can dial it.
    p2p_host, p2p_port = told["node"]["p2pEndpoint"].split(":")
    socket.create_connection((p2p_host, int(p2p_port)), timeout=5).close()

    operator = Operator(localnet, tmp_path / "wallet")
    await operator.create_validator(pubkey)
    await portal.until(setup, "active", 60)
    await eventually("its votes", lambda: signs_now(localnet.rpc_url, address), 60)

    # Killed: it is started again and goes on with its record.
    container.kill()
    died = await newest_height(localnet.rpc_url)
    await eventually(
        "its votes after the kill", lambda: signs_now(localnet.rpc_url, address, died + 2), 60
    )

    # Stopped: it ends in order, and stays so.
    await portal.post("/api/v1/validators/stop", {"setupRequestId": setup})

    async def stopped() -> bool:
        return (await portal.told(setup))["node"]["status"] == "stopped"

    await eventually("the node is stopped", stopped, 60)
    container.reload()
    assert (container.status, container.attrs["State"]["ExitCode"]) == ("exited", 0)

    # Redeployed while another program has taken its port: another port, the same key and record.
    old_port = int(container.labels[P2P_PORT])
    with socket.create_server(("127.0.0.1", old_port)):
        await portal.post("/api/v1/validators/redeploy", {"setupRequestId": setup})
        gone = await newest_height(localnet.rpc_url)
        told = await portal.until(setup, "active", 120)
    assert told["setupRequest"]["consensusPubkey"] == pubkey
    fresh = await container_of(world, portal, setup)
    assert fresh.id != container.id
    assert int(fresh.labels[P2P_PORT]) != old_port
    await eventually(
        "its votes after the redeploy", lambda: signs_now(localnet.rpc_url, address, gone), 60
    )
    assert [len(things) for things in ours(world)] == [1, 1]
    evidence = inside(fresh, "print(open('/data/nodes/localnet/logs/signer.log').read())")
    assert "Traceback" not in evidence


async def test_a_service_killed_at_each_step_leaves_nothing_twice(
    world: World, portal: Portal, orchestrator: HostedOrchestrator
) -> None:
    """In turn a worker, and a service that works itself; one worker is paused instead."""
    own = {"LEASE_SECONDS": "2", "WORK_IN_PROCESS": "true"}

    def at_work(step: str) -> Callable[[], bool]:
        return lambda: claimed(orchestrator, setup, step)

    orchestrator.end("worker")
    setup = await portal.ask("restarted")
    orchestrator.kill("serve")
    for works, step in (("serve", ""), ("worker", "planned"), ("serve", "created")):
        orchestrator.start(works, **own)
        await eventually(f"step {step!r}", at_work(step), 60, 0.01)
        orchestrator.kill(works)
    orchestrator.start("worker", **own)
    orchestrator.start("serve")
    await orchestrator.ready()
    told = await portal.until(setup, "ready_for_chain_tx")
    assert [len(things) for things in ours(world)] == [1, 1]

    # Deployed anew: paused while the old container ends, killed when it is gone, and when the new
    # one is made.
    first, began = await container_of(world, portal, setup), int(time.time())
    await portal.post("/api/v1/validators/redeploy", {"setupRequestId": setup})
    await eventually("the old one ends", at_work("planned"), 60, 0.01)
    orchestrator.pause("worker")
    orchestrator.kill("serve")
    orchestrator.start("serve", **own)
    await eventually("it is gone", lambda: not there(world, first), 60, 0.01)
    orchestrator.kill("serve")
    orchestrator.start("worker", **own)
    await eventually("the new one is made", at_work("created"), 60, 0.01)
    orchestrator.kill("worker")
    orchestrator.start("serve", **own)
    await orchestrator.ready()
    again = await portal.until(setup, "ready_for_chain_tx")
    assert again["setupRequest"]["consensusPubkey"] == told["setupRequest"]["consensusPubkey"]
    second = await container_of(world, portal, setup)
    assert second.id != first.id

    # Stopped: killed while it ends; it is not started again.
    await portal.post("/api/v1/validators/stop", {"setupRequestId": setup})
    await eventually("the stop is at work", at_work(""), 60, 0.01)
    orchestrator.kill("serve")
    orchestrator.start("worker", **own)
    orchestrator.start("serve")
    await orchestrator.ready()

    async def stopped() -> bool:
        return (await portal.told(setup))["node"]["status"] == "stopped"

    await eventually("the node is stopped", stopped, 60)
    # The one that was in the middle of the redeploy goes on, after others have done its work.
    lost, known = "work was taken away", len(orchestrator.told("worker"))
    orchestrator.resume()
    await eventually("it is told", lambda: lost in orchestrator.told("worker")[known:], 60)
    second.reload()
    assert (second.status, second.attrs["State"]["ExitCode"]) == ("exited", 0)
    assert counted(world, first, began) == (1, {second.id})


def there(world: World, container: Container) -> bool:
    found = world.client.containers.list(all=True, ignore_removed=True)
    return any(one.id == container.id for one in found)


def counted(world: World, first: Container, since: int) -> tuple[int, set[str | None]]:
    """How many containers there were at most since then, and which are left, by its events."""
    alive, most = {first.id}, 1
    noted = world.client.events(
        since=since, until=int(time.time()) + 1, decode=True, filters={"type": "container"}
    )
    for event in noted:
        if event["Action"] == "create":
            alive.add(event["id"])
        elif event["Action"] == "destroy":
            alive.discard(event["id"])
        most = max(most, len(alive))
    return most, alive


def claimed(orchestrator: HostedOrchestrator, setup: str, step: str) -> bool:
    """Whether a worker is at work after `step`."""
    with sqlite3.connect(f"file:{orchestrator.database}?mode=ro", uri=True) as database:
        rows = database.execute(
            "SELECT state, step FROM work_items WHERE setup_request_id = ? AND state != 'done'",
            (uuid.UUID(setup).hex,),
        ).fetchall()
    return rows == [("claimed", step)]


async def test_an_engine_that_ends_in_the_middle_is_waited_for(
    world: World, portal: Portal, orchestrator: HostedOrchestrator
) -> None:
    orchestrator.keep("worker")
    setup = await portal.ask("interrupted")
    await eventually("made", lambda: claimed(orchestrator, setup, "created"), 60, 0.05)
    await asyncio.to_thread(world.engine.stop)
    try:
        told = await portal_waits(portal, setup)
        assert "Docker does not" in told["setupRequest"]["errorMessage"]
    finally:
        await asyncio.to_thread(world.engine.start)
    told = await portal.until(setup, "ready_for_chain_tx")
    assert told["setupRequest"]["errorMessage"] is None


async def portal_waits(portal: Portal, setup: str) -> Any:
    async def look() -> Any:
        told = await portal.told(setup)
        return told if told["setupRequest"]["errorMessage"] else None

    return await eventually("the reason of the wait", look, 60)


async def test_an_unreachable_genesis_is_named_and_fetched_later(
    world: World, portal: Portal, orchestrator: HostedOrchestrator
) -> None:
    world.gateway.shut()
    try:
        orchestrator.keep("worker")
        setup = await portal.ask("cut off")
        told = await portal_waits(portal, setup)
        assert told["setupRequest"]["status"] in {"provisioning", "configuring"}
        assert world.gateway.address in told["setupRequest"]["errorMessage"]
    finally:
        world.gateway.open()
    await portal.until(setup, "ready_for_chain_tx", 120)


async def test_a_missing_image_fails_with_what_to_do(
    portal: Portal, orchestrator: HostedOrchestrator
) -> None:
    orchestrator.end("worker")
    orchestrator.start("worker", DOCKER_IMAGE="no-such-image:1")
    setup = await portal.ask("imageless")
    told = await portal.until(setup, "failed", 30)
    assert "no-such-image:1 is not on this Docker engine" in told["setupRequest"]["errorMessage"]
    assert "packaging/docker/image.py" in told["setupRequest"]["errorMessage"]
    orchestrator.end("worker")
