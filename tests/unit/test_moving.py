# SPDX-License-Identifier: Apache-2.0
"""A move of the data folder leaves one whole folder, wherever it is killed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from node_manager import moving
from node_manager.errors import PointerUnreadable
from node_manager.layout import Layout, read_pointer
from node_manager.moving import (
    FolderMoved,
    MoveFailed,
    MoveProgress,
    MoveRefused,
    move_data,
    settle,
)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path / "data", tmp_path / "cache", tmp_path / "config" / "pointer.json")
    fill(layout)
    return layout


def fill(layout: Layout) -> None:
    node = layout.node("one")
    for folder in (node.home, node.signer, node.logs, node.run, layout.run):
        folder.mkdir(parents=True)
    node.key.write_text("the key")
    node.key.chmod(0o600)
    (node.signer / "state").write_bytes(os.urandom(4096))
    (node.home / "blocks").write_bytes(os.urandom(300_000))
    (node.run / "node-process.json").write_text("{}")
    (node.home / "current").symlink_to("blocks")
    layout.settings.write_text("version = 1\n")


def content(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".new" and "run" not in path.parts and path.name not in
        (moving.COPYING, moving.MOVED)
    }  # fmt: skip


def usable(layout: Layout) -> bool:
    try:
        settle(layout)
    except FolderMoved:
        return False
    return layout.node("one").key.exists()


def test_everything_arrives_and_the_old_folder_is_gone(layout: Layout, tmp_path: Path) -> None:
    before = content(layout.data)
    told: list[MoveProgress] = []
    moved = move_data(layout, tmp_path / "disk" / "new", told.append)
    assert content(moved.data) == before
    assert moved.node("one").key.stat().st_mode & 0o777 == 0o600
    assert moved.data.stat().st_mode & 0o777 == 0o700
    assert (moved.node("one").home / "current").is_symlink()
    assert not layout.data.exists()
    assert read_pointer(layout.pointer) == (moved.data, None)
    assert {one.phase for one in told} == {"copy", "verify", "remove"}


def test_the_next_start_finds_the_new_place(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONECLICK_POINTER", str(layout.pointer))
    monkeypatch.delenv("ONECLICK_DATA", raising=False)
    moved = move_data(layout, tmp_path / "new")
    assert Layout.of_this_user().data == moved.data


@pytest.mark.parametrize("target", ["data/inside", "full", "."])
def test_a_place_that_will_not_do_is_refused(layout: Layout, tmp_path: Path, target: str) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(MoveRefused):
        move_data(layout, tmp_path / target)
    assert usable(layout)


def test_a_damaged_pointer_is_told_and_not_guessed_past(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_data(layout, tmp_path / "new")
    layout.pointer.write_text("{")
    monkeypatch.setenv("ONECLICK_POINTER", str(layout.pointer))
    monkeypatch.delenv("ONECLICK_DATA", raising=False)
    with pytest.raises(PointerUnreadable):
        Layout.of_this_user()


def test_a_copy_that_differs_is_not_switched_to(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "_copy_file", lambda path, place: (place.touch(), "00")[1])
    with pytest.raises(MoveFailed, match="differs"):
        move_data(layout, tmp_path / "new")
    assert usable(layout)
    assert not usable(Layout(tmp_path / "new", layout.cache, layout.pointer))


CHILD = """
import os, sys
from pathlib import Path
from node_manager import moving
from node_manager.errors import PointerUnreadable
from node_manager.layout import Layout

stop, calls = int(sys.argv[1]), 0
def step(name):
    real = getattr(os, name)
    def counted(*args, **kwargs):
        global calls
        calls += 1
        if calls == stop:
            os._exit(9)
        return real(*args, **kwargs)
    setattr(os, name, counted)
for name in ("open", "fsync", "replace", "unlink", "rmdir", "symlink"):
    step(name)
root = Path(sys.argv[2])
old = Layout(root / "data", root / "cache", root / "config" / "pointer.json")
moving.move_data(old, root / "new")
"""


def test_killed_at_any_step_one_whole_folder_is_left(tmp_path: Path) -> None:
    """Each file operation in turn is the last one that the process comes to."""
    stop, finished = 1, False
    while not finished:
        root = tmp_path / str(stop)
        old = Layout(root / "data", root / "cache", root / "config" / "pointer.json")
        fill(old)
        before = content(old.data)
        done = subprocess.run([sys.executable, "-c", CHILD, str(stop), str(root)], check=False)
        finished = done.returncode == 0
        new = Layout(root / "new", root / "cache", old.pointer)
        folders = [one for one in (new, old) if usable(one)]
        assert len(folders) == 1, stop
        assert content(folders[0].data) == before, stop
        if folders == [old]:
            move_data(old, new.data)
            assert content(new.data) == before
        assert not usable(old)
        stop += 4
