# SPDX-License-Identifier: Apache-2.0
"""Killed at any moment of a rewrite, the key opens by the old way or the new, never by none."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

CYCLES = 100
CHILD = "tests.unit.keys.killed_rewrite_child"


@pytest.mark.skipif(sys.platform == "win32", reason="forks, and kill -9")
def test_a_killed_rewrite_leaves_one_whole_key(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", CHILD, tmp_path / "node", str(CYCLES)],
        capture_output=True,
        text=True,
        timeout=100,
        cwd=Path(__file__).parents[3],
        check=False,
    )
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout.splitlines()[-1])
    assert told["steps"] == {
        "before fsync 1": ["old"],
        "before replace 1": ["old"],
        "after replace 1": ["new"],
        "after fsync 2": ["new"],
    }
    assert told["random"]["unopened"] == 0
    assert told["random"]["versions"] > CYCLES // 10, "the kills met no rewrite"
