# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from node_manager.keys.signing_state import MAX_ROUND, SigningState
from node_manager.signer import journal as journal_module
from node_manager.signer.errors import (
    JournalExists,
    JournalForeign,
    JournalLower,
    JournalMissing,
    JournalTorn,
    JournalUnwritable,
    SignerError,
)
from node_manager.signer.journal import FILE, SIZE, SLOT, STRIDE, Journal, nothing_signed_above
from tests.unit.signer.ballots import CHAIN, vote

many = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def state(height: int, step: int = 2) -> SigningState:
    return SigningState(height, 0, step, vote(height, 0, step).sign_bytes(CHAIN.encode()))


def written(folder: Path, pubkey: bytes, *heights: int) -> bytes:
    """The file of a journal that recorded these heights."""
    (folder / FILE).unlink(missing_ok=True)
    with Journal.create(folder, CHAIN, pubkey) as journal:
        for height in heights:
            journal.write(state(height))
    return (folder / FILE).read_bytes()


def reopened(folder: Path, pubkey: bytes) -> SigningState:
    with Journal.open(folder, CHAIN, pubkey) as journal:
        return journal.state()


def test_a_new_journal_knows_that_nothing_was_signed(journal: Journal) -> None:
    assert journal.state() == SigningState.fresh()
    assert (journal.chain_id, len(journal.pubkey)) == (CHAIN, 32)


def test_what_was_written_is_there_after_opening_again(folder: Path, pubkey: bytes) -> None:
    for last in range(1, 6):
        written(folder, pubkey, *range(1, last + 1))
        assert reopened(folder, pubkey) == state(last)


def test_the_file_is_private_and_never_changes_its_size(folder: Path, pubkey: bytes) -> None:
    assert len(written(folder, pubkey)) == len(written(folder, pubkey, 1, 2, 3)) == SIZE
    assert (folder / FILE).stat().st_mode & 0o777 == 0o600


def test_an_imported_state_keeps_its_signature(
    folder: Path, pubkey: bytes, key: Ed25519PrivateKey
) -> None:
    sign_bytes = state(7).sign_bytes
    imported = SigningState(7, 0, 2, sign_bytes, key.sign(sign_bytes))
    Journal.create(folder, CHAIN, pubkey, imported).close()
    assert reopened(folder, pubkey) == imported


def test_sign_bytes_with_a_wrong_signature_are_not_believed(folder: Path, pubkey: bytes) -> None:
    wrong = SigningState(7, 0, 2, state(7).sign_bytes, bytes(64))
    with Journal.create(folder, CHAIN, pubkey, wrong) as journal:
        assert journal.state() == SigningState(7, 0, 2)


def test_sign_bytes_that_do_not_fit_leave_the_position(folder: Path, pubkey: bytes) -> None:
    with Journal.create(folder, CHAIN, pubkey, SigningState(7, 0, 2, bytes(2000))) as journal:
        assert journal.state() == SigningState(7, 0, 2)


@pytest.mark.parametrize("position", [(4, 9, 3), (5, 0, 1), (5, 0, 2)])
def test_it_is_never_lowered(journal: Journal, position: tuple[int, int, int]) -> None:
    journal.write(state(5))
    with pytest.raises(JournalLower):
        journal.write(SigningState(*position))
    assert journal.state() == state(5)


def test_what_is_staged_does_not_count_before_it_is_settled(journal: Journal) -> None:
    journal.stage(state(5))
    assert journal.state() == SigningState.fresh()
    journal.settle()
    assert journal.state() == state(5)


def test_a_missing_journal_is_missing(folder: Path, pubkey: bytes) -> None:
    with pytest.raises(JournalMissing):
        Journal.open(folder, CHAIN, pubkey)


def test_a_journal_is_not_created_over_another(folder: Path, pubkey: bytes) -> None:
    before = written(folder, pubkey, 5)
    with pytest.raises(JournalExists):
        Journal.create(folder, CHAIN, pubkey)
    assert (folder / FILE).read_bytes() == before


def test_a_journal_of_another_key_or_chain_is_foreign(folder: Path, pubkey: bytes) -> None:
    before = written(folder, pubkey, 5)
    for chain, owner in ((CHAIN, bytes(32)), ("other-1", pubkey)):
        with pytest.raises(JournalForeign):
            Journal.open(folder, chain, owner)
        with pytest.raises(JournalForeign):
            Journal.repair(folder, chain, owner, 100)
    assert (folder / FILE).read_bytes() == before


