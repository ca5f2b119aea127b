# SPDX-License-Identifier: Apache-2.0
"""Whether a disk has room, asked before bytes come and answered again when they do not fit."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

from node_manager.downloads.errors import FileUnreadable, NoSpace

RESERVE_BYTES = 64 * 1024 * 1024
"""Left free beside what is asked for: a disk filled to its last byte stops a running node."""

_FULL = {errno.ENOSPC, errno.EDQUOT}


def require_space(folder: Path, needed: int, what_for: str) -> None:
    """Check that the disk of `folder` has room for `needed` bytes and a reserve.

    Raises:
        NoSpace: it has not.
    """
    free = shutil.disk_usage(folder).free
    if free < needed + RESERVE_BYTES:
        raise NoSpace(
            what_for=what_for, folder=str(folder), needed=needed + RESERVE_BYTES, free=free
        )


def disk_trouble(error: OSError, folder: Path, what_for: str) -> NoSpace | FileUnreadable:
    """The error of ours that a failed write stands for."""
    if error.errno in _FULL:
        return NoSpace(
            what_for=what_for,
            folder=str(folder),
            needed="more",
            free=shutil.disk_usage(folder).free,
        )
    return FileUnreadable(path=str(error.filename or folder), reason=error.strerror or str(error))
