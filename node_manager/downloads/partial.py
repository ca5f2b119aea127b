# SPDX-License-Identifier: Apache-2.0
"""A download that is not complete yet: its bytes and what they belong to."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import threading
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from node_manager.durable import PRIVATE_FILE, make_private_folder, write_durably

READ_BYTES = 4 * 1024 * 1024


class Origin(BaseModel):
    """Which published bytes a partial file is the beginning of.

    Attributes:
        etag: a strong ETag (RFC 9110 allows no other for If-Range), or empty.
        last_modified: the header as it came, or empty.
        total: bytes of the complete file, None when the server did not tell.
        checksum: what the complete file must have, or empty.
    """

    model_config = ConfigDict(frozen=True)

    url: str
    etag: str = ""
    last_modified: str = ""
    total: int | None = None
    checksum: str = ""

    @property
    def validator(self) -> str:
        """What If-Range carries: the ETag before the date, empty when there is neither."""
        return self.etag or self.last_modified


class Partial:
    """The partial file of one URL under one folder, found again by the next try."""

    def __init__(self, folder: Path, url: str, checksum: str) -> None:
        name = hashlib.sha256(url.encode()).hexdigest()[:24]
        self.folder = folder
        self.file = folder / f"{name}.part"
        self._record = folder / f"{name}.json"
        self._url = url
        self._checksum = checksum
        self._handle: int | None = None
        # A thread may still write when a cancelled task closes: never into a number reused.
        self._lock = threading.Lock()

    @property
    def is_open(self) -> bool:
        """Whether bytes can be written."""
        return self._handle is not None

    def origin(self) -> Origin | None:
        """What the bytes on disk belong to, None when there are none worth going on with."""
        try:
            origin = Origin.model_validate_json(self._record.read_bytes())
        except (OSError, ValidationError):
            return None
        same = origin.url == self._url and origin.checksum == self._checksum
        return origin if same and self.size() else None

    def size(self) -> int:
        """Bytes on disk."""
        try:
            return self.file.stat().st_size
        except FileNotFoundError:
            return 0

    def begin(self, origin: Origin) -> None:
        """Start from the first byte; what was there belonged to something else."""
        make_private_folder(self.folder)
        self.close()
        self.discard()
        write_durably(self._record, origin.model_dump_json())
        self._open(os.O_CREAT | os.O_TRUNC)

    def go_on(self) -> None:
        """Append to what is there."""
        self.close()
        self._open(os.O_APPEND)

    def _open(self, how: int) -> None:
        flags = os.O_WRONLY | how | getattr(os, "O_BINARY", 0)
        self._handle = os.open(self.file, flags, PRIVATE_FILE)

    def write(self, data: bytes) -> None:
        """Append `data` whole.

        Raises:
            OSError: the disk is full or broken; what was written before stays.
        """
        view = memoryview(data)
        with self._lock:
            if self._handle is None:
                raise OSError(errno.EBADF, "closed", str(self.file))
            while view:
                view = view[os.write(self._handle, view) :]

    def sync(self) -> None:
        """Make the bytes survive a power cut."""
        if self._handle is not None:
            os.fsync(self._handle)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._handle is not None:
                os.close(self._handle)
                self._handle = None

    def discard(self) -> None:
        """Remove the bytes and what is known of them."""
        self.close()
        for path in (self._record, self.file):
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
