# SPDX-License-Identifier: Apache-2.0
"""charon in a container, on computers for which it has no program: Docker on macOS and Windows.

The image is the one that charon's makers publish for the release; its validator client may have a
container beside it (`contained_client`).
"""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path

from docker import DockerClient

from node_manager.obol.charon.command_lines import VERSION_SECONDS, port_of
from node_manager.obol.charon.versions import is_version
from node_manager.obol.errors import ProgramMissing
from node_manager.obol.folder import ClusterFolder
from node_manager.obol.images.sources import image_for
from node_manager.obol.settings import DvSettings, Resources
from node_manager.runtime.docker.container import HOME, HOST_NETWORK, ContainerLaunch
from node_manager.runtime.docker.engine import DockerEngine
from node_manager.runtime.docker.limits import Limits
from node_manager.runtime.docker.one_shot import run_once
from node_manager.runtime.docker.runner import ContainerRunner
from node_manager.runtime.process import Launch

NETWORK = "oneclick-clusters"
EVERYWHERE = "0.0.0.0"  # noqa: S104  (inside the container; what is published decides)
HOST = "host.docker.internal"
"""The computer as a container of Docker Desktop sees it."""

_LISTENS = re.compile(r"(--(?:p2p-tcp|validator-api|monitoring)-address)=(.*)")
_LOOPBACK = re.compile(r"(https?://)(?:127\.0\.0\.1|localhost|\[::1\])(?=[:/,]|$)")


class ContainedCharon:
    """One cluster's charon on this computer's Docker engine."""

    def __init__(
        self, folder: ClusterFolder, settings: DvSettings, image: str, *, shares_network: bool
    ) -> None:
        """`image` by tag or digest; `shares_network`: containers can have the host's network."""
        self._folder, self._settings, self._image = folder, settings, image
        self._shares = shares_network
        self._engine = DockerEngine()

    def runner(self, to_log: Path) -> ContainerRunner:
        """What runs each launch of charon; its output is appended to `to_log`."""
        return ContainerRunner(self._engine, self._clothe, to_log)

    async def require(self) -> str:
        """Have the image; what its charon tells of its version.

        Raises:
            DockerTrouble: the engine does not answer, or has no such image and cannot get it.
            ImageChanged: its name stands for another image than before.
            ProgramMissing: it holds no charon.
        """
        run, reference = self._folder.run, self._image
        self._image = await self._engine.call(
            lambda client: image_for(client, run, "charon", reference)
        )
        said = await run_once(
            self._engine, self._image, ("version",), self._folder.charon, VERSION_SECONDS
        )
        words = said.stdout.split()
        if said.code != 0 or not words or not is_version(words[0]):
            raise ProgramMissing(program=reference, reason="It does not tell its version.")
        return words[0]

    async def _clothe(self, launch: Launch) -> ContainerLaunch:
        if not self._shares:
            await self._engine.call(cluster_network)
        return self.plan(launch)

    def plan(self, launch: Launch) -> ContainerLaunch:
        """The container of a launch of charon."""
        charon = self._settings.charon
        words = [self._inside(word) for word in launch.argv[1:]]
        published = {
            name: port_of(address) for name, address in map(_listening, launch.argv[1:]) if name
        }
        public = published.pop("--p2p-tcp-address", None)
        return ContainerLaunch(
            name=container_name("charon", self._folder),
            image=self._image,
            arguments=tuple(words),
            home=self._folder.charon,
            ports={} if self._shares else {port: port for port in published.values()},
            public_ports={} if self._shares or public is None else {public: public},
            limits=limits_of(charon.resources),
            network=HOST_NETWORK if self._shares else NETWORK,
        )

    def _inside(self, word: str) -> str:
        word = word.replace(str(self._folder.charon), HOME).replace("\\", "/")
        if self._shares:
            return word
        name, address = _listening(word)
        if name:
            return f"{name}={EVERYWHERE}:{port_of(address)}"
        return _LOOPBACK.sub(rf"\g<1>{HOST}", word)


def shares_network() -> bool:
    """Whether containers can have this computer's own network: on Linux only."""
    return sys.platform == "linux"


def _listening(word: str) -> tuple[str, str]:
    found = _LISTENS.fullmatch(word)
    return (found[1], found[2]) if found else ("", "")


def limits_of(resources: Resources) -> Limits:
    """What a container may take: as the settings say, else the usual."""
    usual = Limits()
    limits = resources.limits
    return Limits(cpus=limits.cores or usual.cpus, memory=limits.bytes or usual.memory)


def cluster_network(client: DockerClient) -> None:
    """Have the network on which charon and its client meet where the host's is not to be had."""
    if not any(one.name == NETWORK for one in client.networks.list(names=[NETWORK])):
        client.networks.create(NETWORK, driver="bridge")


def container_name(what: str, folder: ClusterFolder) -> str:
    """Of one container of this validator: "charon" or "vc"."""
    return f"oneclick-{what}-{folder.root.name}-{_digest(folder.root)}"


def _digest(root: Path) -> str:
    """Data folders beside each other have clusters of the same id."""
    return hashlib.sha256(str(root.resolve()).encode()).hexdigest()[:8]
