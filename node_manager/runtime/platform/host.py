# SPDX-License-Identifier: Apache-2.0
"""The one place that asks which operating system this is."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Protocol

from node_manager.runtime.platform.spawn_options import SpawnOptions


class Host(Protocol):
    """What the runtime asks of an operating system.

    A process is named by its pid and its identity: the moment of its birth in the system's
    own words, which no later process with the same pid repeats.
    """

    def spawn_options(self) -> SpawnOptions:
        """A session or process group of the child's own, and no window."""

    def open_log(self, path: Path) -> int:
        """A descriptor whose every write goes to the end of the file, wherever that is then.

        Raises:
            OSError: the file cannot be opened.
        """

    def identity(self, pid: int) -> str | None:
        """The birth of the process `pid`; None when there is none."""

    def running(self, pid: int, identity: str) -> bool:
        """Whether that very process lives. A dead one that nobody has reaped does not."""

    def exit_handle(self, pid: int) -> int | None:
        """A file descriptor that turns readable when `pid` ends; None where there is none."""

    def ask_to_end(self, pid: int) -> None:
        """Ask the process and its group to end in order. No error if it is gone."""

    def end_by_force(self, pid: int) -> None:
        """End the process and its group at once. No error if it is gone."""

    def end_leftovers(self, pid: int) -> None:
        """End what is left of the group after its leader `pid` ended."""


@cache
def this_host() -> Host:
    """The host of this computer."""
    if sys.platform == "win32":
        from node_manager.runtime.platform.windows import WindowsHost

        return WindowsHost()
    from node_manager.runtime.platform.posix import PosixHost

    return PosixHost()
