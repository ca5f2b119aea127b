# SPDX-License-Identifier: Apache-2.0
"""Where charon and the validator client run: as programs of this computer, or in containers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from node_manager.obol.clients.launch import client_launch, end_other_client
from node_manager.obol.folder import ClusterFolder
from node_manager.obol.settings import DvSettings
from node_manager.runtime.child import Child, Runner
from node_manager.runtime.process import Launch, ManagedProcess

log = structlog.get_logger(__name__)

STOP_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class ClientPlace:
    """What runs the validator client, and by what it is found again."""

    runner: Runner
    launch: Callable[[], Awaitable[Launch]]
    record: Path


def client_place(folder: ClusterFolder, settings: DvSettings, *, contained: bool) -> ClientPlace:
    """A container beside charon's, unless the person named a program of their own."""
    if contained and not settings.validator_client.program:
        # the Docker SDK is not loaded where the client runs by itself
        from node_manager.obol.clients.contained import ContainedClient

        client = ContainedClient(folder, settings)
        return ClientPlace(client.runner(), client.launch, client.record)

    async def launch() -> Launch:
        return await client_launch(folder, settings)

    return ClientPlace(ManagedProcess, launch, folder.run / "vc-process.json")


async def end_elsewhere(folder: ClusterFolder, settings: DvSettings, *, contained: bool) -> None:
    """End what an earlier run of the app left elsewhere: two clients would sign twice.

    Elsewhere is the other place, and another client than the one that is wanted.

    Raises:
        RuntimeTrouble: whether something runs there is unknown, or it does not end.
    """
    client = settings.validator_client
    own = f"vc-{client.kind}" if contained and not client.program else ""
    for record in await asyncio.to_thread(lambda: sorted(folder.run.glob("vc-*-container.json"))):
        if record.name != f"{own}-container.json":
            await _end(await _left_inside(folder, "vc", record))
    if own:
        await _end(await ManagedProcess.adopt(folder.run / "vc-process.json"))
    else:
        await end_other_client(folder.run / "vc-process.json", client.kind, STOP_SECONDS)
    for name in ("charon", "dkg"):
        if contained:
            await _end(await ManagedProcess.adopt(folder.run / f"{name}-process.json"))
        else:
            record = folder.run / f"{name}-container.json"
            await _end(await _left_inside(folder, name, record))


async def end_left(folder: ClusterFolder) -> None:
    """End all that an earlier run of the app left: the client, then charon or its ceremony.

    Raises:
        RuntimeTrouble: whether something runs is unknown, or it does not end.
    """
    for record in await asyncio.to_thread(lambda: sorted(folder.run.glob("vc-*-container.json"))):
        await _end(await _left_inside(folder, "vc", record))
    for name in ("vc", "charon", "dkg"):
        await _end(await ManagedProcess.adopt(folder.run / f"{name}-process.json"))
    for name in ("charon", "dkg"):
        await _end(await _left_inside(folder, name, folder.run / f"{name}-container.json"))


async def _end(child: Child | None) -> None:
    if child is not None:
        log.info("what ran before is ended")
        await child.stop(STOP_SECONDS)


async def _left_inside(folder: ClusterFolder, name: str, record: Path) -> Child | None:
    if not await asyncio.to_thread(record.exists):
        return None
    from node_manager.runtime.docker.container import ManagedContainer
    from node_manager.runtime.docker.engine import DockerEngine
    from node_manager.runtime.docker.runner import ContainedChild

    container = await ManagedContainer.adopt(DockerEngine(), record)
    if container is None:
        await asyncio.to_thread(record.unlink, missing_ok=True)
        return None
    return ContainedChild(container, folder.logs / f"{name}.log", adopted=True)
