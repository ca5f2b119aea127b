# SPDX-License-Identifier: Apache-2.0
"""Windows: process groups, console control events and TerminateProcess.

Written to Microsoft's documents "Process Creation Flags", "GenerateConsoleCtrlEvent",
"AttachConsole" and "File Access Rights Constants"; the calls into the system are small seams so
that their order and arguments are tested anywhere.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import threading
from pathlib import Path
from typing import Any, Protocol

import psutil

from node_manager.runtime.platform.spawn_options import SpawnOptions

CREATE_NEW_PROCESS_GROUP = 0x00000200
CREATE_NO_WINDOW = 0x08000000
CTRL_BREAK_EVENT = 1

FILE_APPEND_DATA = 0x00000004
SYNCHRONIZE = 0x00100000
SHARE_READ_WRITE_DELETE = 0x00000007
OPEN_ALWAYS = 4


class Console(Protocol):
    """The console functions of kernel32 that are used here; each answers 0 on failure."""

    def AttachConsole(self, pid: int) -> int:
        """Join the console of another process."""

    def FreeConsole(self) -> int:
        """Leave the console this process is attached to."""

    def SetConsoleCtrlHandler(self, handler: None, add: int) -> int:
        """Ignore (1) or obey (0) CTRL+C in this process."""

    def GenerateConsoleCtrlEvent(self, event: int, group: int) -> int:
        """Send a control event to a process group of the attached console."""


class Files(Protocol):
    """What is used of `_winapi` and `msvcrt`."""

    def CreateFile(
        self,
        name: str,
        access: int,
        share: int,
        security: int,
        creation: int,
        flags: int,
        like: int,
    ) -> int:
        """Open a file and return its handle."""

    def open_osfhandle(self, handle: int, flags: int) -> int:
        """A file descriptor for a handle."""


class _SystemFiles:
    def __init__(self) -> None:
        self.CreateFile: Any = importlib.import_module("_winapi").CreateFile
        self.open_osfhandle: Any = importlib.import_module("msvcrt").open_osfhandle


def _kernel32() -> Console:
    import ctypes

    kernel: Console = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined]
    return kernel


class WindowsHost:
    """A child leads its own process group and has a console without a window."""

    def __init__(self, console: Console | None = None, files: Files | None = None) -> None:
        self._console = console
        self._files = files
        # a process is attached to one console at a time
        self._attached = threading.Lock()

    def spawn_options(self) -> SpawnOptions:
        """A group of the child's own, which CTRL_BREAK can reach, and no window."""
        return SpawnOptions(creationflags=CREATE_NEW_PROCESS_GROUP | CREATE_NO_WINDOW)

    def open_log(self, path: Path) -> int:
        """A handle with FILE_APPEND_DATA only.

        O_APPEND is a promise of this process's C library and does not go to a child with the
        handle; without FILE_WRITE_DATA the system itself puts every write at the end.
        """
        files = self._files or _SystemFiles()
        handle = files.CreateFile(
            str(path), FILE_APPEND_DATA | SYNCHRONIZE, SHARE_READ_WRITE_DELETE, 0, OPEN_ALWAYS, 0, 0
        )
        return files.open_osfhandle(handle, os.O_APPEND)

    def identity(self, pid: int) -> str | None:
        """The creation time, which Windows keeps as an absolute time."""
        with contextlib.suppress(psutil.Error):
            return f"{psutil.Process(pid).create_time():.3f}"
        return None

    def running(self, pid: int, identity: str) -> bool:
        """Whether that very process lives."""
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            return f"{process.create_time():.3f}" == identity and process.is_running()
        return False

    def exit_handle(self, pid: int) -> int | None:
        """There is none: process handles do not go into a selector."""
        return None

    def ask_to_end(self, pid: int) -> None:
        """CTRL_BREAK to the group, from inside the child's own console.

        CREATE_NO_WINDOW gives the child a console of its own, and a control event reaches only
        processes of the sender's console: so this process joins it for a moment.
        A program in Go sees CTRL_BREAK as os.Interrupt.
        """
        console = self._console or _kernel32()
        with self._attached:
            console.FreeConsole()
            if not console.AttachConsole(pid):
                return
            try:
                console.SetConsoleCtrlHandler(None, 1)
                console.GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, pid)
            finally:
                console.FreeConsole()
                console.SetConsoleCtrlHandler(None, 0)

    def end_by_force(self, pid: int) -> None:
        """TerminateProcess for the process and its descendants."""
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            for member in (*process.children(recursive=True), process):
                with contextlib.suppress(psutil.Error):
                    member.kill()

    def end_leftovers(self, pid: int) -> None:
        """Nothing: Windows does not tell whose children the orphans were."""
