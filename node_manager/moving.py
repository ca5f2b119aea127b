# SPDX-License-Identifier: Apache-2.0
"""Moving the data folder: copy, verify, switch, remove. Killed anywhere, one whole folder is left.

The switch is one durable write of the pointer file (`Layout.pointer`). Until then the old folder
counts and the new one bears a mark that makes it unusable; from then on the new one counts and
the old one bears a mark. A key in two usable folders could sign twice, so no moment has two.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import structlog

from node_manager.durable import make_private_folder, sync_folder, write_durably
from node_manager.explanation import OneClickError
from node_manager.layout import Layout, read_pointer

log = structlog.get_logger(__name__)

COPYING = "moving-here.json"
"""In a new folder until it counts."""

MOVED = "moved-away.json"
"""In the old folder from just before the switch."""

SPARE_BYTES = 500 * 1000**2
_BLOCK = 1 << 20


class MoveRefused(OneClickError):
    """The folder cannot be moved there; nothing was changed."""

    code = "move-refused"
    what = "The data folder cannot be moved to {target}."
    why = "{reason}"
    todo = "Choose an empty folder on a disk with enough space. Nothing was changed."


class MoveFailed(OneClickError):
    """Copying or verifying failed; the old folder counts and is whole."""

    code = "move-failed"
    what = "The data folder was not moved to {target}."
    why = "{reason}"
    todo = "The old folder is whole and in use. Remove what was copied, then try again."


class FolderMoved(OneClickError):
    """The folder is one that was moved away, or a copy that was not finished."""

    code = "folder-moved"
    what = "The data folder {path} is not in use."
    why = "{reason}"
    todo = "Start without naming a folder. A key in two folders could sign twice."


@dataclass(frozen=True, slots=True)
class MoveProgress:
    """How far it is: `phase` is "copy", "verify" or "remove"; bytes."""

    phase: str
    done: int
    total: int


Report = Callable[[MoveProgress], None]


def move_data(layout: Layout, target: Path, report: Report = lambda _progress: None) -> Layout:
    """Move the data folder to `target` while no validator runs; the layout from now on.

    The caller holds the folder's lock and has stopped its nodes. Blocks for as long as it takes.

    Raises:
        MoveRefused: nothing was changed.
        MoveFailed: the old folder counts and is whole.
    """
    source = layout.data
    target = target.expanduser().absolute()
    total = _check(source, target)
    moved = Layout(target, layout.cache, layout.pointer)
    try:
        make_private_folder(target)
        write_durably(target / COPYING, json.dumps({"from": str(source)}))
        sums = _copy(source, target, total, report)
        _verify(target, sums, total, report)
        write_durably(source / MOVED, json.dumps({"to": str(target)}))
        make_private_folder(layout.pointer.parent)
        pointer = json.dumps({"data": str(target), "left": str(source)})
        write_durably(layout.pointer, pointer)
    except OSError as error:
        (source / MOVED).unlink(missing_ok=True)
        _remove_copy(target)
        reason = error.strerror or str(error)
        raise MoveFailed(target=target, reason=reason) from error
    settle(moved, report)
    log.info("data folder moved", source=str(source), target=str(target))
    return moved


def settle(layout: Layout, report: Report = lambda _progress: None) -> None:
    """At the start: finish a move that was killed, and refuse a folder that does not count.

    Raises:
        FolderMoved: this folder was moved away, or is half of a copy.
    """
    chosen, left = read_pointer(layout.pointer)
    if chosen == layout.data:
        (layout.data / COPYING).unlink(missing_ok=True)
        if left is not None:
            _remove_old(left, layout, report)
        return
    copying, moved = layout.data / COPYING, layout.data / MOVED
    if copying.exists():
        raise FolderMoved(path=layout.data, reason="A move into it was not finished.")
    if moved.exists():
        to = _told(moved, "to")
        if chosen is not None and to == str(chosen):
            raise FolderMoved(path=layout.data, reason=f"Its content was moved to {to}.")
        # Killed before the switch: this folder counts.
        moved.unlink(missing_ok=True)


def _check(source: Path, target: Path) -> int:
    if target == source or source in target.parents or target in source.parents:
        raise MoveRefused(target=target, reason="One of the two folders lies within the other.")
    if (target / COPYING).exists():
        if _told(target / COPYING, "from") != str(source):
            raise MoveRefused(target=target, reason="Another move into it was not finished.")
        _remove_copy(target)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise MoveRefused(target=target, reason="It is not empty.")
    try:
        total = sum(path.lstat().st_size for path in _files(source))
        parent = next(one for one in (target, *target.parents) if one.exists())
        free = shutil.disk_usage(parent).free
    except OSError as error:
        raise MoveRefused(target=target, reason=error.strerror or str(error)) from error
    if not os.access(parent, os.W_OK | os.X_OK):
        raise MoveRefused(target=target, reason="It cannot be written.")
    same_disk = parent.stat().st_dev == source.stat().st_dev
    if free < total + SPARE_BYTES:
        left, needed = f"{free / 1e9:.1f}", f"{(total + SPARE_BYTES) / 1e9:.1f}"
        reason = f"It has {left} GB free; {needed} GB are needed."
        if same_disk:
            reason = f"{reason} Both folders exist for a while."
        raise MoveRefused(target=target, reason=reason)
    return total


def _files(folder: Path) -> Iterator[Path]:
    """Regular files and links below `folder`; sockets, pipes and what is only of a run stay."""
    for root, names, files in os.walk(folder):
        names[:] = [name for name in names if name != "run"]
        for name in [*files, *[one for one in names if (Path(root) / one).is_symlink()]]:
            path = Path(root) / name
            if path.is_symlink() or stat.S_ISREG(path.lstat().st_mode):
                yield path


def _copy(source: Path, target: Path, total: int, report: Report) -> dict[Path, str]:
    """Copy everything durably; the checksum of each file as it was read."""
    sums: dict[Path, str] = {}
    done = 0
    for folder, names, _files_of in os.walk(source):
        names[:] = [one for one in names if one != "run" and not (Path(folder) / one).is_symlink()]
        place = target / Path(folder).relative_to(source)
        make_private_folder(place)
    for path in _files(source):
        name = path.relative_to(source)
        if name.name in (COPYING, MOVED) and len(name.parts) == 1:
            continue
        place = target / name
        if path.is_symlink():
            place.symlink_to(path.readlink())
            continue
        sums[name] = _copy_file(path, place)
        done += path.stat().st_size
        report(MoveProgress("copy", done, total))
    for folder, _names, _files_of in os.walk(target):
        sync_folder(Path(folder))
    return sums


def _copy_file(path: Path, place: Path) -> str:
    digest = hashlib.sha256()
    mode = stat.S_IMODE(path.stat().st_mode)
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with path.open("rb") as old, os.fdopen(handle, "wb") as new:
        while block := old.read(_BLOCK):
            digest.update(block)
            new.write(block)
        new.flush()
        os.fsync(new.fileno())
    place.chmod(mode)
    return digest.hexdigest()


def _verify(target: Path, sums: dict[Path, str], total: int, report: Report) -> None:
    """Read everything again.

    Raises:
        OSError: a file is not what was copied.
    """
    done = 0
    for name, expected in sums.items():
        with (target / name).open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != expected:
                raise OSError(f"The copy of {name} differs from the original.")
            done += os.fstat(file.fileno()).st_size
        report(MoveProgress("verify", done, total))


def _remove_old(old: Path, layout: Layout, report: Report) -> None:
    """Remove the folder that was left, keys first; then forget it."""
    if (old / MOVED).exists() and old != layout.data:
        try:
            for key in old.glob("nodes/*/key.json"):
                key.unlink()
            for child in old.iterdir():
                if child.is_dir() and not child.is_symlink():
                    shutil.rmtree(child)
                elif child.name != MOVED:
                    child.unlink()
            (old / MOVED).unlink()
            old.rmdir()
        except OSError as error:
            # It bears the mark and is not used; the next start tries again.
            log.warning("old data folder not removed", path=str(old), reason=str(error))
            return
    write_durably(layout.pointer, json.dumps({"data": str(layout.data)}))
    report(MoveProgress("remove", 1, 1))


def _remove_copy(target: Path) -> None:
    """Remove what was copied, the mark last: it must not look whole meanwhile."""
    if not (target / COPYING).exists():
        return
    for child in list(target.iterdir()):
        if child.name == COPYING:
            continue
        if child.is_dir() and not child.is_symlink():
            shutil.rmtree(child, ignore_errors=True)
        else:
            child.unlink(missing_ok=True)
    (target / COPYING).unlink(missing_ok=True)


def _told(mark: Path, name: str) -> str:
    try:
        return str(json.loads(mark.read_text(encoding="utf-8")).get(name, ""))
    except (OSError, ValueError, AttributeError):
        return ""
