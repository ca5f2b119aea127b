# SPDX-License-Identifier: Apache-2.0
"""What a container writes, brought into a file as a native child's is: each line once."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import datetime
from pathlib import Path

from docker.models.containers import Container

from node_manager.durable import make_private_folder
from node_manager.runtime.docker.engine import DockerEngine
from node_manager.runtime.docker.errors import DockerTrouble


class ContainerLog:
    """Copies the lines of one container; where it stopped is kept beside its record."""

    def __init__(
        self, engine: DockerEngine, container: Container, started_at: float, mark: Path
    ) -> None:
        """`mark` remembers the newest copied line's time, for the next start of the app."""
        self._engine = engine
        self._container = container
        self._started_at = started_at
        self._mark = mark

    async def copy(self, to: Path) -> None:
        """Append to the file `to` what was written since the last copy.

        Raises:
            DockerTrouble: the engine does not answer.
            OSError: the file cannot be written.
        """
        last = await asyncio.to_thread(self._last)
        since = _seconds(last) if last else int(self._started_at) - 1
        told: bytes = await self._engine.call(
            lambda _client: self._container.logs(timestamps=True, since=since)
        )
        stamped = (line.partition(" ") for line in told.decode(errors="replace").splitlines())
        fresh = [(stamp, text) for stamp, _, text in stamped if stamp > last]
        if fresh:
            text = "".join(f"{text}\n" for _, text in fresh)
            await asyncio.to_thread(self._append, to, text, fresh[-1][0])

    def _last(self) -> str:
        """The mark of this container; one of an earlier container is older than its start."""
        with contextlib.suppress(OSError, ValueError):
            stamp = self._mark.read_text(encoding="ascii")
            if _seconds(stamp) >= int(self._started_at) - 1:
                return stamp
        return ""

    def _append(self, to: Path, text: str, stamp: str) -> None:
        make_private_folder(to.parent)
        with to.open("a", encoding="utf-8") as file:
            file.write(text)
        # Not durable: what is lost with the power is at most that a few lines come twice.
        self._mark.write_text(stamp, encoding="ascii")


async def keep_copying(log: ContainerLog, to: Path, seconds: float) -> None:
    """Copy again and again until cancelled; an engine that is away is asked later."""
    while True:
        with contextlib.suppress(DockerTrouble):
            await log.copy(to)
        await asyncio.sleep(seconds)


def _seconds(stamp: str) -> int:
    return int(datetime.fromisoformat(stamp[:26].rstrip("Z") + "+00:00").timestamp())
