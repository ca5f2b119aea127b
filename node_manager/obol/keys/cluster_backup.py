# SPDX-License-Identifier: Apache-2.0
"""The encrypted backup of charon's whole folder: ENR key, key shares with passwords, lock.

Line 1: a sealed envelope (canonical JSON) that holds a random file key under the passphrase.
The rest: 12 bytes of nonce and a gzipped tar under that key (ChaCha20-Poly1305, line 1 bound as
associated data). Calls block.
"""

from __future__ import annotations

import io
import os
import tarfile
import time
from pathlib import Path, PurePosixPath
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from node_manager.durable import make_private_folder, write_durably
from node_manager.keys.backup_place import write_new
from node_manager.keys.envelope import (
    Envelope,
    Line,
    Part,
    PassphraseLock,
    canonical,
    parse,
    seal,
)
from node_manager.keys.errors import BackupPassphraseWrong
from node_manager.keys.kdf import KEY_SIZE, PRODUCT_POLICY, KdfPolicy
from node_manager.keys.opening import content_of, open_sealed
from node_manager.keys.protection import Passphrase
from node_manager.keys.secret import SecretBytes
from node_manager.obol.errors import ClusterBackupRefused, EnrBackupNewer, EnrKeyExists
from node_manager.obol.folder import ClusterFolder
from node_manager.obol.keys.keyfile import KEY_FILE, read_public

MAX_BYTES = 256 * 1024 * 1024
_NONCE = 12


class ClusterHeader(Part):
    """What can be read without opening it."""

    enr: str
    lock_hash: str
    created_at: Line


class ClusterBackup(Envelope):
    """The first line of the file."""

    kind: Literal["distributed-validator-backup"] = "distributed-validator-backup"
    header: ClusterHeader
    lock: PassphraseLock


def back_up_cluster(
    folder: ClusterFolder,
    target: Path,
    passphrase: Passphrase,
    *,
    lock_hash: str = "",
    policy: KdfPolicy = PRODUCT_POLICY,
) -> None:
    """Write the backup and prove it by opening it.

    Raises:
        PassphraseWeak: the passphrase is too easy to guess.
        EnrKeyMissing, EnrKeyDamaged: there is nothing to back up.
        BackupExists, BackupNotWritten: there is no backup at `target`.
    """
    passphrase.require_strong()
    header = ClusterHeader(
        enr=read_public(folder.charon).text,
        lock_hash=lock_hash,
        created_at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    )
    content = _pack(folder)
    lock, key = passphrase.new_lock("", policy)
    with key, SecretBytes.random(KEY_SIZE) as file_key:
        first = canonical(seal(ClusterBackup(lock=lock, header=header), file_key, key))
        nonce = os.urandom(_NONCE)
        with file_key.view() as view:
            body = ChaCha20Poly1305(view).encrypt(nonce, content, first)
    write_new(target, first + b"\n" + nonce + body)
    if _open(target, passphrase, policy) != content:
        raise ClusterBackupRefused(path=target, reason="It does not hold what was put into it.")


def read_cluster_header(path: Path) -> ClusterHeader:
    """What a backup says of itself.

    Raises:
        ClusterBackupRefused, EnrBackupNewer: it is no whole backup of this format.
    """
    return _parts(path)[0].header


def restore_cluster(
    path: Path,
    folder: ClusterFolder,
    passphrase: Passphrase,
    *,
    policy: KdfPolicy = PRODUCT_POLICY,
) -> None:
    """Write the files of a backup into charon's empty folder.

    Raises:
        BackupPassphraseWrong, ClusterBackupRefused, EnrBackupNewer: it does not open.
        EnrKeyExists: the folder has a key already; nothing is changed.
    """
    content = _open(path, passphrase, policy)
    if folder.key.exists():
        raise EnrKeyExists(path=folder.key)
    make_private_folder(folder.charon)
    for place, mode, held in _unpack(path, content):
        target = folder.charon / place
        make_private_folder(target.parent)
        write_durably(target, held, mode=mode)


def _unpack(path: Path, content: bytes) -> list[tuple[PurePosixPath, int, bytes]]:
    """Each file with its place and mode; the key comes last, so that half of it is no node.

    Raises:
        ClusterBackupRefused: it holds what is no file of charon's folder.
    """
    found = []
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        for member in archive.getmembers():
            place = PurePosixPath(member.name)
            file = archive.extractfile(member) if member.isreg() else None
            if file is None or place.is_absolute() or ".." in place.parts:
                raise ClusterBackupRefused(path=path, reason=f"It holds {member.name!r}.")
            found.append((place, member.mode & 0o700, file.read()))
    return sorted(found, key=lambda one: one[0].name == KEY_FILE)


def _pack(folder: ClusterFolder) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(folder.charon.rglob("*")):
            if path.is_file() and not path.is_symlink() and path != folder.key_lock:
                info = archive.gettarinfo(path, str(path.relative_to(folder.charon)))
                info.uid = info.gid = 0
                info.uname = info.gname = ""
                with path.open("rb") as file:
                    archive.addfile(info, file)
    return buffer.getvalue()


def _parts(path: Path) -> tuple[ClusterBackup, bytes, bytes]:
    content = content_of(path, unreadable=ClusterBackupRefused, limit=MAX_BYTES)
    if len(content) > MAX_BYTES:
        raise ClusterBackupRefused(path=path, reason="It is far larger than such a file is.")
    first, _, rest = content.partition(b"\n")
    backup = parse(ClusterBackup, first, path, damaged=ClusterBackupRefused, newer=EnrBackupNewer)
    return backup, first, rest


def _open(path: Path, passphrase: Passphrase, policy: KdfPolicy) -> bytes:
    backup, first, rest = _parts(path)
    wrong = BackupPassphraseWrong(path=path)
    file_key = open_sealed(
        backup, passphrase, policy, path, wrong=wrong, damaged=ClusterBackupRefused
    )
    with file_key, file_key.view() as view:
        try:
            return ChaCha20Poly1305(view).decrypt(rest[:_NONCE], rest[_NONCE:], first)
        except (InvalidTag, ValueError):
            raise ClusterBackupRefused(path=path, reason="A part of it was changed.") from None
