# SPDX-License-Identifier: Apache-2.0
"""One file from a URL to a place on disk: resumed, hashed while it comes, whole or absent."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import shutil
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from node_manager.downloads.checksum import Checksum, split_checksum, without_credentials
from node_manager.downloads.errors import ChecksumWrong, DownloadError, TooLarge, Truncated
from node_manager.downloads.partial import READ_BYTES, Origin, Partial
from node_manager.downloads.progress import Meter, OnProgress, ignore_progress
from node_manager.downloads.space import disk_trouble, require_space
from node_manager.downloads.transfer import Wanted, open_source
from node_manager.durable import PRIVATE_FOLDER, make_private_folder, sync_folder

if TYPE_CHECKING:
    from hashlib import _Hash

log = structlog.get_logger(__name__)

STALL_SECONDS = 30.0
ATTEMPTS = 3
BATCH_BYTES = 4 * 1024 * 1024
"""Hashed and written at a time in a thread, while the loop receives the next."""

BATCH_SECONDS = 1.0
"""On a slow line bytes go to disk after this time, so that a kill loses little."""


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """A complete file.

    Attributes:
        checksum: what it has, the SHA-256 where none was asked for.
        resumed_from: bytes that an earlier try had left.
        url: where it came from in the end, after redirects.
    """

    path: Path
    size: int
    checksum: Checksum
    resumed_from: int
    url: str


async def fetch_file(
    url: str,
    destination: Path,
    checksum: Checksum | None,
    *,
    partial_folder: Path,
    on_progress: OnProgress = ignore_progress,
    limit_bytes: int | None = None,
    stall_seconds: float = STALL_SECONDS,
    attempts: int = ATTEMPTS,
    durable: bool = True,
) -> FetchedFile:
    """Bring `url` (https, http or file) to `destination`.

    An interrupted try leaves its bytes under `partial_folder`; the next one asks for the rest.

    Args:
        checksum: what the file must have; None takes the one in `?checksum=`, if there is one.
        limit_bytes: more than these is refused.
        stall_seconds: how long no byte may come.
        attempts: how often a trouble that may pass is met before it is raised.
        durable: whether the file must survive a power cut at once (an archive that is
            unpacked and removed need not).

    Raises:
        DownloadError: `destination` is as it was before.
    """
    plain, text = split_checksum(url)
    if checksum is None and text is not None:
        checksum = Checksum.parse(text)
    fetch = _Fetch(plain, destination, checksum, partial_folder, on_progress)
    fetch.limit, fetch.stall_seconds, fetch.durable = limit_bytes, stall_seconds, durable
    # Here, because the app looks for what is installed far more often than it downloads.
    import stamina

    async for attempt in stamina.retry_context(
        on=_may_pass, attempts=attempts, timeout=None, wait_initial=0.5, wait_max=5.0
    ):
        with attempt:
            return await fetch.run()
    raise AssertionError("stamina ends by a result or an error")


def _may_pass(error: Exception) -> bool:
    return isinstance(error, DownloadError) and error.passing


class _Fetch:
    """The tries of one `fetch_file`."""

    limit: int | None = None
    stall_seconds = STALL_SECONDS
    durable = True

    def __init__(
        self,
        url: str,
        destination: Path,
        checksum: Checksum | None,
        partial_folder: Path,
        on_progress: OnProgress,
    ) -> None:
        self._url = url
        self._shown = without_credentials(url)
        self._destination = destination
        self._checksum = checksum
        self._on_progress = on_progress
        self._partial = Partial(partial_folder, url, str(checksum or ""))

    async def run(self) -> FetchedFile:
        """One try, and a second from the first byte when resumed bytes turn out to be bad."""
        try:
            await asyncio.to_thread(make_private_folder, self._partial.folder)
            try:
                return await self._try()
            except ChecksumWrong as error:
                if not error.facts["resumed"]:
                    raise
                log.info("resumed bytes were damaged, starting anew", url=self._shown)
                return await self._try()
        except TooLarge:
            await asyncio.to_thread(self._partial.discard)
            raise
        except OSError as error:
            raise disk_trouble(error, self._partial.folder, self._shown) from error
        finally:
            await asyncio.to_thread(self._partial.close)

    async def _try(self) -> FetchedFile:
        partial = self._partial
        known = await asyncio.to_thread(partial.origin)
        have = partial.size() if known and self._may_go_on(known) else 0
        hasher = self._checksum.hasher() if self._checksum else hashlib.sha256()
        if known and have and have == known.total and self._checksum:
            # Only the last look at the checksum was missing.
            await self._hash_existing(hasher, have)
            await asyncio.to_thread(partial.go_on)
            return await self._settle(hasher, have, have, self._url)
        wanted = Wanted(self._url, have, known, str(self._checksum or ""), self.stall_seconds)
        async with open_source(wanted) as offer:
            total = offer.origin.total
            self._require_limit(total or 0)
            await asyncio.to_thread(
                require_space, partial.folder, (total or 0) - offer.start, self._shown
            )
            if offer.start:
                await self._hash_existing(hasher, offer.start)
                await asyncio.to_thread(partial.go_on)
            else:
                await asyncio.to_thread(partial.begin, offer.origin)
            meter = Meter("download", self._on_progress, total=total, done=offer.start)
            await self._pump(offer.chunks, hasher, meter)
            if total is not None and meter.done != total:
                raise Truncated(url=self._shown, done=meter.done, total=total)
        meter.finish()
        return await self._settle(hasher, meter.done, offer.start, offer.url)

    def _may_go_on(self, known: Origin) -> bool:
        """With a checksum the end tells; without one the server must vouch for the beginning."""
        return self._checksum is not None or bool(known.validator)

    def _require_limit(self, size: int) -> None:
        if self.limit is not None and size > self.limit:
            raise TooLarge(url=self._shown, size=size, limit=self.limit)

    async def _hash_existing(self, hasher: _Hash, size: int) -> None:
        meter = Meter("verify", self._on_progress, total=size)
        with self._partial.file.open("rb") as file:
            while chunk := await asyncio.to_thread(file.read, READ_BYTES):
                await asyncio.to_thread(hasher.update, chunk)
                meter.add(len(chunk))
        meter.finish()

    async def _pump(self, chunks: AsyncGenerator[bytes], hasher: _Hash, meter: Meter) -> None:
        """Receive in the loop, hash and write in a thread, both at once."""

        def take(batch: list[bytes]) -> None:
            for chunk in batch:
                self._partial.write(chunk)
                hasher.update(chunk)

        batch: list[bytes] = []
        size, since = 0, time.monotonic()
        writing: asyncio.Future[None] | None = None
        loop = asyncio.get_running_loop()
        try:
            async with aclosing(chunks):
                async for chunk in chunks:
                    batch.append(chunk)
                    size += len(chunk)
                    meter.add(len(chunk))
                    self._require_limit(meter.done)
                    if size >= BATCH_BYTES or time.monotonic() - since >= BATCH_SECONDS:
                        if writing is not None:
                            await writing
                        writing = loop.run_in_executor(None, take, batch)
                        batch, size, since = [], 0, time.monotonic()
        finally:
            # What came before a failure is kept: the next try goes on from there.
            if writing is not None:
                await writing
            if batch and self._partial.is_open:
                await loop.run_in_executor(None, take, batch)

    async def _settle(self, hasher: _Hash, size: int, resumed_from: int, url: str) -> FetchedFile:
        """Hold the complete bytes against the checksum and move them to their place."""
        partial = self._partial
        found = Checksum(hasher.name, hasher.hexdigest())
        if self._checksum is not None and found != self._checksum:
            await asyncio.to_thread(partial.discard)
            raise ChecksumWrong(
                url=self._shown,
                algorithm=found.algorithm,
                found=found.digest,
                expected=self._checksum.digest,
                resumed=resumed_from > 0,
            )
        if self.durable:
            await asyncio.to_thread(partial.sync)
        await asyncio.to_thread(partial.close)
        await asyncio.to_thread(_move, partial.file, self._destination, self.durable)
        await asyncio.to_thread(partial.discard)
        return FetchedFile(self._destination, size, found, resumed_from, without_credentials(url))


def _move(source: Path, destination: Path, durable: bool) -> None:
    destination.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    try:
        source.replace(destination)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        beside = destination.with_name(f".{destination.name}.new")
        with source.open("rb") as read, beside.open("wb") as write:
            shutil.copyfileobj(read, write, READ_BYTES)
            write.flush()
            os.fsync(write.fileno())
        beside.replace(destination)
    if durable:
        sync_folder(destination.parent)
