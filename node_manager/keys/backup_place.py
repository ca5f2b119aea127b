# SPDX-License-Identifier: Apache-2.0
"""Where a backup may be written, and writing it there without ever replacing a file."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Protocol

from node_manager.durable import PRIVATE_FILE, sync_folder
from node_manager.keys.errors import BackupBesideKey, BackupExists, BackupNotWritten

_BINARY = getattr(os, "O_BINARY", 0)


class Rooted(Protocol):
    """The folder of a validator of either kind."""

    @property
    def root(self) -> Path:
        """All of it."""
        ...


def check_destination(file: Path, folder: Rooted) -> None:
    """Refuse a place that cannot hold a backup, before anybody types a passphrase.

    Raises:
        BackupBesideKey: it is in the node's folder, also by a link.
        BackupExists: there is a file already, or a link.
        BackupNotWritten: its folder does not exist.
    """
    parent = file.parent.resolve()
    if not parent.is_dir():
        raise BackupNotWritten(path=file, reason=f"The folder {parent} does not exist.")
    for place in (parent, *parent.parents):
        if folder.root.exists() and place.samefile(folder.root):
            raise BackupBesideKey(path=file)
    if os.path.lexists(file):
        raise BackupExists(path=file)


def write_new(file: Path, content: bytes) -> None:
    """Write a file that did not exist, durably, and read it back.

    Not by a rename: that could replace a file, and the file systems of memory sticks have no
    links to prevent it. A half-written file is told by its checksum, and removed here.
    """
    try:
        handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY | _BINARY, PRIVATE_FILE)
    except FileExistsError:
        raise BackupExists(path=file) from None
    except OSError as error:
        raise BackupNotWritten(path=file, reason=f"{error.strerror or error}.") from None
    try:
        with os.fdopen(handle, "wb") as target:
            target.write(content)
            target.flush()
            os.fsync(target.fileno())
        with contextlib.suppress(OSError):  # some network file systems cannot sync a folder
            sync_folder(file.parent)
        kept = file.read_bytes()
        if kept != content:
            raise OSError("the medium gave back something else")
    except OSError as error:
        with contextlib.suppress(OSError):
            file.unlink()
        raise BackupNotWritten(path=file, reason=f"{error.strerror or error}.") from None
