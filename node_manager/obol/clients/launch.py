# SPDX-License-Identifier: Apache-2.0
"""Bringing a validator client to its start: key shares laid out, imports done, program found."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from node_manager.durable import write_durably
from node_manager.obol.clients.errors import VcImportFailed
from node_manager.obol.clients.kinds import Client, Command, client_of
from node_manager.obol.clients.signing_record import take_record
from node_manager.obol.errors import ProgramMissing
from node_manager.obol.folder import ClusterFolder
from node_manager.obol.settings import DvSettings
from node_manager.runtime.process import Launch, ManagedProcess
from node_manager.runtime.short_command import run_short

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
        RecordNotCarried: another client signed before it.
    """
    client = client_of(folder, settings)
    program = await asyncio.to_thread(client_program, client, settings)
    for command in await asyncio.to_thread(client.prepare):
        await _run(client, program, command)
    await asyncio.to_thread(take_record, folder, client.name)
    return Launch(
        name=client.name,
        argv=[str(program), *client.arguments()],
        cwd=client.data,
        log=folder.logs / "vc.log",
    )


async def end_other_client(record: Path, kind: str, grace_seconds: float) -> None:
    """End the client of an earlier run when it is not the one that is wanted now.

    Raises:
        RecordNotReadable: whether one runs is unknown.
        ProcessDoesNotEnd: it still runs.
    """
    process = await ManagedProcess.adopt(record)
    if process is not None and process.name != kind:
        await process.stop(grace_seconds)


async def _run(client: Client, program: Path, command: Command) -> None:
    argv = [str(program), *command.argv]
    try:
        code, told = await run_short(argv, IMPORT_SECONDS, cwd=client.data, with_stderr=True)
    except OSError as error:
        raise ProgramMissing(program=program, reason=f"{error.strerror or error}.") from error
    except TimeoutError:
        raise VcImportFailed(client=client.name, said="nothing in time") from None
    if code != 0:
        said = told.strip()[-SAID_BYTES:]
        raise VcImportFailed(client=client.name, said=said or f"exit code {code}")
    await asyncio.to_thread(write_durably, command.stamp, "")
