# SPDX-License-Identifier: Apache-2.0
"""What a DKG writes: kept apart before, held against the lock after, with the right modes."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import structlog

from node_manager.durable import PRIVATE_FILE, make_private_folder, sync_folder
from node_manager.obol.cluster import bls
from node_manager.obol.cluster.documents import Lock
from node_manager.obol.cluster.verification import Check, CheckState, result
from node_manager.obol.errors import ArtefactsWrong, KeystoreRefused
from node_manager.obol.folder import ClusterFolder
from node_manager.obol.keys.keystores import open_keystore, read_keystore

log = structlog.get_logger(__name__)

READ_ONLY = 0o400


def leftovers(folder: ClusterFolder) -> list[Path]:
    """What keeps charon from a new ceremony; the key is never among it."""
    found = [path for path in (folder.keystores, folder.lock) if path.exists()]
    return [*found, *sorted(folder.charon.glob("deposit-data*"))]


def holds_shares(folder: ClusterFolder) -> bool:
    """Whether there are key shares that nobody can make again, with their lock or still without.

    A ceremony that broke off here may have come to its end at the others, with the shares that
    were put into the archive.
    """
    if folder.lock.exists() or folder.keystores.exists():
        return True
    return any(folder.archive.glob(f"*/{folder.keystores.name}/keystore-*.json"))


def archive_leftovers(folder: ClusterFolder) -> Path | None:
    """Move what an earlier ceremony left out of charon's way; None when there is nothing.

    Raises:
        OSError: not everything could be moved; nothing is lost.
    """
    return _archive(folder, leftovers(folder))


def archive_definition(folder: ClusterFolder) -> Path | None:
    """Move the definition away, so that the Obol API is asked again; None when there is none.

    Raises:
        OSError: it is where it was.
    """
    return _archive(folder, [folder.definition] if folder.definition.exists() else [])


def _archive(folder: ClusterFolder, found: list[Path]) -> Path | None:
    if not found:
        return None
    make_private_folder(folder.archive)
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    target, number = folder.archive / stamp, 1
    while target.exists():
        number += 1
        target = folder.archive / f"{stamp}-{number}"
    make_private_folder(target)
    for path in found:
        path.rename(target / path.name)
    sync_folder(target)
    sync_folder(folder.charon)
    log.info("earlier artefacts archived", folder=str(target), files=len(found))
    return target


def set_modes(folder: ClusterFolder) -> None:
    """Folders 0700, key and its lock 0600, passwords 0400, the rest not for others.

    charon writes the key's lock anew each second. Blocks for the disk.
    """
    if os.name != "posix":
        return
    make_private_folder(folder.charon)
    for path in folder.charon.rglob("*"):
        if path.is_symlink():
            continue
        if path.is_dir():
            path.chmod(0o700)
        elif path.suffix == ".txt":
            path.chmod(READ_ONLY)
        elif path in {folder.key, folder.key_lock}:
            path.chmod(PRIVATE_FILE)
        elif path.stat().st_mode & 0o077:
            path.chmod(READ_ONLY)


def check_artefacts(folder: ClusterFolder, lock: Lock, operator: int) -> list[Check]:
    """Hold the key shares of this node (operator index from 0) against the lock.

    Blocks for the key derivations.
    """
    return list(_checks(folder, lock, operator))


def require_artefacts(checks: list[Check]) -> None:
    """Go on only when all fits.

    Raises:
        ArtefactsWrong: with the first check that failed.
    """
    for check in checks:
        if check.state is not CheckState.OK:
            raise ArtefactsWrong(check=check.title, reason=check.reason)


def _checks(folder: ClusterFolder, lock: Lock, operator: int) -> Iterator[Check]:
    files = keystore_files(folder)
    count = len(lock.distributed_validators)
    yield result(
        "keystores",
        "One key share for each validator",
        len(files) == count,
        f"The lock has {count} validators, and there are {len(files)} key shares.",
    )
    expected = {
        validator.public_shares[operator]: number
        for number, validator in enumerate(lock.distributed_validators, 1)
        if operator < len(validator.public_shares)
    }
    for file in files:
        yield _keystore(file, expected)


def _keystore(file: Path, expected: dict[bytes, int]) -> Check:
    check, title = f"{file.stem}", f"Key share {file.name} opens and fits the lock"
    try:
        told = read_keystore(file).public_key
        with open_keystore(file, password_of(file)) as secret:
            found = bls.public_key_of(secret.reveal())
    except KeystoreRefused as error:
        return result(check, title, False, str(error.facts.get("reason", "")))
    except ValueError:
        return result(check, title, False, "What it holds is no key.")
    if found != told:
        return result(check, title, False, "It holds another key than it says.")
    number = expected.pop(found, None)
    return result(check, title, number is not None, "The lock does not have this key share.")


def password_of(keystore: Path) -> str:
    """The password that charon wrote beside a keystore.

    Raises:
        KeystoreRefused: it is not there.
    """
    file = keystore.with_suffix(".txt")
    try:
        return file.read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = f"Its password {file.name} cannot be read: {error}."
        raise KeystoreRefused(path=keystore, reason=reason) from error


def keystore_files(folder: ClusterFolder) -> list[Path]:
    """The keystores in the order of their numbers."""
    found = folder.keystores.glob("keystore-*.json")
    return sorted(found, key=lambda path: (len(path.stem), path.stem))