def test_a_link_in_its_place_is_not_followed(folder: Path, pubkey: bytes, tmp_path: Path) -> None:
    written(folder, pubkey, 5)
    (folder / FILE).rename(tmp_path / "elsewhere")
    (folder / FILE).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(JournalUnwritable):
        Journal.open(folder, CHAIN, pubkey)


@many
@given(at=st.integers(0, SIZE - 1), change=st.integers(1, 255), last=st.integers(1, 4))
def test_with_any_byte_changed_it_is_refused(
    folder: Path, pubkey: bytes, at: int, change: int, last: int
) -> None:
    content = bytearray(written(folder, pubkey, *range(1, last + 1)))
    content[at] ^= change
    (folder / FILE).write_bytes(content)
    with pytest.raises(JournalTorn):
        Journal.open(folder, CHAIN, pubkey)


@many
@given(length=st.integers(0, SIZE + 10).filter(lambda length: length != SIZE))
def test_with_any_other_length_it_is_refused(folder: Path, pubkey: bytes, length: int) -> None:
    content = written(folder, pubkey, 1, 2, 3)
    (folder / FILE).write_bytes((content + bytes(10))[:length])
    with pytest.raises(JournalTorn):
        Journal.open(folder, CHAIN, pubkey)


@many
@given(cut=st.integers(0, SLOT), last=st.integers(2, 5))
def test_a_power_loss_within_a_write_never_lowers_what_left(
    folder: Path, pubkey: bytes, cut: int, last: int
) -> None:
    """A part of the next record landed; its signature did not leave yet."""
    before = written(folder, pubkey, *range(1, last))
    after = written(folder, pubkey, *range(1, last + 1))
    changed = [at for at in (0, STRIDE) if before[at : at + SLOT] != after[at : at + SLOT]]
    (slot,) = changed
    torn = before[:slot] + after[slot : slot + cut] + before[slot + cut :]
    (folder / FILE).write_bytes(torn)
    try:
        assert reopened(folder, pubkey).height in (last - 1, last)
        assert torn in (before, after)
    except JournalTorn:
        assert torn not in (before, after)


@many
@given(garbage=st.binary(max_size=SIZE))
def test_any_file_is_opened_or_refused_with_a_typed_error(
    folder: Path, pubkey: bytes, garbage: bytes
) -> None:
    folder.mkdir(exist_ok=True)
    (folder / FILE).write_bytes(garbage)
    with pytest.raises(SignerError):
        Journal.open(folder, CHAIN, pubkey)


def test_slots_of_different_times_do_not_make_a_journal(folder: Path, pubkey: bytes) -> None:
    old = written(folder, pubkey, 1, 2)
    new = written(folder, pubkey, 1, 2, 3, 4, 5, 6)
    (folder / FILE).write_bytes(old[:STRIDE] + new[STRIDE:])
    with pytest.raises(JournalTorn, match="belong together"):
        Journal.open(folder, CHAIN, pubkey)


@pytest.mark.parametrize("damage", ["missing", "torn", "cut", "whole"])
def test_repaired_it_signs_nothing_up_to_the_height_that_is_voted_on(
    folder: Path, pubkey: bytes, damage: str
) -> None:
    content = bytearray(written(folder, pubkey, 1, 2, 3))
    content[5] ^= 1
    if damage == "missing":
        (folder / FILE).unlink()
    elif damage != "whole":
        (folder / FILE).write_bytes(content if damage == "torn" else content[:100])
    with Journal.repair(folder, CHAIN, pubkey, nothing_signed_above(50)) as journal:
        assert journal.state().position == (51, MAX_ROUND, 3)
        assert journal.state().sign_bytes == b""
        journal.write(state(52))
    assert reopened(folder, pubkey) == state(52)


def test_a_repair_does_not_lower_what_can_be_read(folder: Path, pubkey: bytes) -> None:
    content = bytearray(written(folder, pubkey, 100, 200))
    content[STRIDE + 5] ^= 1
    (folder / FILE).write_bytes(content)
    with Journal.repair(folder, CHAIN, pubkey, 10) as journal:
        assert journal.state().height in (100, 200)


def test_a_disk_that_does_not_take_the_record_is_told(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_handle: int) -> None:
        raise OSError(5, os.strerror(5))

    monkeypatch.setattr(journal_module, "sync_data", fail)
    with pytest.raises(JournalUnwritable, match="Input/output"):
        journal.write(state(5))
    assert journal.state() == SigningState.fresh()


@pytest.mark.parametrize(("chain", "owner"), [("", bytes(32)), ("x" * 51, bytes(32)), ("x", b"")])
def test_names_that_do_not_fit_are_refused(folder: Path, chain: str, owner: bytes) -> None:
    with pytest.raises(ValueError):
        Journal.create(folder, chain, owner)
