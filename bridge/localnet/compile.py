# SPDX-License-Identifier: Apache-2.0
"""Runs of the Go tool: fetch the modules, compile a release, with progress from its output."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

from bridge.localnet.errors import BuildFailed
from bridge.localnet.toolchain import Toolchain

Say = Callable[[str], None]

REPORT_SECONDS = 5.0
POLL_SECONDS = 0.2
REPRODUCIBLE = ("-trimpath", "-buildvcs=false", "-ldflags", "-s -w -buildid=")
"""Equal sources and toolchain give equal bytes, whatever the folder."""


class BuildCancelled(Exception):
    """Whoever asked for the build does not wait for it any more."""


def fetch_modules(
    sources: Path, toolchain: Toolchain, log: Path, say: Say, cancelled: threading.Event
) -> None:
    """Fetch the modules that go.sum names.

    Raises:
        BuildFailed: the proxy cannot be reached, or a module differs from its checksum.
    """
    say("Fetching the chain's modules.")
    run_go(toolchain, ["mod", "download"], sources, log, lambda _lines: None, cancelled)


def compile_release(
    sources: Path,
    toolchain: Toolchain,
    name: str,
    binary: Path,
    log: Path,
    say: Say,
    cancelled: threading.Event,
) -> None:
    """Compile the release `name`; the second one mostly links what the first one compiled.

    Raises:
        BuildFailed: with the first line of what the compiler says.
    """
    started = time.monotonic()

    def told(packages: int) -> None:
        seconds = int(time.monotonic() - started)
        say(f"Compiling {name}: {packages} packages after {seconds} s.")

    say(f"Compiling {name}.")
    command = ["build", "-v", "-tags", name, *REPRODUCIBLE, "-o", str(binary), "./cmd/posd"]
    run_go(toolchain, command, sources, log, told, cancelled)


def run_go(
    toolchain: Toolchain,
    arguments: list[str],
    folder: Path,
    log: Path,
    told: Callable[[int], None],
    cancelled: threading.Event,
) -> None:
    """Run `go`, its output appended to `log`; `told` gets the count of lines now and then.

    Raises:
        BuildFailed: it ended with an error.
        BuildCancelled: `cancelled` was set; the run is ended.
    """
    with log.open("ab") as output:
        begin = output.tell()
        process = subprocess.Popen(
            [str(toolchain.go), *arguments],
            cwd=folder,
            env=toolchain.environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        try:
            _watch(process, log, begin, told, cancelled)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
    if process.returncode != 0:
        lines = _since(log, begin).decode(errors="replace").splitlines()
        raise BuildFailed(step=f"go {arguments[0]}", detail=_cause(lines), log=log)


def _watch(
    process: subprocess.Popen[bytes],
    log: Path,
    begin: int,
    told: Callable[[int], None],
    cancelled: threading.Event,
) -> None:
    due = time.monotonic() + REPORT_SECONDS
    while process.poll() is None:
        if cancelled.wait(POLL_SECONDS):
            raise BuildCancelled
        if time.monotonic() >= due:
            due += REPORT_SECONDS
            told(_since(log, begin).count(b"\n"))


def _since(log: Path, begin: int) -> bytes:
    with log.open("rb") as file:
        file.seek(begin)
        return file.read()


def _cause(lines: list[str]) -> str:
    """The first line that tells an error; the others are names of packages."""
    telling = [line.strip() for line in lines if ": " in line]
    return telling[0] if telling else (lines[-1] if lines else "It said nothing.")
