# SPDX-License-Identifier: Apache-2.0
"""Builds the judge, starts signers for it, and hands it its orders."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import socket
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from filelock import FileLock

from bridge.localnet.toolchain import find_toolchain
from node_manager.layout import Layout
from node_manager.runtime.own_command import child_environment, own_command
from node_manager.signer.journal import FILE, Journal
from node_manager.signer.plan import SignerPlan

SOURCES = Path(__file__).parent
CHAIN = "judge-1"
BUILD_SECONDS = 900


def build_judge(cache: Path | None = None) -> Path:
    """The judge's program, built once for these sources."""
    folder = (cache or Layout.of_this_user().cache) / "judge"
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    for source in sorted([*SOURCES.glob("*.go"), *SOURCES.glob("go.*")]):
        digest.update(source.name.encode() + source.read_bytes())
    program = folder / f"judge-{digest.hexdigest()[:16]}"
    with FileLock(folder / "lock"):
        if not program.exists():
            toolchain = find_toolchain(folder, print)
            fresh = program.with_suffix(".new")
            subprocess.run(
                [toolchain.go, "build", "-o", fresh, "."],
                cwd=SOURCES,
                env=toolchain.environment(),
                check=True,
                timeout=BUILD_SECONDS,
            )
            fresh.rename(program)
    return program


def environment() -> dict[str, str]:
    """For signers that start hundreds of times: an installed app has its bytecode compiled."""
    variables = child_environment()
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    variables["PYTHONPYCACHEPREFIX"] = str(Layout.of_this_user().cache / "judge" / "bytecode")
    return variables


class JudgeFailed(AssertionError):
    """The judge could not do its work; it is not a verdict."""


@dataclass(frozen=True, slots=True)
class Bench:
    """A key that exists for one test, its signer's folders and the judge's address."""

    judge: Path
    folder: Path
    seed: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    node_seed: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    address: str = ""

    @classmethod
    def on_unix(cls, judge: Path, folder: Path) -> Self:
        return cls(judge, folder, address=f"unix://{folder}/pv.sock")

    @classmethod
    def on_tcp(cls, judge: Path, folder: Path) -> Self:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        return cls(judge, folder, address=f"tcp://127.0.0.1:{port}")

    @property
    def pubkey(self) -> bytes:
        return _public(self.seed)

    @property
    def node_id(self) -> str:
        return hashlib.sha256(_public(self.node_seed)).hexdigest()[:40]

    @property
    def journal(self) -> Path:
        return self.folder / "signer" / FILE

    @property
    def log(self) -> Path:
        return self.folder / "signer.log"

    def plan(self, **changes: object) -> SignerPlan:
        plan = SignerPlan(
            chain_id=CHAIN,
            pubkey=self.pubkey,
            folder=self.folder / "signer",
            node_address=self.address,
            control=self.folder / "run" / "control",
            lock_folder=self.folder / "locks",
        )
        return replace(plan, **changes)  # type: ignore[arg-type]

    def create_journal(self) -> None:
        Journal.create(self.folder / "signer", CHAIN, self.pubkey).close()

    def start(self, plan: SignerPlan | None = None, argv: list[str] | None = None) -> SignerProcess:
        """A signer of its own process, its order given."""
        return SignerProcess(argv or own_command("signer"), plan or self.plan(), self)

    def ask(self, mode: str, **order: object) -> dict[str, Any]:
        """The judge's verdict."""
        told = {
            "mode": mode,
            "listen": self.address,
            "chain_id": CHAIN,
            "seed": self.seed.hex(),
            "node_seed": self.node_seed.hex(),
            "folder": str(self.folder),
            "random": 1,
            "rounds": 0,
            "from": 10,
            "wait": 20,
        } | order
        done = subprocess.run(
            [self.judge],
            input=json.dumps(told).encode(),
            capture_output=True,
            env=environment(),
            check=False,
        )
        if done.returncode != 0:
            raise JudgeFailed(done.stderr.decode()[-2000:])
        verdict: dict[str, Any] = json.loads(done.stdout)
        return verdict

    def storm(self, cycles: int, random: int, argv: list[str] | None = None) -> dict[str, Any]:
        """The judge's verdict on a signer that it kills again and again."""
        self.create_journal()
        return self.ask(
            "chaos",
            cycles=cycles,
            random=random,
            argv=argv or own_command("signer"),
            plan=json.loads(self.plan().to_line()),
            journal=str(self.journal),
        )


class SignerProcess:
    """A running signer; ended with the block."""

    def __init__(self, argv: list[str], plan: SignerPlan, bench: Bench) -> None:
        with bench.log.open("ab") as log:
            self.process = subprocess.Popen(
                argv, stdin=subprocess.PIPE, stdout=log, stderr=log, env=environment()
            )
        assert self.process.stdin is not None
        self.process.stdin.write(plan.to_line() + bench.seed)
        self.process.stdin.close()

    def resident_bytes(self) -> int:
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(10)


def without(statement: str) -> list[str]:
    """The argv of a signer which is made worse by `statement` before it starts."""
    code = f"import sys\n{statement}\nfrom node_manager.signer.main import main\nsys.exit(main())"
    return [sys.executable, "-P", "-c", code]


def _public(seed: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
