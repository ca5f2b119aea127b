# SPDX-License-Identifier: Apache-2.0
"""Keeping log files that children hold open within bounds: copy, then truncate.

A child writes with O_APPEND, so after the truncation it goes on at the start of the file. What
it writes between the last byte copied and the truncation is lost: the copy is brought up to date
right before, which leaves microseconds.

`node.log` is the file in use, `node.log.1` the newest kept one (plain, so that a reader finds
the end of what it was reading), `node.log.2.gz` and on the older ones.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gzip
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import structlog

from node_manager.durable import PRIVATE_FILE

log = structlog.get_logger(__name__)

MAX_BYTES = 10 * 1024 * 1024
KEPT_FILES = 5
CHECK_SECONDS = 15.0

_COPY_BLOCK = 1024 * 1024


def rotate(path: Path, *, kept_files: int = KEPT_FILES) -> None:
    """Move the content of `path` into the kept files and empty it. Blocks for the disk.

    An interruption leaves the content in the log, in a kept file, or in both; never in neither.

    Raises:
        OSError: the content could not be copied; the log is as it was.
    """
    copy = path.with_name(f"{path.name}.copy")
    with path.open("r+b") as source:
        try:
            handle = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
            with os.fdopen(handle, "wb") as target:
                shutil.copyfileobj(source, target, _COPY_BLOCK)
                target.flush()
                _shift(path, kept_files)
                shutil.copyfileobj(source, target, _COPY_BLOCK)
        except OSError:
            copy.unlink(missing_ok=True)
            raise
        copy.replace(_numbered(path, 1))
        source.truncate(0)


def _numbered(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}{'.gz' if number > 1 else ''}")


def _shift(path: Path, kept_files: int) -> None:
    """Make room for a new newest file; the oldest goes."""
    _numbered(path, kept_files).unlink(missing_ok=True)
    for number in range(kept_files - 1, 1, -1):
        with contextlib.suppress(FileNotFoundError):
            _numbered(path, number).replace(_numbered(path, number + 1))
    newest = _numbered(path, 1)
    if kept_files > 1 and newest.is_file():
        _compress(newest, _numbered(path, 2))


def _compress(source: Path, target: Path) -> None:
    unfinished = target.with_name(f"{target.name}.copy")
    try:
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
        # level 1: three times smaller is enough, and the node needs the processor
        with (
            source.open("rb") as plain,
            os.fdopen(handle, "wb") as raw,
            gzip.GzipFile(filename="", mode="wb", compresslevel=1, fileobj=raw) as packed,
        ):
            shutil.copyfileobj(plain, packed, _COPY_BLOCK)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
    unfinished.replace(target)


def drop_oldest(path: Path, *, kept_files: int = KEPT_FILES) -> bool:
    """Remove the oldest kept file of the log at `path`; False when there is none."""
    for number in range(kept_files, 0, -1):
        kept = _numbered(path, number)
        if kept.is_file():
            kept.unlink(missing_ok=True)
            return True
    return False


class LogKeeper:
    """Rotates logs that have grown past a size.

    Args:
        paths: names the logs to look after; asked at every round, as nodes come and go.
        max_bytes: size from which on a log is rotated.
        kept_files: files kept beside the one in use.
    """

    def __init__(
        self,
        paths: Callable[[], Iterable[Path]],
        *,
        max_bytes: int = MAX_BYTES,
        kept_files: int = KEPT_FILES,
    ) -> None:
        if kept_files < 1:
            raise ValueError("at least one file is kept")
        self._paths = paths
        self._max_bytes = max_bytes
        self._kept_files = kept_files
        self._troubled: set[Path] = set()

    async def run(self, every: float = CHECK_SECONDS) -> None:
        """Look after the logs every `every` seconds until cancelled."""
        while True:
            await asyncio.to_thread(self.check)
            await asyncio.sleep(every)

    def check(self) -> list[Path]:
        """Rotate what has grown too large; the logs that were rotated. Blocks for the disk."""
        return [path for path in self._paths() if self._too_large(path) and self._rotate(path)]

    def _too_large(self, path: Path) -> bool:
        try:
            return path.stat().st_size >= self._max_bytes
        except OSError:
            return False

    def _rotate(self, path: Path) -> bool:
        try:
            self._rotate_or_drop(path)
        except OSError as error:
            if path not in self._troubled:  # said once, not every five seconds
                self._troubled.add(path)
                log.warning("log not rotated", path=str(path), error=error.strerror or str(error))
            return False
        self._troubled.discard(path)
        return True

    def _rotate_or_drop(self, path: Path) -> None:
        """Rotate; on a full disk the oldest files make room."""
        while True:
            try:
                rotate(path, kept_files=self._kept_files)
            except OSError as error:
                full = error.errno in {errno.ENOSPC, errno.EDQUOT}
                if not full or not drop_oldest(path, kept_files=self._kept_files):
                    raise
            else:
                return
