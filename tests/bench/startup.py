# SPDX-License-Identifier: Apache-2.0
"""From the start of the process to the app's window on the screen, against a bare window.

Budget (issue 3): ratio of `window_shown` <= 1.5. A person who starts the app sees it as soon as
Qt can show anything; what the first picture does not need is imported after it.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from platform import python_version
from statistics import median

from tests.bench.report import Figure
from tests.bench.window_process import (
    BARE,
    platform,
    window_environment,
    window_words,
    write_settings,
)

RUNS = 15


def run(arguments: list[str]) -> Iterator[Figure]:
    """Start both in turns; `arguments` may give the number of turns."""
    runs = int(arguments[0]) if arguments else RUNS
    with tempfile.TemporaryDirectory(prefix="oneclick-bench-") as name:
        data = Path(name) / "data"
        write_settings(data)
        ours: list[float] = []
        bare: list[float] = []
        for turn in range(runs + 1):
            both = seconds_to_shown(window_words(data)), seconds_to_shown(BARE)
            if turn:  # the first turn compiles and fills the file cache
                ours.append(both[0])
                bare.append(both[1])
    yield Figure(
        "window_shown",
        median(ours) * 1000,
        "ms",
        "bare PySide6 window",
        median(bare) * 1000,
        conditions=f"median of {runs} starts in turns, {platform()}, Python {python_version()}",
    )


def seconds_to_shown(words: Sequence[str]) -> float:
    """Start a window's process and kill it when it says that it is shown."""
    begun = time.perf_counter()
    with subprocess.Popen(
        words, env=window_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        took = time.perf_counter() - begun
        process.kill()
        if said.strip() != "shown":
            assert process.stderr is not None
            raise RuntimeError(f"{words} was not shown: {process.stderr.read()}")
    return took
