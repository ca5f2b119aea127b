# SPDX-License-Identifier: Apache-2.0
"""What stands behind a command of packaging/develop.py reaches the program it is for."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"


@pytest.mark.parametrize("words", [["-m", "tests.bench", "idle", "--help"], ["--version"]])
def test_exec_keeps_nothing_for_itself(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(PACKAGING))
    develop = importlib.import_module("develop")
    monkeypatch.setattr(develop.environment, "prepare", lambda _kind: Path("python"))
    asked: list[list[str]] = []

    def note(command: list[str], cwd: Path) -> int:
        asked.append(command)
        return 0

    monkeypatch.setattr(subprocess, "call", note)
    monkeypatch.setattr(sys, "argv", ["develop.py", "exec", *words])
    assert develop.main() == 0
    assert asked == [["python", *words]]
