# SPDX-License-Identifier: Apache-2.0
"""Builds the chain's two releases once and keeps them, with their archives and checksums."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog
from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, ValidationError

from bridge.localnet.archive import pack
from bridge.localnet.compile import compile_release, fetch_modules
from bridge.localnet.errors import ReleaseUnknown
from bridge.localnet.toolchain import Toolchain, find_toolchain
from node_manager.durable import make_private_folder, sync_folder, write_durably
from node_manager.layout import Layout
from node_manager.networks.bundled import resources

log = structlog.get_logger(__name__)

Say = Callable[[str], None]

RELEASES = {"v1": "v1.0.0", "v2": "v2.0.0"}
"""Release to the version its program tells (resources/localnet/app/upgrades_*.go)."""

PROGRAM = "posd"
RECORD = "build.json"
SOURCES = (".go", ".mod", ".sum")
KEPT_BUILDS = 3


class Release(BaseModel):
    """One built release.

    Attributes:
        name: "v1" or "v2"; the second is also the upgrade's name on chain.
        version: what the program says of itself.
        target: its platform, such as "linux/amd64".
        binary: the program.
        archive: the same in a tar.gz, as it is published.
        sha256: of the archive, hex.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    version: str
    target: str
    binary: Path
    archive: Path
    sha256: str


@dataclass(frozen=True, slots=True)
class Build:
    """Both releases of one state of the sources."""

    folder: Path
    releases: tuple[Release, ...]

    @property
    def key(self) -> str:
        """Names sources and toolchain: equal keys are equal programs."""
        return self.folder.name

    def release(self, name: str) -> Release:
        """The release called `name`.

        Raises:
            ReleaseUnknown: there is none.
        """
        for release in self.releases:
            if release.name == name:
                return release
        raise ReleaseUnknown(name=name, known=", ".join(RELEASES))


class _BuildRecord(BaseModel):
    go: str
    releases: tuple[Release, ...]


def builds_folder(layout: Layout) -> Path:
    """Where builds are kept; shared by all local networks of this user."""
    return layout.cache / "localnet-builds"


def source_folder() -> Path:
    """The chain's Go module."""
    return resources() / "localnet"


def build_key(sources: Path, toolchain: Toolchain) -> str:
    """A name for what these sources and this toolchain build (16 hex digits)."""
    digest = hashlib.sha256(f"{toolchain.version} {toolchain.target}\n".encode())
    for path in sorted(sources.rglob("*")):
        if path.suffix in SOURCES and path.is_file():
            content = path.read_bytes()
            name = path.relative_to(sources).as_posix()
            digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:16]


async def ensure_build(layout: Layout, say: Say) -> Build:
    """Both releases, built if they are not there yet: minutes the first time, no time later.

    Two callers at once build once: the second waits and says so.

    Raises:
        NoGoToolchain, BuildFailed: nothing half-built is left behind.
    """
    cancelled = threading.Event()
    loop = asyncio.get_running_loop()

    def tell(line: str) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(say, line)

    try:
        return await asyncio.to_thread(_ensure, builds_folder(layout), tell, cancelled)
    finally:
        cancelled.set()


def _ensure(folder: Path, say: Say, cancelled: threading.Event) -> Build:
    make_private_folder(folder)
    toolchain = find_toolchain(folder, say)
    sources = source_folder()
    place = folder / build_key(sources, toolchain)
    if (build := load_build(place)) is not None:
        return build
    with _locked(folder, say, cancelled):
        if (build := load_build(place)) is not None:
            return build
        say(f"Building the localnet's program with {toolchain.version}; minutes the first time.")
        fresh = place.with_name(f".{place.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        make_private_folder(fresh)
        try:
            _build(sources, toolchain, fresh, place, say, cancelled)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        shutil.rmtree(place, ignore_errors=True)
        fresh.rename(place)
        sync_folder(folder)
        _forget_old(folder, place)
        toolchain.forget_caches()
    log.info("localnet built", key=place.name, go=toolchain.version)
    build = load_build(place)
    if build is None:
        raise RuntimeError("a build that was just made is not there")
    return build


def load_build(place: Path) -> Build | None:
    """The finished build at `place`, None when there is none or a part of it is missing."""
    try:
        record = _BuildRecord.model_validate_json((place / RECORD).read_bytes())
    except (OSError, ValidationError):
        return None
    releases = tuple(
        release.model_copy(
            update={"binary": place / release.binary, "archive": place / release.archive}
        )
        for release in record.releases
    )
    if not all(each.binary.is_file() and each.archive.is_file() for each in releases):
        return None
    return Build(place, releases)


def _build(
    sources: Path,
    toolchain: Toolchain,
    fresh: Path,
    place: Path,
    say: Say,
    cancelled: threading.Event,
) -> None:
    # the log outlives a failed build, its folder does not
    build_log = place.with_name(f"{place.name}.log")
    build_log.unlink(missing_ok=True)
    fetch_modules(sources, toolchain, build_log, say, cancelled)
    releases = []
    for name, version in RELEASES.items():
        binary = fresh / name / (PROGRAM + (".exe" if "windows" in toolchain.target else ""))
        make_private_folder(binary.parent)
        compile_release(sources, toolchain, name, binary, build_log, say, cancelled)
        archive = binary.parent / f"{PROGRAM}_{toolchain.target.replace('/', '_')}.tar.gz"
        say(f"Packing {name}.")
        releases.append(
            Release(
                name=name,
                version=version,
                target=toolchain.target,
                binary=binary.relative_to(fresh),
                archive=archive.relative_to(fresh),
                sha256=pack(binary, archive),
            )
        )
    record = _BuildRecord(go=toolchain.version, releases=tuple(releases))
    write_durably(fresh / RECORD, record.model_dump_json(indent=1) + "\n")


class _locked:
    """One build at a time, whatever it builds; taken with a word about the wait."""

    def __init__(self, folder: Path, say: Say, cancelled: threading.Event) -> None:
        self._lock = FileLock(folder / "build.lock")
        self._say = say
        self._cancelled = cancelled

    def __enter__(self) -> None:
        try:
            self._lock.acquire(timeout=0)
            return
        except Timeout:
            self._say("Another process builds the localnet's program: waiting for it.")
        while True:
            try:
                self._lock.acquire(timeout=0.5)
                return
            except Timeout:
                if self._cancelled.is_set():
                    raise

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def _forget_old(folder: Path, current: Path) -> None:
    """Builds of older sources take 250 MB each: the newest few stay."""
    builds = [path.parent for path in folder.glob(f"*/{RECORD}") if path.parent != current]
    builds.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for old in builds[KEPT_BUILDS - 1 :]:
        shutil.rmtree(old, ignore_errors=True)
