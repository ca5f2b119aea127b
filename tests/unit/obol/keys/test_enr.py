# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import base64
import os
import stat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node_manager.obol.errors import EnrKeyDamaged, EnrKeyExists, EnrKeyMissing, EnrNotReadable
from node_manager.obol.keys.enr import make_enr, read_enr
from node_manager.obol.keys.key_users import take_over
from node_manager.obol.keys.keyfile import KEY_FILE, create_key, read_key, read_public
from tests.unit.obol.recorded import CHARON

GOLDEN = (
    "enr:-HW4QEp-BLhP30tqTGFbR9n2PdUKWP9qc0zphIRmn8_jpm4BYkgekztXQaPA_znRW8RvNYHo0pUwyPEwUGGeZu26"
    "XlKAgmlkgnY0iXNlY3AyNTZrMaEDG4TFVnsSZECZXT7VqroFZdceGDRgSBn_nBf16dXdB48"
)


@pytest.mark.parametrize("node", range(4))
def test_a_key_gives_the_same_bytes_as_charon(node: int) -> None:
    folder = CHARON / "cluster" / f"node{node}"
    told = (CHARON / "enr" / f"create-enr-node{node}.stdout.txt").read_text("utf-8")
    assert read_public(folder).text in told.splitlines()


def test_the_golden_record() -> None:
    assert make_enr(b"\x01" * 32).text == GOLDEN


def test_a_record_tells_its_public_key_as_charon_does() -> None:
    told = (CHARON / "enr" / "enr-verbose.stdout.txt").read_text("utf-8")
    record = read_enr(next(line for line in told.splitlines() if line.startswith("enr:")))
    assert record.public_key_hex in told
    assert f"0x{record.signature.hex()}" in told


@given(st.integers(0, 115), st.integers(1, 255))
@settings(max_examples=60)
def test_a_record_with_one_byte_changed_is_refused(place: int, change: int) -> None:
    raw = bytearray(base64.urlsafe_b64decode(GOLDEN[4:] + "=" * (-len(GOLDEN[4:]) % 4)))
    raw[place % len(raw)] ^= change
    text = "enr:" + base64.urlsafe_b64encode(bytes(raw)).rstrip(b"=").decode()
    with pytest.raises(EnrNotReadable):
        read_enr(text)


@given(st.text(max_size=200))
@settings(max_examples=100)
def test_any_other_text_is_refused_in_words(text: str) -> None:
    for candidate in (text, f"enr:{text}"):
        with pytest.raises(EnrNotReadable):
            read_enr(candidate)


def test_a_new_key_is_private_as_charon_writes_it_and_never_replaced(tmp_path) -> None:
    enr = create_key(tmp_path / "charon")
    file = tmp_path / "charon" / KEY_FILE
    content = file.read_bytes()
    assert len(content) == 64 and bytes.fromhex(content.decode())
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    with pytest.raises(EnrKeyExists):
        create_key(tmp_path / "charon")
    assert file.read_bytes() == content
    assert read_public(tmp_path / "charon") == enr


def test_an_existing_key_is_taken_over_from_a_file_or_a_folder(tmp_path) -> None:
    source = CHARON / "cluster" / "node0"
    by_folder = take_over(source, tmp_path / "a")
    by_file = take_over(source / KEY_FILE, tmp_path / "b")
    assert by_folder == by_file == read_public(source)


@pytest.mark.parametrize("content", [b"", b"00", b"zz" * 32, b"0" * 64, b"f" * 64, b"1" * 63])
def test_what_is_no_key_is_said_to_be_none(tmp_path, content: bytes) -> None:
    (tmp_path / KEY_FILE).write_bytes(content)
    with pytest.raises(EnrKeyDamaged):
        read_key(tmp_path / KEY_FILE)


def test_a_missing_key_is_not_made_up(tmp_path) -> None:
    with pytest.raises(EnrKeyMissing):
        read_public(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_key_that_others_could_read_is_made_private(tmp_path) -> None:
    create_key(tmp_path)
    (tmp_path / KEY_FILE).chmod(0o644)
    read_public(tmp_path)
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600
