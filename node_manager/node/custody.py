# SPDX-License-Identifier: Apache-2.0
"""The consensus key of one node with its signing record: made, taken over, opened."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from node_manager.durable import make_private_folder
from node_manager.errors import PassphraseNeeded
from node_manager.keys.backup import make_backup, restore_backup, verify_backup
from node_manager.keys.backup_file import BackupHeader
from node_manager.keys.backup_proof import VerifiedBackup, record_verified
from node_manager.keys.importing import ConfirmedStart, import_comet_key
from node_manager.keys.keyfile import KeyInfo
from node_manager.keys.keystore import KeyStore, UnlockedKey
from node_manager.keys.protection import Keyring, Passphrase, Protection
from node_manager.keys.secret import SecretBytes
from node_manager.keys.signing_state import SigningState
from node_manager.layout import NodeFolder
from node_manager.node.plan import BackupFile, CometFiles, NodePlan
from node_manager.node.record import NodeRecord
from node_manager.signer.errors import JournalMissing
from node_manager.signer.record import FolderRecord


@dataclass(frozen=True, slots=True)
class Custody:
    """Where the key of one node comes from and who may open it."""

    folder: NodeFolder
    record: NodeRecord

    @property
    def store(self) -> KeyStore:
        """The key file."""
        return KeyStore(self.folder)

    def info(self) -> KeyInfo:
        """What can be read of the key without opening it.

        Raises:
            KeysError: there is none, or it is damaged.
        """
        return self.store.read_public()

    def signing_record(self) -> FolderRecord:
        """The record of what this key signed here."""
        pubkey = self.info().public_key.raw
        return FolderRecord(self.folder.signer, self.record.chain_id, pubkey)

    async def take_key(self, plan: NodePlan) -> KeyInfo:
        """Make the key that the plan asks for, or take it over with what it has signed.

        Raises:
            KeysError: the key was not made or taken over.
        """
        protection = protection_for(plan)
        source = plan.key_source
        await asyncio.to_thread(make_private_folder, self.folder.signer)
        if source is None:
            info = await self.store.create(
                protection, chain_id=self.record.chain_id, network=self.record.network
            )
            await asyncio.to_thread(self._begin_record, info)
            return info
        if isinstance(source, CometFiles):
            return await self._take_comet_files(source, protection)
        return await self._take_backup(source, protection)

    async def back_up(self, file: Path, secret: SecretBytes, unlocked: UnlockedKey) -> BackupHeader:
        """Write key and signing state to the new file `file`, locked by the passphrase `secret`.

        Raises:
            KeysError: no file is left.
        """
        state = await asyncio.to_thread(self.newest_state)
        with Passphrase(secret) as passphrase:
            return await make_backup(unlocked, state, file, passphrase, self.folder)

    async def prove_backup(self, file: Path, secret: SecretBytes) -> VerifiedBackup:
        """Open the backup, compare it with this key, and remember that it is good.

        Raises:
            KeysError: it is not a backup of this key, or does not open.
        """
        state = await asyncio.to_thread(self.newest_state)
        with Passphrase(secret) as passphrase:
            proof = await verify_backup(file, passphrase, self.store, state)
        await asyncio.to_thread(record_verified, self.folder, proof)
        return proof

    def newest_state(self) -> SigningState:
        """What this key has signed last here.

        Raises:
            SignerError: the record is missing, torn or of another key.
        """
        state = self.signing_record().newest()
        if state is None:
            raise JournalMissing(path=self.folder.signer)
        return state

    async def open(self, passphrase: SecretBytes | None) -> UnlockedKey:
        """Open the key: by the keyring, or by the passphrase that is given.

        Raises:
            PassphraseNeeded: it is protected by one and none is given.
            KeysError: it cannot be opened.
        """
        if self.info().mode == "keyring":
            return await self.store.open(Keyring())
        if passphrase is None:
            raise PassphraseNeeded()
        with Passphrase(passphrase) as protection:
            return await self.store.open(protection)

    def _begin_record(self, info: KeyInfo) -> None:
        record = FolderRecord(self.folder.signer, self.record.chain_id, info.public_key.raw)
        record.lift(SigningState.fresh())

    async def _take_comet_files(self, source: CometFiles, protection: Protection) -> KeyInfo:
        height = source.sign_from_height
        imported = await import_comet_key(
            self.store,
            source.key,
            source.state or (None if height is None else ConfirmedStart(height)),
            protection,
            chain_id=self.record.chain_id,
            network=self.record.network,
            record_for=self._record_for,
            old_machine_off_confirmed=source.old_machine_is_off,
        )
        return imported.info

    async def _take_backup(self, source: BackupFile, protection: Protection) -> KeyInfo:
        with Passphrase(source.passphrase) as opener:
            restored = await restore_backup(
                source.file,
                opener,
                self.store,
                protection,
                chain_id=self.record.chain_id,
                network=self.record.network,
                record_for=self._record_for,
                old_machine_off_confirmed=source.old_machine_is_off,
            )
        return restored.info

    def _record_for(self, chain_id: str, pubkey: bytes) -> FolderRecord:
        return FolderRecord(self.folder.signer, chain_id, pubkey)


def protection_for(plan: NodePlan) -> Protection:
    """How the plan wants the key locked.

    Raises:
        PassphraseNeeded: by a passphrase, and there is none.
        KeysError: the passphrase is too weak or unusable.
    """
    if plan.protection == "keyring":
        return Keyring()
    if plan.passphrase is None:
        raise PassphraseNeeded()
    return Passphrase(plan.passphrase)
