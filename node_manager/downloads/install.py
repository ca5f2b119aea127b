# SPDX-License-Identifier: Apache-2.0
"""A published release turned into an installed program: all of it, or nothing."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from filelock import FileLock, Timeout

from node_manager.downloads.checksum import Checksum, split_checksum, without_credentials
from node_manager.downloads.errors import (
    ChecksumMissing,
    ChecksumWrong,
    DownloadError,
    FileUnreadable,
    GivenFileWrong,
    NoSpace,
)
from node_manager.downloads.fetch import ATTEMPTS, STALL_SECONDS, FetchedFile, fetch_file
from node_manager.downloads.finding import EXECUTABLE, find_executable
from node_manager.downloads.members import MAX_UNPACKED_BYTES
from node_manager.downloads.progress import Meter, OnProgress, Progress, ignore_progress
from node_manager.downloads.releases import (
    PROVENANCE,
    InstalledRelease,
    Provenance,
    read_release,
    release_folder,
    sha256_of,
)
from node_manager.downloads.space import disk_trouble
from node_manager.downloads.trial import TRIAL_SECONDS, read_version
from node_manager.durable import make_private_folder, sync_folder, write_durably
from node_manager.layout import Layout

log = structlog.get_logger(__name__)

MAX_RELEASE_BYTES = 2 * 1024**3
LOCK_POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class ReleaseRequest:
    """A release to install.

    Attributes:
        program: the folder's name and, without `executable`, the program's name in the archive.
        version: may be empty when nobody named one; the checksum then names the build.
        target: the platform as chain-registry writes it, such as "linux/amd64".
        url: https, http or file; a `?checksum=` in it counts when `checksum` is None.
        executable: the program's name in the archive when it is not `program`.
        version_arguments: what makes it tell its version.
        trial: whether to run it; False only for a program of another platform (a container's).
    """

    program: str
    version: str
    target: str
    url: str
    checksum: Checksum | None
    executable: str = ""
    version_arguments: tuple[str, ...] = ("version",)
    limit_bytes: int = MAX_RELEASE_BYTES
    unpacked_limit_bytes: int = MAX_UNPACKED_BYTES
    stall_seconds: float = STALL_SECONDS
    trial_seconds: float = TRIAL_SECONDS
    attempts: int = ATTEMPTS
    trial: bool = True


async def install_release(
    request: ReleaseRequest,
    layout: Layout,
    *,
    file: Path | None = None,
    on_progress: OnProgress = ignore_progress,
) -> InstalledRelease:
    """Install a release, or return the installed one.

    The archive is fetched (going on where an earlier try stopped), held against its checksum,
    unpacked beside its place, tried, described in `provenance.json` and then moved to its
    place in one step. Two callers that want the same release get the same one.

    Args:
        file: takes the place of the download; it is copied and held against the same checksum.

    Raises:
        GivenFileWrong: `file` is not the published one.
        DownloadError: nothing was installed, and what was installed before is untouched.
    """
    checksum, url = _promise(request)
    if not request.version:
        request = replace(request, version=f"build-{checksum.digest[:12]}")
    folder = release_folder(layout, request.program, request.version, request.target)
    async with _alone(folder, layout):
        installed = await asyncio.to_thread(read_release, folder)
        if installed is not None and installed.provenance.checksum == str(checksum):
            return installed
        archive = layout.downloads / f"{request.program}-{checksum.digest[:24]}.file"

        async def fetch(source: str) -> FetchedFile:
            return await fetch_file(
                source,
                archive,
                checksum,
                partial_folder=layout.downloads,
                on_progress=on_progress,
                limit_bytes=request.limit_bytes,
                stall_seconds=request.stall_seconds,
                attempts=request.attempts,
                durable=False,
            )

        if file is not None:
            fetched = await _take(file, fetch)
        else:
            there = await asyncio.to_thread(_already_fetched, archive, checksum, url)
            fetched = there or await fetch(url)
        try:
            installed = await _install(request, url, fetched, folder, on_progress)
        except OSError as error:
            raise disk_trouble(error, folder.parent, request.program) from error
        except NoSpace:
            raise  # the archive is good: the next try unpacks it again
        except DownloadError:
            await asyncio.to_thread(archive.unlink, missing_ok=True)
            raise
        await asyncio.to_thread(archive.unlink, missing_ok=True)
        return installed


async def _take(file: Path, fetch: Callable[[str], Awaitable[FetchedFile]]) -> FetchedFile:
    """Copy a given file in, verified as what is fetched is."""

    def address() -> str:
        if not file.is_file():
            raise FileUnreadable(path=file, reason="It is no file.")
        return file.absolute().as_uri()

    try:
        return await fetch(await asyncio.to_thread(address))
    except ChecksumWrong as error:
        told = {name: error.facts[name] for name in ("algorithm", "found", "expected")}
        raise GivenFileWrong(path=file, **told) from error


def _already_fetched(archive: Path, checksum: Checksum, url: str) -> FetchedFile | None:
    """The archive of an earlier try that ended after the download, if it is still good."""
    if not archive.is_file():
        return None
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, checksum.algorithm).hexdigest()
    if digest != checksum.digest:
        archive.unlink()
        return None
    size = archive.stat().st_size
    return FetchedFile(archive, size, checksum, size, without_credentials(url))


def _promise(request: ReleaseRequest) -> tuple[Checksum, str]:
    url, text = split_checksum(request.url)
    if request.checksum is not None:
        return request.checksum, url
    if text is None:
        raise ChecksumMissing(url=without_credentials(url))
    return Checksum.parse(text), url


@asynccontextmanager
async def _alone(folder: Path, layout: Layout) -> AsyncIterator[None]:
    """Hold the right to install into `folder`, also against other processes of this app."""
    await asyncio.to_thread(make_private_folder, layout.releases)
    await asyncio.to_thread(make_private_folder, folder.parent)
    # In the cache: a lock that a crash leaves behind is no part of the installed programs.
    await asyncio.to_thread(make_private_folder, layout.downloads)
    name = "-".join((*folder.parts[-3:], "install.lock"))
    lock = FileLock(layout.downloads / name, thread_local=False)
    while True:
        try:
            lock.acquire(blocking=False)
            break
        except Timeout:
            await asyncio.sleep(LOCK_POLL_SECONDS)
    try:
        yield
    finally:
        lock.release()


async def _install(
    request: ReleaseRequest, url: str, fetched: FetchedFile, folder: Path, on_progress: OnProgress
) -> InstalledRelease:
    await asyncio.to_thread(_remove_leftovers, folder)
    work = Path(
        await asyncio.to_thread(
            tempfile.mkdtemp, prefix=f".{folder.name}.", suffix=".new", dir=folder.parent
        )
    )
    try:
        await _unpack(request, url, fetched, work, on_progress)
        name = request.executable or request.program
        program = await asyncio.to_thread(find_executable, work, name, archive=_file_name(url))
        await asyncio.to_thread(program.chmod, EXECUTABLE)
        output = ""
        if request.trial:
            on_progress(Progress("try", 0))
            output = await read_version(
                program,
                request.version_arguments,
                target=request.target,
                seconds=request.trial_seconds,
            )
        provenance = await asyncio.to_thread(
            _describe, request, url, fetched, work, program, output
        )
        await asyncio.to_thread(_put_in_place, work, folder, provenance)
    finally:
        await asyncio.to_thread(shutil.rmtree, work, ignore_errors=True)
    log.info("installed", program=request.program, version=request.version, url=provenance.url)
    return InstalledRelease(
        request.program,
        request.version,
        request.target,
        folder / provenance.executable,
        provenance,
    )


async def _unpack(
    request: ReleaseRequest, url: str, fetched: FetchedFile, work: Path, on_progress: OnProgress
) -> None:
    # Here, because the app finds its program installed far more often than it unpacks one.
    from node_manager.downloads.unpack import unpack

    loop = asyncio.get_running_loop()

    def report(progress: Progress) -> None:
        loop.call_soon_threadsafe(on_progress, progress)

    def run() -> None:
        meter = Meter("unpack", report, total=fetched.size)
        unpack(
            fetched.path,
            work,
            bare_name=_bare_name(request),
            shown=_file_name(url),
            limit_bytes=request.unpacked_limit_bytes,
            count=meter.add,
        )
        meter.finish()

    await asyncio.to_thread(run)


def _bare_name(request: ReleaseRequest) -> str:
    name = request.executable or request.program
    return f"{name}.exe" if request.target.startswith("windows/") else name


def _file_name(url: str) -> str:
    return urlsplit(url).path.rpartition("/")[2] or url


def _describe(
    request: ReleaseRequest,
    url: str,
    fetched: FetchedFile,
    work: Path,
    program: Path,
    version_output: str,
) -> Provenance:
    return Provenance(
        program=request.program,
        version=request.version,
        target=request.target,
        url=without_credentials(url),
        fetched_from=fetched.url,
        checksum=str(fetched.checksum),
        size=fetched.size,
        installed_at=time.time(),
        version_output=version_output,
        executable=program.relative_to(work).as_posix(),
        executable_sha256=sha256_of(program),
        executable_size=program.stat().st_size,
    )


def _put_in_place(work: Path, folder: Path, provenance: Provenance) -> None:
    """Make the unpacked release durable and give it its name in one step."""
    write_durably(work / PROVENANCE, provenance.model_dump_json(indent=2) + "\n")
    for path in work.rglob("*"):
        if path.is_file() and not path.is_symlink():
            _sync_file(path)
        elif path.is_dir() and not path.is_symlink():
            sync_folder(path)
    sync_folder(work)
    if folder.exists():
        # Not whole, or of another checksum. A node that runs it keeps its open file.
        aside = work.with_suffix(".old")
        folder.rename(aside)
        work.rename(folder)
        shutil.rmtree(aside, ignore_errors=True)
    else:
        work.rename(folder)
    sync_folder(folder.parent)


def _sync_file(path: Path) -> None:
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove_leftovers(folder: Path) -> None:
    """Remove what a killed installation of this release left; the lock says nobody works on it."""
    for suffix in ("new", "old"):
        for path in folder.parent.glob(f".{folder.name}.*.{suffix}"):
            shutil.rmtree(path, ignore_errors=True)
