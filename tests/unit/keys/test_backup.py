# SPDX-License-Identifier: Apache-2.0
"""A backup holds key and state, proves itself, and brings them back without lowering anything."""

from __future__ import annotations

import json
import os
from functools import partial
from pathlib import Path

import pytest

from node_manager.keys import backup as backup_module
from node_manager.keys import backup_place
from node_manager.keys.backup import (
    check_destination,
    make_backup,
    read_header,
    restore_backup,
    verify_backup,
)
from node_manager.keys.backup_proof import last_verified, record_verified, reminder
from node_manager.keys.errors import (
    BackupBesideKey,
    BackupExists,
    BackupNotWritten,
    BackupOfOtherKey,
    BackupPassphraseWrong,
    BackupUnreadable,
    KdfOutOfBounds,
    KeyMissing,
    OldMachineMayRun,
    PassphraseWeak,
)
from node_manager.keys.keystore import KeyStore
from node_manager.keys.protection import Keyring, Passphrase
from node_manager.keys.secret import SecretBytes
from node_manager.keys.signing_state import SigningState
from node_manager.layout import Layout, NodeFolder
from node_manager.signer.errors import SignerError
from node_manager.signer.journal import FILE as JOURNAL
from node_manager.signer.record import FolderRecord
from node_manager.version import VERSION
from tests.helpers.secret_scan import scan
from tests.unit.keys.material import CHAIN, CHEAP, OTHER, PUBLIC, SEED, STRONG, signed_state

STATE = signed_state(28)


@pytest.fixture
async def node(store: KeyStore, passphrase: Passphrase) -> KeyStore:
    """A node that has the key SEED and has signed up to STATE."""
    with SecretBytes(SEED) as seed:
        await store.adopt(seed, passphrase, chain_id=CHAIN, network="omniphi", origin="imported")
    FolderRecord(store.folder.signer, CHAIN, PUBLIC.raw).lift(STATE)
    return store


@pytest.fixture
def own() -> Passphrase:
    """The backup's own passphrase."""
    return Passphrase(OTHER)


@pytest.fixture
async def file(node: KeyStore, own: Passphrase, elsewhere: Path) -> Path:
    return await _made(node, elsewhere / "omniphi.backup", own)


@pytest.fixture
def other_machine(layout: Layout) -> KeyStore:
    return KeyStore(layout.node("elsewhere"), policy=CHEAP)


async def _made(node: KeyStore, file: Path, own: Passphrase, state: SigningState = STATE) -> Path:
    key = await node.open(Passphrase(STRONG))
    with key.seed:
        await make_backup(key, state, file, own, node.folder, policy=CHEAP)
    return file


async def _restored(store: KeyStore, file: Path, own: Passphrase, **changes: object):
    options: dict = {
        "chain_id": CHAIN,
        "record_for": partial(FolderRecord, store.folder.signer),
        "old_machine_off_confirmed": True,
    }
    return await restore_backup(file, own, store, Passphrase(STRONG), **options | changes)


def _recorded(folder: NodeFolder) -> SigningState | None:
    return FolderRecord(folder.signer, CHAIN, PUBLIC.raw).newest()


async def test_the_header_says_what_it_is_without_a_passphrase(file: Path) -> None:
    header = read_header(file)
    assert (header.network, header.chain_id) == ("omniphi", CHAIN)
    assert (header.address, header.public_key) == (PUBLIC.address, PUBLIC.base64)
    assert (header.version, header.app_version) == (1, VERSION)
    assert header.created_at.endswith("+00:00")


async def test_the_file_is_private_and_holds_nothing_in_the_clear(file: Path) -> None:
    if os.name == "posix":
        assert file.stat().st_mode & 0o777 == 0o600
    assert scan([file], [], SEED).found == ()
    assert STATE.signature.hex().encode() not in file.read_bytes()
    assert OTHER.encode() not in file.read_bytes()


async def test_key_and_state_come_back_on_another_machine(
    file: Path, own: Passphrase, other_machine: KeyStore
) -> None:
    restored = await _restored(other_machine, file, own)
    assert restored.state == STATE == _recorded(other_machine.folder)
    assert not restored.kept_higher_state
    assert (restored.info.origin, restored.info.network) == ("restored", "omniphi")
    assert restored.info.needs_doppelganger
    opened = await other_machine.open(Passphrase(STRONG))
    with opened.seed:
        assert opened.seed.reveal() == SEED
    assert opened.info.needs_doppelganger
    assert scan([other_machine.folder.root], [], SEED).found == ()


async def test_nothing_is_restored_while_the_old_machine_may_run(
    file: Path, own: Passphrase, other_machine: KeyStore
) -> None:
    with pytest.raises(OldMachineMayRun):
        await _restored(other_machine, file, own, old_machine_off_confirmed=False)
    assert not other_machine.exists
    assert _recorded(other_machine.folder) is None


