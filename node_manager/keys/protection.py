# SPDX-License-Identifier: Apache-2.0
"""The two ways to unlock a key: a passphrase, or a random key in the system's keyring."""

from __future__ import annotations

import base64
import secrets
from typing import Protocol

import structlog

from node_manager.closing import Closing
from node_manager.explanation import OneClickError
from node_manager.keys.consensus import decode_base64
from node_manager.keys.envelope import KeyringLock, Lock, PassphraseLock
from node_manager.keys.errors import (
    KeyringEntryMissing,
    KeyringEntryWrong,
    KeyringUnavailable,
    OtherUnlockMode,
    PassphraseWrong,
)
from node_manager.keys.kdf import KEY_SIZE, KdfPolicy, derive_key, new_parameters
from node_manager.keys.passphrase import as_text, encode, require_strong
from node_manager.keys.secret import SecretBytes
from node_manager.keys.system_keyring import SystemKeyring, WrappingKeys

log = structlog.get_logger(__name__)

MODE_WORDS = {"passphrase": "a passphrase", "keyring": "the system's keyring"}


class Protection(Protocol):
    """A way to unlock. Every method may block for a second or for a person: off the loop."""

    def require_strong(self) -> None:
        """Refuse a protection that is too weak for a new file."""

    def new_lock(self, owner: str, policy: KdfPolicy) -> tuple[Lock, SecretBytes]:
        """A lock that was never used, and its key; `owner` names the key to a person."""

    def key_for(self, lock: Lock, policy: KdfPolicy) -> SecretBytes:
        """The key of `lock`."""

    def wrong_key(self, lock: Lock) -> OneClickError:
        """What it means that the key does not open the file."""

    def discard(self, lock: Lock) -> None:
        """Forget what is kept outside the file for a lock that is no longer used."""


class Passphrase(Closing):
    """A passphrase that a person typed; wiped by `close` or at the end of a `with` block.

    What it is made from (a `str`, or UTF-8 bytes) belongs to the caller, who wipes what can be.

    Raises:
        PassphraseUnusable: it is empty, far too long or not text.
    """

    __slots__ = ("_secret",)

    def __init__(self, text: str | SecretBytes) -> None:
        if isinstance(text, SecretBytes):
            text = as_text(text)
        self._secret = SecretBytes(encode(text))

    def require_strong(self) -> None:
        """Refuse a passphrase that is too easy to guess.

        Raises:
            PassphraseWeak: it is below the minimum.
        """
        require_strong(self._secret.reveal().decode())

    def new_lock(self, owner: str, policy: KdfPolicy) -> tuple[PassphraseLock, SecretBytes]:
        """A lock with a salt of its own and its key.

        Raises:
            MemoryShort: the memory for the key derivation is not there.
        """
        del owner
        lock = PassphraseLock(kdf=new_parameters(policy))
        return lock, derive_key(self._secret, lock.kdf, policy)

    def key_for(self, lock: Lock, policy: KdfPolicy) -> SecretBytes:
        """The key of `lock`, which is a wrong one if the passphrase is.

        Raises:
            OtherUnlockMode: the file is locked by the keyring.
            KdfOutOfBounds: the file asks for too weak or too costly a derivation.
            MemoryShort: the memory for the key derivation is not there.
        """
        if not isinstance(lock, PassphraseLock):
            raise OtherUnlockMode(mode=MODE_WORDS[lock.mode])
        return derive_key(self._secret, lock.kdf, policy)

    def wrong_key(self, lock: Lock) -> OneClickError:
        """The passphrase is another one."""
        del lock
        return PassphraseWrong()

    def discard(self, lock: Lock) -> None:
        """Nothing is kept outside the file."""
        del lock

    def close(self) -> None:
        """Overwrite the passphrase."""
        self._secret.close()

    def __repr__(self) -> str:
        return "Passphrase(hidden)"


class Keyring:
    """A random 32-byte key in the system's keyring, a new one for every file that is written."""

    __slots__ = ("_store",)

    def __init__(self, store: WrappingKeys | None = None) -> None:
        self._store = store or SystemKeyring()

    def require_strong(self) -> None:
        """A random key is strong."""

    def new_lock(self, owner: str, policy: KdfPolicy) -> tuple[KeyringLock, SecretBytes]:
        """Keep a new random key under an account of its own, and read it back.

        Raises:
            KeyringInsecure: this system's keyring would not guard the key.
            KeyringUnavailable: the keyring is locked, does not answer, or forgot at once.
        """
        del policy
        lock = KeyringLock(account=f"{owner}/{secrets.token_hex(4)}")
        key = SecretBytes.random(KEY_SIZE)
        with key.view() as view:
            text = base64.b64encode(view).decode()
        self._store.put(lock.account, text)
        if self._store.get(lock.account) != text:
            raise KeyringUnavailable(reason="It did not keep what it was given.")
        return lock, key

    def key_for(self, lock: Lock, policy: KdfPolicy) -> SecretBytes:
        """The key of `lock`.

        Raises:
            OtherUnlockMode: the file is locked by a passphrase.
            KeyringEntryMissing, KeyringEntryWrong: the keyring holds no key for it.
            KeyringInsecure, KeyringUnavailable: the keyring cannot be used.
        """
        del policy
        if not isinstance(lock, KeyringLock):
            raise OtherUnlockMode(mode=MODE_WORDS[lock.mode])
        text = self._store.get(lock.account)
        if text is None:
            raise KeyringEntryMissing(account=lock.account)
        try:
            key = decode_base64(text)
        except ValueError:
            key = b""
        if len(key) != KEY_SIZE:
            raise KeyringEntryWrong(account=lock.account)
        return SecretBytes(key)

    def wrong_key(self, lock: Lock) -> OneClickError:
        """The entry is another one."""
        return KeyringEntryWrong(account=lock.account if isinstance(lock, KeyringLock) else "")

    def discard(self, lock: Lock) -> None:
        """Remove the entry of a lock that is no longer used; a failure is logged only."""
        if not isinstance(lock, KeyringLock):
            return
        try:
            self._store.delete(lock.account)
        except OneClickError as error:
            log.warning("old keyring entry stays", account=lock.account, error=str(error))

    def __repr__(self) -> str:
        return "Keyring()"
