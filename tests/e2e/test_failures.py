# SPDX-License-Identifier: Apache-2.0
"""What goes wrong around a start, met by the real app: each case named, nothing lost."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psutil

from bridge.localnet.record import LocalnetInfo
from bridge.server.control_client import ControlClient
from bridge.server.errors import NotRunning
from bridge.server.models import NodeBody
from node_manager.cosmos.home import edit_toml
from node_manager.events import Broadcast
from node_manager.keys.secret import SecretBytes
from node_manager.layout import Layout
from node_manager.manager import Manager
from node_manager.networks.importing import import_profile
from node_manager.node.plan import NodePlan
from node_manager.state import NodeState
from tests.helpers.app import PASSPHRASE, HeadlessApp, eventually, free_port
from tests.helpers.operator import newest_height

Json = dict[str, Any]


@contextmanager
def listening(port: int) -> Iterator[None]:
    """This process holds `port`."""
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        yield


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """A web server of the files in `folder`; its address."""

    class Silent(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Variants:
    """Networks that are the localnet but for one wrong thing, imported as others are."""

    def __init__(self, localnet: LocalnetInfo, layout: Layout, folder: Path) -> None:
        self.localnet = localnet
        self.layout = layout
        self.folder = folder
        self.manager = Manager(layout, Broadcast())

    async def add(
        self,
        name: str,
        change: Callable[[Json, Json], None] = lambda chain, own: None,
        **plan: Any,
    ) -> None:
        """Import the network `name` and make a validator for it; it is not started."""
        source = self.folder / name
        source.mkdir()
        chain = localnet_chain(self.localnet)
        own = json.loads((self.localnet.profile / "oneclick.json").read_text())
        change(chain, own)
        (source / "chain.json").write_text(json.dumps(chain))
        (source / "oneclick.json").write_text(json.dumps(own))
        await import_profile(str(source), self.layout, identity=name)
        with SecretBytes(PASSPHRASE.encode()) as passphrase:
            made = NodePlan(name, name, "passphrase", passphrase=passphrase, **plan)
            assert await self.manager.create(made) == name


def localnet_chain(localnet: LocalnetInfo) -> Json:
    """The `chain.json` of the localnet."""
    chain: Json = json.loads((localnet.profile / "chain.json").read_text())
    return chain


def binary_of(chain: Json) -> tuple[str, str]:
    """Platform and address of the only program that the profile has."""
    ((target, url),) = chain["codebase"]["binaries"].items()
    return target, url


async def told_by(app: HeadlessApp) -> dict[str, NodeBody]:
    """Every validator as the running app tells it; empty while it does not answer."""
    try:
        async with ControlClient(app.layout) as client:
            return {node.id: node for node in await client.statuses()}
    except NotRunning:
        return {}


async def until(app: HeadlessApp, state: str, seconds: float = 90.0) -> Json:
    """The only validator once it is in `state`; quicker than a command each time."""

    async def look() -> Json | None:
        if app.process is not None and app.process.poll() is not None:
            raise AssertionError(f"the app ended\n{app.told()}")
        nodes = list((await told_by(app)).values())
        if not nodes or nodes[0].state != state:
            return None
        told: Json = nodes[0].model_dump(mode="json", by_alias=True)
        return told

    found: Json = await eventually(f"state {state}", look, seconds)
    return found


async def all_named(app: HeadlessApp, count: int) -> dict[str, NodeBody] | None:
    """The validators once each of them has a reason."""
    told = await told_by(app)
    return told if len(told) == count and all(node.reason for node in told.values()) else None


async def test_networks_that_cannot_be_joined_are_named_one_by_one(
    app: HeadlessApp, localnet: LocalnetInfo, tmp_path: Path
) -> None:
    web = tmp_path / "web"
    web.mkdir()
    genesis = json.loads(localnet.folder.genesis.read_text())
    genesis["app_state"]["mint"]["minter"]["inflation"] = "0.090000000000000000"
    (web / "genesis.json").write_text(json.dumps(genesis))

    def no_release(chain: Json, _own: Json) -> None:
        target, url = binary_of(chain)
        chain["codebase"]["recommended_version"] = "v0.7.0"
        chain["codebase"]["binaries"] = {target: url.replace("posd", "no-such-file", 1)}

    def altered_program(chain: Json, _own: Json) -> None:
        target, url = binary_of(chain)
        address = url.partition("?")[0]
        chain["codebase"]["binaries"] = {target: f"{address}?checksum=sha256:{'5' * 64}"}

    def wrong_genesis(_chain: Json, own: Json) -> None:
        own["genesis_sha256"] = "6" * 64

    def dead_peers(chain: Json, _own: Json) -> None:
        for peer in chain["peers"]["persistent_peers"]:
            peer["address"] = "127.0.0.1:9"

    with serving(web) as address:

        def other_state(chain: Json, own: Json) -> None:
            chain["codebase"]["genesis"]["genesis_url"] = f"{address}/genesis.json"
            content = (web / "genesis.json").read_bytes()
            own["genesis_sha256"] = hashlib.sha256(content).hexdigest()

        variants = Variants(localnet, app.layout, tmp_path)
        await variants.add("no-release", no_release)
        await variants.add("altered-program", altered_program)
        await variants.add("wrong-genesis", wrong_genesis)
        await variants.add("dead-peers", dead_peers)
        await variants.add("no-folder", data_folder=web / "genesis.json")
        await variants.add("full-disk", data_folder=Path("/proc/oneclick"))
        await variants.add("other-state", other_state)
        app.start()

        found = await eventually("every failure is named", partial(all_named, app, 7), 100)

        # Before it is started or after it was ended: each says what, why and what to do.
        for node_id, code, words in (
            ("no-release", "not-published", ("no-such-file", "404", "profile")),
            ("altered-program", "checksum-wrong", ("5" * 64, "nothing was installed")),
            ("wrong-genesis", "genesis-hash", ("6" * 64, "publishers")),
            ("no-folder", "preflight-failed", ("no-folder-home cannot be written", "another")),
            ("full-disk", "preflight-failed", ("nearly full", "Free space")),
            ("other-state", "genesis-differs", ("computes other results", "genesis")),
        ):
            node = found[node_id]
            assert node.state is NodeState.FAILED, node_id
            assert node.reason is not None
            assert node.reason.code == code
            assert node.reason.todo
            told = f"{node.reason.what} {node.reason.why} {node.reason.todo}"
            assert [word for word in words if word not in told] == [], told
            assert node.pid is None

        # Nobody can say whether the peers come back: this one is left alive, and says so.
        alone = found["dead-peers"]
        assert alone.reason is not None
        assert alone.reason.code == "no-peers"
        assert alone.state is NodeState.SYNCING

        # What is not as published is not on the disk either, and the keys are.
        folders = app.layout.node
        assert not (folders("wrong-genesis").home / "config" / "genesis.json").exists()
        assert all(folders(node_id).key.exists() for node_id in found)
        digests = {
            json.loads(path.read_text())["checksum"]
            for path in app.layout.releases.rglob("provenance.json")
        }
        assert digests == {f"sha256:{binary_of(localnet_chain(localnet))[1].rpartition(':')[2]}"}
        assert app.end() == 0
    assert app.told().count("no peers, so it gets no blocks") == 1, "told once, not each second"


async def test_one_validator_meets_what_stands_in_its_way(
    app: HeadlessApp, localnet: LocalnetInfo, tmp_path: Path
) -> None:
    # The bridge's port is taken: said with its holder, no other is used, the validator runs.
    with listening(app.settings.bridge.port):
        app.start()
        first = await until(app, "running")
        assert str(app.settings.bridge.port) in bridge_line(app)
        assert str(os.getpid()) in bridge_line(app)
        app_pids = [app.process.pid] if app.process else []
        assert listening_ports(app_pids) == {}

    # A second instance is refused with the first one's process and ends nothing.
    second = app.run("up", "--headless", check=False)
    assert second.returncode == 1
    assert "already runs" in second.stderr
    assert str(app_pids[0]) in second.stderr
    app.run("stop")

    # A port of the node is taken.
    with listening(first["rpcPort"]):
        app.run("start")
        failed = await until(app, "failed", 20)
        assert str(first["rpcPort"]) in failed["reason"]["what"]
        assert str(os.getpid()) in failed["reason"]["what"] + failed["reason"]["why"]
    app.run("start")
    await until(app, "running")

    # It halts by itself in a consensus failure and stays alive: met, named, and mended.
    app.run("stop")
    settings = app.layout.node("localnet").home / "config" / "app.toml"
    height = await newest_height(localnet.rpc_url)
    edit_toml(settings, {"halt-height": height + 20})
    app.run("start")
    halted = await until(app, "failed", 60)
    assert halted["reason"]["code"] == "halt-height"
    assert str(height + 20) in halted["reason"]["what"]
    assert "CONSENSUS FAILURE" in app.log()
    edit_toml(settings, {"halt-height": 0})
    app.run("start")
    await until(app, "running")
    app.run("stop")

    # Data of another chain: the program would run it silently; the signer signs for its own.
    home = app.layout.node("localnet").home
    await asyncio.to_thread(make_other_chain, localnet, tmp_path / "other")
    (home / "data").rename(home / "data-kept")
    shutil.copytree(tmp_path / "other" / "data", home / "data")
    app.run("start")
    foreign = await until(app, "failed", 40)
    assert foreign["reason"]["code"] == "data-for-other-chain"
    assert "Reset the chain data" in foreign["reason"]["todo"]
    shutil.rmtree(home / "data")
    (home / "data-kept").rename(home / "data")

    # Damaged files of the app: one sentence, and the files stay as they are.
    assert app.end() == 0
    damaged = app.layout.settings
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[: len(whole) // 2] + b"\0[")
    torn = damaged.read_bytes()
    refused = app.run("up", "--headless", check=False)
    assert refused.returncode == 1
    assert "settings" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert damaged.read_bytes() == torn
    damaged.write_bytes(whole)

    record = app.layout.node("localnet").record
    whole = record.read_bytes()
    record.write_bytes(whole[:100])
    app.start()
    left = await until(app, "failed", 30)
    assert "node.json" in left["reason"]["todo"]
    assert record.read_bytes() == whole[:100]
    assert [path.name for path in app.layout.nodes.iterdir()] == ["localnet"], "no second one"
    started = app.run("start", check=False)
    assert started.returncode == 1
    assert "cannot be read" in started.stderr
    assert app.end() == 0
    record.write_bytes(whole)
    app.start()
    again = await until(app, "running")
    assert again["consensusPubkey"] == first["consensusPubkey"]
    assert app.end() == 0


def bridge_line(app: HeadlessApp) -> str:
    """What the app last said of the bridge."""
    lines = [line for line in app.told().splitlines() if line.startswith("bridge:")]
    return lines[-1] if lines else ""


def listening_ports(pids: list[int]) -> dict[int, list[int]]:
    """TCP ports on which these processes listen, by process."""
    found = {}
    for pid in pids:
        connections = psutil.Process(pid).net_connections("tcp")
        ports = [one.laddr.port for one in connections if one.status == psutil.CONN_LISTEN]
        if ports:
            found[pid] = ports
    return found


def make_other_chain(localnet: LocalnetInfo, home: Path) -> None:
    """A chain `another-chain-1` of one validator that has made blocks."""
    posd = str(localnet.posd_v1)
    ring = ("--keyring-backend", "test")

    def call(*words: str) -> str:
        command = [posd, *words, "--home", str(home)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    call("init", "other", "--chain-id", "another-chain-1", "--default-denom", "omniphi")
    call("keys", "add", "op", *ring)
    account = call("keys", "show", "op", "-a", *ring)
    call("genesis", "add-genesis-account", account, "1000000000000omniphi")
    stake = ("100000000000omniphi", "--chain-id", "another-chain-1")
    call("genesis", "gentx", "op", *stake, *ring)
    call("genesis", "collect-gentxs")
    ports = [free_port() + step for step in range(0, 40, 10)]
    config = {
        "p2p.laddr": f"tcp://127.0.0.1:{ports[0]}",
        "rpc.laddr": f"tcp://127.0.0.1:{ports[1]}",
        "rpc.pprof_laddr": "",
        "consensus.timeout_commit": "300ms",
    }
    edit_toml(home / "config" / "config.toml", config)
    served = {"grpc.enable": False, "api.enable": False, "minimum-gas-prices": "0omniphi"}
    edit_toml(home / "config" / "app.toml", served)
    log = home / "node.log"
    with log.open("wb") as sink:
        node = subprocess.Popen([posd, "start", "--home", str(home)], stdout=sink, stderr=sink)
        try:
            deadline = time.monotonic() + 30
            while log.read_text(errors="replace").count("committed state") < 3:
                assert time.monotonic() < deadline, log.read_text(errors="replace")
                time.sleep(0.1)
        finally:
            node.terminate()
            node.wait(20)


async def test_the_published_file_at_hand_starts_what_cannot_be_downloaded(
    app: HeadlessApp, localnet: LocalnetInfo, tmp_path: Path
) -> None:
    def out_of_reach(chain: Json, _own: Json) -> None:
        target, url = binary_of(chain)
        chain["codebase"]["binaries"] = {target: re.sub(r"://[^/]+/", "://127.0.0.1:9/", url)}

    await Variants(localnet, app.layout, tmp_path).add("out-of-reach", out_of_reach)
    right, wrong = (localnet.build.release(name) for name in ("v1", "v2"))
    words = ("up", "--headless", "--passphrase-file", str(app.passphrase), "--program-file")
    refused = app.run(*words, str(wrong.archive), check=False)
    assert refused.returncode == 1
    assert f"expected is {right.sha256}" in refused.stderr
    assert wrong.sha256 in refused.stderr
    assert installed(app) == []

    app.start("--program-file", str(right.archive))
    await until(app, "running")
    ((source, checksum),) = installed(app)
    assert source == right.archive.as_uri()
    assert checksum == f"sha256:{right.sha256}"
    assert app.end() == 0


def installed(app: HeadlessApp) -> list[tuple[str, str]]:
    """Where each installed program came from, and the checksum that its file had."""
    records = [
        json.loads(path.read_text()) for path in app.layout.releases.rglob("provenance.json")
    ]
    return [(record["fetched_from"], record["checksum"]) for record in records]
