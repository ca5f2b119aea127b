# SPDX-License-Identifier: Apache-2.0
"""A sealed file opens whole, with its own passphrase, or tells which of the two is wrong."""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path

import pytest

from node_manager.keys.backup_file import BackupEnvelope, seal_backup
from node_manager.keys.backup_place import write_new
from node_manager.keys.envelope import MAX_FILE_BYTES, parse, render, with_checksum
from node_manager.keys.errors import (
    BackupDamaged,
    BackupExists,
    BackupFromNewer,
    BackupPassphraseWrong,
    BackupUnreadable,
)
from node_manager.keys.keyfile import KeyInfo
from node_manager.keys.opening import content_of, open_sealed
from node_manager.keys.protection import Passphrase
from node_manager.keys.secret import SecretBytes
from tests.unit.keys.material import CHAIN, CHEAP, OTHER, PUBLIC, SEED, STRONG, signed_state

INFO = KeyInfo(PUBLIC, "omniphi", CHAIN, "passphrase", "created", "", False, None)
SEALED = seal_backup(SecretBytes(SEED), INFO, signed_state(28), Passphrase(STRONG), CHEAP)
CONTENT = render(SEALED)


def opened(file: Path, words: str = STRONG) -> bytes:
    """The payload of the file, by the way that every kind of it goes."""
    content = content_of(file, unreadable=BackupUnreadable)
    envelope = parse(BackupEnvelope, content, file, damaged=BackupDamaged, newer=BackupFromNewer)
    wrong = BackupPassphraseWrong(path=file)
    with open_sealed(
        envelope, Passphrase(words), CHEAP, file, wrong=wrong, damaged=BackupDamaged
    ) as payload:
        return payload.reveal()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "one.ocvbackup"
    path.write_bytes(CONTENT)
    return path


def forged(file: Path, **changes: str) -> Path:
    """With other fields under a checksum that fits them."""
    file.write_bytes(render(with_checksum(SEALED.model_copy(update=changes))))
    return file


def test_it_opens_with_its_passphrase(file: Path) -> None:
    assert opened(file).startswith(SEED)


def test_another_passphrase_is_named_as_the_reason(file: Path) -> None:
    with pytest.raises(BackupPassphraseWrong) as refused:
        opened(file, OTHER)
    assert refused.value.facts["path"] == file


def test_a_changed_header_is_damage(file: Path) -> None:
    told = json.loads(CONTENT)
    told["header"]["network"] = "another"
    file.write_text(json.dumps(told))
    with pytest.raises(BackupDamaged, match="checksum"):
        opened(file)


def test_a_forged_header_opens_with_no_passphrase(file: Path) -> None:
    header = SEALED.header.model_copy(update={"chain_id": "another-1"})
    file.write_bytes(render(with_checksum(SEALED.model_copy(update={"header": header}))))
    with pytest.raises(BackupPassphraseWrong):
        opened(file)


def test_a_changed_body_is_damage(file: Path) -> None:
    content = bytearray(CONTENT)
    content[CONTENT.index(b'"ciphertext"') + 30] ^= 1
    file.write_bytes(content)
    with pytest.raises(BackupDamaged):
        opened(file)


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": ""},
        {"nonce": base64.b64encode(bytes(11)).decode()},
        {"ciphertext": ""},
        {"ciphertext": base64.b64encode(bytes(16)).decode()},
        {"ciphertext": "not base64"},
    ],
)
def test_a_body_in_which_nothing_can_be_is_damage(file: Path, changes: dict[str, str]) -> None:
    with pytest.raises(BackupDamaged):
        opened(forged(file, **changes))


@pytest.mark.parametrize("end", [0, 1, 100, len(CONTENT) // 2, len(CONTENT) - 2])
def test_what_is_left_of_it_is_damage(file: Path, end: int) -> None:
    file.write_bytes(CONTENT[:end])
    with pytest.raises(BackupDamaged):
        opened(file)


def test_a_file_that_the_system_does_not_give_is_unreadable(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(BackupUnreadable):
            opened(path)


def test_of_a_huge_file_only_so_much_is_read(file: Path) -> None:
    with file.open("ab") as more:
        more.truncate(64 * MAX_FILE_BYTES)
    assert len(content_of(file, unreadable=BackupUnreadable)) == MAX_FILE_BYTES + 1
    with pytest.raises(BackupDamaged, match="larger"):
        opened(file)


@pytest.mark.skipif(sys.platform == "win32", reason="forks, and limits of files")
@pytest.mark.parametrize("after", [0, 1, len(CONTENT) // 2, len(CONTENT) - 2])
def test_killed_while_it_is_written_nothing_opens_and_nothing_is_replaced(
    tmp_path: Path, after: int
) -> None:
    from tests.unit.keys.dying import killed_writing

    file = tmp_path / "half.ocvbackup"
    killed_writing(lambda: write_new(file, CONTENT), after)
    assert file.stat().st_size == after
    with pytest.raises(BackupDamaged):
        opened(file)
    with pytest.raises(BackupExists):
        write_new(file, CONTENT)
