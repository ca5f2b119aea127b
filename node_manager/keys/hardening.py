# SPDX-License-Identifier: Apache-2.0
"""Closing a process that holds a key to core dumps and debuggers, where the system allows it."""

from __future__ import annotations

import ctypes
import sys
from dataclasses import dataclass

_PR_GET_DUMPABLE = 3
_PR_SET_DUMPABLE = 4
"""From Linux' `prctl.h`."""
_PT_DENY_ATTACH = 31
"""From macOS' `sys/ptrace.h`."""


@dataclass(frozen=True, slots=True)
class Hardening:
    """What the system granted.

    Attributes:
        no_core_dumps: a crash writes no image of the memory.
        no_debuggers: other processes of this user cannot attach or read the memory.
    """

    no_core_dumps: bool
    no_debuggers: bool


def harden_process() -> Hardening:
    """Turn off core dumps and debuggers for this process, before a secret enters it.

    On Linux the files of `/proc/<pid>` then belong to root: another process of the same user
    still reads its command line and statistics, but not its executable, environment or memory.
    """
    return Hardening(_refuse_core_dumps(), _refuse_debuggers())


def _refuse_core_dumps() -> bool:
    if sys.platform == "win32":
        # SEM_NOGPFAULTERRORBOX: no error report with an image of the memory is made.
        mode = ctypes.windll.kernel32.GetErrorMode()
        ctypes.windll.kernel32.SetErrorMode(mode | 0x0002)
        return True
    import resource

    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (OSError, ValueError):
        return False
    return resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)


def _refuse_debuggers() -> bool:
    try:
        if sys.platform == "linux":
            library = ctypes.CDLL(None, use_errno=True)
            library.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
            return int(library.prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0)) == 0
        if sys.platform == "darwin":
            return int(ctypes.CDLL(None).ptrace(_PT_DENY_ATTACH, 0, None, 0)) == 0
    except (AttributeError, OSError):
        return False
    return False
