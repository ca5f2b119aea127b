# SPDX-License-Identifier: Apache-2.0
"""What this computer has, for the choice of a network."""

from __future__ import annotations

import os
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Machine:
    """Cores, bytes of memory, bytes free where the data would lie; None where unknown."""

    cores: int | None
    memory: int | None
    disk_free: int | None
    system: str


def this_machine(folder: Path) -> Machine:
    """Measure this computer; `folder` need not exist yet."""
    import psutil

    return Machine(
        os.cpu_count(),
        int(psutil.virtual_memory().total),
        free_bytes(folder),
        f"{platform.system()} {platform.machine()}",
    )


def free_bytes(folder: Path) -> int | None:
    """Bytes free on the disk that holds `folder`, or would hold it."""
    for place in (folder, *folder.parents):
        if place.exists():
            try:
                return shutil.disk_usage(place).free
            except OSError:
                return None
    return None
