# SPDX-License-Identifier: Apache-2.0
"""Windows, as far as another system can tell: the order of the calls and what they are given."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import psutil
import pytest

from node_manager.runtime.platform.host import this_host
from node_manager.runtime.platform.posix import PosixHost
from node_manager.runtime.platform.windows import (
    CREATE_NEW_PROCESS_GROUP,
    CREATE_NO_WINDOW,
    CTRL_BREAK_EVENT,
    WindowsHost,
)


class RecordedConsole:
    """kernel32's console functions: one console a process, events reach the attached one only."""

    def __init__(self, consoles: set[int]) -> None:
        self.consoles = consoles
        self.attached: int | None = os.getpid()
        self.deaf = False
        self.broken: list[tuple[int, bool]] = []

    def AttachConsole(self, pid: int) -> int:
        if self.attached is not None or pid not in self.consoles:
            return 0
        self.attached = pid
        return 1

    def FreeConsole(self) -> int:
        self.attached = None
        return 1

    def SetConsoleCtrlHandler(self, handler: None, add: int) -> int:
        self.deaf = bool(add)
        return 1

    def GenerateConsoleCtrlEvent(self, event: int, group: int) -> int:
        assert event == CTRL_BREAK_EVENT
        if self.attached == group:
            self.broken.append((group, self.deaf))
        return 1


def test_a_child_has_its_own_group_and_no_window() -> None:
    options = WindowsHost().spawn_options()
    assert options.creationflags == CREATE_NEW_PROCESS_GROUP | CREATE_NO_WINDOW
    assert not options.start_new_session
    if sys.platform == "win32":
        import subprocess

        assert subprocess.CREATE_NO_WINDOW == CREATE_NO_WINDOW
        assert subprocess.CREATE_NEW_PROCESS_GROUP == CREATE_NEW_PROCESS_GROUP


def test_the_request_to_end_is_sent_inside_the_childs_console_and_spares_us() -> None:
    console = RecordedConsole({4711})
    WindowsHost(console).ask_to_end(4711)
    assert console.broken == [(4711, True)]
    assert console.attached is None
    assert not console.deaf, "we hear CTRL+C again afterwards"


def test_a_child_that_is_gone_is_no_error() -> None:
    console = RecordedConsole(set())
    WindowsHost(console).ask_to_end(4711)
    assert console.broken == []
    WindowsHost().end_by_force(2**22 + 1)


def test_a_log_is_opened_for_appending_only_and_shared(tmp_path: Path) -> None:
    opened: list[tuple[object, ...]] = []

    class Files:
        def CreateFile(self, *arguments: object) -> int:
            opened.append(arguments)
            return 42

        def open_osfhandle(self, handle: int, flags: int) -> int:
            return handle + 1

    assert WindowsHost(files=Files()).open_log(tmp_path / "node.log") == 43
    name, access, share, _, creation, _, _ = opened[0]
    assert name == str(tmp_path / "node.log")
    file_write_data = 0x2
    assert isinstance(access, int) and not access & file_write_data
    assert (share, creation) == (7, 4), "rotation reads and truncates it; it may be new"


def test_a_process_is_told_by_its_birth() -> None:
    host = WindowsHost()
    identity = host.identity(os.getpid())
    assert identity is not None
    assert host.running(os.getpid(), identity)
    assert not host.running(os.getpid(), "0.000")
    assert host.identity(2**22 + 1) is None


@pytest.mark.skipif(os.name != "posix", reason="asks for this system's own host")
def test_the_host_is_chosen_by_the_system() -> None:
    assert isinstance(this_host(), PosixHost)


@pytest.mark.skipif(os.name != "posix", reason="POSIX process groups")
def test_our_own_group_and_init_are_never_signalled() -> None:
    for pid in (-1, 0, 1):
        with pytest.raises(ValueError, match="not a child"):
            PosixHost().end_by_force(pid)


@pytest.mark.skipif(os.name != "posix", reason="POSIX")
def test_identity_without_proc_is_the_create_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """macOS."""
    from node_manager.runtime.platform import posix

    monkeypatch.setattr(posix, "_boot_id", lambda: None)
    host = PosixHost()
    identity = host.identity(os.getpid())
    assert identity == f"{psutil.Process().create_time():.3f}"
    assert host.running(os.getpid(), identity)
    assert not host.running(2**22 + 1, identity)
    assert host.identity(2**22 + 1) is None
