# SPDX-License-Identifier: Apache-2.0
"""How a node runs: as a process where the network has a program for it, else in a container."""

from __future__ import annotations

import asyncio
import stat
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from node_manager.events import Broadcast
from node_manager.keys.secret import SecretBytes
from node_manager.layout import Layout
from node_manager.manager import Manager
from node_manager.networks.catalogue import Catalogue
from node_manager.networks.profile import Profile
from node_manager.node import contained
from node_manager.node.contained import ContainedWay
from node_manager.node.contained_program import ContainedProgram
from node_manager.node.identity import Identity
from node_manager.node.native import NativeWay
from node_manager.node.plan import NodePlan
from node_manager.node.record import NodeRecord, load_record
from node_manager.node.way import choose_runtime, way_of
from node_manager.runtime.docker.container import HOME, HOST_NETWORK
from node_manager.runtime.docker.engine import DockerEngine
from node_manager.runtime.docker.limits import Limits
from node_manager.runtime.docker.one_shot import Said
from node_manager.state import NodeState

ABSENT = "unix:///nonexistent/docker.sock"


def profile_with(layout: Layout, *targets: str, runtime: Any = "native") -> Profile:
    """The local network with programs for these platforms."""
    profile = Catalogue(layout).get("localnet")
    binaries = dict.fromkeys(targets, "https://example.org/posd")
    codebase = profile.chain.codebase.model_copy(update={"binaries": binaries})
    chain = profile.chain.model_copy(update={"codebase": codebase})
    return replace(profile, chain=chain, own=profile.own.model_copy(update={"runtime": runtime}))


def identity_of(layout: Layout, **parts: Any) -> Identity:
    record = NodeRecord(
        id="one", network="localnet", chain_id="c", moniker="m", created_at=0.0, **parts
    )
    return Identity(layout, record, Catalogue(layout))


@pytest.mark.parametrize(
    ("here", "offered", "said", "wanted", "runtime", "target"),
    [
        ("linux/amd64", ["linux/amd64"], "native", None, "native", "linux/amd64"),
        ("darwin/arm64", ["linux/arm64"], "native", None, "docker", "linux/arm64"),
        ("darwin/arm64", ["linux/arm64", "darwin/arm64"], "native", None, "native", "darwin/arm64"),
        ("darwin/arm64", ["linux/amd64"], "native", None, "native", "darwin/arm64"),
        (
            "windows/amd64",
            ["linux/amd64", "windows/amd64"],
            "docker",
            None,
            "docker",
            "linux/amd64",
        ),
        ("linux/amd64", ["linux/amd64"], "docker", None, "docker", "linux/amd64"),
        ("linux/amd64", ["linux/amd64"], "native", "docker", "docker", "linux/amd64"),
        ("linux/amd64", ["linux/amd64"], "docker", "native", "native", "linux/amd64"),
    ],
)
def test_the_way_follows_the_person_then_the_network_then_the_platform(
    layout: Layout,
    monkeypatch: pytest.MonkeyPatch,
    here: str,
    offered: list[str],
    said: str,
    wanted: Any,
    runtime: str,
    target: str,
) -> None:
    for module in ("node_manager.networks.profile", "node_manager.node.way"):
        monkeypatch.setattr(f"{module}.this_target", lambda: here)
    monkeypatch.setattr("node_manager.networks.targets.this_target", lambda: here)
    profile = profile_with(layout, *offered, runtime=said)
    assert choose_runtime(profile, wanted) == runtime
    assert profile.target == target
    asked = [fact.field for fact in profile.missing()]
    assert ([f for f in asked if f.startswith("binary")] != []) is (target not in offered)


def test_a_native_node_meets_its_signer_at_a_private_socket(layout: Layout) -> None:
    way = way_of(identity_of(layout))
    assert isinstance(way, NativeWay)
    assert way.listens().signer == way.signer_dials
    assert way.signer_dials.startswith("unix://")
    assert way.listens().services == "127.0.0.1"


def test_a_contained_node_is_reached_through_published_ports_only(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = identity_of(layout, runtime="docker", signer_port=26669)
    public = replace(
        identity.profile(), own=identity.profile().own.model_copy(update={"is_local": False})
    )
    monkeypatch.setattr(identity, "profile", lambda: public)
    way = way_of(identity)
    assert isinstance(way, ContainedWay)
    assert way.signer_dials == "tcp://127.0.0.1:26669"
    assert way.listens().signer == "tcp://0.0.0.0:26669"
    launch = asyncio.run(clothed(way, monkeypatch))
    assert launch.arguments[:3] == ("start", "--home", HOME)
    assert dict(launch.public_ports) == {26656: 26656}
    assert set(launch.ports) == {26657, 1317, 9090, 26669}
    assert launch.network == contained.NETWORK


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shares its network")
def test_on_the_local_network_a_container_has_the_network_of_this_computer(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    way = way_of(identity_of(layout, runtime="docker", signer_port=26669))
    assert isinstance(way, ContainedWay)
    assert {way.listens().services, way.listens().p2p} == {"127.0.0.1"}
    assert asyncio.run(clothed(way, monkeypatch)).network == HOST_NETWORK


async def clothed(way: ContainedWay, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The container of a start on an engine of two cores."""

    async def image(_engine: DockerEngine, _binary: Path) -> str:
        return "image"

    async def answer(_engine: DockerEngine, act: Any) -> Any:
        return Limits() if act is contained._all_of_it else contained.NETWORK

    monkeypatch.setattr(contained, "program_image", image)
    monkeypatch.setattr(DockerEngine, "call", answer)
    program = await way.program(Path("/releases/posd"))
    return await way._clothe(await way.launch(program))


async def test_a_call_of_a_contained_program_sees_its_home_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[tuple[str, ...], Path]] = []

    async def run_once(_e: Any, _i: str, args: tuple[str, ...], home: Path, _s: float) -> Said:
        calls.append((args, home))
        return Said(0, "{}", "")

    monkeypatch.setattr("node_manager.node.contained_program.run_once", run_once)
    program = ContainedProgram(Path("/releases/posd"), DockerEngine(ABSENT), "image")
    await program.init(tmp_path / "home", "m", "c")
    assert calls == [(("init", "m", "--chain-id", "c", "--home", HOME), tmp_path / "home")]
    assert stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o700


async def test_a_missing_engine_is_waited_for_and_nothing_is_fetched(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", ABSENT)
    manager = Manager(layout, Broadcast())
    await manager.open()
    with SecretBytes(b"a heron stands in seven quiet rivers") as passphrase:
        plan = NodePlan("localnet", "one", "passphrase", passphrase, runtime="docker")
        node_id = await manager.create(plan)
    record = load_record(layout.node(node_id).record)
    assert (record.runtime, record.signer_port > 0) == ("docker", True)
    await manager.start(node_id)
    async with asyncio.timeout(10):
        while manager.status(node_id).state is not NodeState.BACKOFF:
            await asyncio.sleep(0.01)
    reason = manager.status(node_id).reason
    assert reason is not None
    assert reason.code == "docker-engine-absent"
    assert not layout.releases.exists()
    checks = await manager.node(node_id).examine()
    assert [check.id for check in checks if check.explanation.code == "docker-engine-absent"] == [
        "docker",
        "node",
    ]
    await manager.stop(node_id)
    assert manager.status(node_id).state is NodeState.STOPPED
    await manager.close(stop_nodes=True)
