# SPDX-License-Identifier: Apache-2.0
"""The keys' part of the engine's thread as the window's `EngineClient`."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from pathlib import Path

from bridge.engine import Engine
from bridge.engine_thread import EngineThread
from desktop.engine.client import KeyFacts, Protection
from desktop.words.translation import engine_words
from node_manager.cosmos.encoding import to_bech32
from node_manager.keys.backup import read_header
from node_manager.keys.backup_file import BackupHeader
from node_manager.keys.backup_place import check_destination
from node_manager.keys.backup_proof import VerifiedBackup, last_verified
from node_manager.keys.keystore import protection_of
from node_manager.keys.protection import Keyring, Passphrase
from node_manager.keys.secret import SecretBytes
from node_manager.node.custody import Custody


class KeyLink:
    """Each call runs on the engine's loop; passphrases go in and never come out."""

    _thread: EngineThread

    def unlock(self, node_id: str, passphrase: SecretBytes) -> Future[None]:
        """Open the key so that the signer can sign."""
        return self._thread.call(lambda engine: engine.manager.unlock(node_id, passphrase))

    def usual_protection(self) -> Future[Protection]:
        """How this computer can lock a key."""

        async def act(_engine: Engine) -> Protection:
            return await asyncio.to_thread(protection_of)

        return self._thread.call(act)

    def key_facts(self, node_id: str) -> Future[KeyFacts]:
        """What can be read of the key without opening it."""

        async def act(engine: Engine) -> KeyFacts:
            custody = await self._custody(node_id)
            info = await asyncio.to_thread(custody.info)
            proof = await asyncio.to_thread(last_verified, custody.folder, info.address)
            profile = engine.manager.catalogue.get(custody.record.network)
            return KeyFacts(
                public_key=info.public_key.base64,
                address=to_bech32(profile.consensus_prefix, info.public_key.address_bytes),
                chain_id=info.chain_id,
                created_at=info.created_at,
                origin=info.origin,
                protection=info.mode,
                proof=proof,
            )

        return self._thread.call(act)

    def back_up(
        self,
        node_id: str,
        file: Path,
        passphrase: SecretBytes,
        key_passphrase: SecretBytes | None,
    ) -> Future[VerifiedBackup]:
        """Write a backup and prove it by opening it."""

        async def act(engine: Engine) -> VerifiedBackup:
            custody = await self._custody(node_id)
            await asyncio.to_thread(check_destination, file, custody.folder)
            unlocked = await custody.open(key_passphrase)
            with unlocked.seed:
                await custody.back_up(file, passphrase, unlocked)
            return await self._prove(engine, custody, file, passphrase)

        return self._thread.call(act)

    def verify_backup(
        self, node_id: str, file: Path, passphrase: SecretBytes
    ) -> Future[VerifiedBackup]:
        """Open a backup and compare it with this validator's key."""

        async def act(engine: Engine) -> VerifiedBackup:
            return await self._prove(engine, await self._custody(node_id), file, passphrase)

        return self._thread.call(act)

    def read_backup(self, file: Path) -> Future[BackupHeader]:
        """What a backup says of itself, without opening it."""

        async def act(_engine: Engine) -> BackupHeader:
            return await asyncio.to_thread(read_header, file)

        return self._thread.call(act)

    def sheet(self, file: Path) -> Future[str]:
        """The page to print beside a backup."""

        async def act(_engine: Engine) -> str:
            from node_manager.keys.sheet import recovery_sheet

            return await asyncio.to_thread(
                lambda: recovery_sheet(read_header(file), translate=engine_words)
            )

        return self._thread.call(act)

    def change_protection(
        self,
        node_id: str,
        protection: Protection,
        old_passphrase: SecretBytes | None,
        new_passphrase: SecretBytes | None,
    ) -> Future[None]:
        """Encrypt the key anew; the signer keeps the key that it holds."""

        async def act(_engine: Engine) -> None:
            store = (await self._custody(node_id)).store
            await store.change_protection(_lock(old_passphrase), _lock(new_passphrase))

        del protection  # said by the new passphrase: none means the keyring
        return self._thread.call(act)

    async def _custody(self, node_id: str) -> Custody:
        return self._thread.engine.manager.node(node_id).custody

    async def _prove(
        self, engine: Engine, custody: Custody, file: Path, passphrase: SecretBytes
    ) -> VerifiedBackup:
        proof = await custody.prove_backup(file, passphrase)
        node = engine.manager.node(custody.record.id)
        node.refresh_backup()
        node.publish()
        return proof


def _lock(passphrase: SecretBytes | None) -> Keyring | Passphrase:
    return Keyring() if passphrase is None else Passphrase(passphrase)
