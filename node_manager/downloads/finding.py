# SPDX-License-Identifier: Apache-2.0
"""Which file of an unpacked release is the program."""

from __future__ import annotations

import os
from pathlib import Path

from node_manager.downloads.errors import ProgramMissing

NAMES_SHOWN = 8

_MAGIC = (
    b"\x7fELF",
    b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"MZ",
    b"#!",
)

EXECUTABLE = 0o700


def find_executable(folder: Path, name: str, *, archive: str) -> Path:
    """The program `name` in `folder`: by its exact name, else the only program named after it.

    Releases name their file `posd`, `posd.exe`, or `posd-v1.2.0-linux-amd64`.

    Raises:
        ProgramMissing: there is none, or more than one could be meant.
    """
    files = sorted(
        (path for path in folder.rglob("*") if path.is_file()),
        key=lambda path: (len(path.parts), path),
    )
    for path in files:
        if path.name in (name, f"{name}.exe"):
            return path
    named = [
        path
        for path in files
        if path.name.startswith((f"{name}-", f"{name}_", f"{name}.")) and _is_program(path)
    ]
    if len(named) != 1:
        names = [str(path.relative_to(folder)) for path in files]
        shown = ", ".join(names[:NAMES_SHOWN]) + (", …" if len(names) > NAMES_SHOWN else "")
        raise ProgramMissing(archive=archive, program=name, names=shown or "nothing")
    return named[0]


def _is_program(path: Path) -> bool:
    with path.open("rb") as file:
        magic = file.read(4)
    return magic.startswith(_MAGIC) or (os.name == "posix" and os.access(path, os.X_OK))
