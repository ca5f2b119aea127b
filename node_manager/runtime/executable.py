# SPDX-License-Identifier: Apache-2.0
"""Finding a program before it is run, and naming the reason when it does not run."""

from __future__ import annotations

import errno
import os
import platform
import shutil
import struct
from collections.abc import Mapping
from pathlib import Path

from node_manager.runtime.errors import (
    ProgramForOtherPlatform,
    ProgramLoaderMissing,
    ProgramMissing,
    ProgramNotExecutable,
    ProgramNotStarted,
    RuntimeTrouble,
)

_ERROR_BAD_EXE_FORMAT = 193
_EBADARCH = 86  # macOS, sys/errno.h: bad CPU type in executable

_ELF_MACHINES = {3: "386", 40: "arm", 62: "amd64", 183: "arm64", 243: "riscv64"}
_MACH_CPUS = {0x01000007: "amd64", 0x0100000C: "arm64"}
_PE_MACHINES = {0x014C: "386", 0x8664: "amd64", 0xAA64: "arm64"}


def resolve_executable(name: str, program: str, environment: Mapping[str, str]) -> Path:
    """The absolute path of `program`, looked up in PATH when it is a bare name.

    Raises:
        ProgramMissing: there is no such file.
        ProgramNotExecutable: this user may not execute it.
    """
    if Path(program).name == program:
        found = shutil.which(program, path=environment.get("PATH"))
        if found is None:
            raise ProgramMissing(name=name, path=program)
        return Path(found).absolute()
    path = Path(program).absolute()
    if not path.is_file():
        raise ProgramMissing(name=name, path=path)
    if not os.access(path, os.X_OK):
        raise ProgramNotExecutable(name=name, path=path)
    return path


def why_not_started(name: str, path: Path, error: OSError) -> RuntimeTrouble:
    """The typed error for what the system answered when `path` was to be run."""
    if (
        error.errno in {errno.ENOEXEC, _EBADARCH}
        or getattr(error, "winerror", None) == _ERROR_BAD_EXE_FORMAT
    ):
        return ProgramForOtherPlatform(
            name=name, path=path, kind=describe_program(path), platform=this_platform()
        )
    if error.errno in {errno.EACCES, errno.EPERM}:
        return ProgramNotExecutable(name=name, path=path)
    if error.errno == errno.ENOENT:
        if path.is_file():
            return ProgramLoaderMissing(name=name, path=path)
        return ProgramMissing(name=name, path=path)
    return ProgramNotStarted(name=name, path=path, error=error.strerror or error)


def this_platform() -> str:
    """Such as "Linux x86_64"."""
    return f"{platform.system()} {platform.machine()}"


def describe_program(path: Path) -> str:
    """What kind of program the file at `path` is, in words, by its header.

    ELF (elf(5)), Mach-O (`mach-o/loader.h`) and PE ("PE Format", Microsoft).
    """
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError:
        return "not readable"
    if not head:
        return "empty"
    if head.startswith(b"\x7fELF") and len(head) >= 20:
        order = "<" if head[5] == 1 else ">"
        (number,) = struct.unpack_from(f"{order}H", head, 18)
        machine = _ELF_MACHINES.get(number, f"(machine {number})")
        return f"a program for Linux {machine}"
    if head[:4] in {b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe"} and len(head) >= 8:
        (number,) = struct.unpack_from("<I", head, 4)
        machine = _MACH_CPUS.get(number, f"(CPU {number})")
        return f"a program for macOS {machine}"
    if head[:4] == b"\xca\xfe\xba\xbe":
        return "a universal program for macOS"
    if head.startswith(b"MZ"):
        machine = _pe_machine(head)
        return f"a program for Windows {machine}" if machine else "a program for Windows"
    if head.startswith((b"\x1f\x8b", b"PK\x03\x04")):
        return "an archive, not a program"
    if head.lstrip()[:1] == b"<":
        return "a web page, not a program"
    return "not a program that the system knows"


def _pe_machine(head: bytes) -> str:
    if len(head) < 0x40:
        return ""
    (offset,) = struct.unpack_from("<I", head, 0x3C)
    if head[offset : offset + 4] != b"PE\0\0" or len(head) < offset + 6:
        return ""
    (machine,) = struct.unpack_from("<H", head, offset + 4)
    return _PE_MACHINES.get(machine, f"(machine {machine})")
