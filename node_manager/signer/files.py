# SPDX-License-Identifier: Apache-2.0
"""Durable writes at a place in a file, as each operating system does them."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import cast

from node_manager.durable import make_private_folder, write_durably

_FLAGS = (
    os.O_RDWR
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_BINARY", 0)
)


def open_in_place(path: Path) -> int:
    """Open an existing file for reading and writing in place; a link is not followed."""
    return os.open(path, _FLAGS)


def create_whole(path: Path, content: bytes) -> None:
    """Create `path` with `content` so that a crash leaves the whole file or none.

    Raises:
        FileExistsError: it is there already and was not touched.
        OSError: it could not be made durable.
    """
    make_private_folder(path.parent)
    if os.path.lexists(path):  # whoever creates holds the folder's lock, so nobody is faster
        raise FileExistsError(path)
    write_durably(path, content)


if hasattr(os, "pwrite"):

    def write_at(handle: int, data: bytes, offset: int) -> None:
        """Write all of `data` at `offset` in one call.

        Raises:
            OSError: not all of it was written.
        """
        if os.pwrite(handle, data, offset) != len(data):
            raise OSError("the disk took only a part of the record")

else:

    def write_at(handle: int, data: bytes, offset: int) -> None:
        """Write all of `data` at `offset`.

        Raises:
            OSError: not all of it was written.
        """
        os.lseek(handle, offset, os.SEEK_SET)
        if os.write(handle, data) != len(data):
            raise OSError("the disk took only a part of the record")


def _sync_file_range() -> Callable[[int, int, int, int], int] | None:
    """Linux' own call, which Python has no name for."""
    if sys.platform != "linux":
        return None
    try:
        call = ctypes.CDLL(None).sync_file_range
    except (AttributeError, OSError):
        return None
    call.argtypes = (ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint)
    return cast(Callable[[int, int, int, int], int], call)


_SYNC_FILE_RANGE_WRITE = 2
_start_writing = _sync_file_range()


def start_writing(handle: int, offset: int, size: int) -> None:
    """Let the disk begin; `sync_data` still has to wait for it.

    Only a hint, so it may fail: between the two there is time to sign, and the disk needs more.
    """
    if _start_writing is not None:
        _start_writing(handle, offset, size, _SYNC_FILE_RANGE_WRITE)


if sys.platform == "darwin":
    import fcntl

    def sync_data(handle: int) -> None:
        """Wait until what was written is on the medium (macOS: fsync alone does not)."""
        fcntl.fcntl(handle, fcntl.F_FULLFSYNC)

elif hasattr(os, "fdatasync"):

    def sync_data(handle: int) -> None:
        """Wait until what was written is on the medium; the file's times may wait."""
        os.fdatasync(handle)

else:

    def sync_data(handle: int) -> None:
        """Wait until what was written is on the medium."""
        os.fsync(handle)
