# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import shutil
import stat
from pathlib import Path

import pytest
from eth_keyfile import create_keyfile_json

from node_manager.keys.errors import BackupExists, BackupPassphraseWrong, PassphraseWeak
from node_manager.keys.kdf import KdfPolicy
from node_manager.keys.protection import Passphrase
from node_manager.obol.ceremony.artefacts import archive_leftovers, check_artefacts, set_modes
from node_manager.obol.cluster.documents import read_lock
from node_manager.obol.cluster.verification import CheckState
from node_manager.obol.errors import (
    ClusterBackupRefused,
    EnrBackupDamaged,
    EnrBackupOther,
    EnrKeyExists,
    KeystoreRefused,
)
from node_manager.obol.folder import ClusterFolder
from node_manager.obol.keys.cluster_backup import (
    back_up_cluster,
    read_cluster_header,
    restore_cluster,
)
from node_manager.obol.keys.enr_backup import back_up_key, prove_backup, read_header, restore_key
from node_manager.obol.keys.keyfile import KEY_FILE, create_key, read_public
from node_manager.obol.keys.keystores import open_keystore
from tests.unit.obol.recorded import CHARON

CHEAP = KdfPolicy(memory_kib=64, iterations=1, lanes=1, floor_kib=8)
WORDS = "correct horse battery staple 42"


@pytest.fixture
def folder(tmp_path: Path) -> ClusterFolder:
    """A node's folder as the recorded ceremony left it."""
    shutil.copytree(CHARON / "cluster" / "node1", tmp_path / "charon")
    for name in ("cluster-lock.json", "deposit-data.json"):
        shutil.copy(CHARON / "cluster" / name, tmp_path / "charon" / name)
    return ClusterFolder(tmp_path)


def states(folder: ClusterFolder, operator: int) -> list[CheckState]:
    lock = read_lock(folder.lock)
    return [check.state for check in check_artefacts(folder, lock, operator)]


def test_the_recorded_key_shares_open_and_fit_the_lock(folder: ClusterFolder) -> None:
    assert states(folder, 1) == [CheckState.OK] * 3


def test_those_of_another_operator_do_not(folder: ClusterFolder) -> None:
    assert CheckState.FAILED in states(folder, 0)


def test_a_missing_share_a_missing_password_and_a_swapped_one_are_told(folder) -> None:
    first, second = (folder.keystores / f"keystore-{n}.json" for n in range(2))
    password = first.with_suffix(".txt").read_text()
    first.with_suffix(".txt").unlink()
    assert states(folder, 1) == [CheckState.OK, CheckState.FAILED, CheckState.OK]
    first.with_suffix(".txt").write_text(password[::-1])
    assert states(folder, 1)[1] is CheckState.FAILED
    first.with_suffix(".txt").write_text(password)
    content = second.read_text()
    second.unlink()
    assert states(folder, 1) == [CheckState.FAILED, CheckState.OK]
    second.write_text(content.replace(content[content.index("message") + 12], "0", 1))
    shutil.copy(first, second)
    shutil.copy(first.with_suffix(".txt"), second.with_suffix(".txt"))
    assert states(folder, 1) == [CheckState.OK, CheckState.OK, CheckState.FAILED]


@pytest.mark.parametrize("kdf", ["pbkdf2", "scrypt"])
@pytest.mark.parametrize("password", ["simple", "𝔱𝔢𝔰𝔱𝔭𝔞𝔰𝔰𝔴𝔬𝔯𝔡🔑", "with\ttab\x7f"])
def test_keystores_of_another_library_open(tmp_path, kdf, password) -> None:
    secret = bytes([7]) * 32
    work = 2 if kdf == "scrypt" else 16
    usual = "".join(c for c in password if c not in "\t\x7f")
    import unicodedata

    usual = unicodedata.normalize("NFKD", usual)
    stored = create_keyfile_json(secret, usual.encode(), version=4, kdf=kdf, iterations=work)
    (tmp_path / "k.json").write_text(json.dumps(stored))
    with open_keystore(tmp_path / "k.json", password) as opened:
        assert opened.reveal() == secret
    with pytest.raises(KeystoreRefused, match="password"):
        open_keystore(tmp_path / "k.json", "another")


@pytest.mark.parametrize(
    "change",
    [
        {"version": 3},
        {"crypto": {}},
        {"crypto": {"kdf": {"function": "scrypt", "params": {"n": 2**60}}}},
    ],
)
def test_a_file_that_is_no_keystore_or_costs_too_much_is_refused(tmp_path, change) -> None:
    stored = create_keyfile_json(bytes([7]) * 32, b"x", version=4, iterations=16)
    (tmp_path / "k.json").write_text(json.dumps({**stored, **change}))
    with pytest.raises(KeystoreRefused):
        open_keystore(tmp_path / "k.json", "x")


def test_modes_are_set_right(folder: ClusterFolder) -> None:
    folder.key.chmod(0o644)
    folder.keystores.chmod(0o755)
    folder.key_lock.write_text("{}")
    folder.key_lock.chmod(0o444)
    set_modes(folder)
    assert stat.S_IMODE(folder.key_lock.stat().st_mode) == 0o600, "charon writes it each second"
    assert stat.S_IMODE(folder.key.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.keystores.stat().st_mode) == 0o700
    assert all(
        stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
        for path in folder.charon.rglob("*")
        if path.is_file()
    )


