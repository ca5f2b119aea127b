# SPDX-License-Identifier: Apache-2.0
"""One operator on a bench: a stand-in for charon, the mock API, and a history of what was told."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from node_manager.events import Broadcast, Event
from node_manager.keys.kdf import KdfPolicy
from node_manager.keys.protection import Passphrase
from node_manager.layout import Layout
from node_manager.obol import node, running
from node_manager.obol.events import DvChanged
from node_manager.obol.keys import enr_backup, key_users
from node_manager.obol.keys.enr import make_enr
from node_manager.obol.manager import DvManager, DvPlan
from node_manager.obol.node import DvNode
from node_manager.obol.settings import read_settings
from node_manager.obol.status import DvStage, DvStatus
from tests.e2e.dv_cluster import PASSPHRASE
from tests.helpers import charon_standin
from tests.helpers.charon_relay import free_ports
from tests.helpers.dv_locks import MadeLock, make_lock
from tests.helpers.dv_material import Cluster
from tests.helpers.obol_api import MockObolApi

KEYS = [bytes([number + 65]) * 32 for number in range(3)]


def signed_cluster(**changes: Any) -> Cluster:
    """Three operators who have all signed."""
    enrs: list[str | None] = [make_enr(key).text for key in KEYS]
    return Cluster(enrs, threshold=2, **changes).sign_all()


@cache
def bench_lock() -> MadeLock:
    """The lock of their cluster, made once; whoever changes it copies it first."""
    return make_lock(signed_cluster().raw(), KEYS)


@dataclass
class Bench:
    """One operator with a stand-in and the mock API."""

    manager: DvManager
    api: MockObolApi
    root: Path
    layout: Layout
    settings: dict[str, Any]
    program: Path
    history: list[DvStatus] = field(default_factory=list)
    cluster_id: str = ""

    @property
    def node(self) -> DvNode:
        return self.manager.node(self.cluster_id)

    @property
    def status(self) -> DvStatus:
        return self.node.status

    def plan(self, **changes: Any) -> None:
        """Change what the stand-in does."""
        file = self.program.parent / "plan.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | changes))

    def calls(self, command: str) -> list[dict[str, Any]]:
        file = self.program.parent / "calls.jsonl"
        found = (
            [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
        )
        return [one for one in found if one["command"] == command]

    async def create(self, *, backup: bool = True, ask: bool = False) -> None:
        (self.root / "key").write_text(KEYS[0].hex())
        self.cluster_id = await self.manager.create(
            DvPlan(
                "Test",
                read_settings(self.settings),
                key_source=self.root / "key",
                backup=self.root / "backup.json" if backup else None,
                backup_passphrase=Passphrase(PASSPHRASE) if backup else None,
                ask_addresses=ask,
            )
        )

    def leave_keys(self, operator: int = 0) -> None:
        """Put with the node what the operator has when the ceremony is over."""
        bench_lock().write(self.node.folder.charon, operator)

    async def run(self) -> None:
        """Create the node as it is after the ceremony, and let it run."""
        await self.create()
        self.leave_keys()
        await self.node.start()
        await self.stage(DvStage.RUNNING)

    async def until(self, right: Callable[[DvStatus], bool], seconds: float = 25) -> DvStatus:
        """The first status, past ones included, that is right."""
        began = time.monotonic()
        seen = 0
        while time.monotonic() - began < seconds:
            for status in self.history[seen:]:
                if right(status):
                    return status
            seen = len(self.history)
            await asyncio.sleep(0.02)
        last = self.status
        raise AssertionError(f"{last.stage}: {last.reason}; {last.ceremony}")

    async def comes(self, true: Callable[[], object], seconds: float = 25) -> None:
        """Wait for what no status tells."""
        began = time.monotonic()
        while not true():
            assert time.monotonic() - began < seconds, f"{self.status.stage}: {self.status.reason}"
            await asyncio.sleep(0.02)

    async def stage(self, stage: DvStage, seconds: float = 25) -> DvStatus:
        return await self.until(lambda status: status.stage is stage, seconds)

    def over_again(self) -> None:
        """Another run of the app on the same data folder."""
        self.manager = DvManager(self.layout, self.manager.broadcast)
        self.history.clear()


def see_only(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have charons of `root` alone on this computer: tests beside this one have the same keys."""

    def of_root(process: psutil.Process) -> bool:
        with suppress(psutil.Error):
            return str(root) in " ".join(process.cmdline())
        return False

    everything = key_users.processes
    monkeypatch.setattr(key_users, "processes", lambda: filter(of_root, everything()))


@asynccontextmanager
async def dv_bench(
    root: Path, monkeypatch: pytest.MonkeyPatch, *, speed: int = 30
) -> AsyncIterator[Bench]:
    """Operator 0 of the bench's cluster, with cheap backups and quick looks."""
    cheap = KdfPolicy(memory_kib=64, iterations=1, lanes=1, floor_kib=8)
    monkeypatch.setattr(node, "back_up_key", partial(enr_backup.back_up_key, policy=cheap))
    monkeypatch.setattr(running, "LOOK_SECONDS", 0.2)
    monkeypatch.setattr(running, "HEALABLE_SECONDS", 0.5)
    see_only(root, monkeypatch)
    artefacts = root / "artefacts"
    lock = bench_lock()
    lock.write(artefacts, 0)
    program = charon_standin.install(
        root / "program", {"artefacts": str(artefacts), "speed": speed}
    )
    layout = Layout(data=root / "data", cache=root / "cache")
    broadcast = Broadcast()
    p2p, vapi, monitoring = free_ports(3)
    async with MockObolApi() as api:
        settings = {
            "network": "hoodi",
            "charon": {
                "operatorAddress": lock.raw["cluster_definition"]["operators"][0]["address"],
                "program": str(program),
                "dkgSidecar": {
                    "apiEndpoint": api.url,
                    "initialRetryDelaySeconds": 0.1,
                    "maxRetryDelaySeconds": 0.2,
                    "shutdownDelaySeconds": 0,
                },
                "p2pTcpAddress": f"127.0.0.1:{p2p}",
                "validatorApiAddress": f"127.0.0.1:{vapi}",
                "monitoringAddress": f"127.0.0.1:{monitoring}",
                "simnetBeaconMock": True,
                "simnetValidatorMock": True,
            },
        }
        one = Bench(DvManager(layout, broadcast), api, root, layout, settings, program)

        def hear(event: Event) -> None:
            if isinstance(event, DvChanged):
                one.history.append(event.status)

        broadcast.subscribe(hear)
        yield one
        await one.manager.close(stop_nodes=True)
