# SPDX-License-Identifier: Apache-2.0
"""A validator client in a container beside charon's, on the network that both share.

Its data folder is at `HOME` inside; what it only reads lies over it and cannot be written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from node_manager.durable import write_durably
from node_manager.obol.charon.command_lines import port_of
from node_manager.obol.charon.contained import (
    NETWORK,
    cluster_network,
    container_name,
    limits_of,
    shares_network,
)
from node_manager.obol.clients.errors import VcImportFailed
from node_manager.obol.clients.kinds import Command, client_of
from node_manager.obol.clients.signing_record import take_record
from node_manager.obol.folder import ClusterFolder
from node_manager.obol.images.sources import client_image, image_for, with_digest
from node_manager.obol.settings import DvSettings
from node_manager.runtime.docker.container import HOME, HOST_NETWORK, ContainerLaunch
from node_manager.runtime.docker.engine import DockerEngine
from node_manager.runtime.docker.one_shot import run_once
from node_manager.runtime.docker.runner import ContainerRunner
from node_manager.runtime.process import Launch

SHARES = "/key-shares"
IMPORT_SECONDS = 120.0
SAID_BYTES = 400


class ContainedClient:
    """One cluster's validator client on this computer's Docker engine."""

    def __init__(
        self, folder: ClusterFolder, settings: DvSettings, *, shares: bool | None = None
    ) -> None:
        """`shares`: containers can have this computer's network; None to find out."""
        self._folder, self._settings = folder, settings
        self._shares = shares_network() if shares is None else shares
        self._engine = DockerEngine()
        charon = settings.charon.validator_api_address
        elsewhere = f"{container_name('charon', folder)}:{port_of(charon)}"
        self._client = client_of(
            folder, settings, charon="" if self._shares else elsewhere, between=":", home=HOME
        )
        self._image = ""

    @property
    def record(self) -> Path:
        """Where the next start of the app finds it."""
        return self._folder.run / f"vc-{self._client.name}-container.json"

    def runner(self) -> ContainerRunner:
        """What runs it; its output is appended to the client's log."""
        return ContainerRunner(self._engine, self._clothe, self._folder.logs / "vc.log")

    async def launch(self) -> Launch:
        """Its launch, after its image is there and its key shares are in place.

        Raises:
            DockerTrouble, ImageChanged: there is no image that may run.
            KeystoreRefused, VcImportFailed: it has no key shares.
            RecordNotCarried: another client signed before it.
        """
        settings, known = self._settings.validator_client, client_image(self._client.name)
        reference = settings.image or with_digest(known.image, known.image_digest)
        self._image = await self._engine.call(
            lambda client: image_for(client, self._folder.run, self._client.name, reference)
        )
        for command in await asyncio.to_thread(self._client.prepare):
            await self._run(command)
        await asyncio.to_thread(take_record, self._folder, self._client.name)
        if not self._shares:
            await self._engine.call(cluster_network)
        return Launch(
            name=self._client.name,
            argv=[self._client.program, *self._client.arguments()],
            cwd=self._client.data,
            log=self._folder.logs / "vc.log",
        )

    def plan(self, launch: Launch, image: str) -> ContainerLaunch:
        """The container of its launch."""
        metrics = self._settings.validator_client.metrics_port
        listens = () if self._shares else self._client.listens
        return ContainerLaunch(
            name=container_name(f"vc-{self._client.name}", self._folder),
            image=image,
            arguments=(*self._inside(launch.argv[1:]), *listens),
            home=self._client.data,
            ports={} if self._shares else {metrics: metrics},
            limits=limits_of(self._settings.validator_client.resources),
            network=HOST_NETWORK if self._shares else NETWORK,
            read_only=self._read_only(),
            environment=self._client.environment(HOME),
        )

    async def _clothe(self, launch: Launch) -> ContainerLaunch:
        return self.plan(launch, self._image)

    async def _run(self, command: Command) -> None:
        said = await run_once(
            self._engine,
            self._image,
            self._inside(command.argv),
            self._client.data,
            IMPORT_SECONDS,
            read_only=self._read_only(),
        )
        if said.code != 0:
            told = (said.stderr or said.stdout).strip()[-SAID_BYTES:]
            why = "nothing in time" if said.code is None else told or f"exit code {said.code}"
            raise VcImportFailed(client=self._client.name, said=why)
        await asyncio.to_thread(write_durably, command.stamp, "")

    def _inside(self, words: Sequence[str]) -> tuple[str, ...]:
        data, shares = str(self._client.data), str(self._folder.keystores)
        moved = (word.replace(data, HOME).replace(shares, SHARES) for word in words)
        first = client_image(self._client.name).command
        return (*first, *(word.replace("\\", "/") for word in moved))

    def _read_only(self) -> dict[Path, str]:
        kept = {self._client.data / name: f"{HOME}/{name}" for name in self._client.kept}
        return {**kept, self._folder.keystores: SHARES}
