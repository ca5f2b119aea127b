# SPDX-License-Identifier: Apache-2.0
"""A key is sealed before it is written, opened by its owner, relocked whole, and never replaced."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from node_manager.keys import keystore
from node_manager.keys.consensus import generate_seed, public_key_of
from node_manager.keys.envelope import render, with_checksum
from node_manager.keys.errors import (
    KeyBusy,
    KeyDamaged,
    KeyExists,
    KeyMissing,
    KeyNotWritten,
    KeyringEntryMissing,
    OtherUnlockMode,
    PassphraseWeak,
    PassphraseWrong,
    RemovalNotConfirmed,
)
from node_manager.keys.keyfile import parse_key
from node_manager.keys.keystore import KeyStore
from node_manager.keys.protection import Keyring, Passphrase
from node_manager.keys.secret import SecretBytes
from node_manager.layout import NodeFolder
from tests.helpers.secret_scan import scan
from tests.unit.keys.material import CHAIN, OTHER, PUBLIC, SEED, STRONG, MemoryKeyring


async def test_a_new_key_opens_with_its_passphrase(store: KeyStore, passphrase: Passphrase) -> None:
    made = await store.create(passphrase, chain_id=CHAIN, network="omniphi")
    with await store.unlock(passphrase) as seed:
        assert public_key_of(seed) == made.public_key
    assert store.read_public() == made
    assert (made.mode, made.origin, made.needs_doppelganger) == ("passphrase", "created", False)


async def test_a_new_key_opens_with_the_keyring(store: KeyStore, keyring: Keyring) -> None:
    made = await store.create(keyring, chain_id=CHAIN)
    with await store.unlock(keyring) as seed:
        assert public_key_of(seed) == made.public_key
    assert made.mode == "keyring"


async def test_the_file_is_for_its_owner_only(store: KeyStore, passphrase: Passphrase) -> None:
    await store.create(passphrase, chain_id=CHAIN)
    if os.name == "posix":
        assert store.folder.key.stat().st_mode & 0o777 == 0o600
        assert store.folder.root.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", ["passphrase", "keyring"])
async def test_nothing_in_the_folder_or_this_process_holds_the_seed(
    store: KeyStore, passphrase: Passphrase, keyring: Keyring, tmp_path: Path, mode: str
) -> None:
    protection = passphrase if mode == "passphrase" else keyring
    await _adopt(store, protection)
    await store.clear_doppelganger(SecretBytes(SEED), 12)
    seen = scan([tmp_path], [os.getpid()], SEED)
    assert seen.found == ()
    assert seen.files >= 1
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert STRONG.encode() not in file.read_bytes()


async def test_a_key_is_never_replaced(store: KeyStore, passphrase: Passphrase) -> None:
    first = await store.create(passphrase, chain_id=CHAIN)
    before = store.folder.key.read_bytes()
    with pytest.raises(KeyExists, match=first.address):
        await store.create(passphrase, chain_id=CHAIN)
    with pytest.raises(KeyExists):
        await _adopt(store, passphrase)
    assert store.folder.key.read_bytes() == before


async def test_a_damaged_key_is_not_replaced_either(
    store: KeyStore, passphrase: Passphrase
) -> None:
    await store.create(passphrase, chain_id=CHAIN)
    store.folder.key.write_text("{}")
    with pytest.raises(KeyExists):
        await store.create(passphrase, chain_id=CHAIN)
    with pytest.raises(KeyDamaged):
        store.read_public()


async def test_without_a_key_it_says_so(store: KeyStore, passphrase: Passphrase) -> None:
    assert not store.exists
    with pytest.raises(KeyMissing):
        store.read_public()
    with pytest.raises(KeyMissing):
        await store.unlock(passphrase)


async def test_a_weak_passphrase_makes_no_key(store: KeyStore) -> None:
    with pytest.raises(PassphraseWeak):
        await store.create(Passphrase("password"), chain_id=CHAIN)
    assert not store.exists


async def test_a_wrong_passphrase_opens_nothing(store: KeyStore, passphrase: Passphrase) -> None:
    await store.create(passphrase, chain_id=CHAIN)
    with pytest.raises(PassphraseWrong) as caught:
        await store.unlock(Passphrase(OTHER))
    assert OTHER not in repr(caught.value)
    what, why, todo = caught.value.explanation.filled()
    assert what and why and todo


async def test_an_imported_key_is_marked_until_the_check_passed(
    store: KeyStore, passphrase: Passphrase
) -> None:
    assert (await _adopt(store, passphrase)).needs_doppelganger
    with await store.unlock(passphrase) as seed:
        await store.clear_doppelganger(seed, 4711)
    opened = await store.open(passphrase)
    assert (opened.info.needs_doppelganger, opened.info.checked_height) == (False, 4711)
    await store.require_doppelganger(opened.seed)
    assert (await store.open(passphrase)).info.needs_doppelganger


async def test_only_this_key_clears_its_mark(store: KeyStore, passphrase: Passphrase) -> None:
    await _adopt(store, passphrase)
    with pytest.raises(KeyDamaged):
        await store.clear_doppelganger(generate_seed(), 1)
    assert store.read_public().needs_doppelganger


async def test_a_mark_edited_after_unlocking_is_noticed(
    store: KeyStore, passphrase: Passphrase
) -> None:
    await _adopt(store, passphrase)
    with await store.unlock(passphrase) as seed:
        assert store.read_vouched(seed).needs_doppelganger
        envelope = parse_key(store.folder.key.read_bytes(), store.folder.key)
        cleared = envelope.marks.model_copy(update={"needs_doppelganger": False})
        forged = with_checksum(envelope.model_copy(update={"marks": cleared}))
        store.folder.key.write_bytes(render(forged))
        with pytest.raises(KeyDamaged, match="altered"):
            store.read_vouched(seed)


async def test_the_product_derives_with_64_mebibytes_or_more(
    folder: NodeFolder, passphrase: Passphrase
) -> None:
    store = KeyStore(folder)
    made = await store.create(passphrase, chain_id=CHAIN)
    kdf = json.loads(folder.key.read_text())["lock"]["kdf"]
    assert kdf["name"] == "argon2id"
    assert kdf["memory_kib"] >= 64 * 1024
    with await store.unlock(passphrase) as seed:
        assert public_key_of(seed) == made.public_key


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("passphrase", "other"),
        ("passphrase", "keyring"),
        ("keyring", "passphrase"),
        ("keyring", "keyring"),
    ],
)
async def test_relocking_keeps_the_key_and_leaves_no_old_way_in(
    store: KeyStore, keyring: Keyring, entries: MemoryKeyring, old: str, new: str
) -> None:
    ways = {"passphrase": Passphrase(STRONG), "other": Passphrase(OTHER), "keyring": keyring}
    await _adopt(store, ways[old])
    old_file, old_entries = store.folder.key.read_bytes(), set(entries.held)
    info = await store.change_protection(ways[old], ways[new])
    with await store.unlock(ways[new]) as seed:
        assert seed.reveal() == SEED
    assert info.needs_doppelganger
    assert not old_entries & set(entries.held)
    assert len(entries.held) == (new == "keyring")
    assert [file.name for file in store.folder.root.iterdir() if file.is_file()] == ["key.json"]
    store.folder.key.write_bytes(old_file)
    if old == "keyring":
        with pytest.raises(KeyringEntryMissing):
            await store.unlock(keyring)


async def test_relocking_needs_the_present_way_in(
    store: KeyStore, passphrase: Passphrase, keyring: Keyring, entries: MemoryKeyring
) -> None:
    await store.create(passphrase, chain_id=CHAIN)
    before = store.folder.key.read_bytes()
    for wrong, refusal in ((Passphrase(OTHER), PassphraseWrong), (keyring, OtherUnlockMode)):
        with pytest.raises(refusal):
            await store.change_protection(wrong, keyring)
    with pytest.raises(PassphraseWeak):
        await store.change_protection(passphrase, Passphrase("password"))
    assert store.folder.key.read_bytes() == before
    assert entries.held == {}


async def test_a_failed_write_keeps_the_old_key_and_forgets_the_new_entry(
    store: KeyStore,
    passphrase: Passphrase,
    keyring: Keyring,
    entries: MemoryKeyring,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await store.create(passphrase, chain_id=CHAIN)
    before = store.folder.key.read_bytes()

    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(keystore, "write_durably", full)
    with pytest.raises(KeyNotWritten, match="No space left"):
        await store.change_protection(passphrase, keyring)
    assert store.folder.key.read_bytes() == before
    assert entries.held == {}


async def test_a_write_that_fails_after_the_rename_loses_no_way_in(
    store: KeyStore,
    passphrase: Passphrase,
    keyring: Keyring,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The folder's fsync fails: the new file may be the one that stays, so its entry must."""
    await _adopt(store, passphrase)

    def late(path: Path, content: bytes) -> None:
        path.write_bytes(content)
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(keystore, "write_durably", late)
        with pytest.raises(KeyNotWritten):
            await store.change_protection(passphrase, keyring)
    with await store.unlock(keyring) as seed:
        assert seed.reveal() == SEED


