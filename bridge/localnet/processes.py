# SPDX-License-Identifier: Apache-2.0
"""The localnet's processes: validators and release server, found again by their records."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from bridge.localnet.build import Build
from bridge.localnet.errors import NoBlocks, ProcessFailed
from bridge.localnet.record import LocalnetFolder, NetworkRecord, Validator
from node_manager.cosmos.errors import CosmosError
from node_manager.cosmos.rpc import Rpc
from node_manager.runtime.logfiles import tail
from node_manager.runtime.own_command import own_command
from node_manager.runtime.process import Launch, ManagedProcess

SERVER = "server"
GRACE_SECONDS = 15.0
UP_SECONDS = 60.0
BLOCK_SECONDS = 60.0
POLL_SECONDS = 0.2
LOG_LEVEL = "consensus:warn,state:warn,p2p:warn,pex:warn,txindex:warn,*:info"
"""Nobody rotates these logs: what every block repeats is left out, about 80 MB a day."""


def server_launch(folder: LocalnetFolder, build: Build, record: NetworkRecord) -> Launch:
    """The release server."""
    command = own_command(
        *("localnet", "serve", "--build", str(build.folder), "--www", str(folder.www)),
        *("--port", str(record.server_port)),
    )
    return Launch(name="release server", argv=command, cwd=folder.root, log=folder.log(SERVER))


def validator_launch(
    folder: LocalnetFolder, build: Build, record: NetworkRecord, validator: Validator
) -> Launch:
    """One genesis validator on the release that the record names."""
    home = folder.home(validator.name)
    binary = build.release(record.release).binary
    return Launch(
        name=validator.name,
        argv=[
            *(str(binary), "start", "--home", str(home)),
            *("--log_no_color", "--log_level", LOG_LEVEL),
        ],
        cwd=home,
        log=folder.log(validator.name),
    )


def names(record: NetworkRecord) -> tuple[str, ...]:
    """Every process of the network, in the order in which they start."""
    return (SERVER, *(validator.name for validator in record.validators))


async def adopt(folder: LocalnetFolder, name: str) -> ManagedProcess | None:
    """The running process `name`, None when it does not run."""
    return await ManagedProcess.adopt(folder.process(name))


async def start(folder: LocalnetFolder, name: str, launch: Launch) -> ManagedProcess:
    """Start one process, unless it runs already."""
    if (running := await adopt(folder, name)) is not None:
        return running
    return await ManagedProcess.spawn(launch, folder.process(name))


async def stop(folder: LocalnetFolder, name: str) -> bool:
    """Stop one process in order; whether it ran."""
    process = await adopt(folder, name)
    if process is None:
        return False
    await process.stop(GRACE_SECONDS)
    return True


async def wait_until(
    ready: Callable[[], Awaitable[bool]], process: ManagedProcess, log: Path, seconds: float
) -> None:
    """Wait until `ready`, as long as the process lives.

    Raises:
        ProcessFailed: the process ended, or was not ready in time.
    """
    deadline = time.monotonic() + seconds
    while not await ready():
        alive = process.alive()
        if not alive or time.monotonic() > deadline:
            last = await last_line(log)
            detail = last if not alive else f"It gives no answer after {seconds:.0f} s. {last}"
            raise ProcessFailed(name=process.name, detail=detail, log=log)
        await asyncio.sleep(POLL_SECONDS)


async def wait_for_block(rpc: Rpc, above: int, log: Path) -> int:
    """Wait for a block above the height `above`; the new height.

    Raises:
        NoBlocks: none came in time.
    """
    deadline = time.monotonic() + BLOCK_SECONDS
    while (height := await height_of(rpc)) is None or height <= above:
        if time.monotonic() > deadline:
            raise NoBlocks(seconds=int(BLOCK_SECONDS), detail=await last_line(log), log=log)
        await asyncio.sleep(POLL_SECONDS)
    return height


async def height_of(rpc: Rpc) -> int | None:
    """The node's height, None while it does not answer."""
    try:
        return (await rpc.status()).sync_info.latest_block_height
    except CosmosError:
        return None


async def last_line(log: Path) -> str:
    """The last line of a log, for an error message."""
    try:
        lines = await asyncio.to_thread(tail, log, 1)
    except OSError as error:
        return str(error)
    return lines[-1] if lines else "It wrote nothing."
