# SPDX-License-Identifier: Apache-2.0
"""How late the window's loop is while a real node syncs.

Budget (issue 5): `stall_p99` < 16 ms over five minutes of syncing, a frame at 60 Hz: whatever
the engine hears of a node at work, the window follows the hand.

The chain is the localnet's. Its blocks are made ahead without a pause, and the node then reads
them through a narrow line (CometBFT's `p2p.recv_rate`), so that it syncs for all of the time.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import tomlkit

from tests.bench.joined_app import JoinedApp, wait_for
from tests.bench.report import Figure
from tests.bench.window_process import platform

SECONDS = 300.0
SETTLE_SECONDS = 5.0
LINE_BYTES = 24_000
"""Bytes a second that the node takes from its peer; CometBFT leaves a peer below 7,680."""

BLOCKS_PER_SECOND = 40
"""What comes through that line in a second: 39 were measured."""

LENGTHEN_SECONDS = 20 * 60

LARGER = 1.2
"""The chain is longer than what is read by this much."""


def run(arguments: list[str]) -> Iterator[Figure]:
    """Sync beside the window; `--seconds S` is how long the window is watched (300)."""
    parser = argparse.ArgumentParser("stalls")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    seconds: float = parser.parse_args(arguments).seconds
    with tempfile.TemporaryDirectory(prefix="oneclick-bench-") as name, ExitStack() as stack:
        app = JoinedApp(Path(name), stack, doors=True)
        app.join()
        app.run("stop")
        target = int(BLOCKS_PER_SECOND * (seconds + SETTLE_SECONDS) * LARGER)
        length = lengthen(app, target)
        configure(app.node.home, {"p2p": {"recv_rate": LINE_BYTES}})
        late, synced = watched(app, seconds)
    late.sort()
    conditions = (
        f"{len(late)} ticks of 5 ms in {seconds:.0f} s; the node synced {synced} of {length} blocks"
        f" of a localnet; {platform()}"
    )
    yield Figure("stall_p99", late[int(len(late) * 0.99)], "ms", conditions=conditions)
    yield Figure("stall_greatest", late[-1], "ms", conditions=conditions)


def configure(home: Path, changes: dict[str, dict[str, object]]) -> None:
    """Change a node's `config.toml`."""
    file = home / "config" / "config.toml"
    content = tomlkit.parse(file.read_text())
    for table, entries in changes.items():
        content[table].update(entries)  # type: ignore[union-attr]
    file.write_text(tomlkit.dumps(content))


def lengthen(app: JoinedApp, target: int) -> int:
    """Let the localnet make `target` blocks without a pause, then go on as usual; its height."""
    # How the node program reads its settings from the environment (cosmos-sdk server/util.go).
    hurried = {**app.environment, "POSD_CONSENSUS_TIMEOUT_COMMIT": "0s"}
    for environment, least in ((hurried, target), (app.environment, 0)):
        app.run("localnet", "down")
        app.run("localnet", "up", environment=environment)
        profile = json.loads((app.localnet / "profile" / "chain.json").read_text())
        rpc = profile["apis"]["rpc"][0]["address"]
        ends = time.monotonic() + LENGTHEN_SECONDS
        while (height := height_of(rpc)) < least:
            if time.monotonic() > ends:
                raise RuntimeError(f"the chain has {height} blocks of {target}")
            time.sleep(1)
    return height


def height_of(rpc: str) -> int:
    """The newest height that a node tells; 0 while it does not answer."""
    try:
        with urllib.request.urlopen(f"{rpc}/status", timeout=5) as answer:
            return int(json.load(answer)["result"]["sync_info"]["latest_block_height"])
    except OSError:
        return 0


def watched(app: JoinedApp, seconds: float) -> tuple[list[float], int]:
    """Milliseconds by which each tick of the window's loop was late; the blocks read meanwhile."""
    notes = app.data / "late.json"
    own = (sys.executable, "-m", "tests.bench.bridge_window", str(app.data))
    up = ("up", "--network", "localnet", "--passphrase-file", str(app.passphrase))
    window = subprocess.Popen([*own, str(seconds + 600), str(notes), *up], env=app.environment)
    rpc = f"http://127.0.0.1:{app.rpc_port}"
    wait_for("the sync", lambda: app.status().get("syncing") is True and height_of(rpc), window)
    time.sleep(SETTLE_SECONDS)
    before = height_of(rpc)
    begin = notes.with_suffix(".noting")
    begin.touch()
    time.sleep(seconds)
    begin.unlink()
    synced, syncing = height_of(rpc) - before, app.status().get("syncing")
    window.terminate()
    window.wait(90)
    if syncing is not True:
        raise RuntimeError(f"the node had read all blocks before the time was over: {synced}")
    late: list[float] = json.loads(notes.read_text())
    return late, synced
