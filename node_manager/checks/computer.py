# SPDX-License-Identifier: Apache-2.0
"""Disk, memory and limits of this computer against what the network asks for."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import psutil

from node_manager.checks.result import CheckResult, CheckState, Mend, good, not_known
from node_manager.explanation import Explanation

GB = 1000**3
FULL_BYTES = 1 * GB
"""A pruned node takes about this a day: with less it stands still before tomorrow."""

TIGHT_BYTES = 10 * GB
NODE_BYTES = 300 * 1000**2
"""A node took 154 to 265 MB in its first twenty minutes."""

OPEN_FILES = 4096
"""CometBFT, "Running in production": a database opens some hundred files, a peer one each."""


def existing(path: Path) -> Path:
    """`path`, or its nearest parent that is there."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path


def check_disk(folder: Path, needed_gb: float | None) -> CheckResult:
    """Free space where `folder` is or will be; what lies in it already counts as there."""
    check, title = "disk", "Disk space"
    try:
        usage = shutil.disk_usage(existing(folder))
    except OSError as error:
        return not_known(
            check, title, "The free space of {folder} is not known.", str(error), folder=str(folder)
        )
    facts: dict[str, object] = {
        "free": f"{usage.free / GB:.1f}",
        "total": f"{usage.total / GB:.0f}",
        "needed": needed_gb,
        "folder": str(folder),
    }
    if usage.free < FULL_BYTES:
        return CheckResult(check, title, CheckState.FAIL, _disk_full(facts), Mend.CHOOSE_FOLDER)
    if needed_gb is not None and usage.free < needed_gb * GB:
        return CheckResult(check, title, CheckState.WARN, _disk_small(facts), Mend.CHOOSE_FOLDER)
    if needed_gb is None and usage.free < TIGHT_BYTES:
        return CheckResult(check, title, CheckState.WARN, _disk_tight(facts), Mend.CHOOSE_FOLDER)
    if needed_gb is None:
        return good(
            check, title, "{free} GB are free; the network does not say what it needs.", **facts
        )
    return good(check, title, "{free} GB are free, {needed} GB are needed.", **facts)


def _disk_full(facts: dict[str, object]) -> Explanation:
    return Explanation(
        "disk-nearly-full",
        "The disk of {folder} is nearly full: {free} GB are free.",
        "A node whose disk is full stands still and misses blocks.",
        "Free space, or choose a folder on another disk.",
        facts,
    )


def _disk_small(facts: dict[str, object]) -> Explanation:
    return Explanation(
        "disk-small",
        "The disk has {free} GB free; the network asks for {needed} GB.",
        "The chain's data grow with every block.",
        "Choose a folder on a larger disk. A start is possible until it is full.",
        facts,
    )


def _disk_tight(facts: dict[str, object]) -> Explanation:
    return Explanation(
        "disk-tight",
        "Only {free} GB are free.",
        "The network does not say what it needs; a pruned node takes about 1 GB a day.",
        "Choose a folder on a larger disk, or keep an eye on the free space.",
        facts,
    )


def check_memory(needed_gb: float | None) -> CheckResult:
    """Memory in all against the network's wish, and what is left for a node now."""
    check, title = "memory", "Memory"
    try:
        memory = psutil.virtual_memory()
    except (psutil.Error, OSError) as error:
        return not_known(check, title, "The memory of this computer is not known.", str(error))
    facts: dict[str, object] = {
        "total": f"{memory.total / GB:.1f}",
        "free": f"{memory.available / GB:.1f}",
        "needed": needed_gb,
    }
    if memory.available < NODE_BYTES:
        return CheckResult(
            check,
            title,
            CheckState.WARN,
            Explanation(
                "memory-short",
                "Only {free} GB of memory are free.",
                "The system ends programs when memory runs out, most likely the node.",
                "End other programs, or add memory.",
                facts,
            ),
        )
    if needed_gb is not None and memory.total < needed_gb * GB:
        return CheckResult(
            check,
            title,
            CheckState.WARN,
            Explanation(
                "memory-small",
                "This computer has {total} GB of memory; the network asks for {needed} GB.",
                "With less the node may be slow or be ended by the system.",
                "A start is possible; watch the memory of the node.",
                facts,
            ),
        )
    return good(check, title, "{free} GB of {total} GB are free.", **facts)


def check_open_files() -> CheckResult:
    """The hard limit of open files: Go programs raise their own limit up to it at their start."""
    check, title = "open-files", "Open files"
    if sys.platform == "win32":
        return good(check, title, "This system has no such limit.")
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY:
        return good(check, title, "A program may open any number of files.")
    if hard >= OPEN_FILES:
        return good(check, title, "A program may open {limit} files.", limit=hard)
    return CheckResult(
        check,
        title,
        CheckState.WARN,
        Explanation(
            "open-files-few",
            "A program may open only {limit} files; {needed} are advised.",
            "A node with many peers and a large database needs more and then fails.",
            "Raise the hard limit of this user (ulimit -Hn) and log in again.",
            {"limit": hard, "needed": OPEN_FILES},
        ),
    )


def check_folder(folder: Path) -> CheckResult:
    """Whether the data folder can be written, by its owner only."""
    check, title = "data-folder", "Data folder"
    there = existing(folder)
    facts = {"folder": str(folder)}
    if not os.access(there, os.W_OK | os.X_OK):
        return CheckResult(
            check,
            title,
            CheckState.FAIL,
            Explanation(
                "folder-not-writable",
                "The folder {folder} cannot be written.",
                "It belongs to another user, or its disk is read-only.",
                "Give this user the folder, or choose another one.",
                facts,
            ),
            Mend.CHOOSE_FOLDER,
        )
    if there != folder:
        return good(check, title, "{folder} can be made.", **facts)
    if os.name == "posix" and folder.stat().st_mode & 0o077:
        return CheckResult(
            check,
            title,
            CheckState.WARN,
            Explanation(
                "folder-open",
                "Others on this computer can look into {folder}.",
                "Its permissions are wider than its owner's.",
                "Close it to others; the app can do that.",
                facts,
            ),
            Mend.CLOSE_FOLDER,
        )
    return good(check, title, "{folder} can be written, by its owner only.", **facts)


def check_login(starts: bool) -> CheckResult:
    """Whether the session `starts` the app, which brings the validator back after a restart."""
    check, title = "login", "Start at login"
    if starts:
        return good(check, title, "The app starts when you log in.")
    return CheckResult(
        check,
        title,
        CheckState.WARN,
        Explanation(
            "not-at-login",
            "The app does not start when you log in.",
            "After a restart of the computer the validator stays down until you open the app.",
            "Have it start when you log in.",
        ),
        Mend.START_AT_LOGIN,
    )


def close_folder(folder: Path) -> None:
    """Take every right to `folder` from others (the mend CLOSE_FOLDER).

    Raises:
        OSError: it belongs to another user.
    """
    if os.name == "posix":
        folder.chmod(0o700)
