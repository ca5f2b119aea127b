# SPDX-License-Identifier: Apache-2.0
"""`key`: custody of the consensus key. Works on the files, beside a running app too.

Only `repair` asks the running app: no signer may start meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
from datetime import datetime
from pathlib import Path

from bridge.cli.parser import Chosen
from bridge.cli.passphrase import obtain
from bridge.server.control_client import ControlClient
from node_manager.errors import UnknownNode
from node_manager.keys.backup import read_header
from node_manager.keys.protection import Keyring, Passphrase, Protection
from node_manager.keys.sheet import recovery_sheet
from node_manager.node.custody import Custody
from node_manager.node.record import load_record


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command with its acts."""
    parser = commands.add_parser("key", help="custody of the consensus key")
    acts = parser.add_subparsers(title="acts", metavar="ACT", required=True)
    _act(acts, "show", show, "the public key, its address and how it is protected")
    backup = _act(acts, "backup", back_up, "write key and signing state to one encrypted file")
    backup.add_argument("file", type=Path)
    backup.add_argument("--backup-passphrase-file", type=Path)
    verify = _act(acts, "verify", verify_backup, "open a backup and compare it with the key")
    verify.add_argument("file", type=Path)
    verify.add_argument("--backup-passphrase-file", type=Path)
    sheet = _act(acts, "sheet", print_sheet, "write the printable recovery sheet of a backup")
    sheet.add_argument("file", type=Path)
    sheet.add_argument("output", type=Path, help="the HTML file to write")
    repair = _act(acts, "repair", repair_record, "raise a damaged signing record above the chain")
    repair.add_argument(
        "--other-machines-are-off",
        action="store_true",
        help="confirms that no other computer signs with this key, now or later",
    )
    protect = _act(acts, "protect", change_protection, "change how the key is encrypted")
    protect.add_argument("mode", choices=("keyring", "passphrase"))
    protect.add_argument("--new-passphrase-file", type=Path)


def _act(
    acts: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: object,
    words: str,
) -> argparse.ArgumentParser:
    parser = acts.add_parser(name, help=words)
    parser.add_argument("--node", help="the validator's id; the only one without it")
    parser.add_argument("--passphrase-file", type=Path, help="private file with the passphrase")
    parser.set_defaults(run=run)
    return parser


def show(chosen: Chosen) -> int:
    """Print what can be read without opening the key."""
    info = _custody(chosen).info()
    print(f"public key  {info.public_key.base64}")
    print(f"address     {info.address}")
    print(f"chain       {info.chain_id}")
    print(f"protected   by {info.mode}")
    print(f"made        {info.created_at} ({info.origin})")
    return 0


def back_up(chosen: Chosen) -> int:
    """Write a backup and prove it by opening it."""
    custody = _custody(chosen)
    asyncio.run(_back_up(custody, chosen))
    print(f"Backed up to {chosen.file} and proved by opening it. Keep it apart from this computer.")
    return 0


async def _back_up(custody: Custody, chosen: Chosen) -> None:
    opener = None
    if custody.info().mode == "passphrase":
        opener = obtain(chosen.passphrase_file, "Passphrase of the key")
    unlocked = await custody.open(opener)
    secret = obtain(chosen.backup_passphrase_file, "A passphrase for the backup")
    with unlocked.seed:
        await custody.back_up(chosen.file, secret, unlocked)
    await custody.prove_backup(chosen.file, secret)


def verify_backup(chosen: Chosen) -> int:
    """Open a backup and compare it."""
    custody = _custody(chosen)
    secret = obtain(chosen.backup_passphrase_file, "Passphrase of the backup")
    proof = asyncio.run(custody.prove_backup(chosen.file, secret))
    when = datetime.fromtimestamp(proof.verified_at).astimezone()
    print(f"This backup holds the validator's key and its signing state. Proved {when:%c}.")
    return 0


def print_sheet(chosen: Chosen) -> int:
    """Write the recovery sheet; it holds no secret."""
    chosen.output.write_text(recovery_sheet(read_header(chosen.file)), encoding="utf-8")
    print(f"Written to {chosen.output}. Print it and keep it with the backup.")
    return 0


def change_protection(chosen: Chosen) -> int:
    """Encrypt the key another way; no copy under the old protection remains."""
    custody = _custody(chosen)
    old: Protection = Keyring()
    if custody.info().mode == "passphrase":
        old = Passphrase(obtain(chosen.passphrase_file, "Present passphrase"))
    new: Protection = Keyring()
    if chosen.mode == "passphrase":
        new = Passphrase(obtain(chosen.new_passphrase_file, "New passphrase"))
    info = asyncio.run(custody.store.change_protection(old, new))
    print(f"The key is protected by {info.mode} now.")
    return 0


def repair_record(chosen: Chosen) -> int:
    """Have the running app watch the network and raise the record; it takes ten blocks."""
    above = asyncio.run(_repair(chosen))
    print(f"The record is repaired: nothing is signed up to height {above}. Start the validator.")
    return 0


async def _repair(chosen: Chosen) -> int:
    node_id = _node_id(chosen)
    async with ControlClient(chosen.layout) as client:
        repaired = await client.repair_record(
            node_id, other_machines_are_off=chosen.other_machines_are_off
        )
    return repaired.above


def _custody(chosen: Chosen) -> Custody:
    folder = chosen.layout.node(_node_id(chosen))
    return Custody(folder, load_record(folder.record))


def _node_id(chosen: Chosen) -> str:
    ids = sorted(file.parent.name for file in chosen.layout.nodes.glob("*/node.json"))
    named: str = chosen.node or (ids[0] if len(ids) == 1 else "")
    if named not in ids:
        raise UnknownNode(node_id=named or "unnamed")
    return named