async def test_what_a_killed_rewrite_left_is_removed_by_the_next(
    store: KeyStore, passphrase: Passphrase
) -> None:
    await store.create(passphrase, chain_id=CHAIN)
    left = store.folder.root / ".key.json.abc123.new"
    left.write_bytes(store.folder.key.read_bytes())
    await store.change_protection(passphrase, Passphrase(OTHER))
    assert not left.exists()


async def test_two_makers_at_once_make_one_key(folder: NodeFolder, store: KeyStore) -> None:
    made = await asyncio.gather(
        *(store.create(Passphrase(STRONG), chain_id=CHAIN) for _ in range(4)),
        return_exceptions=True,
    )
    assert sum(isinstance(result, KeyExists) for result in made) == 3
    with await store.unlock(Passphrase(STRONG)):
        pass


async def test_a_change_waits_for_another_process_and_then_says_so(
    store: KeyStore, passphrase: Passphrase, monkeypatch: pytest.MonkeyPatch
) -> None:
    from filelock import FileLock

    await store.create(passphrase, chain_id=CHAIN)
    monkeypatch.setattr(keystore, "LOCK_SECONDS", 0.1)
    with FileLock(store.folder.run / "key.lock"), pytest.raises(KeyBusy):
        await store.change_protection(passphrase, Passphrase(OTHER))


