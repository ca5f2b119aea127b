# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

from node_manager.keys.signing_state import SigningRecord, SigningState
from node_manager.signer.errors import AlreadySigning, JournalLower, JournalTorn
from node_manager.signer.journal import FILE
from node_manager.signer.locks import FOLDER_LOCK, Locks, lock_paths
from node_manager.signer.record import FolderRecord
from tests.unit.signer.ballots import CHAIN


@pytest.fixture
def record(folder: Path, pubkey: bytes) -> SigningRecord:
    return FolderRecord(folder, CHAIN, pubkey)


def test_a_folder_without_a_record_has_none(record: SigningRecord) -> None:
    assert record.newest() is None


def test_it_is_created_where_it_is_lifted_to_and_raised_after_that(record: SigningRecord) -> None:
    for height in (10, 10, 20):
        record.lift(SigningState.before(height))
        assert record.newest() == SigningState.before(height)


def test_it_is_never_lowered(record: SigningRecord) -> None:
    record.lift(SigningState.before(20))
    with pytest.raises(JournalLower):
        record.lift(SigningState.before(19))
    assert record.newest() == SigningState.before(20)


def test_a_torn_record_is_told(record: SigningRecord, folder: Path) -> None:
    record.lift(SigningState.before(20))
    (folder / FILE).write_bytes(b"x")
    with pytest.raises(JournalTorn):
        record.newest()
    with pytest.raises(JournalTorn):
        record.lift(SigningState.before(30))


def test_it_is_not_lifted_while_a_signer_has_it(record: SigningRecord, folder: Path) -> None:
    with Locks(folder / FOLDER_LOCK), pytest.raises(AlreadySigning):
        record.lift(SigningState.before(20))
    record.lift(SigningState.before(20))


def test_one_key_is_locked_across_folders(tmp_path: Path, pubkey: bytes) -> None:
    here, there = (
        lock_paths(tmp_path / name, tmp_path / "keys", pubkey) for name in ("here", "there")
    )
    other = lock_paths(tmp_path / "third", tmp_path / "keys", bytes(32))
    with Locks(*here), Locks(*other), pytest.raises(AlreadySigning) as refused:
        Locks(*there).acquire()
    assert pubkey.hex() in str(refused.value)
    with Locks(*there):
        pass


def test_a_refused_lock_leaves_no_other_behind(tmp_path: Path, pubkey: bytes) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    with Locks(second), pytest.raises(AlreadySigning):
        Locks(first, second).acquire()
    with Locks(first, second):
        pass
