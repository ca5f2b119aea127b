# SPDX-License-Identifier: Apache-2.0
"""Where the private door of a data folder is: a socket in a private folder.

On Windows, which has no unix sockets in asyncio: a loopback port and a token in a private file.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel

from bridge.server.errors import ControlDoorUnsafe
from node_manager.durable import make_private_folder
from node_manager.layout import Layout

SOCKET_PATH_BYTES = 100
"""Longest path of a unix socket that every system takes (Linux 107, macOS 103)."""


@dataclass(frozen=True, slots=True)
class ControlAddress:
    """The door of one data folder.

    Attributes:
        socket: the unix socket, None where there are none.
        token_file: port and token of the loopback door, used where there is no socket.
    """

    socket: Path | None
    token_file: Path

    @property
    def shown(self) -> Path:
        """The path to name in a message."""
        return self.socket or self.token_file


class LoopbackDoor(BaseModel):
    """Content of the token file."""

    port: int
    token: str


def control_address(layout: Layout, *, unix: bool = os.name == "posix") -> ControlAddress:
    """The address, the same for the app and for its commands. Nothing is created."""
    token_file = layout.run / "control.json"
    if not unix:
        return ControlAddress(None, token_file)
    usual = layout.run / "control.sock"
    if len(os.fsencode(usual)) <= SOCKET_PATH_BYTES:
        return ControlAddress(usual, token_file)
    name = hashlib.sha256(os.fsencode(layout.data)).hexdigest()[:16]
    short = Path(tempfile.gettempdir()) / f"oneclick-{os.getuid()}-{name}" / "control.sock"
    return ControlAddress(short, token_file)


def prepare_folder(folder: Path) -> None:
    """Make `folder` private, or say why it cannot be trusted.

    Raises:
        ControlDoorUnsafe: it is a link, or someone else's.
    """
    try:
        make_private_folder(folder)
        found = folder.lstat()
    except OSError as error:
        raise ControlDoorUnsafe(folder=folder, reason=error.strerror or str(error)) from error
    if os.name != "posix":
        return
    if not stat.S_ISDIR(found.st_mode):
        raise ControlDoorUnsafe(folder=folder, reason="It is not a folder but a link.")
    if found.st_uid != os.getuid():
        raise ControlDoorUnsafe(folder=folder, reason="It belongs to another user.")
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise ControlDoorUnsafe(folder=folder, reason="Others may enter it.")
