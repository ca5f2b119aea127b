# SPDX-License-Identifier: Apache-2.0
"""Workers that are paused past their lease and go on after others have done their work.

On a real Docker engine and the real queue; what runs in the containers is a program that sleeps.
"""

from __future__ import annotations

import asyncio
import io
import tarfile
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from docker import DockerClient

from bridge.orchestrator.db.database import Database
from bridge.orchestrator.db.migrate import migrate
from bridge.orchestrator.providers.base import NodeWish, Provider
from bridge.orchestrator.providers.docker.naming import Names
from bridge.orchestrator.providers.docker.provider import DockerProvider
from bridge.orchestrator.providers.docker.settings import DockerSettings
from bridge.orchestrator.work.queue import Claim, LeaseLost, WorkQueue
from node_manager.layout import Layout
from node_manager.runtime.docker.engine import DockerEngine
from tests.helpers.app import free_port
from tests.helpers.docker_engine import TestEngine
from tests.helpers.program_in_image import image_of
from tests.unit.bridge.orchestrator.cloud import asked

pytestmark = pytest.mark.timeout(180)

Act = Callable[[Provider, NodeWish], Awaitable[object]]


class PausingEngine(DockerEngine):
    """Does no call from the given one on until it is told to go on, as a stopped process."""

    def __init__(self, address: str, pause_at: int) -> None:
        super().__init__(address)
        self._left = pause_at
        self.paused = asyncio.Event()
        self.goes_on = asyncio.Event()

    async def call(self, act: Callable[[DockerClient], Any]) -> Any:
        self._left -= 1
        if self._left <= 0:
            self.paused.set()
            await self.goes_on.wait()
        return await super().call(act)


@dataclass
class Scene:
    """One node on the engine and one piece of work in the queue."""

    client: DockerClient
    address: str
    settings: DockerSettings
    layout: Layout
    database: Database
    node: uuid.UUID = field(default_factory=uuid.uuid4)
    paused: list[tuple[PausingEngine, asyncio.Task[object]]] = field(default_factory=list)

    def provider(self, engine: DockerEngine | None = None) -> DockerProvider:
        return DockerProvider(self.settings, self.layout, engine or DockerEngine(self.address))

    def wish(self, deployment: str) -> NodeWish:
        return NodeWish(self.node, "paused", "omniphi-testnet-2", deployment)

    async def do(self, act: Act) -> int:
        """Let workers do `act`, each paused one step later than the one before and past its
        lease, until one comes through; return how many were paused."""
        await asked(self.database)
        while True:
            queue = WorkQueue(self.database, f"worker {len(self.paused)}")
            claim = await queue.claim()
            assert claim is not None
            engine = PausingEngine(self.address, len(self.paused) + 1)
            provider = self.provider(engine).while_held(claim.lease.check)
            working = asyncio.create_task(_done(act(provider, self.wish("first"))))
            stopping = asyncio.create_task(engine.paused.wait())
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                stopping.cancel()
                await working
                return len(self.paused)
            self.paused.append((engine, working))
            await self._past(claim, len(self.paused) - 1)

    async def _past(self, claim: Claim, worker: int) -> None:
        soon = WorkQueue(self.database, f"worker {worker}", lease_seconds=0.01)
        await soon.renew(claim)
        await asyncio.sleep(0.02)

    async def wake(self) -> list[object]:
        """Let all of them go on; how each ended."""
        for engine, _ in self.paused:
            engine.goes_on.set()
        return await asyncio.gather(*(work for _, work in self.paused), return_exceptions=True)

    def mark_the_key(self) -> None:
        """Something in the volume that is lost with it."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            archive.addfile(tarfile.TarInfo("key.json"))
        name = Names(self.settings.service, self.node).container
        self.client.containers.get(name).put_archive("/data", packed.getvalue())

    def standing(self) -> object:
        """What is on the engine, to the moment it was started."""
        containers = [
            (one.id, one.status, one.attrs["State"]["StartedAt"], "key.json" in _data(one))
            for one in self.client.containers.list(all=True)
        ]
        volumes = [(one.name, one.attrs["CreatedAt"]) for one in self.client.volumes.list()]
        return containers, sorted(volumes)


async def _done(act: Awaitable[object]) -> object:
    return await act


def _data(container: Any) -> list[str]:
    chunks, _ = container.get_archive("/data")
    with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as archive:
        return [Path(name).name for name in archive.getnames()]


@pytest.fixture(scope="module")
def image(test_engine: TestEngine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    client = test_engine.client()
    place = tmp_path_factory.mktemp("image")
    yield image_of(client, Path("/bin/sleep"), "sleeps", place, ["infinity"])
    client.close()


@pytest.fixture
async def scene(
    test_engine: TestEngine, image: str, layout: Layout, tmp_path: Path
) -> AsyncIterator[Scene]:
    port = free_port()
    settings = DockerSettings(
        host=test_engine.address, image=image, service="paused", first_port=port,
        last_port=min(port + 20, 65535), listen_host="127.0.0.1", cpus=0.5, memory_gb=0.5,
        stop_seconds=5,
    )  # fmt: skip
    database = Database(f"sqlite:///{tmp_path / 'orchestrator.sqlite'}")
    await migrate(database)
    client = test_engine.client()
    yield Scene(client, test_engine.address, settings, layout, database)
    client.close()
    await database.close()
    test_engine.clear()


def create(provider: Provider, wish: NodeWish) -> Awaitable[object]:
    return provider.create(wish)


def redeploy(provider: Provider, wish: NodeWish) -> Awaitable[object]:
    return provider.redeploy(wish)


def stop(provider: Provider, wish: NodeWish) -> Awaitable[object]:
    return provider.stop(wish.id)


def remove(provider: Provider, wish: NodeWish) -> Awaitable[object]:
    return provider.remove(wish.id, with_volume=True)


@pytest.mark.parametrize(
    ("work", "then", "at_least"),
    [
        pytest.param(create, stop, 5, id="deployed, then stopped: it is not started again"),
        pytest.param(redeploy, redeploy, 5, id="redeployed twice: the newest is left alone"),
        pytest.param(redeploy, stop, 5, id="redeployed, then stopped: it is not started again"),
        pytest.param(stop, redeploy, 2, id="stopped, then redeployed: it is not stopped"),
        pytest.param(remove, create, 4, id="removed, then deployed: the new key is not deleted"),
    ],
)
async def test_a_worker_that_lost_its_lease_touches_nothing(
    scene: Scene, work: Act, then: Act, at_least: int
) -> None:
    usual = scene.provider()
    if work is not create:
        await usual.create(scene.wish("earlier"))
    assert await scene.do(work) >= at_least
    await then(usual, scene.wish("second"))
    scene.mark_the_key()
    before = scene.standing()
    ended = await scene.wake()
    assert scene.standing() == before
    assert {type(one) for one in ended} == {LeaseLost}
