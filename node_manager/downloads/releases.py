# SPDX-License-Identifier: Apache-2.0
"""Installed programs: where they lie, where they came from and whether they are still whole."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pydantic import BaseModel, ConfigDict, ValidationError

from node_manager.downloads.errors import NameRefused
from node_manager.layout import Layout

PROVENANCE = "provenance.json"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")
_TARGET = re.compile(r"[a-z0-9]+/[a-z0-9_]+")


class Provenance(BaseModel):
    """Where an installed program came from (`provenance.json` beside it).

    Attributes:
        url: what was asked for, without credentials and query.
        fetched_from: where it came from after redirects.
        checksum: of the published file, as `sha256:HEX` or `sha512:HEX`.
        size: bytes of the published file.
        installed_at: Unix time.
        version_output: what the program said of its version on this computer.
        executable: path of the program below the release's folder.
        executable_sha256: of that program.
        executable_size: bytes of that program.
    """

    model_config = ConfigDict(frozen=True)

    program: str
    version: str
    target: str
    url: str
    fetched_from: str
    checksum: str
    size: int
    installed_at: float
    version_output: str
    executable: str
    executable_sha256: str
    executable_size: int


@dataclass(frozen=True, slots=True)
class InstalledRelease:
    """A program that is ready to run.

    Attributes:
        target: such as "linux/amd64".
        path: the executable.
    """

    program: str
    version: str
    target: str
    path: Path
    provenance: Provenance

    def unchanged(self) -> bool:
        """Whether the executable is, byte for byte, the one that was installed. Reads it all."""
        try:
            return sha256_of(self.path) == self.provenance.executable_sha256
        except OSError:
            return False


def release_folder(layout: Layout, program: str, version: str, target: str) -> Path:
    """Where this release lies, or would lie.

    Raises:
        NameRefused: a name that would leave the folder of releases.
    """
    # Registries tag releases "release/v1.2.0" and "sdk@v1" too.
    version = re.sub(r"[/@]", "-", version)
    for name in (program, version):
        if not _NAME.fullmatch(name) or name.endswith("."):
            raise NameRefused(name=name[:100])
    if not _TARGET.fullmatch(target):
        raise NameRefused(name=target[:100])
    return layout.releases / program / version / target.replace("/", "-")


def find_installed(
    layout: Layout, program: str, version: str, target: str
) -> InstalledRelease | None:
    """The installed release, None when it is not there or no longer complete.

    Raises:
        NameRefused: a name that would leave the folder of releases.
    """
    return read_release(release_folder(layout, program, version, target))


def installed_releases(layout: Layout) -> list[InstalledRelease]:
    """All installed releases, by program, version and target."""
    if not layout.releases.is_dir():
        return []
    found = (read_release(record.parent) for record in layout.releases.glob("*/*/*/" + PROVENANCE))
    return sorted(
        (release for release in found if release is not None),
        key=lambda release: (release.program, release.version, release.target),
    )


def read_release(folder: Path) -> InstalledRelease | None:
    """The release in `folder`, None when there is none or it is not complete."""
    if folder.name.startswith("."):
        return None
    try:
        provenance = Provenance.model_validate_json((folder / PROVENANCE).read_bytes())
        path = folder / PurePosixPath(provenance.executable)
        size = path.stat().st_size
    except (OSError, ValidationError):
        return None
    inside = path.resolve().is_relative_to(folder.resolve())
    if not inside or size != provenance.executable_size or not os.access(path, os.X_OK):
        return None
    return InstalledRelease(
        provenance.program, provenance.version, provenance.target, path, provenance
    )


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in lower-case hex.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
