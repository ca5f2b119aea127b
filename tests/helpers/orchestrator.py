# SPDX-License-Identifier: Apache-2.0
"""An orchestrator hosted apart: `serve` and `worker` as processes of their own, and its API."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.helpers.app import CHECKOUT, PLAIN, eventually, free_port
from tests.unit.bridge.orchestrator.wallet import Wallet

V1 = "/api/v1/validators"
PREFIX = "ONECLICK_ORCHESTRATOR_"


@dataclass
class HostedOrchestrator:
    """Its folder, its settings by name without the prefix, its processes."""

    folder: Path
    settings: Mapping[str, str]
    environment: Mapping[str, str]
    port: int = field(default_factory=free_port)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    paused: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> Path:
        return self.folder / "orchestrator.sqlite"

    def start(self, act: str, **more: str) -> subprocess.Popen[bytes]:
        """Start `serve` or `worker`; `more` are settings for this start alone."""
        settings = {
            "PORT": str(self.port),
            "DATABASE_URL": f"sqlite:///{self.database}",
            "WORK_IN_PROCESS": "false",
            "LEASE_SECONDS": "3",
            **self.settings,
            **more,
        }
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"{act}.out").open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "desktop.launch", "--data", str(self.folder),
                 "orchestrator", act],
                env={
                    **os.environ,
                    "PYTHONPATH": str(CHECKOUT),
                    **self.environment,
                    **{f"{PREFIX}{name}": value for name, value in settings.items()},
                },
                stdout=output,
                stderr=subprocess.STDOUT,
            )  # fmt: skip
        self.processes[act] = process
        return process

    def keep(self, act: str) -> None:
        """Start it with the usual settings unless it lives already."""
        if act not in self.processes:
            self.start(act)

    def forget(self) -> None:
        """Take every request, its node and its work out of the (SQLite) database."""
        with contextlib.closing(sqlite3.connect(self.database, timeout=10)) as database, database:
            for table in ("work_items", "validator_nodes", "validator_setup_requests"):
                database.execute(f"DELETE FROM {table}")

    def kill(self, act: str) -> None:
        """End a process as a crash does."""
        process = self.processes.pop(act)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def pause(self, act: str) -> None:
        """Stop a process in its tracks, as a suspended machine does; another may be started."""
        self.paused.append(self.processes.pop(act))
        self.paused[-1].send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let all of them go on."""
        for process in self.paused:
            process.send_signal(signal.SIGCONT)

    def end(self, *acts: str) -> None:
        """End the named processes in order, all without a name; harmless where none lives.

        One that was paused ends in any case: it would take the work of the next test.
        """
        paused, self.paused = self.paused, []
        for process in paused:
            process.kill()
            process.wait()
        ended = {act: self.processes.pop(act, None) for act in acts or list(self.processes)}
        for process in filter(None, ended.values()):
            process.terminate()
        for process in filter(None, ended.values()):
            process.wait(timeout=30)

    def check(self) -> None:
        """Every process that was started lives."""
        for act, process in self.processes.items():
            if process.poll() is not None:
                raise AssertionError(f"{act} has ended: {self.told(act)[-2000:]}")

    def told(self, act: str) -> str:
        path = self.folder / f"{act}.out"
        return path.read_text(errors="replace") if path.exists() else ""

    async def ready(self) -> None:
        async def look() -> bool:
            try:
                async with httpx.AsyncClient(verify=PLAIN) as client:
                    return (await client.get(f"{self.url}/readyz")).status_code == 200
            except httpx.HTTPError:
                return False

        await eventually("the orchestrator answers", look, 90)


class Portal:
    """A wallet at the orchestrator's API."""

    def __init__(self, orchestrator: HostedOrchestrator, wallet: Wallet) -> None:
        self._orchestrator = orchestrator
        self.wallet = wallet
        self._token = ""

    async def post(self, path: str, body: object, expected: int = 200) -> Any:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        async with httpx.AsyncClient(base_url=self._orchestrator.url, verify=PLAIN) as client:
            answer = await client.post(path, json=body, headers=headers)
        assert answer.status_code == expected, answer.text
        return answer.json()

    async def sign_in(self) -> None:
        wallet = self.wallet
        asked = await self.post("/api/v1/auth/nonce", {"walletAddress": wallet.address}, 201)
        session = {
            "walletAddress": wallet.address,
            "nonce": asked["nonce"],
            "pubKey": wallet.public_text,
            "signature": wallet.sign_text(asked["message"]),
        }
        self._token = (await self.post("/api/v1/auth/session", session, 201))["token"]

    async def ask(self, name: str) -> str:
        """A setup request for a cloud validator; its id."""
        body = {
            "walletAddress": self.wallet.address,
            "validatorName": name,
            "commissionRate": "0.1",
            "runMode": "cloud",
            "provider": "omniphi_cloud",
        }
        made = await self.post(f"{V1}/setup-requests", body, 201)
        return str(made["setupRequest"]["id"])

    async def told(self, setup: str) -> Any:
        """The setup request and its node."""
        self._orchestrator.check()
        async with httpx.AsyncClient(base_url=self._orchestrator.url, verify=PLAIN) as client:
            answer = await client.get(f"{V1}/setup-requests/{setup}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def logs(self, setup: str) -> list[str]:
        """The last lines of its node's log."""
        headers = {"Authorization": f"Bearer {self._token}"}
        async with httpx.AsyncClient(
            base_url=self._orchestrator.url, verify=PLAIN, timeout=30
        ) as client:
            answer = await client.get(f"{V1}/setup-requests/{setup}/logs", headers=headers)
        assert answer.status_code == 200, answer.text
        lines: list[str] = answer.json()["lines"]
        return lines

    async def until(self, setup: str, status: str, seconds: float = 90) -> Any:
        """Wait until the request has `status`."""

        async def look() -> Any:
            told = await self.told(setup)
            found = told["setupRequest"]["status"]
            if found == "failed" and status != "failed":
                raise AssertionError(f"failed: {told}")
            return told if found == status else None

        return await eventually(
            f"status {status}; worker: {self._orchestrator.told('worker')[-1500:]}",
            look, seconds, 0.5,
        )  # fmt: skip
