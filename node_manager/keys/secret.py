# SPDX-License-Identifier: Apache-2.0
"""Bytes that stay out of swap, core dumps, forks, logs and `repr`, and are wiped after use."""

from __future__ import annotations

import contextlib
import ctypes
import hmac
import mmap
import os
import secrets
import sys
from collections.abc import Iterator
from typing import NoReturn

from node_manager.closing import Closing

_MADV_WIPEONFORK = 18
"""From Linux' `mman-common.h`; Python has no name for it."""


class SecretBytes(Closing):
    """A secret in memory pages of its own.

    The pages are locked in memory, left out of core dumps and empty in a forked child where the
    system allows it. They are overwritten by `close`, at the end of a `with` block and when the
    object dies. Nothing that prints, compares, copies or pickles it learns the content.
    """

    __slots__ = ("__weakref__", "_closed", "_locked", "_pages", "_size")

    def __init__(self, data: bytes | bytearray | memoryview) -> None:
        """Keep a copy of `data`; a bytearray is overwritten, bytes cannot be."""
        self._closed = True
        self._size = len(data)
        self._pages = _own_pages(max(1, self._size))
        self._locked = _lock(self._pages)
        self._closed = False
        with self.view() as view:
            view[:] = data
        if isinstance(data, bytearray):
            data[:] = bytes(len(data))

    @classmethod
    def blank(cls, size: int) -> SecretBytes:
        """A secret of zero bytes, to be filled through `view`."""
        return cls(bytes(size))

    @classmethod
    def random(cls, size: int) -> SecretBytes:
        """A secret from the system's random source."""
        secret = cls.blank(size)
        with secret.view() as view:
            if os.name == "posix":
                with open("/dev/urandom", "rb", buffering=0) as source:  # noqa: PTH123
                    filled = source.readinto(view)
                if filled != size:
                    raise OSError("the system's random source gave too little")
            else:
                view[:] = secrets.token_bytes(size)
        return secret

    @contextlib.contextmanager
    def view(self) -> Iterator[memoryview]:
        """The bytes themselves, without a copy, writable, for the length of the block.

        Raises:
            ValueError: the secret is wiped.
        """
        if self._closed:
            raise ValueError("this secret is wiped")
        with memoryview(self._pages) as pages, pages[: self._size] as view:
            yield view

    def reveal(self) -> bytes:
        """A copy that cannot be wiped, for calls that take nothing else (a child's stdin).

        Raises:
            ValueError: the secret is wiped.
        """
        with self.view() as view:
            return bytes(view)

    def part(self, start: int, end: int) -> SecretBytes:
        """A secret of its own with the bytes from `start` up to `end`.

        Raises:
            ValueError: the secret is wiped.
        """
        with self.view() as view, view[start:end] as piece:
            return SecretBytes(piece)

    @property
    def locked_in_memory(self) -> bool:
        """Whether the system promised not to swap the pages out."""
        return self._locked

    @property
    def wiped(self) -> bool:
        """Whether the content is gone."""
        return self._closed

    def close(self) -> None:
        """Overwrite the content; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        self._pages[:] = bytes(len(self._pages))
        with contextlib.suppress(BufferError):
            self._pages.close()

    def __del__(self) -> None:
        self.close()

    def __len__(self) -> int:
        return self._size

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SecretBytes):
            return NotImplemented
        with self.view() as mine, other.view() as theirs:
            return hmac.compare_digest(mine, theirs)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "SecretBytes(hidden)"

    def __format__(self, _specification: str) -> str:
        return repr(self)

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        raise TypeError("a secret is neither copied nor pickled")


def _own_pages(size: int) -> mmap.mmap:
    if os.name != "posix":
        return mmap.mmap(-1, size)
    pages = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if sys.platform == "linux":
        for advice in (mmap.MADV_DONTDUMP, _MADV_WIPEONFORK):
            # An old kernel knows less; the secret is still wiped after use.
            with contextlib.suppress(OSError):
                pages.madvise(advice)
    return pages


def _lock(pages: mmap.mmap) -> bool:
    """Ask for the pages to stay in memory; the limit on locked memory may say no."""
    anchor = ctypes.c_char.from_buffer(pages)
    try:
        address, size = ctypes.c_void_p(ctypes.addressof(anchor)), ctypes.c_size_t(len(pages))
        if sys.platform == "win32":
            return bool(ctypes.windll.kernel32.VirtualLock(address, size))
        try:
            return int(ctypes.CDLL(None).mlock(address, size)) == 0
        except (AttributeError, OSError):
            return False
    finally:
        del anchor
