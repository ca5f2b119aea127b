# SPDX-License-Identifier: Apache-2.0
"""Logs stay within bounds while a child writes, and nothing that was kept is lost half-way."""

from __future__ import annotations

import asyncio
import errno
import gzip
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from node_manager.runtime import logrotation
from node_manager.runtime.logrotation import LogKeeper, drop_oldest, rotate
from tests.unit.runtime.conftest import DAEMONS
from tests.unit.runtime.test_process import until


@pytest.fixture
def log_file(tmp_path: Path) -> Path:
    return tmp_path / "node.log"


def kept(path: Path) -> list[str]:
    return sorted(other.name for other in path.parent.iterdir() if other != path)


def content(path: Path) -> str:
    return gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text()


def test_the_content_moves_and_the_oldest_goes(log_file: Path) -> None:
    for number in range(6):
        log_file.write_text(f"run {number}\n")
        rotate(log_file, kept_files=3)
    assert log_file.read_text() == ""
    assert kept(log_file) == ["node.log.1", "node.log.2.gz", "node.log.3.gz"]
    contents = [content(log_file.with_name(name)) for name in kept(log_file)]
    assert contents == ["run 5\n", "run 4\n", "run 3\n"]


def test_one_kept_file_is_enough(log_file: Path) -> None:
    for number in range(3):
        log_file.write_text(f"run {number}\n")
        rotate(log_file, kept_files=1)
    assert kept(log_file) == ["node.log.1"]
    assert content(log_file.with_name("node.log.1")) == "run 2\n"


def test_kept_files_are_for_their_owner_only(log_file: Path) -> None:
    for _ in range(2):
        log_file.write_text("x\n")
        rotate(log_file)
    modes = [stat.S_IMODE(log_file.with_name(name).stat().st_mode) for name in kept(log_file)]
    assert modes == [0o600, 0o600]


def test_a_writer_that_holds_the_file_open_goes_on_at_its_start(log_file: Path) -> None:
    handle = os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(handle, b"before\n")
    rotate(log_file)
    os.write(handle, b"after\n")
    os.close(handle)
    assert log_file.read_bytes() == b"after\n"
    assert content(log_file.with_name("node.log.1")) == "before\n"


async def test_a_chatty_child_stays_within_bounds_and_keeps_its_order(log_file: Path) -> None:
    with log_file.open("ab") as out:
        child = subprocess.Popen([sys.executable, str(DAEMONS / "chatty.py")], stdout=out)
    try:
        keeper = LogKeeper(lambda: [log_file], max_bytes=200_000, kept_files=50)
        rotations = 0
        async with asyncio.timeout(30):
            while rotations < 4:
                rotations += len(await asyncio.to_thread(keeper.check))
                await asyncio.sleep(0.01)
    finally:
        child.kill()
        child.wait()
    parts = sorted(kept(log_file), key=lambda name: -int(name.split(".")[2]))
    text = "".join(content(log_file.with_name(name)) for name in parts) + log_file.read_text()
    numbers = [int(line.split()[1]) for line in text.splitlines() if line.startswith("line ")]
    assert numbers == sorted(numbers)
    # the documented window between the last copied byte and the truncation
    assert len(numbers) >= 0.99 * numbers[-1]


def test_small_and_missing_logs_are_left_alone(log_file: Path, tmp_path: Path) -> None:
    log_file.write_text("small")
    keeper = LogKeeper(lambda: [log_file, tmp_path / "missing.log"], max_bytes=100)
    assert keeper.check() == []
    assert log_file.read_text() == "small"


def test_a_copy_that_an_interruption_left_behind_does_no_harm(log_file: Path) -> None:
    log_file.with_name("node.log.copy").write_text("half of an earlier rotation, longer")
    log_file.write_text("whole\n")
    rotate(log_file)
    assert content(log_file.with_name("node.log.1")) == "whole\n"
    assert kept(log_file) == ["node.log.1"]


class FullDisk:
    """A disk that is full until a file is removed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, removals_needed: int) -> None:
        self.removals_needed = removals_needed
        self._copy = logrotation.shutil.copyfileobj
        monkeypatch.setattr(logrotation.shutil, "copyfileobj", self.copy)
        self._drop = drop_oldest
        monkeypatch.setattr(logrotation, "drop_oldest", self.drop)

    def copy(self, *args: Any) -> None:
        if self.removals_needed > 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        self._copy(*args)

    def drop(self, path: Path, **parts: int) -> bool:
        self.removals_needed -= 1
        return self._drop(path, **parts)


def test_on_a_full_disk_the_oldest_make_room(
    log_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        log_file.write_text(f"run {number}\n")
        rotate(log_file)
    log_file.write_text("newest\n")
    FullDisk(monkeypatch, removals_needed=2)
    assert LogKeeper(lambda: [log_file], max_bytes=1).check() == [log_file]
    assert content(log_file.with_name("node.log.1")) == "newest\n"
    assert "node.log.3.gz" not in kept(log_file)


@pytest.mark.logs("log not rotated")
def test_on_a_full_disk_without_old_logs_the_log_stays_whole(
    log_file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    log_file.write_text("newest\n")
    FullDisk(monkeypatch, removals_needed=99)
    keeper = LogKeeper(lambda: [log_file], max_bytes=1)
    assert [keeper.check(), keeper.check()] == [[], []]
    assert log_file.read_text() == "newest\n"
    assert kept(log_file) == []
    warnings = [record for record in caplog.records if record.levelname == "WARNING"]
    assert len(warnings) == 1, "said once, not every round"


async def test_the_keeper_looks_again_and_again(log_file: Path) -> None:
    task = asyncio.create_task(LogKeeper(lambda: [log_file], max_bytes=4).run(every=0.005))
    log_file.write_text("first\n")
    await until(lambda: kept(log_file) == ["node.log.1"])
    log_file.write_text("second\n")
    await until(lambda: kept(log_file) == ["node.log.1", "node.log.2.gz"])
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_a_keeper_that_keeps_nothing_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="at least one"):
        LogKeeper(lambda: [], kept_files=0)