@pytest.mark.parametrize(
    ("here", "kept"),
    [(signed_state(27), False), (signed_state(28), False), (signed_state(4000), True)],
)
async def test_a_restore_never_lowers_the_state_here(
    file: Path, own: Passphrase, other_machine: KeyStore, here: SigningState, kept: bool
) -> None:
    FolderRecord(other_machine.folder.signer, CHAIN, PUBLIC.raw).lift(here)
    restored = await _restored(other_machine, file, own)
    assert restored.kept_higher_state is kept
    assert restored.state.position == max(here.position, STATE.position)
    assert _recorded(other_machine.folder) == restored.state


async def test_the_same_key_here_keeps_its_file_and_needs_the_check_again(
    node: KeyStore, file: Path, own: Passphrase
) -> None:
    with await node.unlock(Passphrase(STRONG)) as seed:
        await node.clear_doppelganger(seed, 9)
        FolderRecord(node.folder.signer, CHAIN, PUBLIC.raw).lift(signed_state(99))
        restored = await _restored(node, file, own)
        assert (restored.state.height, restored.kept_higher_state) == (99, True)
        assert node.read_vouched(seed).needs_doppelganger
    with await node.unlock(Passphrase(STRONG)) as seed:
        assert seed.reveal() == SEED


async def test_another_key_here_is_neither_replaced_nor_raised(
    file: Path, own: Passphrase, other_machine: KeyStore
) -> None:
    await other_machine.create(Passphrase(STRONG), chain_id=CHAIN)
    before = other_machine.folder.key.read_bytes()
    with pytest.raises(BackupOfOtherKey):
        await _restored(other_machine, file, own)
    assert other_machine.folder.key.read_bytes() == before
    assert not (other_machine.folder.signer / JOURNAL).exists()


async def test_a_backup_of_another_chain_is_refused(
    file: Path, own: Passphrase, other_machine: KeyStore
) -> None:
    with pytest.raises(BackupOfOtherKey, match="omniphi-testnet-2"):
        await _restored(other_machine, file, own, chain_id="omniphi-testnet-2")
    assert not other_machine.exists


async def test_a_torn_record_here_stops_the_restore(
    file: Path, own: Passphrase, other_machine: KeyStore
) -> None:
    FolderRecord(other_machine.folder.signer, CHAIN, PUBLIC.raw).lift(signed_state(4000))
    journal = other_machine.folder.signer / JOURNAL
    journal.write_bytes(journal.read_bytes()[:-1])
    with pytest.raises(SignerError):
        await _restored(other_machine, file, own)
    assert not other_machine.exists


