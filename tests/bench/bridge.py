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
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import repeat
from pathlib import Path

from tests.bench.heartbeats import free_port, measure
from tests.bench.http_load import Load, get_request
from tests.bench.joined_app import JoinedApp, wait_for
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


class Bench(JoinedApp):
    """An app that has joined a localnet, and an Express server beside it."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        super().__init__(folder, stack)
        self.folder = folder

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
            env=self.environment,
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

    def express(self) -> Load:
        """The same load on the Express bridge."""
        folder = self.folder / "express"
        folder.mkdir()
        (folder / "server.js").write_text(_SERVER)
        npm = ["npm", "install", "--silent", "--no-audit", "--no-fund", EXPRESS]
        subprocess.run(npm, cwd=folder, check=True, capture_output=True)
        port = free_port()
        command = ["node", "server.js", str(self.rpc_port), str(port)]
        production = {**os.environ, "NODE_ENV": "production"}
        with subprocess.Popen(command, cwd=folder, env=production) as child:
            try:
                time.sleep(2)
                return measure(port, repeat(get_request("/status", port)), CONNECTIONS)
            finally:
                child.terminate()


def run(argv: list[str]) -> Iterator[Figure]:
    """Print the figures."""
    if shutil.which("npm") is None:
        print("npm is not installed: there is no peer to measure against", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory(prefix="oneclick-bench-") as name, ExitStack() as stack:
        bench = Bench(Path(name), stack)
        bench.join()
        mine, late = bench.window_under_load()
        peer = bench.express()
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
