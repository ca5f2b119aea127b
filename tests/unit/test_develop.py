# SPDX-License-Identifier: Apache-2.0
"""The one script of a checkout hands on what comes after its commands as it stands."""

from __future__ import annotations

import importlib
import os
import subprocess
from pathlib import Path

import pytest

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"


@pytest.mark.parametrize(
    "words", [["-m", "tests.bench", "idle", "--help"], ["-c", "pass"], ["script.py", "-m", "x"]]
)
def test_exec_runs_a_module_with_its_options(
    words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[list[str]] = []
    monkeypatch.syspath_prepend(str(PACKAGING))
    develop = importlib.import_module("develop")
    monkeypatch.setattr(develop.environment, "prepare", lambda _kind: Path("python"))
    monkeypatch.setattr(subprocess, "call", lambda command, **_how: called.append(command) or 0)
    monkeypatch.setattr("sys.argv", ["develop.py", "exec", *words])
    assert develop.main() == 0
    assert called == [["python", *words]]


def test_run_takes_options_of_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[list[str]] = []
    monkeypatch.syspath_prepend(str(PACKAGING))
    develop = importlib.import_module("develop")
    monkeypatch.setattr(develop.environment, "prepare", lambda _kind: Path("python"))
    monkeypatch.setattr(os, "execv", lambda _program, command: called.append(command))
    monkeypatch.setattr(os, "chdir", lambda _folder: None)
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr("sys.argv", ["develop.py", "run", "--data", "there"])
    develop.main()
    assert called == [["python", "-m", "desktop.launch", "demo", "--headless", "--data", "there"]]
