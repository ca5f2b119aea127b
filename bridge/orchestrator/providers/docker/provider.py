# SPDX-License-Identifier: Apache-2.0
"""The Docker provider: one container and two volumes a validator, each act repeatable.

A node's container name is unique on its engine, its volumes are named after it, and before a
container is made no other may have them: never two on one volume. The app inside locks its data
volume, too.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from functools import partial
from typing import Any

import structlog
from docker import DockerClient
from docker.errors import NotFound
from docker.models.containers import Container
from docker.types import Mount

from bridge.orchestrator.enums import ProviderName
from bridge.orchestrator.providers.base import Check, KeyLost, NodeFound, NodeWish
from bridge.orchestrator.providers.docker.failing import as_provider_trouble
from bridge.orchestrator.providers.docker.held import Engine, HeldEngine
from bridge.orchestrator.providers.docker.naming import DEPLOYMENT, P2P_PORT, SERVICE, Names
from bridge.orchestrator.providers.docker.profile_files import profile_archive
from bridge.orchestrator.providers.docker.reading import (
    LOGS,
    START,
    STATUS,
    found_from,
    read_inside,
)
from bridge.orchestrator.providers.docker.settings import DockerSettings
from node_manager.layout import Layout
from node_manager.runtime.docker.engine import DockerEngine
from node_manager.runtime.docker.errors import HostPortTaken, VolumeInUse
from node_manager.runtime.docker.limits import MB, Limits, hardening
from node_manager.runtime.docker.ports import choose_port
from node_manager.state import NodeState

log = structlog.get_logger(__name__)

P2P = "26656/tcp"
PORT_TRIES = 5
LAST_LINES = 20
RESTART: Any = {"Name": "unless-stopped"}


class DockerProvider:
    """Runs validators on one engine."""

    name = ProviderName.OMNIPHI_CLOUD

    def __init__(
        self, settings: DockerSettings, layout: Layout, engine: Engine | None = None
    ) -> None:
        self.engine = engine or DockerEngine(settings.host)
        self._settings = settings
        self._layout = layout

    def while_held(self, check: Check) -> DockerProvider:
        """As the interface says."""
        return DockerProvider(self._settings, self._layout, HeldEngine(self.engine, check))

    async def create(self, wish: NodeWish) -> NodeFound:
        """As the interface says."""
        with as_provider_trouble():
            container = await self._container(wish.id)
            if container is None:
                return await self._make(wish, None, set())
            return await self._bring_up(container, wish)

    async def find(self, node_id: uuid.UUID) -> NodeFound | None:
        """As the interface says."""
        with as_provider_trouble():
            container = await self._container(node_id)
            return None if container is None else await self._found(container)

    async def start(self, node_id: uuid.UUID) -> None:
        """As the interface says."""
        with as_provider_trouble():
            container = await self._container(node_id)
            if container is not None:
                await self._wake(container)

    async def stop(self, node_id: uuid.UUID) -> None:
        """As the interface says."""
        with as_provider_trouble():
            container = await self._container(node_id)
            if container is not None:
                await self._stop(container)

    async def redeploy(self, wish: NodeWish) -> NodeFound:
        """As the interface says."""
        with as_provider_trouble():
            container = await self._container(wish.id)
            if container is None:
                return await self._make(wish, None, set())
            if container.labels.get(DEPLOYMENT) == wish.deployment:
                return await self._bring_up(container, wish)
            port = _port(container)
            await self._stop(container)
            await self._discard(container)
            return await self._make(wish, port, set())

    async def remove(self, node_id: uuid.UUID, *, with_volume: bool) -> None:
        """As the interface says."""
        with as_provider_trouble():
            container = await self._container(node_id)
            if container is not None:
                await self._stop(container)
                await self._discard(container)
            if with_volume:
                names = self._names(node_id)
                for volume in (names.data, names.unlock):
                    await self.engine.call(partial(_remove_volume, name=volume))

    async def logs(self, node_id: uuid.UUID, lines: int) -> list[str]:
        """The node's own log while it runs, else the container's last words."""
        with as_provider_trouble():
            container = await self._container(node_id)
            if container is None:
                return []
            if container.status == "running":
                code, output = await self._inside(container, [*LOGS, str(lines)])
                if code == 0:
                    return output.decode(errors="replace").split("\n") if output else []
            return await self._words(container, lines)

    # What is there

    def _names(self, node_id: uuid.UUID) -> Names:
        return Names(self._settings.service, node_id)

    async def _container(self, node_id: uuid.UUID) -> Container | None:
        name = self._names(node_id).container

        def look(client: DockerClient) -> Container | None:
            try:
                return client.containers.get(name)
            except NotFound:
                return None

        return await self.engine.call(look)

    async def _found(self, container: Container) -> NodeFound:
        inside, words = None, ""
        if container.status == "running":
            _, output = await self._inside(container, STATUS)
            inside = read_inside(output)
        else:
            words = " ".join((await self._words(container, LAST_LINES))[-3:])
        port = _port(container)
        endpoint = None if port is None else f"{self._settings.public_host}:{port}"
        state: Mapping[str, Any] = container.attrs["State"]
        return found_from(str(container.id), state, inside, endpoint, words)

    async def _inside(self, container: Container, command: list[str]) -> tuple[int, bytes]:
        def run(_client: DockerClient) -> tuple[int, bytes]:
            code, streams = container.exec_run(command, demux=True)
            output = streams[0] if isinstance(streams, tuple) else None
            return -1 if code is None else int(code), bytes(output or b"")

        return await self.engine.call(run)

    async def _words(self, container: Container, lines: int) -> list[str]:
        output: bytes = await self.engine.call(lambda _client: container.logs(tail=lines))
        return output.decode(errors="replace").splitlines()

    # Making

    async def _make(self, wish: NodeWish, port: int | None, tried: set[int]) -> NodeFound:
        names = self._names(wish.id)
        await self._check_volumes(wish, names)
        port = await self._choose_port(port, tried)
        container = await self.engine.call(partial(self._create, wish=wish, names=names, port=port))
        log.info("container made", node=str(wish.id), port=port)
        try:
            return await self._bring_up(container, wish)
        except HostPortTaken:
            # It never ran: nothing is lost with it, and the engine gives its name free.
            await self._discard(container)
            if len(tried) + 1 >= PORT_TRIES:
                raise
            return await self._make(wish, None, {*tried, port})

    async def _check_volumes(self, wish: NodeWish, names: Names) -> None:
        def look(client: DockerClient) -> tuple[list[str], bool]:
            holders = client.containers.list(all=True, filters={"volume": names.data})
            volumes = client.volumes.list(filters={"name": names.data})
            return [one.name or "?" for one in holders], any(v.name == names.data for v in volumes)

        holders, there = await self.engine.call(look)
        if holders:
            raise VolumeInUse(volume=names.data, holder=holders[0])
        if wish.consensus_pubkey is not None and not there:
            raise KeyLost(volume=names.data)

    async def _choose_port(self, preferred: int | None, tried: set[int]) -> int:
        def look(client: DockerClient) -> list[Container]:
            return client.containers.list(all=True, filters={"label": P2P_PORT})

        given = {port for one in await self.engine.call(look) if (port := _port(one)) is not None}
        first, last = self._settings.first_port, self._settings.last_port
        return await asyncio.to_thread(choose_port, first, last, given | tried, preferred)

    def _create(self, client: DockerClient, wish: NodeWish, names: Names, port: int) -> Container:
        settings = self._settings
        network = validators_network(client, settings.service)
        limits = Limits(
            cpus=wish.cpu_cores or settings.cpus,
            memory=int((wish.memory_gb or settings.memory_gb) * 1024) * MB,
            pids=settings.pids,
        )
        for volume in (names.data, names.unlock):
            client.volumes.create(volume, labels=names.labels)
        return client.containers.create(
            settings.image,
            name=names.container,
            hostname="validator",
            labels={**names.labels, DEPLOYMENT: wish.deployment, P2P_PORT: str(port)},
            environment={
                "ONECLICK_NETWORK": wish.network,
                "ONECLICK_MONIKER": wish.moniker,
                "ONECLICK_WALLET": wish.wallet,
            },
            mounts=[Mount("/data", names.data), Mount("/unlock", names.unlock)],
            network=network,
            ports={P2P: (settings.listen_host, port)},
            restart_policy=RESTART,
            stop_signal="SIGTERM",
            **limits.arguments(),
            **hardening(),
        )

    async def _bring_up(self, container: Container, wish: NodeWish) -> NodeFound:
        if container.status == "created":
            archive = await asyncio.to_thread(
                profile_archive, self._layout, wish.network, self._settings.profile
            )
            await self.engine.call(lambda _client: container.put_archive("/data", archive))
        await self._wake(container)
        await self.engine.call(lambda _client: container.reload())
        return await self._found(container)

    # Ending

    async def _wake(self, container: Container) -> None:
        if container.status != "running":
            await self.engine.call(lambda _client: container.start())
            return
        _, output = await self._inside(container, STATUS)
        inside = read_inside(output)
        if inside is not None and inside.state in {NodeState.FAILED, NodeState.STOPPED}:
            await self._inside(container, START)

    async def _stop(self, container: Container) -> None:
        seconds = self._settings.stop_seconds

        def stop(client: DockerClient) -> None:
            # the connection must wait longer than the engine does
            client.api.stop(str(container.id), timeout=seconds)

        await self.engine.call(stop)

    async def _discard(self, container: Container) -> None:
        def discard(_client: DockerClient) -> None:
            try:
                container.remove()
            except NotFound:
                return

        await self.engine.call(discard)


def _port(container: Container) -> int | None:
    text = container.labels.get(P2P_PORT, "")
    return int(text) if text.isdigit() else None


def validators_network(client: DockerClient, service: str) -> str:
    """A network for validators alone, on which they do not reach each other."""
    name = f"{service}-validators"
    if not any(one.name == name for one in client.networks.list(names=[name])):
        client.networks.create(
            name,
            driver="bridge",
            check_duplicate=True,
            labels={SERVICE: service},
            options={"com.docker.network.bridge.enable_icc": "false"},
        )
    return name


def _remove_volume(client: DockerClient, name: str) -> None:
    try:
        client.volumes.get(name).remove()
    except NotFound:
        return
