# SPDX-License-Identifier: Apache-2.0
"""The two ways to unlock keep apart, and the keyring holds a random key and nothing else."""

from __future__ import annotations

import base64

import pytest

from node_manager.keys.envelope import KeyringLock
from node_manager.keys.errors import (
    KeyringEntryMissing,
    KeyringEntryWrong,
    KeyringUnavailable,
    OtherUnlockMode,
)
from node_manager.keys.protection import Keyring, Passphrase
from tests.unit.keys.material import CHEAP, MemoryKeyring


def test_the_keyring_holds_32_random_bytes_under_a_new_account_each_time(
    keyring: Keyring, entries: MemoryKeyring
) -> None:
    first, first_key = keyring.new_lock("node/ADDRESS", CHEAP)
    second, second_key = keyring.new_lock("node/ADDRESS", CHEAP)
    assert first.account != second.account
    assert first_key != second_key
    assert {len(base64.b64decode(text)) for text in entries.held.values()} == {32}
    assert all(account.startswith("node/ADDRESS/") for account in entries.held)


def test_the_key_comes_back_for_its_lock(keyring: Keyring) -> None:
    lock, key = keyring.new_lock("node", CHEAP)
    assert keyring.key_for(lock, CHEAP) == key


def test_each_way_names_the_other_when_it_is_the_wrong_one(
    keyring: Keyring, passphrase: Passphrase
) -> None:
    by_keyring, _ = keyring.new_lock("node", CHEAP)
    by_passphrase, _ = passphrase.new_lock("node", CHEAP)
    with pytest.raises(OtherUnlockMode, match="the system's keyring"):
        passphrase.key_for(by_keyring, CHEAP)
    with pytest.raises(OtherUnlockMode, match="a passphrase"):
        keyring.key_for(by_passphrase, CHEAP)


def test_a_missing_entry_is_not_a_wrong_one(keyring: Keyring, entries: MemoryKeyring) -> None:
    lock, _ = keyring.new_lock("node", CHEAP)
    entries.held[lock.account] = "not a key"
    with pytest.raises(KeyringEntryWrong):
        keyring.key_for(lock, CHEAP)
    entries.held.clear()
    with pytest.raises(KeyringEntryMissing):
        keyring.key_for(lock, CHEAP)


def test_a_keyring_that_forgets_at_once_is_not_trusted_with_a_key() -> None:
    class Forgetful(MemoryKeyring):
        def put(self, account: str, text: str) -> None:
            pass

    with pytest.raises(KeyringUnavailable, match="did not keep"):
        Keyring(Forgetful()).new_lock("node", CHEAP)


@pytest.mark.logs("old keyring entry stays")
def test_an_old_entry_that_cannot_be_removed_is_told_in_the_log(
    keyring: Keyring, entries: MemoryKeyring
) -> None:
    lock, _ = keyring.new_lock("node", CHEAP)
    entries.broken_delete = KeyringUnavailable(reason="locked")
    keyring.discard(lock)
    assert lock.account in entries.held


def test_discarding_a_passphrase_lock_touches_no_keyring(
    keyring: Keyring, entries: MemoryKeyring, passphrase: Passphrase
) -> None:
    kept, _ = keyring.new_lock("node", CHEAP)
    lock, _ = passphrase.new_lock("node", CHEAP)
    keyring.discard(lock)
    passphrase.discard(KeyringLock(account=kept.account))
    assert kept.account in entries.held
