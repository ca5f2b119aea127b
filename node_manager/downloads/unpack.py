# SPDX-License-Identifier: Apache-2.0
"""A published file turned into a folder: tar (gz, bz2, xz), zip, gzip or the bare program."""

from __future__ import annotations

import gzip
import io
import lzma
import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING

from node_manager.downloads.errors import ArchiveDamaged, ArchiveRefused
from node_manager.downloads.finding import EXECUTABLE
from node_manager.downloads.members import MAX_PATH, MAX_UNPACKED_BYTES, Ledger, safe_path
from node_manager.downloads.space import disk_trouble, require_space
from node_manager.durable import PRIVATE_FILE, PRIVATE_FOLDER

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

COPY_BYTES = 1024 * 1024

Count = Callable[[int], None]
"""Told the bytes of the published file that are unpacked (not of what comes out)."""

_BROKEN = (tarfile.TarError, zipfile.BadZipFile, EOFError, zlib.error, lzma.LZMAError, ValueError)


def unpack(
    source: Path,
    folder: Path,
    *,
    bare_name: str,
    shown: str = "",
    limit_bytes: int = MAX_UNPACKED_BYTES,
    count: Count | None = None,
) -> None:
    """Unpack `source` into the empty folder `folder`; what is no archive becomes `bare_name`.

    Files are readable by their owner only; those marked executable stay so. Links may point
    to files of the same archive; everything else that is no file and no folder is refused.

    Args:
        shown: the archive's name for a person.

    Raises:
        ArchiveRefused: a member leaves the folder, is of a strange kind or is too much.
        ArchiveDamaged: it ends early or its own checks fail.
        NoSpace: the disk is full.
    """
    name = shown or source.name
    ledger = Ledger(name, limit_bytes)
    require_space(folder, source.stat().st_size, name)
    try:
        if _starts_with(source, b"PK\x03\x04"):
            _unpack_zip(source, folder, ledger, count)
            return
        with io.BufferedReader(_Counted(source, count), COPY_BYTES) as raw:
            if _is_tar(source):
                _unpack_tar(raw, folder, ledger)
            else:
                gzipped = _starts_with(source, b"\x1f\x8b")
                _unpack_bare(raw, folder / bare_name, ledger, gzipped=gzipped)
    except _BROKEN as error:
        raise ArchiveDamaged(archive=name, reason=f"{error or type(error).__name__}.") from error
    except OSError as error:
        if error.errno is None:  # the decompressors' own complaints
            raise ArchiveDamaged(archive=name, reason=f"{error}.") from error
        raise disk_trouble(error, folder, name) from error


class _Counted(io.RawIOBase):
    """A file that tells how much of it was read."""

    def __init__(self, source: Path, count: Count | None) -> None:
        super().__init__()
        self._file = source.open("rb", buffering=0)
        self._count = count

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        size = self._file.readinto(buffer)
        if self._count is not None and size:
            self._count(size)
        return size

    def close(self) -> None:
        self._file.close()
        super().close()


def _starts_with(source: Path, magic: bytes) -> bool:
    with source.open("rb") as file:
        return file.read(len(magic)) == magic


def _is_tar(source: Path) -> bool:
    try:
        with tarfile.open(source, "r:*"):
            return True
    except (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, OSError):
        return False


def _unpack_tar(source: io.BufferedReader[_Counted], folder: Path, ledger: Ledger) -> None:
    links: list[tuple[Path, str]] = []
    # A stream: nothing is sought, so a member costs what it declares and no more.
    with tarfile.open(fileobj=source, mode="r|*", bufsize=COPY_BYTES) as archive:
        for member in archive:
            path = safe_path(ledger.archive, member.name)
            if path is None:
                continue
            ledger.enter(path, is_folder=member.isdir())
            try:
                tarfile.data_filter(member, str(folder))
            except tarfile.FilterError as error:
                raise ArchiveRefused(archive=ledger.archive, reason=f"{error}.") from error
            target = folder / path
            if member.isdir():
                _make_folder(target)
            elif member.isreg():
                content = archive.extractfile(member)
                if content is None:
                    raise tarfile.ReadError(f"{member.name} has no content")
                _write(content, target, ledger, executable=bool(member.mode & 0o111))
            elif member.issym():
                links.append((target, member.linkname))
            else:
                raise ArchiveRefused(
                    archive=ledger.archive,
                    reason=f"Its member {member.name!r} is neither file, folder nor link.",
                )
    _make_links(links, folder, ledger)


def _make_links(links: list[tuple[Path, str]], folder: Path, ledger: Ledger) -> None:
    """Make the links when all else is there: no file is ever written through one."""
    for target, goal in links:
        usable = 0 < len(goal.encode(errors="replace")) <= MAX_PATH
        beside = os.path.normpath(target.parent / goal) if usable else ""
        if not Path(beside).is_relative_to(folder) or goal.startswith("/") or "\\" in goal:
            raise _astray(target, ledger)
    for target, goal in links:
        _make_folder(target.parent)
        target.symlink_to(goal)
    root = folder.resolve()
    for target, _ in links:
        try:
            inside = target.resolve(strict=True).is_relative_to(root) and target.is_file()
        except (OSError, RuntimeError):  # it leads to nothing, or in a circle
            inside = False
        if not inside:
            raise _astray(target, ledger)


def _astray(link: Path, ledger: Ledger) -> ArchiveRefused:
    reason = f"Its link {link.name!r} leads out of it or to nothing."
    return ArchiveRefused(archive=ledger.archive, reason=reason)


def _unpack_zip(source: Path, folder: Path, ledger: Ledger, count: Count | None) -> None:
    with zipfile.ZipFile(source) as archive:
        for member in archive.infolist():
            path = safe_path(ledger.archive, member.filename)
            if path is None:
                continue
            ledger.enter(path, is_folder=member.is_dir())
            mode = member.external_attr >> 16
            kind = stat.S_IFMT(mode)
            if kind not in (0, stat.S_IFREG, stat.S_IFDIR) or member.flag_bits & 0x1:
                raise ArchiveRefused(
                    archive=ledger.archive,
                    reason=f"Its member {member.filename!r} is a link, special or encrypted.",
                )
            if member.is_dir():
                _make_folder(folder / path)
                continue
            try:
                content = archive.open(member)
            except (NotImplementedError, RuntimeError) as error:
                raise zipfile.BadZipFile(str(error)) from error
            with content:
                _write(content, folder / path, ledger, executable=bool(mode & 0o111))
            if count is not None:
                count(member.compress_size)


def _unpack_bare(
    source: io.BufferedReader[_Counted], target: Path, ledger: Ledger, *, gzipped: bool
) -> None:
    content = gzip.GzipFile(fileobj=source, mode="rb") if gzipped else source
    _write(content, target, ledger, executable=True)


def _write(
    content: IO[bytes] | io.BufferedIOBase, target: Path, ledger: Ledger, *, executable: bool
) -> None:
    _make_folder(target.parent)
    mode = EXECUTABLE if executable else PRIVATE_FILE
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(target, flags, mode), "wb", buffering=0) as file:
        while data := content.read(COPY_BYTES):
            ledger.count(len(data))
            file.write(data)


def _make_folder(folder: Path) -> None:
    folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
