# SPDX-License-Identifier: Apache-2.0
"""The key of one node: made, opened, locked another way, never in the clear and never lost."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import structlog
from filelock import FileLock, Timeout

from node_manager.durable import make_private_folder, sync_folder, write_durably
from node_manager.explanation import OneClickError
from node_manager.keys.consensus import generate_seed
from node_manager.keys.envelope import MAX_FILE_BYTES, KeyringLock, render
from node_manager.keys.errors import (
    KeyBusy,
    KeyDamaged,
    KeyExists,
    KeyMissing,
    KeyNotWritten,
    KeysError,
    KeyUnreadable,
    RemovalNotConfirmed,
)
from node_manager.keys.kdf import PRODUCT_POLICY, KdfPolicy
from node_manager.keys.keyfile import (
    KeyEnvelope,
    KeyHeader,
    KeyInfo,
    Origin,
    check_vouched,
    info_of,
    new_header,
    open_key,
    parse_key,
    remark,
    seal_key,
)
from node_manager.keys.marks import Marks
from node_manager.keys.protection import Keyring, Protection
from node_manager.keys.secret import SecretBytes
from node_manager.keys.system_keyring import secure_backend
from node_manager.layout import NodeFolder

log = structlog.get_logger(__name__)

LOCK_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class UnlockedKey:
    """An open key and what its file says, vouched for by having been opened."""

    seed: SecretBytes
    info: KeyInfo


class KeyStore:
    """The key file of one node.

    What is a coroutine works in a thread: deriving a key takes a second, a keyring may ask the
    person. Only one process changes the file at a time.
    """

    def __init__(self, folder: NodeFolder, *, policy: KdfPolicy = PRODUCT_POLICY) -> None:
        self.folder = folder
        self.policy = policy

    @property
    def exists(self) -> bool:
        """Whether the node has a key."""
        return self.folder.key.exists()

    def read_public(self) -> KeyInfo:
        """What can be read without opening the key.

        Raises:
            KeyMissing, KeyUnreadable, KeyDamaged, KeyFromNewer.
        """
        return info_of(self._read())

    def read_vouched(self, seed: SecretBytes) -> KeyInfo:
        """What the file says now, its doppelganger mark vouched for by the open key `seed`.

        Raises:
            KeyMissing, KeyUnreadable, KeyDamaged, KeyFromNewer.
        """
        envelope = self._read()
        check_vouched(envelope, seed, self.folder.key)
        return info_of(envelope)

    async def create(self, protection: Protection, *, chain_id: str, network: str = "") -> KeyInfo:
        """Make a new key, sealed before its first write.

        Raises:
            KeyExists: the node has one; it is unchanged.
            KeysError: nothing was written.
        """
        with generate_seed() as seed:
            return await self.adopt(
                seed, protection, chain_id=chain_id, network=network, origin="created"
            )

    async def adopt(
        self,
        seed: SecretBytes,
        protection: Protection,
        *,
        chain_id: str,
        network: str = "",
        origin: Origin,
    ) -> KeyInfo:
        """Seal `seed`. A key that was not made here needs a doppelganger check from now on.

        Raises:
            KeyExists: the node has one; it is unchanged.
            KeysError: nothing was written.
        """
        return await asyncio.to_thread(self._adopt, seed, protection, chain_id, network, origin)

    async def open(self, protection: Protection) -> UnlockedKey:
        """Open the key; the caller closes its seed.

        Raises:
            KeysError: it cannot be opened; the explanation says why.
        """
        return await asyncio.to_thread(self._open, protection)

    async def unlock(self, protection: Protection) -> SecretBytes:
        """The 32-byte private key; the caller closes it.

        Raises:
            KeysError: it cannot be opened; the explanation says why.
        """
        return (await self.open(protection)).seed

    async def change_protection(self, current: Protection, new: Protection) -> KeyInfo:
        """Lock the key another way. The new file is opened once before it replaces the old one.

        Raises:
            KeysError: the key is locked as it was.
        """
        return await asyncio.to_thread(self._change_protection, current, new)

    async def clear_doppelganger(self, seed: SecretBytes, checked_height: int) -> KeyInfo:
        """Note that the chain was watched and is free of this key's signatures.

        Raises:
            KeysError: nothing was changed; `seed` is not this key's, or the file is damaged.
        """
        marks = Marks(needs_doppelganger=False, checked_height=checked_height)
        return await asyncio.to_thread(self._mark, seed, marks)

    async def require_doppelganger(self, seed: SecretBytes) -> KeyInfo:
        """Ask for the check again, for example after a state was restored from a backup.

        Raises:
            KeysError: nothing was changed; `seed` is not this key's, or the file is damaged.
        """
        return await asyncio.to_thread(self._mark, seed, Marks(needs_doppelganger=True))

    async def remove(self, address: str, *, keyring: Keyring | None = None) -> None:
        """Delete the key for good, and its entry in the keyring.

        Raises:
            RemovalNotConfirmed: `address` is not the address of this key.
            KeysError: it is still there.
        """
        await asyncio.to_thread(self._remove, address, keyring or Keyring())

    def _adopt(
        self,
        seed: SecretBytes,
        protection: Protection,
        chain_id: str,
        network: str,
        origin: Origin,
    ) -> KeyInfo:
        with self._alone():
            if self.exists:
                raise KeyExists(address=self._address_or_unknown())
            protection.require_strong()
            header = new_header(seed, network=network, chain_id=chain_id, origin=origin)
            marks = Marks(needs_doppelganger=origin != "created")
            envelope = seal_key(seed, header, marks, protection, self._owner(header), self.policy)
            self._put(envelope, seed, protection)
        log.info("key sealed", address=header.address, chain_id=chain_id, origin=origin)
        return info_of(envelope)

    def _open(self, protection: Protection) -> UnlockedKey:
        envelope = self._read()
        seed = open_key(envelope, protection, self.policy, self.folder.key)
        return UnlockedKey(seed, info_of(envelope))

    def _change_protection(self, current: Protection, new: Protection) -> KeyInfo:
        with self._alone():
            old = self._read()
            with open_key(old, current, self.policy, self.folder.key) as seed:
                new.require_strong()
                header, marks = old.header, old.marks
                envelope = seal_key(seed, header, marks, new, self._owner(header), self.policy)
                self._put(envelope, seed, new)
            current.discard(old.lock)
        log.info("key locked another way", address=header.address, mode=envelope.lock.mode)
        return info_of(envelope)

    def _mark(self, seed: SecretBytes, marks: Marks) -> KeyInfo:
        with self._alone():
            old = self._read()
            check_vouched(old, seed, self.folder.key)
            envelope = remark(old, marks, seed)
            self._write(render(envelope))
        return info_of(envelope)

    def _remove(self, address: str, keyring: Keyring) -> None:
        with self._alone():
            envelope = self._read()
            if envelope.header.address != address:
                raise RemovalNotConfirmed(address=envelope.header.address)
            try:
                self.folder.key.unlink()
                sync_folder(self.folder.root)
            except OSError as error:
                raise KeyNotWritten(path=self.folder.key, reason=str(error)) from None
            if isinstance(envelope.lock, KeyringLock):
                keyring.discard(envelope.lock)
        log.info("key removed", address=address)

    def _put(self, envelope: KeyEnvelope, seed: SecretBytes, protection: Protection) -> None:
        """Write `envelope` once its bytes are seen to open; else forget its lock."""
        path, content = self.folder.key, render(envelope)
        try:
            with open_key(parse_key(content, path), protection, self.policy, path) as again:
                if again != seed:
                    raise KeyDamaged(path=path, reason="The new file holds another key.")
            self._write(content)
        except OneClickError:
            if self._surely_not(content):
                protection.discard(envelope.lock)
            raise

    def _surely_not(self, content: bytes) -> bool:
        """Whether the file is seen to be another one than `content`, or not to be there.

        A write can fail after the rename: the lock of a file that may be in place is kept.
        """
        try:
            return read_bounded(self.folder.key) != content
        except KeyMissing:
            return True
        except KeysError:
            return False

    def _write(self, content: bytes) -> None:
        path = self.folder.key
        try:
            write_durably(path, content)
            kept = path.read_bytes()
        except OSError as error:
            raise KeyNotWritten(path=path, reason=str(error)) from None
        if kept != content:
            raise KeyNotWritten(path=path, reason="The disk gave back something else.")

    def _read(self) -> KeyEnvelope:
        path = self.folder.key
        return parse_key(read_bounded(path), path)

    def _owner(self, header: KeyHeader) -> str:
        return f"{self.folder.root.name}/{header.address}"

    def _address_or_unknown(self) -> str:
        try:
            return self.read_public().address
        except KeysError:
            return "which cannot be read"

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Be the only process that changes the file; remove what a killed one left."""
        lock = FileLock(self.folder.run / "key.lock", timeout=LOCK_SECONDS)
        try:
            make_private_folder(self.folder.root)
            make_private_folder(self.folder.run)
            lock.acquire()
        except Timeout:
            raise KeyBusy(path=self.folder.key) from None
        except OSError as error:
            raise KeyNotWritten(path=self.folder.key, reason=str(error)) from None
        try:
            for left in self.folder.root.glob(f".{self.folder.key.name}.*.new"):
                with contextlib.suppress(OSError):
                    left.unlink()
            yield
        finally:
            lock.release()


def read_bounded(path: Path) -> bytes:
    """The content of a key file, but never much more than one has.

    Raises:
        KeyMissing, KeyUnreadable.
    """
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        raise KeyMissing(path=path) from None
    except OSError as error:
        raise KeyUnreadable(path=path, reason=error.strerror or str(error)) from None


def protection_of() -> Literal["keyring", "passphrase"]:
    """How this computer can lock a key: by its keyring where that is secure. Blocks a moment."""
    try:
        secure_backend()
    except KeysError:
        return "passphrase"
    return "keyring"
