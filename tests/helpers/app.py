# SPDX-License-Identifier: Apache-2.0
"""The app as a person runs it headless: a process of its own, asked through its own doors."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import psutil

from bridge.cli import ask_contained
from bridge.server.control_address import control_address
from node_manager.layout import Layout
from node_manager.settings import Settings, save

T = TypeVar("T")
CHECKOUT = Path(__file__).resolve().parents[2]
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For clients of plain HTTP: reading the authorities takes each 30 ms, for nothing."""
PASSPHRASE = "a heron stands in seven quiet rivers"


def free_ports(count: int) -> list[int]:
    """Ports in a row that were free a moment ago, below the ephemeral range.

    By chance, so that apps beside each other (other tests, other people) do not meet.
    """
    for _ in range(200):
        first = random.randrange(20000, 32000 - count)
        ports = list(range(first, first + count))
        if not any(_taken(port) for port in ports):
            return ports
    raise RuntimeError("no free ports")


def free_port() -> int:
    """One such port."""
    return free_ports(1)[0]


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


async def eventually(
    what: str, look: Callable[[], Any], seconds: float = 60.0, every: float = 0.2
) -> Any:
    """Wait until `look()` (plain or a coroutine function) returns something true; return it."""
    deadline = time.monotonic() + seconds
    last: Any = None
    while time.monotonic() < deadline:
        last = look()
        if asyncio.iscoroutine(last):
            last = await last
        if last:
            return last
        await asyncio.sleep(every)
    raise AssertionError(f"not within {seconds:.0f} s: {what} (last: {last!r})")


@dataclass
class HeadlessApp:
    """One data folder and the app that runs on it.

    Attributes:
        layout: its folders; the localnet is the one of the test session.
        moniker: of the validator that `up` makes.
    """

    layout: Layout
    localnet: Path
    moniker: str = "e2e"
    network: str = "localnet"
    process: subprocess.Popen[bytes] | None = None
    output: Path = field(init=False)
    ports: list[int] = field(init=False)
    settings: Settings = field(default_factory=Settings)

    def __post_init__(self) -> None:
        self.layout.data.mkdir(parents=True, exist_ok=True)
        self.output = self.layout.data / "up.out"
        bridge, orchestrator, *self.ports = free_ports(6)
        self.settings.bridge.port = bridge
        self.settings.orchestrator.port = orchestrator
        self.settings.heartbeat.url = f"http://127.0.0.1:{self.settings.orchestrator.port}"
        self.settings.heartbeat.seconds = 5
        save(self.layout.settings, self.settings)
        self.passphrase = self.layout.data / "passphrase"
        self.passphrase.write_text(PASSPHRASE)
        self.passphrase.chmod(0o600)

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "ONECLICK_DATA": str(self.layout.data),
            "ONECLICK_CACHE": str(self.layout.cache),
            "ONECLICK_LOCALNET": str(self.localnet),
            "ONECLICK_LOCKS": str(self.layout.data.parent / "locks"),
            "PYTHONPATH": str(CHECKOUT),
        }

    @property
    def bridge(self) -> str:
        return f"http://127.0.0.1:{self.settings.bridge.port}"

    @property
    def orchestrator(self) -> str:
        return self.settings.heartbeat.url

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "desktop.launch", *words]

    def run(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            self.command(*words), env=self.environment, capture_output=True, text=True, timeout=120
        )
        if check and done.returncode != 0:
            raise AssertionError(f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def start(self, *words: str) -> None:
        """Start `up --headless`, as a person or a service does."""
        self.process = subprocess.Popen(
            self.command(
                "up", "--headless", "--network", self.network, "--moniker", self.moniker,
                "--passphrase-file", str(self.passphrase),
                "--ports", ",".join(map(str, self.ports)), *words,
            ),
            env=self.environment,
            stdout=self.output.open("ab"),
            stderr=subprocess.STDOUT,
        )  # fmt: skip

    def status(self) -> dict[str, Any]:
        """The first validator as `status --json` tells it; `appRuns` says whether the app does."""
        return self.answer() or self._status_without_app()

    def answer(self) -> dict[str, Any] | None:
        """What the running app tells of it, None when it does not answer.

        Asked many times a second: the command line would take a second of a core each time.
        """
        control = control_address(self.layout).socket
        told = None if control is None else ask_contained.nodes(control)
        return None if told is None else {**(told[0] if told else {}), "appRuns": True}

    def _status_without_app(self) -> dict[str, Any]:
        done = self.run("status", "--json", check=False)
        if done.returncode not in {0, 3}:
            raise AssertionError(f"status: {done.returncode}\n{done.stdout}\n{done.stderr}")
        told = json.loads(done.stdout)
        return {**(told["nodes"][0] if told["nodes"] else {}), "appRuns": told["running"]}

    async def until(self, state: str, seconds: float = 90.0) -> dict[str, Any]:
        """Wait until the validator is in `state`."""

        def look() -> dict[str, Any] | None:
            if self.process is not None and self.process.poll() is not None:
                raise AssertionError(f"the app ended\n{self.told()}")
            told = self.answer()
            if told is None:
                return None
            if told.get("state") == "failed" and state != "failed":
                raise AssertionError(f"failed: {told['reason']}\n{self.told()}")
            return told if told.get("state") == state else None

        found: dict[str, Any] = await eventually(f"state {state}\n{self.told()}", look, seconds)
        return found

    def kill(self) -> None:
        """Kill the app as a crash does."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self, seconds: float = 60.0) -> int:
        """Ask the app to end as Ctrl+C does; return its exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=seconds)

    def told(self) -> str:
        """What the app has printed."""
        return self.output.read_text(errors="replace") if self.output.exists() else ""

    def log(self, name: str = "node") -> str:
        """A child's log."""
        path = self.layout.node(self.network).logs / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def clean_up(self) -> None:
        """Leave no process of this data folder behind."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        mine = str(self.layout.data)
        for process in psutil.process_iter():
            try:
                told = [*process.cmdline(), process.environ().get("ONECLICK_DATA", "")]
            except psutil.Error:
                continue
            if process.pid != os.getpid() and any(word.startswith(mine) for word in told if word):
                process.kill()
