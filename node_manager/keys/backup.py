# SPDX-License-Identifier: Apache-2.0
"""Backing up a key with its signing state, proving the backup, and restoring it elsewhere."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

import structlog

from node_manager.keys.backup_file import (
    BackupHeader,
    OpenBackup,
    open_backup,
    parse_backup,
    read_backup_file,
    seal_backup,
)
from node_manager.keys.backup_place import check_destination, write_new
from node_manager.keys.backup_proof import VerifiedBackup
from node_manager.keys.consensus import public_key_of
from node_manager.keys.envelope import render
from node_manager.keys.errors import (
    BackupDamaged,
    BackupOfOtherKey,
    OldMachineMayRun,
)
from node_manager.keys.importing import RecordFor, raise_record
from node_manager.keys.kdf import PRODUCT_POLICY, KdfPolicy
from node_manager.keys.keyfile import KeyInfo
from node_manager.keys.keystore import KeyStore, UnlockedKey
from node_manager.keys.protection import Passphrase, Protection
from node_manager.keys.signing_state import SigningState
from node_manager.layout import NodeFolder

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RestoredKey:
    """A key that was restored; it signs only after the doppelganger check.

    Attributes:
        info: the key, marked for that check.
        state: the signing state now in force.
        kept_higher_state: the folder's own record was higher than the backup's and was kept.
    """

    info: KeyInfo
    state: SigningState
    kept_higher_state: bool


async def make_backup(
    key: UnlockedKey,
    state: SigningState,
    file: Path,
    passphrase: Passphrase,
    folder: NodeFolder,
    *,
    policy: KdfPolicy = PRODUCT_POLICY,
) -> BackupHeader:
    """Write key and signing state to the new file `file`, and read it back.

    Args:
        key: the open key; its seed stays the caller's.
        state: the newest signing state.
        file: where to; its folder exists, the file does not.
        passphrase: of the backup, checked for its strength.
        folder: the node's own folder, in which no backup is made.

    Raises:
        BackupBesideKey, BackupExists, PassphraseWeak: nothing was written.
        BackupNotWritten: no file is left.
    """
    return await asyncio.to_thread(_make, key, state, file, passphrase, folder, policy)


def read_header(file: Path) -> BackupHeader:
    """What the backup says of itself, without opening it; anybody can have written it.

    Raises:
        BackupUnreadable, BackupDamaged, BackupFromNewer.
    """
    return read_backup_file(file)[1]


async def verify_backup(
    file: Path, passphrase: Passphrase, store: KeyStore, current: SigningState | None
) -> VerifiedBackup:
    """Open the backup and compare it with this node's key and signing state.

    Args:
        file: the backup.
        passphrase: of the backup.
        store: the node's key, which stays locked.
        current: the node's newest signing state, None when it is not known.

    Raises:
        BackupOfOtherKey: it is good, but not of this key on this chain.
        KeysError: it does not open, or the node has no key.
    """
    info = store.read_public()
    opened = await asyncio.to_thread(_open, file, passphrase, store.policy)
    with opened.seed:
        _same_key(opened.header, info.address, info.chain_id)
    header, state = opened.header, opened.state
    return VerifiedBackup(
        path=str(file),
        sha256=header.sha256,
        address=header.address,
        chain_id=header.chain_id,
        made_at=header.created_at,
        verified_at=time.time(),
        height=state.height,
        current_height=None if current is None else current.height,
    )


async def restore_backup(
    file: Path,
    passphrase: Passphrase,
    store: KeyStore,
    protection: Protection,
    *,
    chain_id: str | None,
    network: str = "",
    record_for: RecordFor,
    old_machine_off_confirmed: bool,
) -> RestoredKey:
    """Bring key and signing state into the folder of `store`; the key then needs its check.

    A folder that has this key keeps its key file, and its record where that is higher. The
    record is raised before the key is sealed, so a key without its state never lies here.

    Args:
        file: the backup.
        passphrase: of the backup.
        store: where to.
        protection: how the key is locked here.
        chain_id: the chain the node is for, None to take the backup's.
        network: id of the network's profile, empty to take the backup's.
        record_for: gives the folder's signing record.
        old_machine_off_confirmed: a person's word.

    Raises:
        OldMachineMayRun: nothing was read.
        BackupOfOtherKey: for another chain, or the folder has another key; nothing was changed.
        KeysError: the backup does not open, or the key cannot be written.
        OneClickError: the signing record is torn or of another key, or the signer runs.
    """
    if not old_machine_off_confirmed:
        raise OldMachineMayRun()
    here = store.read_public() if store.exists else None
    opened = await asyncio.to_thread(_open, file, passphrase, store.policy)
    header, state = opened.header, opened.state
    with opened.seed as seed:
        expected_chain = here.chain_id if here else chain_id or header.chain_id
        _same_key(header, here.address if here else header.address, expected_chain)
        record = record_for(header.chain_id, public_key_of(seed).raw)
        if here is None:
            await asyncio.to_thread(protection.require_strong)
            in_force = await asyncio.to_thread(raise_record, record, state)
            info = await store.adopt(
                seed,
                protection,
                chain_id=header.chain_id,
                network=network or header.network,
                origin="restored",
            )
        else:
            info = await store.require_doppelganger(seed)
            in_force = await asyncio.to_thread(raise_record, record, state)
    log.info("backup restored", address=header.address, height=in_force.height)
    return RestoredKey(info, in_force, in_force.position > state.position)


def _make(
    key: UnlockedKey,
    state: SigningState,
    file: Path,
    passphrase: Passphrase,
    folder: NodeFolder,
    policy: KdfPolicy,
) -> BackupHeader:
    check_destination(file, folder)
    passphrase.require_strong()
    content = render(seal_backup(key.seed, key.info, state, passphrase, policy))
    envelope, header = parse_backup(content, file)
    opened = open_backup(envelope, header, passphrase, policy)
    with opened.seed:
        if opened.seed != key.seed or opened.state != state:
            raise BackupDamaged(path=file, reason="It does not hold what was put into it.")
    write_new(file, content)
    log.info("backup written", path=str(file), address=header.address, height=state.height)
    return header


def _open(file: Path, passphrase: Passphrase, policy: KdfPolicy) -> OpenBackup:
    envelope, header = read_backup_file(file)
    return open_backup(envelope, header, passphrase, policy)


def _same_key(header: BackupHeader, address: str, chain_id: str) -> None:
    if (header.address, header.chain_id) != (address, chain_id):
        raise BackupOfOtherKey(
            path=header.path,
            found=header.address,
            found_chain=header.chain_id,
            expected=address,
            expected_chain=chain_id,
        )
