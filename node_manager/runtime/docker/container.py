# SPDX-License-Identifier: Apache-2.0
"""A node's program in a container: as `ManagedProcess`, it outlives the app and is found again."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import structlog
from docker import DockerClient
from docker.errors import NotFound
from docker.models.containers import Container
from docker.types import Mount

from node_manager.durable import make_private_folder, write_durably
from node_manager.runtime.docker.engine import DockerEngine
from node_manager.runtime.docker.errors import DockerTrouble, VolumeInUse
from node_manager.runtime.docker.limits import Limits, hardening
from node_manager.runtime.errors import RecordNotReadable
from node_manager.runtime.outcome import Outcome
from node_manager.runtime.process import ProcessUsage

log = structlog.get_logger(__name__)

HOME = "/home-of-node"
"""Where the node's home is inside."""

OWNER = "oneclick.home"
LOOK_SECONDS = 0.5
SIGNALLED = 128


@dataclass(frozen=True, slots=True)
class ContainerLaunch:
    """What shall run.

    Attributes:
        name: unique on the engine; one container a node.
        image: of `program_image`.
        arguments: of the program; its home is `HOME`.
        home: the node's home on this computer.
        ports: container port to the port on this computer's loopback.
        public_ports: container port to the port on every address of this computer.
        network: of the engine, on which it runs.
    """

    name: str
    image: str
    arguments: tuple[str, ...]
    home: Path
    ports: Mapping[int, int] = field(default_factory=dict)
    public_ports: Mapping[int, int] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    environment: Mapping[str, str] = field(default_factory=dict)
    network: str = "bridge"


@dataclass(frozen=True, slots=True)
class ContainerRecord:
    """By what the next start of the app finds it."""

    name: str
    id: str
    started_at: float


class ManagedContainer:
    """One container, started by this run of the app or adopted from an earlier one."""

    def __init__(self, engine: DockerEngine, container: Container, record: ContainerRecord) -> None:
        """Take over a running container; use `spawn` or `adopt`."""
        self.record = record
        self._engine = engine
        self._container = container
        self._wanted = False
        self._cpu: tuple[float, float] | None = None

    @classmethod
    async def spawn(cls, engine: DockerEngine, launch: ContainerLaunch, record: Path) -> Self:
        """Start `launch`; what is left of an ended container of its name is removed.

        Raises:
            VolumeInUse: a container that runs has this home.
            DockerTrouble: nothing runs then.
        """
        container = await engine.call(lambda client: _create(client, launch))
        written = ContainerRecord(launch.name, str(container.id), time.time())
        # Durable before it runs: a container nobody knows of could sign beside another.
        await asyncio.to_thread(_write, record, written)
        try:
            await engine.call(lambda _client: container.start())
        except DockerTrouble:
            with contextlib.suppress(DockerTrouble):
                await engine.call(lambda _client: container.remove(force=True))
            await asyncio.to_thread(record.unlink, missing_ok=True)
            raise
        log.info("container started", name=launch.name, id=str(container.id)[:12])
        return cls(engine, container, written)

    @classmethod
    async def adopt(cls, engine: DockerEngine, record: Path) -> Self | None:
        """The container of the record at `record` if it still runs, else None.

        Raises:
            RecordNotReadable: whether it runs is unknown.
            DockerTrouble: the engine does not answer: whether it runs is unknown.
        """
        found = await asyncio.to_thread(_read, record)
        if found is None:
            return None

        def look(client: DockerClient) -> Container | None:
            try:
                return client.containers.get(found.id)
            except NotFound:
                return None

        container = await engine.call(look)
        if container is None or container.status not in {"running", "paused", "restarting"}:
            return None
        log.info("container adopted", name=found.name, id=found.id[:12])
        return cls(engine, container, found)

    @property
    def id(self) -> str:
        """The engine's name of it."""
        return self.record.id

    async def alive(self) -> bool:
        """Whether it runs, asked of the engine now; raises `DockerTrouble`."""
        state = await self._state()
        return state is not None and bool(state["Running"])

    async def wait(self) -> Outcome:
        """Wait until it ends; an engine that is away for a while is waited for, too."""
        while True:
            with contextlib.suppress(DockerTrouble):
                state = await self._state()
                if state is None:
                    return Outcome(None, wanted=self._wanted)
                if not state["Running"]:
                    return _outcome(state, self._wanted)
            await asyncio.sleep(LOOK_SECONDS)

    async def stop(self, grace_seconds: float) -> Outcome:
        """Ask it to end, kill it after the grace; raises `DockerTrouble`."""
        self._wanted = True

        def stop(client: DockerClient) -> None:
            with contextlib.suppress(NotFound):
                client.api.stop(self.id, timeout=max(1, round(grace_seconds)))

        await self._engine.call(stop)
        return await self.wait()

    async def usage(self) -> ProcessUsage | None:
        """CPU as a share of one core since the last reading, memory in bytes; None when gone."""

        def read(_client: DockerClient) -> Mapping[str, Any]:
            told: Any = self._container.stats(stream=False)
            return dict(told)

        try:
            told = await self._engine.call(read)
            memory = int(told["memory_stats"]["usage"])
            now = time.monotonic()
            spent = told["cpu_stats"]["cpu_usage"]["total_usage"] / 1e9
        except (DockerTrouble, KeyError):
            return None
        before, self._cpu = self._cpu, (now, spent)
        share = None if before is None else (spent - before[1]) / max(now - before[0], 1e-6)
        return ProcessUsage(share, memory)

    async def logs(self, lines: int) -> list[str]:
        """The last lines it wrote; raises `DockerTrouble`."""
        told: bytes = await self._engine.call(lambda _client: self._container.logs(tail=lines))
        return told.decode(errors="replace").splitlines()

    async def copy_logs(self, to: Path) -> None:
        """Append what it writes to the file `to`, for those who read and rotate it, until it ends.

        Raises:
            OSError: the file cannot be written.
        """
        last = ""
        while True:
            alive = False
            with contextlib.suppress(DockerTrouble):
                alive = await self.alive()
                last = await self._copy_since(last, to)
                if not alive:
                    return
            await asyncio.sleep(LOOK_SECONDS)

    async def _copy_since(self, last: str, to: Path) -> str:
        since = _seconds(last) if last else int(self.record.started_at) - 1
        told: bytes = await self._engine.call(
            lambda _client: self._container.logs(timestamps=True, since=since)
        )
        stamped = (line.partition(" ") for line in told.decode(errors="replace").splitlines())
        fresh = [(stamp, text) for stamp, _, text in stamped if stamp > last]
        if fresh:
            await asyncio.to_thread(_append, to, "".join(f"{text}\n" for _, text in fresh))
            return fresh[-1][0]
        return last

    async def _state(self) -> Mapping[str, Any] | None:
        def look(_client: DockerClient) -> Mapping[str, Any] | None:
            try:
                self._container.reload()
            except NotFound:
                return None
            state: Mapping[str, Any] = self._container.attrs["State"]
            return state

        return await self._engine.call(look)


