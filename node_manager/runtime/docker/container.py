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
from pathlib import Path
from typing import Any, Self

import structlog
from docker import DockerClient
from docker.errors import NotFound
from docker.models.containers import Container
from docker.types import Mount

from node_manager.durable import make_private_folder, write_durably
from node_manager.runtime.child import ProcessUsage
from node_manager.runtime.docker.container_log import ContainerLog
from node_manager.runtime.docker.engine import DockerEngine
from node_manager.runtime.docker.errors import DockerTrouble, VolumeInUse
from node_manager.runtime.docker.limits import Limits, hardening
from node_manager.runtime.errors import RecordNotReadable
from node_manager.runtime.outcome import Outcome

log = structlog.get_logger(__name__)

HOME = "/home-of-node"
"""Where the node's home is inside."""

OWNER = "oneclick.home"
HOST_NETWORK = "host"
"""The network of this computer itself; nothing is published then. Linux only."""

LOOK_SECONDS = 0.5
LOG_MARK = ".log-mark"
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
        read_only: folders of this computer to where they are inside, not to be written.
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
    read_only: Mapping[Path, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ContainerRecord:
    """By what the next start of the app finds it."""

    name: str
    id: str
    started_at: float


class ManagedContainer:
    """One container, started by this run of the app or adopted from an earlier one.

    Attributes:
        log: what it writes.
    """

    def __init__(
        self, engine: DockerEngine, container: Container, record: ContainerRecord, log_mark: Path
    ) -> None:
        """Take over a running container; use `spawn` or `adopt`."""
        self.record = record
        self.log = ContainerLog(engine, container, record.started_at, log_mark)
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
        return cls(engine, container, written, record.with_suffix(LOG_MARK))

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
        return cls(engine, container, found, record.with_suffix(LOG_MARK))

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

    def usage(self) -> ProcessUsage | None:
        """CPU as a share of one core since the last reading, memory in bytes; None when gone.

        It blocks while the engine measures.
        """

        def read(_client: DockerClient) -> Mapping[str, Any]:
            told: Any = self._container.stats(stream=False)
            return dict(told)

        try:
            told = self._engine.call_now(read)
            memory = _resident(told["memory_stats"])
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
    if launch.network == HOST_NETWORK:
        return client.containers.create(**_common(launch, home), network_mode=HOST_NETWORK)
    loopback = {f"{inner}/tcp": ("127.0.0.1", outer) for inner, outer in launch.ports.items()}
    public = {f"{inner}/tcp": outer for inner, outer in launch.public_ports.items()}
    return client.containers.create(
        **_common(launch, home), ports={**loopback, **public}, network=launch.network
    )


def _common(launch: ContainerLaunch, home: str) -> dict[str, Any]:
    return {
        "image": launch.image,
        "command": list(launch.arguments),
        "name": launch.name,
        "labels": {OWNER: home},
        "environment": {"HOME": HOME, **launch.environment},
        "user": own_user(),
        "mounts": mounts(launch.home, launch.read_only),
        "working_dir": HOME,
        **launch.limits.arguments(),
        **hardening(),
    }


def mounts(home: Path, read_only: Mapping[Path, str]) -> list[Mount]:
    """The home, and over it what is not to be written."""
    return [
        Mount(HOME, str(home.resolve()), type="bind"),
        *(
            Mount(inside, str(folder.resolve()), type="bind", read_only=True)
            for folder, inside in read_only.items()
        ),
    ]


def own_user() -> str:
    """The files that a container writes keep this user as their owner."""
    return f"{os.getuid()}:{os.getgid()}" if os.name == "posix" else ""


def _resident(memory: Mapping[str, Any]) -> int:
    """Without the files that the system keeps in memory as long as nobody wants it.

    Of `memory_stats` (Docker Engine API, ContainerStats), cgroup 2 or 1.
    """
    kept = memory.get("stats", {})
    return int(memory["usage"]) - int(kept.get("inactive_file", kept.get("total_inactive_file", 0)))


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