async def test_a_key_is_removed_only_by_its_address(
    store: KeyStore, keyring: Keyring, entries: MemoryKeyring
) -> None:
    info = await store.create(keyring, chain_id=CHAIN)
    with pytest.raises(RemovalNotConfirmed):
        await store.remove(PUBLIC.address, keyring=keyring)
    assert store.exists
    await store.remove(info.address, keyring=keyring)
    assert not store.exists
    assert entries.held == {}


async def test_a_slow_unlock_does_not_hold_up_the_loop(
    store: KeyStore, passphrase: Passphrase, entries: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    release = threading.Event()

    class Asking(MemoryKeyring):
        def get(self, account: str) -> str | None:
            release.wait(10)
            return super().get(account)

    asking = Asking()
    task = asyncio.create_task(store.create(Keyring(asking), chain_id=CHAIN))
    await asyncio.sleep(0.05)
    assert not task.done()
    release.set()
    assert (await task).mode == "keyring"


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root reads everything")
async def test_a_file_of_somebody_else_is_named_unreadable(
    store: KeyStore, passphrase: Passphrase
) -> None:
    from node_manager.keys.errors import KeyUnreadable

    await store.create(passphrase, chain_id=CHAIN)
    store.folder.key.chmod(0)
    with pytest.raises(KeyUnreadable):
        store.read_public()


async def _adopt(store: KeyStore, protection: Passphrase | Keyring) -> keystore.KeyInfo:
    with SecretBytes(SEED) as seed:
        return await store.adopt(
            seed, protection, chain_id=CHAIN, network="omniphi", origin="imported"
        )
