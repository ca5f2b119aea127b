# SPDX-License-Identifier: Apache-2.0
"""How long a vote waits for its signature, seen from the node, and what the signer takes of memory.

Budgets: `signvote_p50` at most 1.0 of CometBFT's own file signer, which an operator would run
instead and which makes no connection at all; aimed at 1.0 of tmkms, the usual remote signer,
although it does not wait for the disk and ours does. `signer_memory` at most 40 MB: one runs
beside every node. The disk's floor of the same run says what no durable signer can go below.

tmkms is looked for in PATH and in ~/.cache/oneclick-bench/tmkms/bin:
`cargo install tmkms --features softsign --root ~/.cache/oneclick-bench/tmkms`.
"""

from __future__ import annotations

import argparse
import base64
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from node_manager.signer.files import sync_data, write_at
from tests.bench.report import Figure
from tests.e2e.judge.driving import CHAIN, Bench, build_judge

HEIGHTS = 2000
PASSES = 3
MILLISECONDS = 1e3
TMKMS_CACHE = Path("~/.cache/oneclick-bench/tmkms/bin/tmkms").expanduser()

TMKMS_CONFIGURATION = """
[[chain]]
id = "{chain}"
key_format = {{ type = "hex" }}
state_file = "{folder}/tmkms-state.json"

[[providers.softsign]]
chain_ids = ["{chain}"]
key_type = "consensus"
key_format = "base64"
path = "{folder}/tmkms-key"

[[validator]]
chain_id = "{chain}"
addr = "{address}"
secret_key = "{folder}/tmkms-connection"
protocol_version = "v0.38"
reconnect = true
"""


def run(argv: list[str]) -> Iterator[Figure]:
    """Figures of our signer against CometBFT's file signer and tmkms."""
    arguments = argparse.ArgumentParser(prog="python -m tests.bench signer")
    arguments.add_argument("--heights", type=int, default=HEIGHTS, help="two votes each")
    arguments.add_argument("--passes", type=int, default=PASSES, help="the median of them counts")
    chosen = arguments.parse_args(argv)
    judge, tmkms = build_judge(), find_tmkms()
    if tmkms is None:
        print("tmkms is not installed: no figures against it", file=sys.stderr)
    results: dict[str, list[dict[str, Any]]] = {}
    memory: list[int] = []
    for _ in range(chosen.passes):
        for name, result, resident in one_pass(judge, tmkms, chosen.heights):
            results.setdefault(name, []).append(result)
            if resident:
                memory.append(resident)
    votes = f"{chosen.passes} passes of 2×{chosen.heights} votes by turns, median of the passes"
    yield from figures(results, votes)
    yield Figure(
        "signer_memory", max(memory) / 1e6, "MB", conditions=f"resident after {votes}, the most"
    )


def figures(results: dict[str, list[dict[str, Any]]], votes: str) -> Iterator[Figure]:
    """What the passes came to, in milliseconds."""

    def middle(name: str, share: str) -> float:
        return median(result[share] for result in results[name]) * MILLISECONDS

    floor = f"disk's floor p50 {middle('disk', 'p50'):.3f} ms, p99 {middle('disk', 'p99'):.3f} ms"
    peers = {
        "file": ("CometBFT's file signer, in the node's process, O_SYNC", "unix", "file"),
        "tmkms": ("tmkms softsign, unix, state not synced", "unix", "tmkms unix"),
        "tmkms tcp": ("tmkms softsign, tcp, state not synced", "tcp", "tmkms tcp"),
    }
    for share in ("p50", "p99"):
        for peer, transport, key in peers.values():
            if key in results:
                kind = "signvote" if transport == "unix" else "signvote_tcp"
                ours = middle(f"ours {transport}", share)
                yield Figure(
                    f"{kind}_{share}",
                    ours,
                    "ms",
                    peer,
                    middle(key, share),
                    conditions=f"{transport}, durable before it leaves; {votes}; {floor}",
                )
        yield Figure(
            f"signvote_disk_floor_{share}",
            middle("disk", share),
            "ms",
            conditions=f"512 bytes in place and fdatasync, nothing else; {votes}",
        )


def one_pass(
    judge: Path, tmkms: Path | None, heights: int
) -> Iterator[tuple[str, dict[str, Any], int]]:
    """Every signer once, one after the other."""
    for transport, make in (("unix", Bench.on_unix), ("tcp", Bench.on_tcp)):
        with tempfile.TemporaryDirectory(prefix="signer-") as name:
            bench = make(judge, Path(name))
            bench.create_journal()
            with bench.start() as signer:
                result = bench.ask("latency", rounds=heights)
                yield f"ours {transport}", result, signer.resident_bytes()
        if tmkms is not None:
            with tempfile.TemporaryDirectory(prefix="signer-") as name:
                bench = make(judge, Path(name))
                with running_tmkms(tmkms, bench):
                    yield f"tmkms {transport}", bench.ask("latency", rounds=heights), 0
    with tempfile.TemporaryDirectory(prefix="signer-") as name:
        yield "file", Bench.on_unix(judge, Path(name)).ask("file", rounds=heights), 0
        yield "disk", disk_floor(Path(name) / "floor", 2 * heights), 0


def disk_floor(path: Path, writes: int) -> dict[str, float]:
    """Seconds for a sector that is durable, in a file that has its place already."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        write_at(handle, bytes(8192), 0)
        os.fsync(handle)
        times = []
        for number in range(writes):
            content = number.to_bytes(8, "big") * 64
            began = time.perf_counter()
            write_at(handle, content, 4096 * (number & 1))
            sync_data(handle)
            times.append(time.perf_counter() - began)
    finally:
        os.close(handle)
    times.sort()
    return {"p50": times[len(times) // 2], "p99": times[int(len(times) * 0.99)]}


def find_tmkms() -> Path | None:
    """The tmkms of this machine."""
    found = shutil.which("tmkms")
    if found:
        return Path(found)
    return TMKMS_CACHE if TMKMS_CACHE.exists() else None


@contextmanager
def running_tmkms(tmkms: Path, bench: Bench) -> Iterator[None]:
    """tmkms with the bench's key, dialing the bench's address."""
    folder = bench.folder
    key = folder / "tmkms-key"
    key.write_bytes(base64.b64encode(bench.seed))
    key.chmod(0o600)
    (folder / "tmkms-state.json").write_text(
        '{"height": "0", "round": "0", "step": 0, "block_id": null}'
    )
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([tmkms, "softsign", "keygen", folder / "tmkms-connection"], check=True, **quiet)
    configuration = folder / "tmkms.toml"
    configuration.write_text(
        TMKMS_CONFIGURATION.format(chain=CHAIN, folder=folder, address=bench.address)
    )
    process = subprocess.Popen([tmkms, "start", "-c", configuration], **quiet)
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)
