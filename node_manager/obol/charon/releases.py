# SPDX-License-Identifier: Apache-2.0
"""Releases of charon: which is current, and the verified download.

charon's licence (BUSL 1.1) lets everybody use it and nobody bundle it: it is downloaded by the
person who runs it. Each release has `checksums.txt`: sha256sum lines, comments, blank lines.
"""

from __future__ import annotations

import re
from pathlib import Path

import httpx
from pydantic import BaseModel, ConfigDict

from node_manager.cosmos.web import new_client
from node_manager.downloads.checksum import Checksum
from node_manager.downloads.install import ReleaseRequest, install_release
from node_manager.downloads.progress import OnProgress, ignore_progress
from node_manager.downloads.releases import InstalledRelease, find_installed
from node_manager.layout import Layout
from node_manager.networks.bundled import resources
from node_manager.networks.targets import this_target
from node_manager.obol.charon.versions import read_version
from node_manager.obol.errors import (
    ApiNoAnswer,
    ChecksumsNotUnderstood,
    PlatformWithoutCharon,
)

MAX_CHECKSUMS = 64 * 1024
_SUM = re.compile(r"([0-9a-f]{64})[ \t]+\*?(\S+)")


class CharonProfile(BaseModel):
    """What the app knows of charon (`resources/obol/charon.json`).

    Attributes:
        current: the release that is installed when nobody names one.
        pinned: the release that the requirements name.
        releases: URL below which each tag's files lie.
        targets: platforms that have a program of their own.
        image: for the others, without a tag.
        image_digest: of the image of `current`, empty while it is not known.
    """

    model_config = ConfigDict(frozen=True)

    program: str
    current: str
    pinned: str
    releases: str
    targets: tuple[str, ...]
    image: str
    image_digest: str = ""


def charon_profile(file: Path | None = None) -> CharonProfile:
    """The bundled profile, or the one in `file`. Blocks for the disk."""
    path = file or resources() / "obol" / "charon.json"
    return CharonProfile.model_validate_json(path.read_bytes())


def archive_name(version: str, target: str) -> str:
    """The file name of a release's archive."""
    return f"charon-{version}-{target.replace('/', '-')}.tar.gz"


def checksum_in(text: str, file: str, version: str) -> Checksum:
    """The checksum of `file` in a `checksums.txt`.

    Raises:
        ChecksumsNotUnderstood: it is not there exactly once.
    """
    found = {
        match[1]
        for line in text.splitlines()
        if (match := _SUM.fullmatch(line.strip())) and match[2].rpartition("/")[2] == file
    }
    if len(found) != 1:
        raise ChecksumsNotUnderstood(version=version, file=file)
    return Checksum("sha256", found.pop())


async def install_charon(
    layout: Layout,
    version: str = "",
    *,
    profile: CharonProfile | None = None,
    target: str = "",
    on_progress: OnProgress = ignore_progress,
) -> InstalledRelease:
    """Install a release of charon, verified, or return the installed one.

    Raises:
        PlatformWithoutCharon, VersionUnknown: there is no such release.
        ApiNoAnswer, ChecksumsNotUnderstood: its checksums cannot be read.
        DownloadError: nothing was installed.
    """
    profile = profile or charon_profile()
    version = version or profile.current
    target = target or this_target()
    read_version(version)
    if target not in profile.targets:
        raise PlatformWithoutCharon(target=target)
    if (installed := find_installed(layout, profile.program, version, target)) is not None:
        return installed
    base = f"{profile.releases}/{version}"
    file = archive_name(version, target)
    checksum = checksum_in(await _checksums(f"{base}/checksums.txt"), file, version)
    request = ReleaseRequest(profile.program, version, target, f"{base}/{file}", checksum)
    return await install_release(request, layout, on_progress=on_progress)


async def _checksums(url: str) -> str:
    async with new_client(url, 30.0) as client:
        try:
            response = await client.get(url, follow_redirects=True)
            response.raise_for_status()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ApiNoAnswer(address=url, reason=str(error) or type(error).__name__) from error
    return response.text[:MAX_CHECKSUMS]
