# SPDX-License-Identifier: Apache-2.0
"""The headless commands as a person types them, with a stand-in made of recordings."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from node_manager.obol.keys.enr import make_enr
from tests.e2e.dv_cluster import PASSPHRASE
from tests.helpers import charon_standin
from tests.helpers.charon_relay import free_ports
from tests.helpers.dv_locks import make_lock
from tests.helpers.dv_material import Cluster

pytestmark = [
    pytest.mark.timeout(180),
    pytest.mark.skipif(sys.platform == "win32", reason="charon is for Linux"),
]
ROOT = Path(__file__).resolve().parents[2]
KEYS = [secrets.token_bytes(32) for _ in range(3)]
"""Of this run alone: the app looks for other charons on the whole computer."""


class Shell:
    """Runs `oneclick-validator` with a data folder of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environment = {
            **os.environ,
            "ONECLICK_DATA": str(root / "data"),
            "ONECLICK_CACHE": str(root / "cache"),
            "PYTHONPATH": str(ROOT),
        }
        self.words = root / "words"
        self.words.touch(0o600)
        self.words.write_text(PASSPHRASE)

    def start(self, *words: str, stdout: Any = subprocess.PIPE) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "desktop.launch", "dv", *words],
            cwd=self.root,
            env=self.environment,
            stdout=stdout,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __call__(self, *words: str, code: int = 0) -> str:
        process = self.start(*words)
        told, _ = process.communicate(timeout=90)
        assert process.returncode == code, told
        return told

    def status(self) -> dict[str, Any]:
        found: list[dict[str, Any]] = json.loads(self("status", "--json"))
        return found[0]


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.fixture
def api(tmp_path: Path):
    """The mock API as a process, answering one fully signed definition."""
    enrs: list[str | None] = [make_enr(key).text for key in KEYS]
    signed = Cluster(enrs, threshold=2).sign_all()
    (tmp_path / "definition.json").write_text(json.dumps(signed.raw()))
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.helpers.obol_api", "0", str(tmp_path / "definition.json")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    yield server.stdout.readline().strip(), signed
    server.terminate()
    server.wait(10)


def test_from_the_enr_to_running_by_commands(shell: Shell, api) -> None:
    url, signed = api
    artefacts = shell.root / "artefacts"
    make_lock(signed.raw(), KEYS).write(artefacts, 0)
    program = charon_standin.install(
        shell.root / "program", {"artefacts": str(artefacts), "speed": 30}
    )
    p2p, vapi, monitoring = free_ports(3)
    (shell.root / "key").write_text(KEYS[0].hex())
    (shell.root / "settings.toml").write_text(
        f"""
network = "hoodi"
[charon]
operatorAddress = "{signed.addresses[0]}"
program = "{program}"
p2pTcpAddress = "127.0.0.1:{p2p}"
validatorApiAddress = "127.0.0.1:{vapi}"
monitoringAddress = "127.0.0.1:{monitoring}"
simnetBeaconMock = true
simnetValidatorMock = true
[charon.dkgSidecar]
apiEndpoint = "{url}"
shutdownDelaySeconds = 0
"""
    )
    assert "No distributed validator yet" in shell("status")
    told = shell("enr", "--settings", "settings.toml", "--key", "key", "--name", "Mine")
    assert told.strip().splitlines()[-1] == make_enr(KEYS[0]).text
    assert "missing: " not in shell("wait", "--once")
    assert "backup" in shell("wait")
    told = shell("backup", "enr.json", "--passphrase-file", "words")
    assert "proved by opening it" in told
    shell("backup", "enr.json", "--verify", "--passphrase-file", "words")
    told = shell("dkg")
    assert "withdrawal to 0x000000000000000000000000000000000000dEaD" in told
    assert "key shares open and fit the lock" in told
    with (shell.root / "run.log").open("w") as log:
        process = shell.start("run", stdout=log)
        began = time.monotonic()
        while shell.status()["stage"] != "running":
            assert process.poll() is None, (shell.root / "run.log").read_text()
            assert time.monotonic() - began < 60, (shell.root / "run.log").read_text()
        told = shell("dkg", code=1)
        assert "Another run of this app" in told
        pid = shell.status()["pids"]["charon"]
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    shell("backup", "all.backup", "--all", "--passphrase-file", "words")
    assert (shell.root / "all.backup").stat().st_mode & 0o077 == 0


def test_a_command_without_a_cluster_says_so(shell: Shell) -> None:
    assert "no distributed validator" in shell("run", code=1)


def test_a_wrong_address_is_named(shell: Shell) -> None:
    assert "operatorAddress" in shell("enr", "--operator-address", "0x12", code=1)
    assert not (shell.root / "data" / "clusters").exists()
