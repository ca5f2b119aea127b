# SPDX-License-Identifier: Apache-2.0
"""GET /status of the app with its window, against an Express bridge over the same node.

Budgets (issue 6): ratio of `status_rps` >= 5, because the answer comes from memory and not from
the node; `stall_p99` of the window's loop under that load < 16 ms, a frame at 60 Hz.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import repeat
from pathlib import Path

from node_manager.layout import Layout
from tests.bench.heartbeats import free_port, measure
from tests.bench.http_load import Load, get_request
from tests.bench.report import Figure

CONNECTIONS = 8
WINDOW_SECONDS = 40
EXPRESS = "express@5"
PEER = "Express, one RPC request each"

_SERVER = """
const express = require('express');
const http = require('http');
const agent = new http.Agent({ keepAlive: true, maxSockets: 32 });
const ask = (port) => new Promise((resolve, reject) => {
  http.get({ host: '127.0.0.1', port, path: '/status', agent }, (answer) => {
    let body = '';
    answer.on('data', (part) => { body += part; });
    answer.on('end', () => resolve(JSON.parse(body)));
  }).on('error', reject);
});
const [rpc, port] = process.argv.slice(2);
const app = express();
app.get('/status', async (request, response) => {
  try {
    const { result } = await ask(rpc);
    response.json({ success: true, status: {
      running: true,
      blockHeight: parseInt(result.sync_info.latest_block_height),
      syncing: result.sync_info.catching_up,
      peers: 0, moniker: result.node_info.moniker, network: result.node_info.network } });
  } catch (error) {
    response.json({ success: true, status: { running: false, error: 'Node not responding' } });
  }
});
app.listen(Number(port), '127.0.0.1');
"""


class Bench:
    """A localnet, an app that has joined it, and an Express server beside it."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.port = free_port()
        self._stack = stack
        self._env = {**os.environ, "ONECLICK_LOCALNET": str(folder / "localnet")}
        self._env["QT_QPA_PLATFORM"] = "offscreen"

    def app(self, *words: str) -> str:
        """Run a command of the app to its end."""
        done = subprocess.run(
            self._argv(*words), env=self._env, capture_output=True, text=True, timeout=900
        )
        if done.returncode:
            raise RuntimeError(f"{words}: {done.stdout}{done.stderr}")
        return done.stdout

    def _argv(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "desktop.launch", "--data", str(self.data), *words]

    def join(self) -> int:
        """Join a localnet, leave the node running without the app; the port of its RPC."""
        self._stack.callback(self.app, "localnet", "down", "--forget")
        self.app("localnet", "up")
        self.data.mkdir(parents=True)
        (self.data / "settings.toml").write_text(
            f"[bridge]\nport = {self.port}\n[heartbeat]\nenabled = false\n"
            "[orchestrator]\nembedded = false\n"
        )
        passphrase = self.folder / "passphrase"
        passphrase.write_text("correct horse battery staple 9!")
        passphrase.chmod(0o600)
        words = ("up", "--headless", "--leave-running", "--network", "localnet")
        child = subprocess.Popen(
            self._argv(*words, "--passphrase-file", str(passphrase)),
            env=self._env,
            stdout=subprocess.DEVNULL,
        )
        self._stack.callback(self.app, "stop")
        wait_for("the node", lambda: self.status().get("syncing") is False, child)
        child.terminate()
        child.wait(60)
        [record] = Layout(self.data, self.data).nodes.glob("*/node.json")
        return int(json.loads(record.read_text())["ports"]["rpc"])

    def status(self) -> dict[str, object]:
        """What the bridge says now; empty while it does not answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/status") as answer:
                told: dict[str, object] = json.load(answer)["status"]
                return told
        except OSError:
            return {}

    def window_under_load(self) -> tuple[Load, list[float]]:
        """The load on the app with its window, and how late the window's loop was meanwhile."""
        target = self.folder / "late.json"
        child = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.bench.bridge_window",
                str(self.data),
                str(WINDOW_SECONDS),
                str(target),
            ],
            env=self._env,
        )
        wait_for("the window", lambda: self.status().get("running") is True, child)
        time.sleep(3)
        noting = target.with_suffix(".noting")
        noting.touch()
        requests = repeat(get_request("/status", self.port))
        load = measure(self.port, requests, CONNECTIONS)
        noting.unlink()
        child.wait(WINDOW_SECONDS + 60)
        return load, json.loads(target.read_text())

    def express(self, rpc: int) -> Load:
        """The same load on the Express bridge."""
        folder = self.folder / "express"
        folder.mkdir()
        (folder / "server.js").write_text(_SERVER)
        npm = ["npm", "install", "--silent", "--no-audit", "--no-fund", EXPRESS]
        subprocess.run(npm, cwd=folder, check=True, capture_output=True)
        port = free_port()
        command = ["node", "server.js", str(rpc), str(port)]
        production = {**os.environ, "NODE_ENV": "production"}
        with subprocess.Popen(command, cwd=folder, env=production) as child:
            try:
                time.sleep(2)
                return measure(port, repeat(get_request("/status", port)), CONNECTIONS)
            finally:
                child.terminate()


def wait_for(what: str, ready: Callable[[], bool], child: subprocess.Popen[bytes]) -> None:
    """Wait until `ready`, while `child` lives."""
    ends = time.monotonic() + 180
    while not ready():
        if child.poll() is not None or time.monotonic() > ends:
            raise RuntimeError(f"{what} did not come up")
        time.sleep(0.3)


def run(argv: list[str]) -> Iterator[Figure]:
    """Print the figures."""
    if shutil.which("npm") is None:
        print("npm is not installed: there is no peer to measure against", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory(prefix="oneclick-bench-") as name, ExitStack() as stack:
        bench = Bench(Path(name), stack)
        rpc = bench.join()
        mine, late = bench.window_under_load()
        peer = bench.express(rpc)
        conditions = f"{CONNECTIONS} connections, app with its window (offscreen), real node"
        yield Figure("status_rps", mine.rate, "1/s", PEER, peer.rate, conditions=conditions)
        yield Figure(
            "status_p99",
            mine.quantile(0.99) * 1000,
            "ms",
            PEER,
            peer.quantile(0.99) * 1000,
            conditions=conditions,
        )
        late.sort()
        yield Figure(
            "stall_p99",
            late[int(0.99 * len(late))],
            "ms",
            conditions=f"window's loop under that load, {len(late)} ticks",
        )
