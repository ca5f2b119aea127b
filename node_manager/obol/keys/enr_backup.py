# SPDX-License-Identifier: Apache-2.0
"""The encrypted backup of an ENR key: made, proved by opening it, and restored.

One sealed JSON file (see `node_manager.keys.envelope`): a readable header, and the 32-byte key
under a passphrase. Calls block for the key derivation.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Literal

from eth_utils.exceptions import ValidationError

from node_manager.keys.backup_place import write_new
from node_manager.keys.envelope import (
    Envelope,
    Line,
    Part,
    PassphraseLock,
    parse,
    render,
    seal,
)
from node_manager.keys.errors import BackupPassphraseWrong
from node_manager.keys.kdf import PRODUCT_POLICY, KdfPolicy
from node_manager.keys.opening import content_of, open_sealed
from node_manager.keys.protection import Passphrase
from node_manager.keys.secret import SecretBytes
from node_manager.obol.errors import EnrBackupDamaged, EnrBackupNewer, EnrBackupOther
from node_manager.obol.keys.enr import Enr, make_enr
from node_manager.obol.keys.keyfile import KEY_FILE, read_key, write_key
from node_manager.version import VERSION as APP_VERSION


class EnrHeader(Part):
    """What can be read without opening it."""

    enr: str
    public_key: str
    created_at: Line
    app_version: Line


class EnrBackup(Envelope):
    """The file."""

    kind: Literal["enr-key-backup"] = "enr-key-backup"
    header: EnrHeader
    lock: PassphraseLock


def back_up_key(
    folder: Path, target: Path, passphrase: Passphrase, *, policy: KdfPolicy = PRODUCT_POLICY
) -> Enr:
    """Write the backup of the key in charon's data folder, and prove it by opening it.

    Raises:
        PassphraseWeak: the passphrase is too easy to guess.
        EnrKeyMissing, EnrKeyDamaged: there is no key.
        BackupExists, BackupNotWritten: there is no backup at `target`.
    """
    passphrase.require_strong()
    with SecretBytes(bytearray(read_key(folder / KEY_FILE))) as secret:
        enr = make_enr(secret.reveal())
        lock, key = passphrase.new_lock("", policy)
        header = EnrHeader(
            enr=enr.text,
            public_key=enr.public_key_hex,
            created_at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            app_version=APP_VERSION,
        )
        with key:
            sealed = seal(EnrBackup(lock=lock, header=header), secret, key)
    write_new(target, render(sealed))
    prove_backup(target, passphrase, enr, policy=policy)
    return enr


def prove_backup(
    path: Path, passphrase: Passphrase, enr: Enr, *, policy: KdfPolicy = PRODUCT_POLICY
) -> None:
    """Open a backup and hold it against this node's ENR.

    Raises:
        BackupPassphraseWrong, EnrBackupDamaged, EnrBackupNewer: it does not open.
        EnrBackupOther: it opens and holds another key.
    """
    with _open(path, passphrase, policy) as secret:
        found = make_enr(secret.reveal())
    if found.text != enr.text:
        raise EnrBackupOther(path=path, found=found.text, expected=enr.text)


def restore_key(
    path: Path, folder: Path, passphrase: Passphrase, *, policy: KdfPolicy = PRODUCT_POLICY
) -> Enr:
    """Write the key of a backup into charon's data folder.

    Raises:
        BackupPassphraseWrong, EnrBackupDamaged, EnrBackupNewer: it does not open.
        EnrKeyExists: the folder has a key; it is kept.
    """
    with _open(path, passphrase, policy) as secret:
        write_key(folder, secret.reveal())
        return make_enr(secret.reveal())


def read_header(path: Path) -> EnrHeader:
    """What a backup says of itself.

    Raises:
        EnrBackupDamaged, EnrBackupNewer: it is no whole backup of this format.
    """
    return _read(path).header


def _read(path: Path) -> EnrBackup:
    content = content_of(path, unreadable=EnrBackupDamaged)
    return parse(EnrBackup, content, path, damaged=EnrBackupDamaged, newer=EnrBackupNewer)


def _open(path: Path, passphrase: Passphrase, policy: KdfPolicy) -> SecretBytes:
    backup = _read(path)
    wrong = BackupPassphraseWrong(path=path)
    secret = open_sealed(backup, passphrase, policy, path, wrong=wrong, damaged=EnrBackupDamaged)
    try:
        found = make_enr(secret.reveal())
    except ValidationError:
        secret.close()
        raise EnrBackupDamaged(path=path, reason="What it holds is no key.") from None
    if found.text != backup.header.enr:
        secret.close()
        raise EnrBackupDamaged(path=path, reason="Its key is not that of the ENR it names.")
    return secret
