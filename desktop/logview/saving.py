# SPDX-License-Identifier: Apache-2.0
"""A copy of a log, or of the lines that a filter leaves."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from node_manager.durable import PRIVATE_FILE

if TYPE_CHECKING:
    from desktop.logview.index import Snapshot

BLOCK = 1 << 20


def save(snapshot: Snapshot, read: Callable[[int, int], bytes], file: Path) -> None:
    """Write the lines that `snapshot` shows to `file`, readable by its owner. Blocks.

    Raises:
        OSError: the file could not be written; none is left.
    """
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
    try:
        with os.fdopen(handle, "wb", BLOCK) as target:
            if snapshot.rows is None:
                for start in range(0, snapshot.end, BLOCK):
                    target.write(read(start, min(snapshot.end, start + BLOCK)))
            else:
                for line in snapshot.rows:
                    target.write(read(*snapshot.span(int(line))) + b"\n")
    except OSError:
        file.unlink(missing_ok=True)
        raise
