# SPDX-License-Identifier: Apache-2.0
"""Which charon runs for a cluster: the person's own, a verified release, or the makers' image."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from node_manager.layout import Layout
from node_manager.networks.targets import this_target
from node_manager.obol.charon.command_lines import read_charon_version
from node_manager.obol.charon.releases import CharonProfile, charon_profile, install_charon
from node_manager.obol.charon.versions import read_version
from node_manager.obol.folder import ClusterFolder
from node_manager.obol.settings import DvSettings
from node_manager.runtime.child import Runner
from node_manager.runtime.process import ManagedProcess


@dataclass(frozen=True, slots=True)
class CharonProgram:
    """A charon that is ready to run.

    Attributes:
        path: first word of its command lines.
        version: as it prints it; of an image, its tag.
        runner: for the log that its output goes to, what runs it.
    """

    path: Path
    version: str
    runner: Callable[[Path], Runner]
    contained: bool = False

    def record(self, folder: ClusterFolder, name: str) -> Path:
        """Where the next start of the app finds a run of it: "charon", "dkg"."""
        kind = "container" if self.contained else "process"
        return folder.run / f"{name}-{kind}.json"


async def find_charon(layout: Layout, folder: ClusterFolder, settings: DvSettings) -> CharonProgram:
    """Have charon ready: in a container where it has no program here, or the settings say so.

    Raises:
        OneClickError: there is none.
    """
    charon = settings.charon
    path = charon.program
    profile = await asyncio.to_thread(charon_profile)
    if runs_contained(settings, profile):
        return await _contained(folder, settings, profile)
    if path is None:
        path = (await install_charon(layout, charon.version, profile=profile)).path
    return CharonProgram(path, await read_charon_version(path), lambda _log: ManagedProcess)


def runs_contained(settings: DvSettings, profile: CharonProfile) -> bool:
    """Whether charon runs in a container: said so, or there is no program for this computer."""
    if settings.runtime:
        return settings.runtime == "docker"
    return settings.charon.program is None and this_target() not in profile.targets


async def _contained(
    folder: ClusterFolder, settings: DvSettings, profile: CharonProfile
) -> CharonProgram:
    # the Docker SDK is not loaded where charon runs by itself
    from node_manager.obol.charon.contained import ContainedCharon, shares_network
    from node_manager.obol.images.sources import with_digest

    version = settings.charon.version or profile.current
    read_version(version)
    digest = profile.image_digest if version == profile.current else ""
    image = settings.charon.image or with_digest(f"{profile.image}:{version}", digest)
    contained = ContainedCharon(folder, settings, image, shares_network=shares_network())
    told = await contained.require()
    return CharonProgram(Path("charon"), told, contained.runner, contained=True)
