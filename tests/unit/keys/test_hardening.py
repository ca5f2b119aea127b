# SPDX-License-Identifier: Apache-2.0
"""A hardened process leaves no core dump and lets nobody look in."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

CHILD = """
import json, os, resource
from dataclasses import asdict
from node_manager.keys.hardening import harden_process
granted = asdict(harden_process())
limits = resource.getrlimit(resource.RLIMIT_CORE)
owner = os.stat("/proc/self/environ").st_uid if os.path.exists("/proc/self") else None
print(json.dumps([granted, limits, owner]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX limits")
def test_core_dumps_are_off_and_the_process_says_so() -> None:
    granted, limits, _ = _hardened()
    assert limits == [0, 0]
    assert granted["no_core_dumps"]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_process_files_belong_to_root() -> None:
    granted, _, owner = _hardened()
    assert granted["no_debuggers"]
    assert owner == 0


def _hardened() -> list:
    run = subprocess.run(
        [sys.executable, "-c", CHILD],
        capture_output=True,
        text=True,
        timeout=30,
        cwd=Path(__file__).parents[3],
        check=True,
    )
    return json.loads(run.stdout)
