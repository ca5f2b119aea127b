# SPDX-License-Identifier: Apache-2.0
"""Asks for the newest version, tells how this one stands, and fetches the file of a newer one."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import structlog

from node_manager.downloads.checksum import Checksum
from node_manager.downloads.errors import DownloadError
from node_manager.downloads.fetch import fetch_file
from node_manager.downloads.progress import OnProgress, ignore_progress
from node_manager.durable import make_private_folder
from node_manager.errors import FileTrouble
from node_manager.explanation import Explained, Explanation
from node_manager.figures import Figure
from node_manager.layout import Layout
from node_manager.networks.targets import this_target
from node_manager.updates.announcement import ReleaseFile
from node_manager.updates.envelope import opened
from node_manager.updates.errors import (
    NoFileForPlatform,
    NothingNewer,
    SourceUnreadable,
    UpdateError,
)
from node_manager.updates.fetch import fetch_answer
from node_manager.updates.memory import Remembered, UpdateMemory
from node_manager.updates.source import UpdateSource, read_source
from node_manager.updates.standing import PERIOD_SECONDS, Standing
from node_manager.version import VERSION

log = structlog.get_logger(__name__)

RETRY_SECONDS = 3600.0
"""An hour after a question that reached nobody: a computer may wake before its network does."""


class UpdateDesk:
    """Lives on the engine's loop, or on a command's."""

    def __init__(
        self,
        layout: Layout,
        source: UpdateSource | None,
        *,
        version: str = VERSION,
        target: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._folder, self._partials = layout.data / "updates", layout.downloads
        self._source, self._version = source, version
        self._target, self._clock = target or this_target(), clock
        self._memory = UpdateMemory(layout, source.key if source else "")
        self._trouble: Explanation | None = None
        self._one_at_a_time = asyncio.Lock()
        self._verified: tuple[Path, str, int] | None = None

    @classmethod
    def of_this_build(cls, layout: Layout) -> UpdateDesk:
        """With the source that the build names; a damaged one is told by the standing."""
        try:
            return cls(layout, read_source())
        except SourceUnreadable as error:
            desk = cls(layout, None)
            desk._trouble = error.explanation
            return desk

    async def standing(self) -> Standing:
        """What is known now, without asking anybody."""
        if self._source is None:
            return Standing(self._version, trouble=self._trouble)
        known = await asyncio.to_thread(self._memory.read)
        newest = await asyncio.to_thread(known.announcement)
        standing = Standing(
            self._version,
            self._source.url,
            Figure(newest, "announcement", known.answered_at, PERIOD_SECONDS),
            self._trouble,
        )
        if standing.newer is None:
            return standing
        file = standing.newer.files.get(self._target)
        whole = file is not None and await asyncio.to_thread(self._is_whole, file)
        there = self._folder / file.name if file is not None and whole else None
        return replace(standing, file=file, downloaded=there)

    async def remembered(self) -> Remembered:
        """What is kept between two starts."""
        return await asyncio.to_thread(self._memory.read)

    async def is_due(self) -> bool:
        """Whether it is time to ask by itself; a clock that was set back does not put it off."""
        if self._source is None:
            return False
        left = (await self.remembered()).ask_at - self._clock()
        return not 0 < left <= PERIOD_SECONDS

    async def check(self) -> Standing:
        """Ask the source now; what goes wrong is the standing's trouble."""
        if self._source is not None:
            async with self._one_at_a_time:
                await self._check(self._source)
        return await self.standing()

    async def _check(self, source: UpdateSource) -> None:
        now = self._clock()
        try:
            body = await fetch_answer(source.url)
            announced = await asyncio.to_thread(opened, body, source.key)
            await asyncio.to_thread(
                self._memory.take, body, announced, self._clock(), now + PERIOD_SECONDS
            )
            self._trouble = None
        except UpdateError as error:
            self._trouble = error.explanation
            log.info("newest version unknown", code=error.code, reason=str(error))
            await self._ask_later(now + (PERIOD_SECONDS if error.answered else RETRY_SECONDS))
        except OSError as error:
            self._trouble = FileTrouble(reason=error.strerror or str(error)).explanation

    async def _ask_later(self, at: float) -> None:
        try:
            await asyncio.to_thread(self._memory.ask_later, at)
        except OSError as error:
            log.info("when to ask again is not kept", reason=error.strerror or str(error))

    async def told(self, version: str) -> None:
        """The person was called for this version."""
        try:
            await asyncio.to_thread(self._memory.told, version)
        except OSError as error:
            log.info("that a version was told is not kept", reason=error.strerror or str(error))

    async def download(self, on_progress: OnProgress = ignore_progress) -> Path:
        """Fetch the newer version's file, verify it and keep it; it is not opened nor run.

        Raises:
            UpdateError: there is none.
            DownloadError: it did not come, or not as it was announced; there is no file then.
            Explained: the same, with what to do about an app's file.
        """
        standing = await self.standing()
        if standing.newer is None:
            raise NothingNewer(version=self._version)
        file = standing.file
        if file is None:
            raise NoFileForPlatform(version=standing.newer.version, target=self._target)
        if standing.downloaded is not None:
            return standing.downloaded
        place = self._folder / file.name
        try:
            await asyncio.to_thread(make_private_folder, self._folder)
            await fetch_file(
                file.url,
                place,
                Checksum("sha256", file.sha256),
                partial_folder=self._partials,
                on_progress=on_progress,
                limit_bytes=file.size,
            )
        except DownloadError as error:
            raise _of_an_app(error) from error
        except OSError as error:
            raise FileTrouble(reason=error.strerror or str(error)) from error
        await asyncio.to_thread(self._drop_others, place)
        log.info("newer version downloaded", version=standing.newer.version, path=str(place))
        return place

    def _is_whole(self, file: ReleaseFile) -> bool:
        """Whether the file lies there as it was announced; hashed again only when it changed."""
        place = self._folder / file.name
        try:
            found = place.stat()
            if found.st_size != file.size:
                return False
            seen = (place, file.sha256, found.st_mtime_ns)
            if self._verified != seen:
                with place.open("rb") as content:
                    digest = hashlib.file_digest(content, "sha256").hexdigest()
                self._verified = seen if digest == file.sha256 else None
        except OSError:
            return False
        return self._verified == seen

    def _drop_others(self, kept: Path) -> None:
        """Only the newest is worth its room."""
        for path in self._folder.iterdir():
            if path != kept and path.is_file():
                path.unlink(missing_ok=True)


def _of_an_app(error: DownloadError) -> Explained:
    """What failed, with the way out of an app's file where the usual one is a program's."""
    told = error.explanation
    if error.passing or error.code in ("no-space", "file-unreadable"):
        return Explained(told)
    return Explained(
        replace(
            told,
            todo=(
                "Try again later; if it fails again, tell those who publish the app. There is no"
                " file, and nothing was installed."
            ),
        )
    )
