# SPDX-License-Identifier: Apache-2.0
"""From a sealed file on a disk to its payload: keys and backups of every kind open here.

A wrong passphrase is told from damage, and damage never opens. Calls block.
"""

from __future__ import annotations

from pathlib import Path

from cryptography.exceptions import InvalidTag

from node_manager.explanation import OneClickError
from node_manager.keys.envelope import MAX_FILE_BYTES, Envelope, unseal
from node_manager.keys.kdf import KdfPolicy
from node_manager.keys.protection import Protection
from node_manager.keys.secret import SecretBytes


def content_of(
    path: Path, *, unreadable: type[OneClickError], limit: int = MAX_FILE_BYTES
) -> bytes:
    """The file's content; of a larger one than `limit` a byte more than that, for its refusal.

    Raises:
        OneClickError: `unreadable` (facts `path`, `reason`): the file system does not give it.
    """
    try:
        with path.open("rb") as file:
            return file.read(limit + 1)
    except OSError as error:
        raise unreadable(path=path, reason=f"{error.strerror or error}.") from error


def open_sealed(
    envelope: Envelope,
    protection: Protection,
    policy: KdfPolicy,
    path: Path,
    *,
    wrong: OneClickError,
    damaged: type[OneClickError],
) -> SecretBytes:
    """The payload of an envelope whose checksum fits; whoever has it closes it.

    Raises:
        OneClickError: `wrong`: another protection, or a forged file; `damaged` (facts `path`,
            `reason`): no payload can be in it; or what the protection says.
    """
    with protection.key_for(envelope.lock, policy) as key:
        try:
            return unseal(envelope, key)
        except InvalidTag:
            raise wrong from None
        except ValueError as error:
            raise damaged(path=path, reason=f"Its sealed part is wrong: {error}.") from None
