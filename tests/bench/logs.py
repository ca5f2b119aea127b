# SPDX-License-Identifier: Apache-2.0
"""The Logs page on a million lines that a real node wrote.

Budgets, and why: a first page is there before a person sees a blank (`first_page`, 200 ms); the
index outruns any node by far (`ingest`, 100,000 lines/s); nothing a person does waits for more
than a frame (`stall_p99`, 16 ms) while lines come and are filtered and searched; the file may be
larger than the memory that is left (`rss_growth`, 64 MiB).
"""

from __future__ import annotations

import gc
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from tests.bench.report import Figure

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

LINES = 1_000_000
FOLLOW_SECONDS = 20.0
LINES_PER_SECOND = 2000


def run(arguments: list[str]) -> Iterator[Figure]:
    """Index, follow, filter and search; `arguments` may give the number of lines."""
    from PySide6.QtCore import QLocale

    from desktop.app import make_application
    from desktop.look.theme import theme

    app = make_application()
    QLocale.setDefault(QLocale("en_US"))
    theme().choose("light")
    count = int(arguments[0]) if arguments else LINES
    with tempfile.TemporaryDirectory() as name:
        yield from _measure(app, Path(name), count)


def _measure(app: Any, folder: Path, count: int) -> Iterator[Figure]:
    import numpy  # noqa: F401  (its own memory is no growth of the log's)

    from desktop.pages.logs import LogsPage
    from tests.helpers import log_samples, samples

    page, file = _page(folder)
    lines = log_samples.real_lines()
    written = _write(file, lines, count)
    conditions = (
        f"{written:,} lines, {file.stat().st_size / 1e6:.0f} MB, repeated from real node logs;"
        f" {os.cpu_count()} cores, offscreen"
    )
    page.show_node(samples.signing())
    page.resize(920, 760)
    gc.collect()
    before = psutil.Process().memory_info().rss
    begun = time.perf_counter()
    page.show()
    _until(app, lambda: page.view.snapshot is not None and page.view.snapshot.shown > 40)
    page.view.viewport().repaint()
    yield Figure("first_page", (time.perf_counter() - begun) * 1000, "ms", conditions=conditions)
    _until(app, lambda: _complete(page, file))
    took = time.perf_counter() - begun
    yield Figure("ingest", written / took, "lines/s", conditions=conditions)
    stalls = _stalls(app, page, file, lines)
    assert isinstance(page, LogsPage)
    far = sorted(stalls)[int(len(stalls) * 0.99)]
    told = f"{conditions}; {LINES_PER_SECOND} lines/s come, levels and searches change every second"
    yield Figure("stall_p99", far * 1000, "ms", conditions=told)
    yield Figure("stall_greatest", max(stalls) * 1000, "ms", conditions=told)
    gc.collect()
    grown = (psutil.Process().memory_info().rss - before) / 2**20
    yield Figure("rss_growth", grown, "MiB", conditions=told)
    worker = page._worker
    page.close()
    if worker is not None:
        worker.wait()


def _page(folder: Path) -> tuple[Any, Path]:
    from desktop.context import Context
    from desktop.engine.adapter import EngineAdapter
    from desktop.pages.logs import LogsPage
    from node_manager.layout import Layout
    from tests.helpers import log_samples

    layout = Layout(folder / "data", folder / "cache")
    page = LogsPage(Context(EngineAdapter(), layout, "bench"))
    file = layout.node(log_samples.NODE_ID).logs / "node.log"
    file.parent.mkdir(parents=True)
    return page, file


def _write(file: Path, lines: list[bytes], count: int) -> int:
    written, block = 0, b"".join(lines)
    with file.open("wb") as target:
        while written < count:
            target.write(block)
            written += len(lines)
    return written


def _complete(page: Any, file: Path) -> bool:
    snapshot = page.view.snapshot
    return snapshot is not None and snapshot.end >= file.stat().st_size


def _until(app: Any, look: Any, seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not look():
        app.processEvents()
        time.sleep(0.001)
        if time.monotonic() > deadline:
            raise TimeoutError


def _stalls(app: Any, page: Any, file: Path, lines: list[bytes]) -> list[float]:
    """How long each turn of the window's loop took beyond its rest of a millisecond."""
    from PySide6.QtCore import QElapsedTimer, Qt, QTimer

    ended = threading.Event()
    writer = threading.Thread(target=_keep_writing, args=(file, lines, ended))
    writer.start()
    acts = [
        lambda: page.level.segment("warn").click(),
        lambda: page.search.setText("peer"),
        lambda: page.level.segment("all").click(),
        lambda: page.search.only.setChecked(True),
        lambda: page.view.go_to_share(0.5),
        lambda: page.search.setText("height=[0-9]*7 "),
        lambda: page.search.regex.setChecked(True),
        lambda: page.view.follow(),
        lambda: page.search.only.setChecked(False),
        lambda: page.search.clear(),
    ]
    stalls: list[float] = []
    clock = QElapsedTimer()
    clock.start()
    beat = QTimer()
    beat.setTimerType(Qt.TimerType.PreciseTimer)
    last = [clock.nsecsElapsed()]

    def tick() -> None:
        now = clock.nsecsElapsed()
        stalls.append(max(0.0, (now - last[0]) / 1e9 - 0.001))
        last[0] = now

    beat.timeout.connect(tick)
    beat.start(1)
    act = QTimer()
    turn = [0]

    def do() -> None:
        acts[turn[0] % len(acts)]()
        turn[0] += 1

    act.timeout.connect(do)
    act.start(1000)
    deadline = time.monotonic() + FOLLOW_SECONDS
    while time.monotonic() < deadline:
        app.processEvents()
        time.sleep(0.0002)
    beat.stop()
    act.stop()
    ended.set()
    writer.join()
    return stalls


def _keep_writing(file: Path, lines: list[bytes], ended: threading.Event) -> None:
    every = 0.05
    count = int(LINES_PER_SECOND * every)
    at = 0
    with file.open("ab", buffering=0) as target:
        while not ended.wait(every):
            target.write(b"".join(lines[at : at + count]))
            at = (at + count) % (len(lines) - count)
