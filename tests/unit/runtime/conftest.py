# SPDX-License-Identifier: Apache-2.0
"""Processes for these tests: each is gone when its test is over."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from node_manager.runtime.process import Launch
from node_manager.runtime.record import read_record

DAEMONS = Path(__file__).parent / "daemons"


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Path]:
    """Where the process record is; whatever it names is killed afterwards."""
    path = tmp_path / "run" / "node.json"
    yield path
    with contextlib.suppress(Exception):
        found = read_record(path)
        if found is not None and found.pid is not None:
            os.killpg(found.pid, signal.SIGKILL)


@pytest.fixture
def launch(tmp_path: Path) -> Callable[..., Launch]:
    """Makes a launch of a file in `daemons/` (or of any program) that logs to `logs/node.log`."""

    def make(*argv: str, **parts: Any) -> Launch:
        program = DAEMONS / argv[0]
        first = str(program) if program.exists() else argv[0]
        return Launch(
            name="node",
            argv=[first, *argv[1:]],
            cwd=tmp_path,
            log=tmp_path / "logs" / "node.log",
            **parts,
        )

    return make


def gone(pid: int) -> bool:
    """Whether no process with this pid works any more (a zombie does not)."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
