# SPDX-License-Identifier: Apache-2.0
"""What a distributed validator's folder takes of the disk, and what is left there."""

from __future__ import annotations

import asyncio
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import structlog

from node_manager.figures import Figure, read
from node_manager.node.observation import folder_size

log = structlog.get_logger(__name__)

DISK_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class DiskReading:
    """Bytes."""

    taken: Figure[int]
    free: Figure[int]


class DiskReader:
    """Looks at one folder, once a minute at most."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._looked_at: float | None = None
        self.reading: DiskReading | None = None

    async def look(self) -> None:
        """Look anew when it is time; what was read stays when it cannot be read."""
        now = time.monotonic()
        if self._looked_at is not None and now - self._looked_at < DISK_SECONDS:
            return
        self._looked_at = now
        try:
            taken = await asyncio.to_thread(folder_size, self._folder)
            free = (await asyncio.to_thread(shutil.disk_usage, self._folder)).free
        except OSError as error:
            log.info("disk not readable", reason=str(error))
            return
        self.reading = DiskReading(
            read(taken, "computer", period=DISK_SECONDS),
            read(free, "computer", period=DISK_SECONDS),
        )
