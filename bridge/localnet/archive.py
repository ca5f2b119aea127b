# SPDX-License-Identifier: Apache-2.0
"""The archive in which a release is published."""

from __future__ import annotations

import gzip
import hashlib
import tarfile
from pathlib import Path

CHUNK = 1024 * 1024
LEVEL = 4
"""The fastest level that still halves the program."""


def pack(binary: Path, archive: Path) -> str:
    """Pack `binary` into a tar.gz with its checksum file beside it; return the sha256.

    Names, times and owners are fixed, so that equal programs give equal archives.
    """
    with (
        archive.open("wb") as file,
        gzip.GzipFile("", "wb", LEVEL, file, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar,
        binary.open("rb") as content,
    ):
        member = tarfile.TarInfo(binary.name)
        member.size, member.mode = binary.stat().st_size, 0o755
        tar.addfile(member, content)
    digest = sha256_of(archive)
    write_checksum(archive, digest)
    return digest


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_checksum(path: Path, digest: str) -> Path:
    """Write `NAME.sha256` beside `path`, in the form that sha256sum -c reads."""
    target = path.with_name(f"{path.name}.sha256")
    target.write_text(f"{digest}  {path.name}\n", encoding="ascii")
    return target
