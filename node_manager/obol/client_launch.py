# SPDX-License-Identifier: Apache-2.0
"""Bringing a validator client to its start: key shares laid out, imports done, program found."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from node_manager.durable import write_durably
from node_manager.obol.clients import Client, Command, client_of
from node_manager.obol.errors import ProgramMissing, VcImportFailed
from node_manager.obol.folder import ClusterFolder
from node_manager.obol.settings import DvSettings
from node_manager.runtime.own_command import child_environment
from node_manager.runtime.process import Launch

IMPORT_SECONDS = 120.0
SAID_BYTES = 400


def client_program(client: Client, settings: DvSettings) -> Path:
    """Where the client's program is.

    Raises:
        ProgramMissing: it is not there.
    """
    named = settings.validator_client.program or client.program
    found = shutil.which(named)
    if found is None:
        raise ProgramMissing(program=named, reason="It was not found on this computer.")
    return Path(found).absolute()


async def client_launch(folder: ClusterFolder, settings: DvSettings) -> Launch:
    """The launch of the cluster's validator client, after its key shares are in place.

    Raises:
        ProgramMissing, KeystoreRefused, VcImportFailed: it cannot be started.
    """
    client = client_of(folder, settings)
    program = await asyncio.to_thread(client_program, client, settings)
    for command in await asyncio.to_thread(client.prepare):
        await _run(client, program, command)
    return Launch(
        name=client.name,
        argv=[str(program), *client.arguments()],
        cwd=client.data,
        log=folder.logs / "vc.log",
    )


async def _run(client: Client, program: Path, command: Command) -> None:
    process = await asyncio.create_subprocess_exec(
        str(program),
        *command.argv,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=child_environment(),
        cwd=client.data,
    )
    try:
        told, _ = await asyncio.wait_for(process.communicate(), IMPORT_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise VcImportFailed(client=client.name, said="nothing in time") from None
    if process.returncode != 0:
        said = told.decode("utf-8", "replace").strip()[-SAID_BYTES:]
        raise VcImportFailed(client=client.name, said=said or f"exit code {process.returncode}")
    await asyncio.to_thread(write_durably, command.stamp, "")
