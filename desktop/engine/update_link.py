# SPDX-License-Identifier: Apache-2.0
"""What is known of newer versions of the app, through the engine's thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bridge.engine_thread import EngineThread
    from node_manager.downloads.progress import Progress
    from node_manager.updates.standing import Standing


class UpdateLink:
    """Each call runs as a coroutine on the engine's loop and comes back as a future."""

    _thread: EngineThread

    def updates(self) -> Future[Standing]:
        """How this version stands; nobody is asked."""
        return self._thread.call(lambda engine: engine.updates.standing())

    def check_updates(self) -> Future[Standing]:
        """Ask the source now."""
        return self._thread.call(lambda engine: engine.updates.check())

    def download_update(self, report: Callable[[Progress], None]) -> Future[Path]:
        """Fetch and verify the newer version's file."""
        return self._thread.call(lambda engine: engine.updates.download(report))
