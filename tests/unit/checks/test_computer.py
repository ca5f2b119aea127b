# SPDX-License-Identifier: Apache-2.0
"""Disk, memory, limits and the data folder."""

from __future__ import annotations

import resource
import shutil
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from node_manager.checks import computer
from node_manager.checks.computer import (
    GB,
    check_disk,
    check_folder,
    check_memory,
    check_open_files,
    close_folder,
)
from node_manager.checks.result import CheckState, Mend


@pytest.mark.parametrize(
    ("free_gb", "needed", "state"),
    [
        (0.5, None, CheckState.FAIL),
        (0.5, 200.0, CheckState.FAIL),
        (5, None, CheckState.WARN),
        (50, None, CheckState.OK),
        (50, 200.0, CheckState.WARN),
        (250, 200.0, CheckState.OK),
        (2, 1.0, CheckState.OK),
    ],
)
def test_free_space_against_the_need(
    free_gb: float,
    needed: float | None,
    state: CheckState,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    usage = SimpleNamespace(free=int(free_gb * GB), total=500 * GB, used=0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    result = check_disk(tmp_path, needed)
    assert result.state is state
    assert f"{free_gb:.1f} GB" in str(result.explanation)


def test_the_disk_of_a_folder_that_is_yet_to_be_made_is_looked_at(tmp_path: Path) -> None:
    assert check_disk(tmp_path / "a" / "b", 0.000001).state is not CheckState.UNKNOWN


def test_a_disk_that_does_not_answer_is_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise OSError("Input/output error")

    monkeypatch.setattr(shutil, "disk_usage", broken)
    result = check_disk(tmp_path, None)
    assert result.state is CheckState.UNKNOWN
    assert "Input/output error" in str(result.explanation)


@pytest.mark.parametrize(
    ("available", "needed", "state"),
    [(0.1, None, CheckState.WARN), (4, 16.0, CheckState.WARN), (4, None, CheckState.OK)],
)
def test_memory_against_the_need(
    available: float, needed: float | None, state: CheckState, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = SimpleNamespace(total=8 * GB, available=int(available * GB))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)
    assert check_memory(needed).state is state


@pytest.mark.parametrize(
    ("hard", "state"),
    [
        (1024, CheckState.WARN),
        (65535, CheckState.OK),
        (resource.RLIM_INFINITY, CheckState.OK),
    ],
)
def test_the_hard_limit_of_open_files_counts(
    hard: int, state: CheckState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, hard))
    assert check_open_files().state is state


def test_a_folder_open_to_others_is_warned_of_and_can_be_closed(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    result = check_folder(folder)
    assert (result.state, result.mend) == (CheckState.WARN, Mend.CLOSE_FOLDER)
    close_folder(folder)
    assert check_folder(folder).state is CheckState.OK


def test_a_folder_that_is_not_there_yet_can_be_made(tmp_path: Path) -> None:
    assert check_folder(tmp_path / "new" / "data").state is CheckState.OK


def test_a_folder_that_cannot_be_written_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(computer.os, "access", lambda *_: False)
    assert check_folder(tmp_path).state is CheckState.FAIL
