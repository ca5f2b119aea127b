# SPDX-License-Identifier: Apache-2.0
"""One window a data folder: a second start hands its link over and raises the first."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Self

from PySide6.QtCore import QObject, Signal

from node_manager.explanation import OneClickError
from node_manager.layout import Layout

if TYPE_CHECKING:
    from node_manager.runtime.platform.channel import LocalServer

REACH_SECONDS = 1.0
LINK_BYTES = 4096


def door_of(layout: Layout) -> Path:
    """Where the window of a data folder listens."""
    return layout.run / "window.sock"


def raise_other(layout: Layout, link: str = "") -> bool:
    """Ask a running window of this data folder to come to the front; whether there was one."""
    door = door_of(layout)
    return door.exists() and asyncio.run(_hand_over(door, link))


async def _hand_over(door: Path, link: str) -> bool:
    from node_manager.runtime.platform.channel import connect_locally

    try:
        async with asyncio.timeout(REACH_SECONDS):
            reader, writer = await connect_locally(door)
            try:
                writer.write(link.encode()[: LINK_BYTES - 1] + b"\n")
                await writer.drain()
                # A window that hangs, or ends just now, does not come to the front.
                return await reader.read(1) != b""
            finally:
                writer.close()
    except (OSError, TimeoutError, OneClickError):
        return False


class SingleInstance(QObject):
    """Listens for later starts while it is entered (`async with`).

    Its channel is the engine's own kind: Qt's would be a library of 3 MB in memory.

    Signals:
        raised: a later start asks for the window; with its link, or empty.
    """

    raised = Signal(str)

    def __init__(self, layout: Layout, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._door = door_of(layout)
        self._server: LocalServer | None = None

    async def __aenter__(self) -> Self:
        """Listen. Without a folder to listen in, the window lives on; the engine says why."""
        from node_manager.runtime.platform.channel import serve_locally

        try:
            self._server = await serve_locally(self._door, self._answer)
        except (OSError, OneClickError) as error:
            import structlog

            structlog.get_logger(__name__).info("no door for later starts", reason=str(error))
        return self

    async def __aexit__(self, *_error: object) -> None:
        """Stop listening."""
        if self._server is not None:
            await self._server.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(REACH_SECONDS):
                line = await reader.readline()
                writer.write(b"\n")
                await writer.drain()
        except (OSError, ValueError, TimeoutError):
            return
        finally:
            writer.close()
        if line.endswith(b"\n"):
            self.raised.emit(line[:LINK_BYTES].decode(errors="replace").strip())