async def test_a_restore_that_was_cut_short_goes_on_where_it_stopped(
    file: Path, own: Passphrase, other_machine: KeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    class PowerCut(Exception):
        pass

    async def cut(*_: object, **__: object) -> None:
        raise PowerCut

    with monkeypatch.context() as patch, pytest.raises(PowerCut):
        patch.setattr(other_machine, "adopt", cut)
        await _restored(other_machine, file, own)
    assert _recorded(other_machine.folder) == STATE  # the state came first, no key without it
    assert not other_machine.exists
    assert (await _restored(other_machine, file, own)).state == STATE


async def test_a_wrong_passphrase_or_weak_one_restores_nothing(
    file: Path, own: Passphrase, other_machine: KeyStore
) -> None:
    with pytest.raises(BackupPassphraseWrong, match=r"omniphi\.backup"):
        await _restored(other_machine, file, Passphrase(STRONG))
    with pytest.raises(PassphraseWeak):
        await restore_backup(
            file,
            own,
            other_machine,
            Passphrase("password"),
            chain_id=CHAIN,
            record_for=partial(FolderRecord, other_machine.folder.signer),
            old_machine_off_confirmed=True,
        )
    assert not other_machine.exists
    assert _recorded(other_machine.folder) is None


async def test_a_restored_key_may_be_locked_by_the_keyring(
    file: Path, own: Passphrase, other_machine: KeyStore, keyring: Keyring
) -> None:
    await restore_backup(
        file,
        own,
        other_machine,
        keyring,
        chain_id=None,
        record_for=partial(FolderRecord, other_machine.folder.signer),
        old_machine_off_confirmed=True,
    )
    assert other_machine.read_public().mode == "keyring"
    assert other_machine.read_public().chain_id == CHAIN


async def test_the_product_does_not_open_a_cheaply_locked_backup(
    file: Path, own: Passphrase, layout: Layout
) -> None:
    with pytest.raises(KdfOutOfBounds):
        await _restored(KeyStore(layout.node("product")), file, own)


async def test_it_is_never_written_beside_the_key(
    node: KeyStore, own: Passphrase, elsewhere: Path
) -> None:
    root = node.folder.root
    (root / "sub").mkdir()
    (elsewhere / "link").symlink_to(root / "sub", target_is_directory=True)
    for place in (
        root / "backup",
        root / "sub" / "backup",
        node.folder.signer / "backup",
        elsewhere / "link" / "backup",
        elsewhere / "link" / ".." / "backup",
        root / ".." / root.name / "backup",
    ):
        with pytest.raises(BackupBesideKey):
            await _made(node, place, own)
        assert not place.exists()


async def test_a_place_next_to_the_node_folder_is_taken(
    node: KeyStore, own: Passphrase, layout: Layout
) -> None:
    assert (await _made(node, layout.data / "a.backup", own)).is_file()


async def test_it_never_overwrites_anything(
    node: KeyStore, file: Path, own: Passphrase, elsewhere: Path
) -> None:
    before = file.read_bytes()
    dangling = elsewhere / "dangling"
    dangling.symlink_to(elsewhere / "target")
    for taken in (file, dangling, elsewhere):
        with pytest.raises(BackupExists):
            await _made(node, taken, own)
    assert file.read_bytes() == before
    assert not (elsewhere / "target").exists()


async def test_a_file_that_appears_meanwhile_is_not_overwritten(
    node: KeyStore, own: Passphrase, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = elsewhere / "late"

    def check_then_lose_the_race(file: Path, folder: NodeFolder) -> None:
        check_destination(file, folder)
        file.write_text("somebody else's")

    monkeypatch.setattr(backup_module, "check_destination", check_then_lose_the_race)
    with pytest.raises(BackupExists):
        await _made(node, target, own)
    assert target.read_text() == "somebody else's"


async def test_a_missing_folder_is_named(node: KeyStore, own: Passphrase, elsewhere: Path) -> None:
    with pytest.raises(BackupNotWritten, match="does not exist"):
        await _made(node, elsewhere / "unplugged" / "backup", own)


async def test_a_full_disk_leaves_no_half_backup(
    node: KeyStore, own: Passphrase, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup_place.os, "fsync", full)
    with pytest.raises(BackupNotWritten, match="No space left"):
        await _made(node, elsewhere / "backup", own)
    assert list(elsewhere.iterdir()) == []


async def test_a_weak_passphrase_makes_no_backup(node: KeyStore, elsewhere: Path) -> None:
    with pytest.raises(PassphraseWeak):
        await _made(node, elsewhere / "backup", Passphrase("password"))
    assert list(elsewhere.iterdir()) == []


async def test_a_verified_backup_ends_the_reminder(
    node: KeyStore, file: Path, own: Passphrase
) -> None:
    assert reminder(node.folder, PUBLIC.address).code == "backup-missing"
    proof = await verify_backup(file, own, node, STATE)
    assert not proof.older
    assert (proof.height, proof.current_height) == (28, 28)
    record_verified(node.folder, proof)
    assert reminder(node.folder, PUBLIC.address) is None
    assert last_verified(node.folder, PUBLIC.address) == proof


async def test_the_proof_of_another_key_or_a_damaged_one_does_not_count(
    node: KeyStore, file: Path, own: Passphrase
) -> None:
    record_verified(node.folder, await verify_backup(file, own, node, STATE))
    assert last_verified(node.folder, "0" * 40) is None
    (node.folder.root / "backup.json").write_text("{")
    assert reminder(node.folder, PUBLIC.address) is not None


async def test_an_older_backup_is_good_and_says_that_it_is_older(
    node: KeyStore, file: Path, own: Passphrase
) -> None:
    proof = await verify_backup(file, own, node, signed_state(4711))
    assert proof.older
    what, why, todo = proof.explanation.filled()
    assert PUBLIC.address in what
    assert "28" in why and "4711" in why
    assert todo


async def test_an_unknown_present_state_reads_unknown(
    node: KeyStore, file: Path, own: Passphrase
) -> None:
    proof = await verify_backup(file, own, node, None)
    assert proof.current_height is None
    assert not proof.older


async def test_verifying_tells_a_backup_of_another_key(
    file: Path, own: Passphrase, other_machine: KeyStore
) -> None:
    with pytest.raises(KeyMissing):
        await verify_backup(file, own, other_machine, None)
    await other_machine.create(Passphrase(STRONG), chain_id=CHAIN)
    with pytest.raises(BackupOfOtherKey, match=PUBLIC.address):
        await verify_backup(file, own, other_machine, None)


async def test_verifying_needs_the_right_passphrase_and_a_file(
    node: KeyStore, file: Path, elsewhere: Path, own: Passphrase
) -> None:
    with pytest.raises(BackupPassphraseWrong):
        await verify_backup(file, Passphrase(STRONG), node, STATE)
    with pytest.raises(BackupUnreadable):
        await verify_backup(elsewhere / "gone", own, node, STATE)
    with pytest.raises(BackupUnreadable):
        read_header(elsewhere)


async def test_a_backup_is_json_that_names_its_kind(file: Path) -> None:
    assert json.loads(file.read_text())["kind"] == "backup"
