# SPDX-License-Identifier: Apache-2.0
"""What the app costs while nobody touches it and its validator runs.

Budgets (issue 3): `idle_rss` of the app's own process with its window <= 2.5 times that of a bare
PySide6 window, `idle_cpu` <= 1 % of a core: the computer belongs to the validator. Children
(validator, signer, orchestrator) are not counted; the bridge, the heartbeat and the bundled
orchestrator are on, as by default.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil

from tests.bench.joined_app import JoinedApp
from tests.bench.report import Figure
from tests.bench.window_process import BARE, platform, window_environment

SECONDS = 120.0
SETTLE_SECONDS = 30.0
MEBI = 1024 * 1024


def run(arguments: list[str]) -> Iterator[Figure]:
    """Join a localnet and watch the window's process; `arguments` may give the seconds."""
    seconds = float(arguments[0]) if arguments else SECONDS
    with tempfile.TemporaryDirectory(prefix="oneclick-bench-") as name, ExitStack() as stack:
        app = JoinedApp(Path(name), stack, doors=True)
        app.join()
        window = stack.enter_context(living(app.words("window"), app.environment))
        app.until_follows(window)
        bare = psutil.Process(stack.enter_context(living(BARE, window_environment())).pid)
        own = psutil.Process(window.pid)
        time.sleep(SETTLE_SECONDS)
        begun, before = time.monotonic(), cpu_seconds(own)
        time.sleep(seconds)
        share = (cpu_seconds(own) - before) / (time.monotonic() - begun)
        weights = own.memory_info().rss, bare.memory_info().rss
    conditions = f"validator runs on a localnet, window open, {seconds:.0f} s, {platform()}"
    yield Figure(
        "idle_rss",
        weights[0] / MEBI,
        "MiB",
        "bare PySide6 window",
        weights[1] / MEBI,
        conditions=conditions,
    )
    yield Figure("idle_cpu", share * 100, "% of a core", conditions=conditions)


@contextmanager
def living(words: Sequence[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A window's process, asked to end and waited for when the block ends."""
    with subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.terminate()


def cpu_seconds(process: psutil.Process) -> float:
    """Processor time of this process alone, all its threads."""
    used = process.cpu_times()
    return float(used.user + used.system)