def _create(client: DockerClient, launch: ContainerLaunch) -> Container:
    home = str(launch.home.resolve())
    for other in client.containers.list(all=True, filters={"label": f"{OWNER}={home}"}):
        if other.status in {"running", "paused", "restarting"}:
            raise VolumeInUse(volume=home, holder=other.name)
        other.remove()
    loopback = {f"{inner}/tcp": ("127.0.0.1", outer) for inner, outer in launch.ports.items()}
    public = {f"{inner}/tcp": outer for inner, outer in launch.public_ports.items()}
    return client.containers.create(
        launch.image,
        list(launch.arguments),
        name=launch.name,
        labels={OWNER: home},
        environment={"HOME": HOME, **launch.environment},
        # the files keep this user as their owner
        user=f"{os.getuid()}:{os.getgid()}" if os.name == "posix" else "",
        mounts=[Mount(HOME, home, type="bind")],
        ports={**loopback, **public},
        working_dir=HOME,
        network=launch.network,
        **launch.limits.arguments(),
        **hardening(),
    )


def _outcome(state: Mapping[str, Any], wanted: bool) -> Outcome:
    """Of `State` (Docker Engine API, ContainerInspect); 128 + n is the end by signal n."""
    code = int(state["ExitCode"])
    if state.get("OOMKilled"):
        return Outcome(None, 9, wanted=False)
    if code > SIGNALLED:
        return Outcome(None, code - SIGNALLED, wanted=wanted, forced=wanted and code == 137)
    return Outcome(code, wanted=wanted)


def _write(path: Path, record: ContainerRecord) -> None:
    make_private_folder(path.parent)
    write_durably(path, json.dumps(asdict(record)))


def _read(path: Path) -> ContainerRecord | None:
    try:
        return ContainerRecord(**json.loads(path.read_bytes()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise RecordNotReadable(path=path, error=error) from error


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def _seconds(stamp: str) -> int:
    return int(datetime.fromisoformat(stamp[:26].rstrip("Z") + "+00:00").timestamp())
