# SPDX-License-Identifier: Apache-2.0
"""One signer a key: locks that the system drops when their process ends, however it ends.

Not `filelock`: with asyncio in tow it takes a quarter of the memory the signer may have.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import Self

from node_manager.durable import PRIVATE_FILE, make_private_folder
from node_manager.signer.errors import AlreadySigning

FOLDER_LOCK = "signer.lock"


def lock_paths(signer_folder: Path, machine_folder: Path, pubkey: bytes) -> tuple[Path, Path]:
    """The locks a signer holds: of its folder, and of its key for this user of this computer."""
    return signer_folder / FOLDER_LOCK, machine_folder / f"{pubkey.hex()}.lock"


class Locks:
    """Exclusive locks on files, held until `release` or the end of the process."""

    def __init__(self, *paths: Path) -> None:
        """Name the lock files; nothing is locked yet."""
        self._paths = paths
        self._handles: list[int] = []

    def acquire(self) -> None:
        """Take all of them or none.

        Raises:
            AlreadySigning: somebody holds one of them.
            OSError: a lock file cannot be made.
        """
        try:
            for path in self._paths:
                make_private_folder(path.parent)
                flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
                handle = os.open(path, flags, PRIVATE_FILE)
                self._handles.append(handle)
                try:
                    _lock(handle)
                except OSError:
                    raise AlreadySigning(lock=path) from None
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        """Let go of all of them. The files stay: removing one would let two take it at once."""
        while self._handles:
            with contextlib.suppress(OSError):
                os.close(self._handles.pop())

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
