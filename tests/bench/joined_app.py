# SPDX-License-Identifier: Apache-2.0
"""A localnet of the bench's own and an app that has joined it, for benches of the window."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import psutil

from node_manager.layout import Layout, NodeFolder
from tests.bench.window_process import window_environment, write_settings

JOIN_SECONDS = 180


class JoinedApp:
    """One data folder on one localnet; both end and go with `stack`.

    Attributes:
        data: the app's data folder.
        port: of its bridge.
        environment: of each of its processes.
        localnet: the folder of the network.
        passphrase: the file with the key's passphrase.
    """

    def __init__(self, folder: Path, stack: ExitStack, *, doors: bool = False) -> None:
        """`doors` also runs the bundled orchestrator and the heartbeat, as by default."""
        self.data = folder / "data"
        self.localnet = folder / "localnet"
        self.environment = window_environment(
            ONECLICK_LOCALNET=str(self.localnet), ONECLICK_LOCKS=str(folder / "locks")
        )
        self.port = write_settings(self.data, doors=doors).bridge.port
        self.passphrase = folder / "passphrase"
        self.passphrase.write_text("a heron stands in seven quiet rivers")
        self.passphrase.chmod(0o600)
        self._stack = stack

    @property
    def node(self) -> NodeFolder:
        """The folder of its one validator."""
        [record] = Layout(self.data, self.data).nodes.glob("*/node.json")
        return NodeFolder(record.parent)

    @property
    def rpc_port(self) -> int:
        """Of the validator's own RPC."""
        return int(json.loads(self.node.record.read_text())["ports"]["rpc"])

    def words(self, *words: str) -> list[str]:
        """A command of the app."""
        return [sys.executable, "-m", "desktop.launch", "--data", str(self.data), *words]

    def run(self, *words: str, environment: dict[str, str] | None = None) -> str:
        """Run a command of the app to its end; its output."""
        done = subprocess.run(
            self.words(*words),
            env=environment or self.environment,
            capture_output=True,
            text=True,
            timeout=900,
        )
        if done.returncode:
            raise RuntimeError(f"{words}: {done.stdout}{done.stderr}")
        return done.stdout

    def join(self) -> None:
        """Join a new localnet; the validator runs on without the app."""
        self._stack.callback(self.run, "localnet", "down", "--forget")
        self.run("localnet", "up")
        up = ("up", "--headless", "--leave-running", "--network", "localnet")
        child = subprocess.Popen(
            self.words(*up, "--passphrase-file", str(self.passphrase)),
            env=self.environment,
            stdout=subprocess.DEVNULL,
        )
        self._stack.callback(self.end)
        self.until_follows(child)
        child.terminate()
        child.wait(60)

    def end(self) -> None:
        """Stop the validator, and leave nothing of this data folder running."""
        self.run("stop")
        for process in psutil.process_iter(["cmdline"]):
            if any(word.startswith(str(self.data)) for word in process.info["cmdline"] or ()):
                process.kill()

    def until_follows(self, child: subprocess.Popen[bytes]) -> None:
        """Wait until the app of process `child` follows the network with its validator.

        Raises:
            RuntimeError: it ended before, or it takes minutes.
        """

        def follows() -> bool:
            told = self.status()
            return told.get("running") is True and told.get("syncing") is False

        wait_for("the validator", follows, child)

    def status(self) -> dict[str, object]:
        """What the bridge says now; empty while it does not answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/status") as answer:
                told: dict[str, object] = json.load(answer)["status"]
                return told
        except OSError:
            return {}


def wait_for(what: str, ready: Callable[[], bool], child: subprocess.Popen[bytes]) -> None:
    """Wait until `ready`, while `child` lives."""
    ends = time.monotonic() + JOIN_SECONDS
    while not ready():
        if child.poll() is not None or time.monotonic() > ends:
            raise RuntimeError(f"{what} did not come up")
        time.sleep(0.3)