def test_everything_but_the_key_goes_to_the_archive_and_nothing_is_lost(folder) -> None:
    before = {p.name: p.read_bytes() for p in folder.charon.rglob("*") if p.is_file()}
    archived = archive_leftovers(folder)
    assert archived is not None
    assert [path.name for path in folder.charon.iterdir()] == [KEY_FILE]
    after = {p.name: p.read_bytes() for p in folder.root.rglob("*") if p.is_file()}
    assert after == before
    assert archive_leftovers(folder) is None


def test_an_enr_key_comes_back_from_its_backup(tmp_path) -> None:
    enr = create_key(tmp_path / "a")
    file = tmp_path / "backup.json"
    with Passphrase(WORDS) as words:
        back_up_key(tmp_path / "a", file, words, policy=CHEAP)
        assert restore_key(file, tmp_path / "b", words, policy=CHEAP) == enr
        with pytest.raises(EnrKeyExists):
            restore_key(file, tmp_path / "b", words, policy=CHEAP)
    assert read_header(file).enr == enr.text
    assert (tmp_path / "a" / KEY_FILE).read_bytes() == (tmp_path / "b" / KEY_FILE).read_bytes()
    assert (tmp_path / "a" / KEY_FILE).read_text() not in file.read_text()


def test_a_backup_of_another_key_or_with_other_words_proves_nothing(tmp_path) -> None:
    create_key(tmp_path / "a")
    other = create_key(tmp_path / "b")
    file = tmp_path / "backup.json"
    with Passphrase(WORDS) as words:
        back_up_key(tmp_path / "a", file, words, policy=CHEAP)
        with pytest.raises(EnrBackupOther):
            prove_backup(file, words, other, policy=CHEAP)
    with Passphrase(WORDS + "x") as words, pytest.raises(BackupPassphraseWrong):
        prove_backup(file, words, other, policy=CHEAP)


def test_a_backup_replaces_no_file_it_may_be_the_only_one_of_another_key(
    folder: ClusterFolder, tmp_path
) -> None:
    ours = create_key(tmp_path / "a")
    file = tmp_path / "backup"
    with Passphrase(WORDS) as words:
        back_up_key(tmp_path / "a", file, words, policy=CHEAP)
        with pytest.raises(BackupExists):
            back_up_key(folder.charon, file, words, policy=CHEAP)
        with pytest.raises(BackupExists):
            back_up_cluster(folder, file, words, policy=CHEAP)
        prove_backup(file, words, ours, policy=CHEAP)


def test_a_weak_passphrase_makes_no_backup(tmp_path) -> None:
    create_key(tmp_path / "a")
    with Passphrase("password1") as words, pytest.raises(PassphraseWeak):
        back_up_key(tmp_path / "a", tmp_path / "backup.json", words, policy=CHEAP)
    assert not (tmp_path / "backup.json").exists()


def test_a_damaged_backup_is_told_from_a_wrong_passphrase(tmp_path) -> None:
    enr = create_key(tmp_path / "a")
    file = tmp_path / "backup.json"
    with Passphrase(WORDS) as words:
        back_up_key(tmp_path / "a", file, words, policy=CHEAP)
        content = json.loads(file.read_text())
        content["header"]["created_at"] = "2001-01-01T00:00:00Z"
        file.write_text(json.dumps(content))
        with pytest.raises(EnrBackupDamaged):
            prove_backup(file, words, enr, policy=CHEAP)


def test_a_whole_node_comes_back_from_its_backup(folder: ClusterFolder, tmp_path) -> None:
    file = tmp_path / "all.backup"
    restored = ClusterFolder(tmp_path / "restored")
    with Passphrase(WORDS) as words:
        back_up_cluster(folder, file, words, lock_hash="0x12", policy=CHEAP)
        restore_cluster(file, restored, words, policy=CHEAP)
        with pytest.raises(EnrKeyExists):
            restore_cluster(file, restored, words, policy=CHEAP)
    assert read_cluster_header(file).enr == read_public(folder.charon).text
    names = {p.relative_to(folder.charon) for p in folder.charon.rglob("*") if p.is_file()}
    back = {p.relative_to(restored.charon) for p in restored.charon.rglob("*") if p.is_file()}
    assert back == names
    assert all(
        (folder.charon / n).read_bytes() == (restored.charon / n).read_bytes() for n in names
    )
    assert states(restored, 1) == [CheckState.OK] * 3


def test_of_a_backup_with_one_byte_changed_nothing_is_restored(folder, tmp_path) -> None:
    file = tmp_path / "all.backup"
    with Passphrase(WORDS) as words:
        back_up_cluster(folder, file, words, policy=CHEAP)
        content = file.read_bytes()
        start = content.index(b"\n") + 1
        for place in (start, start + 12, (start + len(content)) // 2, len(content) - 1):
            changed = bytearray(content)
            changed[place] ^= 1
            file.write_bytes(bytes(changed))
            with pytest.raises(ClusterBackupRefused):
                restore_cluster(file, ClusterFolder(tmp_path / "new"), words, policy=CHEAP)
    assert not (tmp_path / "new").exists()
