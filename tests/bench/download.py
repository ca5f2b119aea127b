# SPDX-License-Identifier: Apache-2.0
"""How fast a release comes to disk and is hashed, and how fast it is unpacked.

Budget: `download_throughput` at least 0.9 of `curl URL | tee FILE | sha256sum`, the three
programs a careful operator would use by hand: an app that is slower gives them a reason to.
`unpack_throughput` has no budget: the standard library's gzip is the floor of both sides.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from node_manager.downloads.checksum import Checksum
from node_manager.downloads.fetch import fetch_file
from node_manager.downloads.unpack import unpack
from tests.bench.report import Figure

SERVER = Path(__file__).with_name("file_server.py")
MEGABYTE = 1_000_000


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address at which a process of its own serves `folder`."""
    server = subprocess.Popen(
        [sys.executable, SERVER, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(server.stdout.readline())}"
    finally:
        server.stdin.close()
        server.wait(10)


def ours(url: str, folder: Path, checksum: Checksum) -> float:
    """Seconds of one fetch as an installation does it: hashed while it comes, checked, moved."""
    target = folder / "ours"
    target.unlink(missing_ok=True)
    began = time.perf_counter()
    asyncio.run(
        fetch_file(url, target, checksum, partial_folder=folder / "partials", durable=False)
    )
    return time.perf_counter() - began


def by_hand(url: str, folder: Path, checksum: Checksum) -> float:
    """Seconds of the same by curl, tee and sha256sum."""
    target = folder / "by-hand"
    target.unlink(missing_ok=True)
    command = f"curl -sS {url} | tee {target} | sha256sum"
    began = time.perf_counter()
    output = subprocess.run(["sh", "-c", command], check=True, capture_output=True, text=True)
    seconds = time.perf_counter() - began
    assert output.stdout.split()[0] == checksum.digest
    return seconds


def throughput(folder: Path, megabytes: int, runs: int) -> Figure:
    """Fetch and hash of one file, by turns."""
    digest = hashlib.sha256()
    with (folder / "file").open("wb") as file:
        for _ in range(megabytes):
            block = os.urandom(MEGABYTE)
            digest.update(block)
            file.write(block)
    checksum = Checksum("sha256", digest.hexdigest())
    times: dict[str, list[float]] = {"ours": [], "by hand": []}
    with served(folder) as address:
        url = f"{address}/file"
        by_hand(url, folder, checksum)
        ours(url, folder, checksum)
        for _ in range(runs):
            times["by hand"].append(by_hand(url, folder, checksum))
            times["ours"].append(ours(url, folder, checksum))
    return Figure(
        "download_throughput",
        megabytes / statistics.median(times["ours"]),
        "MB/s",
        "curl | tee FILE | sha256sum",
        megabytes / statistics.median(times["by hand"]),
        conditions=f"{megabytes} MB of random bytes over loopback to disk, both without fsync,"
        f" median of {runs} runs by turns, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
    )


def unpacking(folder: Path, megabytes: int, runs: int) -> Figure:
    """A tar.gz like a release: one program that compresses to about a half."""
    archive = folder / "release.tar.gz"
    program = folder / "posd"
    with program.open("wb") as file:
        for _ in range(megabytes):
            file.write(os.urandom(MEGABYTE // 2) + bytes(MEGABYTE // 2))
    with tarfile.open(archive, "w:gz", compresslevel=6) as tar:
        tar.add(program, "posd")
    times: dict[str, list[float]] = {"ours": [], "tar": []}
    for _ in range(runs):
        with tempfile.TemporaryDirectory(dir=folder) as target:
            began = time.perf_counter()
            subprocess.run(["tar", "-xzf", archive, "-C", target], check=True)
            times["tar"].append(time.perf_counter() - began)
        with tempfile.TemporaryDirectory(dir=folder) as target:
            began = time.perf_counter()
            unpack(archive, Path(target), bare_name="posd")
            times["ours"].append(time.perf_counter() - began)
    return Figure(
        "unpack_throughput",
        megabytes / statistics.median(times["ours"]),
        "MB/s",
        "tar -xzf",
        megabytes / statistics.median(times["tar"]),
        conditions=f"a program of {megabytes} MB that compresses to half, MB unpacked a second,"
        f" median of {runs} runs by turns",
    )


def run(argv: list[str]) -> Iterator[Figure]:
    """Measure the download and the unpacking."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench download")
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--runs", type=int, default=5)
    wanted = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="bench-download-") as name:
        yield throughput(Path(name), wanted.megabytes, wanted.runs)
    with tempfile.TemporaryDirectory(prefix="bench-unpack-") as name:
        yield unpacking(Path(name), max(1, wanted.megabytes // 2), wanted.runs)
