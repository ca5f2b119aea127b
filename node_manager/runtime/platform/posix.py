# SPDX-License-Identifier: Apache-2.0
"""Linux and macOS: sessions, process groups and signals."""

from __future__ import annotations

import contextlib
import os
import signal
from functools import cache
from pathlib import Path

import psutil

from node_manager.durable import PRIVATE_FILE
from node_manager.runtime.platform.spawn_options import SpawnOptions

PROC = Path("/proc")


class PosixHost:
    """A child leads its own session, so its pid is also the id of its process group."""

    def spawn_options(self) -> SpawnOptions:
        """A session of the child's own: no signal of our terminal reaches it."""
        return SpawnOptions(start_new_session=True)

    def open_log(self, path: Path) -> int:
        """O_APPEND, for the owner only, and not through a link."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
        return os.open(path, flags, PRIVATE_FILE)

    def identity(self, pid: int) -> str | None:
        """Boot id and start tick on Linux, the create time elsewhere.

        psutil's create time on Linux moves when the clock is set, because it is the start tick
        added to the boot time (proc(5), `btime`); the tick itself never moves.
        """
        if (boot := _boot_id()) is not None:
            found = _state_and_start(pid)
            return None if found is None else f"{boot}:{found[1]}"
        with contextlib.suppress(psutil.Error):
            return f"{psutil.Process(pid).create_time():.3f}"
        return None

    def running(self, pid: int, identity: str) -> bool:
        """Whether that very process lives; a zombie does not."""
        if (boot := _boot_id()) is not None:
            found = _state_and_start(pid)
            return found is not None and f"{boot}:{found[1]}" == identity and found[0] not in "ZX"
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            return (
                f"{process.create_time():.3f}" == identity
                and process.status() != psutil.STATUS_ZOMBIE
            )
        return False

    def exit_handle(self, pid: int) -> int | None:
        """A pidfd (pidfd_open(2), Linux 5.3)."""
        if not hasattr(os, "pidfd_open"):
            return None
        try:
            return os.pidfd_open(pid)
        except OSError:
            return None

    def ask_to_end(self, pid: int) -> None:
        """SIGTERM to the group; SIGCONT, so that a halted process hears it too."""
        _signal_group(pid, signal.SIGTERM)
        _signal_group(pid, signal.SIGCONT)

    def end_by_force(self, pid: int) -> None:
        """SIGKILL to the group."""
        _signal_group(pid, signal.SIGKILL)

    def end_leftovers(self, pid: int) -> None:
        """SIGKILL to what remains of the group."""
        _signal_group(pid, signal.SIGKILL)


def _signal_group(pid: int, number: signal.Signals) -> None:
    if pid <= 1:  # 0 is our own group, 1 is init
        raise ValueError(f"not a child's process group: {pid}")
    # macOS answers EPERM for a group that has only a zombie left
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


@cache
def _boot_id() -> str | None:
    try:
        return (PROC / "sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return None


def _state_and_start(pid: int) -> tuple[str, str] | None:
    """State letter and start tick of `/proc/PID/stat` (proc(5), fields 3 and 22)."""
    try:
        stat = (PROC / str(pid) / "stat").read_bytes()
    except OSError:
        return None
    # the second field is the name in parentheses, which may itself hold blanks and parentheses
    fields = stat.rpartition(b")")[2].split()
    if len(fields) < 20:
        return None
    return fields[0].decode("ascii"), fields[19].decode("ascii")
