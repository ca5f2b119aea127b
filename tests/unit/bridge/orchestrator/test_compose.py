# SPDX-License-Identifier: Apache-2.0
"""The services of compose.yaml, started as compose starts them, on a real PostgreSQL."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
import yaml

from tests.helpers.app import CHECKOUT, PLAIN, eventually, free_port

FOLDER = CHECKOUT / "packaging" / "docker"
PREFIX = "ONECLICK_ORCHESTRATOR_"
DATABASE = f"{PREFIX}DATABASE_URL"
OURS = ("migrate", "orchestrator", "worker")


def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text())["services"]
    return found


def settings_file() -> dict[str, str]:
    """`.env`, as the example leaves it."""
    lines = (FOLDER / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if re.match(r"\w+=", line))


def environment(service: dict[str, Any], postgres: str, port: int) -> dict[str, str]:
    """What compose gives the service; the database and the port are those of this machine."""
    address = re.sub(r"^.*//.*@database/", f"{postgres}/", service["environment"][DATABASE])
    own = {name: str(value) for name, value in service["environment"].items()}
    return settings_file() | own | {DATABASE: address, f"{PREFIX}PORT": str(port)}


@pytest.mark.timeout(240)
async def test_migrate_then_service_and_worker_side_by_side(postgres: str, tmp_path: Path) -> None:
    connection = await asyncpg.connect(f"{postgres}/postgres")
    await connection.execute("CREATE DATABASE oneclick")
    await connection.close()
    port = free_port()
    running: dict[str, subprocess.Popen[bytes]] = {}

    def start(name: str) -> subprocess.Popen[bytes]:
        service = services()[name]
        given = {name: text for name, text in os.environ.items() if not name.startswith(PREFIX)}
        with (tmp_path / f"{name}.out").open("wb") as output:
            # The image's entry point and the command of compose.yaml.
            running[name] = subprocess.Popen(
                [sys.executable, "-P", "-m", "desktop.launch", "orchestrator", *service["command"]],
                env={
                    **given, **environment(service, postgres, port), "PYTHONPATH": str(CHECKOUT),
                    "ONECLICK_DATA": str(tmp_path), "ONECLICK_CACHE": str(tmp_path / "cache"),
                },
                stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        return running[name]

    def told(name: str) -> str:
        return (tmp_path / f"{name}.out").read_text()

    async def ready() -> bool:
        for name in ("orchestrator", "worker"):
            assert running[name].poll() is None, told(name)
        if "worker started" not in told("worker"):
            return False  # a signal would find a process that still imports
        try:
            async with httpx.AsyncClient(verify=PLAIN) as client:
                return (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200
        except httpx.HTTPError:
            return False

    try:
        assert start("migrate").wait(120) == 0, told("migrate")
        for name in ("orchestrator", "worker"):
            start(name)
        await eventually("service and worker are ready", ready, 90)
        for name in ("orchestrator", "worker"):
            running[name].terminate()
            assert running[name].wait(60) == 0, told(name)
    finally:
        for process in running.values():
            process.kill()
            process.wait()


def test_every_service_of_ours_waits_for_what_it_needs() -> None:
    found = services()
    assert set(OURS) == {name for name, one in found.items() if "oneclick" in one["image"]}
    assert found["migrate"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    for name in ("orchestrator", "worker"):
        done = {"migrate": {"condition": "service_completed_successfully"}}
        assert found[name]["depends_on"] == done
