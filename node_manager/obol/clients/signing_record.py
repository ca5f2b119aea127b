# SPDX-License-Identifier: Apache-2.0
"""What a validator client has signed, carried over to the next one (EIP-3076 interchange).

A client without the record of the one before it could sign what contradicts it, and be slashed.
One client holds the record at a time, named in a file: it is written before that client is
started, and no other client is started until the record was carried over to it, which its own
export proves. Nimbus reads and
writes its record by its beacon node's program. Commands: each client's own documentation.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from node_manager.durable import make_private_folder, write_durably
from node_manager.obol.clients.errors import RecordNotCarried
from node_manager.obol.clients.kinds import CLIENTS, Client, client_of
from node_manager.obol.folder import ClusterFolder
from node_manager.obol.settings import DvSettings
from node_manager.runtime.short_command import run_short

COMMAND_SECONDS = 300.0
SAID_BYTES = 400
FORMAT = "5"
"""`interchange_format_version` of EIP-3076."""

EXPORTED = "slashing_protection.json"
"""Prysm names its file so; the others take any name."""


@dataclass(frozen=True, slots=True)
class RecordCommands:
    """How one client writes its record to a file, and takes one from a file.

    Attributes:
        program: what does it, empty for the client's own program.
        kept_in: where in its data a client that ran has its record, for one whose export names no
            key before the first signature: without a key it has signed nothing then.
    """

    export: Callable[[Client, Path], list[str]]
    take: Callable[[Client, Path], list[str]]
    program: str = ""
    kept_in: str = ""


def _lighthouse(act: str) -> Callable[[Client, Path], list[str]]:
    return lambda client, file: [
        *("account", "validator", "slashing-protection", act, str(file)),
        f"--datadir={client.data}",
        f"--network={client.settings.network}",
    ]


def _teku(act: str, flag: str) -> Callable[[Client, Path], list[str]]:
    return lambda client, file: [
        *("slashing-protection", act),
        f"--data-path={client.data}",
        f"{flag}={file}",
    ]


def _nimbus(act: str) -> Callable[[Client, Path], list[str]]:
    return lambda client, file: [
        *("slashingdb", act, str(file)),
        f"--data-dir={client.data}",
        f"--validators-dir={client.data / 'validators'}",
    ]


def _lodestar(act: str) -> Callable[[Client, Path], list[str]]:
    return lambda client, file: [
        *("validator", "slashing-protection", act),
        f"--network={client.settings.network}",
        f"--dataDir={client.data}",
        f"--file={file}",
    ]


def _prysm(act: str, flag: str) -> Callable[[Client, Path], list[str]]:
    return lambda client, file: [
        *("slashing-protection-history", act),
        "--accept-terms-of-use",
        f"--{client.settings.network}",
        f"--datadir={client.data}",
        f"{flag}={file.parent if act == 'export' else file}",
    ]


COMMANDS: dict[str, RecordCommands] = {
    "lighthouse": RecordCommands(_lighthouse("export"), _lighthouse("import")),
    "teku": RecordCommands(_teku("export", "--to"), _teku("import", "--from")),
    "nimbus": RecordCommands(_nimbus("export"), _nimbus("import"), "nimbus_beacon_node"),
    "lodestar": RecordCommands(_lodestar("export"), _lodestar("import"), kept_in="validator-db"),
    "prysm": RecordCommands(
        _prysm("export", "--slashing-protection-export-dir"),
        _prysm("import", "--slashing-protection-json-file"),
    ),
}


def _file(folder: ClusterFolder) -> Path:
    return folder.client / "record-holder"


def holder(folder: ClusterFolder) -> str:
    """The client that holds the record, empty while none has signed. Blocks for the disk.

    Raises:
        OSError: whether there is one is unknown.
    """
    try:
        return _file(folder).read_text("utf-8").strip()
    except FileNotFoundError:
        return ""


def take_record(folder: ClusterFolder, kind: str) -> None:
    """Let this client hold the record from now on. Blocks for the disk.

    Raises:
        RecordNotCarried: another one holds it; nothing may be signed.
        OSError: it could not be written; nothing may be signed.
    """
    before = holder(folder)
    if before and before != kind:
        raise RecordNotCarried(
            before=before, after=kind, reason=f"It was never brought from {before} to {kind}."
        )
    if not before:
        _name(folder, kind)


def _name(folder: ClusterFolder, kind: str) -> None:
    make_private_folder(folder.client)
    write_durably(_file(folder), kind)


async def carry_record(folder: ClusterFolder, before: DvSettings, after: DvSettings) -> Path | None:
    """Bring the record to the client of `after`, which then holds it; the file it went by.

    No client of this validator may run. None when nothing was signed yet, or the client of
    `after` holds the record already.

    Raises:
        RecordNotCarried: the record stays where it is, and so does the client.
        OSError: the same.
    """
    kind = after.validator_client.kind
    source = await asyncio.to_thread(holder, folder)
    if not source or source == kind:
        return None
    if source not in CLIENTS:
        raise RecordNotCarried(before=source, after=kind, reason=f"{source} is no known client.")
    if source != before.validator_client.kind:
        client = before.validator_client.model_copy(update={"kind": source, "program": ""})
        before = before.model_copy(update={"validator_client": client})
    old, new = client_of(folder, before), client_of(folder, after)
    file = folder.client / "records" / f"{int(time.time())}-{source}-{kind}" / EXPORTED
    for place in (folder.client, file.parent.parent, file.parent, new.data):
        await asyncio.to_thread(make_private_folder, place)
    commands = COMMANDS[source], COMMANDS[kind]
    kept_in = commands[0].kept_in
    if kept_in and not await asyncio.to_thread((old.data / kept_in).is_dir):
        # its export would make an empty one, and tell of that
        why = f"{source} has no record in its folder."
        raise RecordNotCarried(before=source, after=kind, reason=why)
    await _run(old, new, old, commands[0], commands[0].export(old, file))
    if await asyncio.to_thread(_highest, file, source, source, kind, unsigned=bool(kept_in)):
        await _run(old, new, new, commands[1], commands[1].take(new, file))
        back = file.parent / "read-back" / EXPORTED
        await asyncio.to_thread(make_private_folder, back.parent)
        await _run(old, new, new, commands[1], commands[1].export(new, back))
        await asyncio.to_thread(_require_known, file, back, source, kind)
    await asyncio.to_thread(_name, folder, kind)
    return file


def _require_known(given: Path, back: Path, before: str, after: str) -> None:
    """Hold what the new client tells of its record against what it was given.

    Raises:
        RecordNotCarried: it could sign below something that was signed.
    """
    found = _highest(back, after, before, after)
    for key, signed in _highest(given, before, before, after).items():
        for what, height in signed.items():
            if found.get(key, {}).get(what, -1) < height:
                why = f"{after} does not know {what} {height} of the key 0x{key}."
                raise RecordNotCarried(before=before, after=after, reason=why)


def _highest(
    file: Path, writer: str, before: str, after: str, *, unsigned: bool = False
) -> dict[str, dict[str, int]]:
    """By public key, the highest slot, source and target that an interchange file tells of.

    Raises:
        RecordNotCarried: it is none, or tells of no key though not `unsigned`.
    """
    found: dict[str, dict[str, int]] = {}
    try:
        content = json.loads(file.read_bytes())
        version = content["metadata"]["interchange_format_version"]
        for one in content["data"]:
            told = found.setdefault(one["pubkey"].lower().removeprefix("0x"), {})
            blocks = [("the slot", int(block["slot"])) for block in one["signed_blocks"]]
            votes = [
                (f"the {end}", int(vote[f"{end}_epoch"]))
                for vote in one["signed_attestations"]
                for end in ("source", "target")
            ]
            for what, height in (*blocks, *votes):
                told[what] = max(height, told.get(what, -1))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        why = f"What {writer} wrote is no interchange file: {error!r}."
        raise RecordNotCarried(before=before, after=after, reason=why) from error
    if version != FORMAT or not (found or unsigned):
        why = f"{writer} wrote format {version} with {len(found)} keys."
        raise RecordNotCarried(before=before, after=after, reason=why)
    return found


async def _run(
    old: Client, new: Client, client: Client, commands: RecordCommands, arguments: list[str]
) -> None:
    def refused(reason: str) -> RecordNotCarried:
        return RecordNotCarried(before=old.name, after=new.name, reason=reason)

    named, found = await asyncio.to_thread(_program, client, commands)
    if found is None:
        raise refused(f"The program {named} is not on this computer.")
    argv = [str(found), *arguments]
    try:
        code, told = await run_short(
            argv, COMMAND_SECONDS, cwd=client.folder.client, with_stderr=True
        )
    except OSError as error:
        raise refused(f"{named} cannot be started: {error.strerror or error}.") from error
    except TimeoutError:
        raise refused(f"{named} did not end in time.") from None
    if code != 0:
        said = told.strip()[-SAID_BYTES:] or f"exit code {code}"
        raise refused(f"The program {named} said: {said}")


def _program(client: Client, commands: RecordCommands) -> tuple[str, Path | None]:
    """Name and place of the program that does it: the client's, or one beside it."""
    named = client.settings.validator_client.program or client.program
    found = shutil.which(named)
    if commands.program:
        beside = Path(found).parent / commands.program if found else None
        there = beside is not None and beside.is_file()
        named, found = commands.program, str(beside) if there else shutil.which(commands.program)
    return named, Path(found).absolute() if found else None
