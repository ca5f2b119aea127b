# SPDX-License-Identifier: Apache-2.0
"""The local network as a whole: up, down, status, and the change to another release."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import structlog
from filelock import AsyncFileLock

from bridge.localnet import processes
from bridge.localnet.build import Build, builds_folder, ensure_build, load_build
from bridge.localnet.errors import NotRunning
from bridge.localnet.founding import configure, found
from bridge.localnet.genesis import ChainRules
from bridge.localnet.ports import SERVER_PORT, PortChooser
from bridge.localnet.processes import SERVER
from bridge.localnet.profile import write_profile
from bridge.localnet.record import LocalnetFolder, LocalnetInfo, NetworkRecord, read_record
from node_manager.cosmos.errors import CosmosError
from node_manager.cosmos.program import Program
from node_manager.cosmos.rpc import Rpc
from node_manager.durable import make_private_folder
from node_manager.layout import Layout

log = structlog.get_logger(__name__)

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ProcessStatus:
    """One process of the network; `pid` and `created_at` (Unix time) are None when it is gone."""

    name: str
    pid: int | None
    created_at: float | None


@dataclass(frozen=True, slots=True)
class LocalnetStatus:
    """What the local network does now.

    Attributes:
        record: None when there is no network on this computer.
        height: None when no validator answers.
        block_age: seconds since the last block, None when unknown.
    """

    record: NetworkRecord | None
    processes: tuple[ProcessStatus, ...] = ()
    height: int | None = None
    block_age: float | None = None

    @property
    def running(self) -> bool:
        """Whether every process of it runs."""
        return bool(self.processes) and all(each.pid is not None for each in self.processes)

    @property
    def stopped(self) -> bool:
        """Whether none of its processes runs."""
        return all(each.pid is None for each in self.processes)


async def up(
    layout: Layout,
    *,
    validators: int = 1,
    rules: ChainRules | None = None,
    on_progress: Say = lambda _line: None,
) -> LocalnetInfo:
    """Bring the local network up: build, found, start, publish; what is there already stays.

    `validators` and `rules` count for a new chain only; a stopped one goes on where it was.

    Raises:
        LocalnetError: what kept it from coming up. Processes that run by then go on, so that
            their logs tell; `down` ends them.
    """
    build = await ensure_build(layout, on_progress)
    folder = LocalnetFolder.of(layout)
    async with changing(folder):
        record = read_record(folder.record)
        if record is not None and (await _status(folder, record)).running:
            on_progress(f"The localnet {record.chain_id} runs already.")
            kept = load_build(builds_folder(layout) / record.build) or build
            return LocalnetInfo(layout, folder, record, kept, already_running=True)
        async with _choosing_ports(layout):
            if record is None:
                on_progress(f"Founding a chain of {validators} validators.")
                record = await _found(folder, build, validators, rules or ChainRules())
            else:
                on_progress(f"Starting the chain {record.chain_id} again.")
                record = await _with_free_ports(folder, record, build)
            info = LocalnetInfo(layout, folder, record, build)
            await configure(Program(info.posd), folder, record)
            await asyncio.to_thread(write_profile, info)
            await _start_server(folder, build, record)
            await _start_validators(folder, build, record, on_progress)
    on_progress(f"The localnet {record.chain_id} makes blocks. RPC: {info.rpc_url}")
    log.info("localnet up", chain_id=record.chain_id, validators=len(record.validators))
    return info


async def down(layout: Layout, *, forget: bool = False) -> bool:
    """Stop the network, validators before the server; whether anything ran.

    Args:
        forget: also remove the chain, its keys and its profile; the builds stay.

    Raises:
        ProcessDoesNotEnd, RecordUnreadable (not with `forget`).
    """
    folder = LocalnetFolder.of(layout)
    if not folder.root.exists():
        return False
    async with changing(folder):
        names = sorted(path.stem for path in folder.run.glob("*.json"))
        ran = await asyncio.gather(
            *(processes.stop(folder, name) for name in names if name != SERVER)
        )
        served = await processes.stop(folder, SERVER)
        if forget:
            await asyncio.to_thread(_forget, folder)
    log.info("localnet down", forgotten=forget)
    return served or any(ran)


async def status(layout: Layout) -> LocalnetStatus:
    """What the network does now; asks its processes and its RPC.

    Raises:
        RecordUnreadable: there is a network and nobody can tell which.
    """
    folder = LocalnetFolder.of(layout)
    record = read_record(folder.record)
    return LocalnetStatus(None) if record is None else await _status(folder, record)


async def running_info(layout: Layout) -> LocalnetInfo:
    """The network that runs.

    Raises:
        NotRunning: it does not.
    """
    folder = LocalnetFolder.of(layout)
    record = read_record(folder.record)
    if record is None or (await _status(folder, record)).stopped:
        raise NotRunning()
    build = load_build(builds_folder(layout) / record.build)
    if build is None:
        build = await ensure_build(layout, lambda _line: None)
    return LocalnetInfo(layout, folder, record, build)


async def switch_release(layout: Layout, name: str) -> LocalnetInfo:
    """Stop the validators and start them with the release `name`; returns when blocks come.

    Raises:
        NotRunning, ReleaseUnknown, ProcessFailed, NoBlocks.
    """
    info = await running_info(layout)
    info.build.release(name)
    folder = info.folder
    async with changing(folder):
        await asyncio.gather(
            *(processes.stop(folder, each.name) for each in info.record.validators)
        )
        record = info.record.model_copy(update={"release": name})
        record.write(folder.record)
        await _start_validators(folder, info.build, record, lambda _line: None)
    return replace(info, record=record)


async def _found(
    folder: LocalnetFolder, build: Build, validators: int, rules: ChainRules
) -> NetworkRecord:
    if validators < 1:
        raise ValueError("a network wants at least one validator")
    ports = PortChooser()
    server_port = ports.near(SERVER_PORT, "release server")
    return await found(build, folder, validators, rules, ports, server_port)


async def _with_free_ports(
    folder: LocalnetFolder, record: NetworkRecord, build: Build
) -> NetworkRecord:
    """The record with the ports that its stopped processes can have; running ones keep theirs.

    Whatever starts now starts from `build`, which the record names from here on.
    """
    status = await _status(folder, record)
    running = {each.name for each in status.processes if each.pid is not None}
    kept = [each for each in record.validators if each.name in running]
    taken: list[int] = [port for each in kept for port in each.ports.model_dump().values()]
    chooser = PortChooser([*taken, *([record.server_port] if SERVER in running else [])])
    members = tuple(
        each
        if each.name in running
        else each.model_copy(update={"ports": chooser.validator(0, each.ports)})
        for each in record.validators
    )
    port = record.server_port
    if SERVER not in running:
        port = chooser.near(port, "release server")
    changed = record.model_copy(
        update={"validators": members, "server_port": port, "build": build.key}
    )
    if changed != record:
        changed.write(folder.record)
    return changed


async def _start_server(folder: LocalnetFolder, build: Build, record: NetworkRecord) -> None:
    launch = processes.server_launch(folder, build, record)
    process = await processes.start(folder, SERVER, launch)
    url = f"http://127.0.0.1:{record.server_port}/genesis.json.sha256"

    async with httpx.AsyncClient(timeout=2, trust_env=False) as client:

        async def answers() -> bool:
            with contextlib.suppress(httpx.HTTPError):
                return (await client.get(url)).text.startswith(record.genesis_sha256)
            return False

        log_file = folder.log(SERVER)
        await processes.wait_until(answers, process, log_file, processes.UP_SECONDS)
    process.leave()


async def _start_validators(
    folder: LocalnetFolder, build: Build, record: NetworkRecord, say: Say
) -> None:
    say("Starting the validators and waiting for a block.")
    started = [
        (
            validator,
            await processes.start(
                folder,
                validator.name,
                processes.validator_launch(folder, build, record, validator),
            ),
        )
        for validator in record.validators
    ]
    for validator, process in started:
        async with Rpc(validator.rpc_url, timeout=2) as rpc:

            async def answers(rpc: Rpc = rpc, node_id: str = validator.node_id) -> bool:
                with contextlib.suppress(CosmosError):
                    return (await rpc.status()).node_info.id == node_id
                return False

            file = folder.log(validator.name)
            await processes.wait_until(answers, process, file, processes.UP_SECONDS)
        process.leave()
    first = record.validators[0]
    async with Rpc(first.rpc_url, timeout=2) as rpc:
        # the RPC counts a block before the application accepts it: only the next one proves that
        height = await processes.height_of(rpc) or 0
        await processes.wait_for_block(rpc, height + 1, folder.log(first.name))


async def _status(folder: LocalnetFolder, record: NetworkRecord) -> LocalnetStatus:
    found_processes = []
    for name in processes.names(record):
        process = await processes.adopt(folder, name)
        found_processes.append(
            ProcessStatus(name, None, None)
            if process is None
            else ProcessStatus(name, process.pid, process.create_time)
        )
    running = {each.name for each in found_processes if each.pid is not None}
    # at the port of a stopped validator another network may answer
    urls = [each.rpc_url for each in record.validators if each.name in running]
    height, age = await _progress(urls)
    return LocalnetStatus(record, tuple(found_processes), height, age)


async def _progress(rpc_urls: Iterable[str]) -> tuple[int | None, float | None]:
    for url in rpc_urls:
        async with Rpc(url, timeout=2) as rpc:
            with contextlib.suppress(CosmosError):
                sync = (await rpc.status()).sync_info
                return sync.latest_block_height, max(0.0, time.time() - sync.latest_block_time)
    return None, None


def _forget(folder: LocalnetFolder) -> None:
    folder.record.unlink(missing_ok=True)
    for path in (
        folder.profile,
        folder.www,
        folder.wallet,
        folder.validators,
        folder.run,
        folder.logs,
    ):
        shutil.rmtree(path, ignore_errors=True)


@contextlib.asynccontextmanager
async def changing(folder: LocalnetFolder) -> AsyncIterator[None]:
    """One change of this network at a time, whichever process makes it."""
    make_private_folder(folder.root)
    async with AsyncFileLock(folder.lock):
        yield


@contextlib.asynccontextmanager
async def _choosing_ports(layout: Layout) -> AsyncIterator[None]:
    """Between choosing a port and listening there, no other network of this user chooses."""
    lock: Path = make_private_folder(layout.cache) / "localnet-ports.lock"
    async with AsyncFileLock(lock):
        yield
