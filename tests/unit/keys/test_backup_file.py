# SPDX-License-Identifier: Apache-2.0
"""A backup that was changed or cut never opens wrongly, and says so in a typed error."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node_manager.keys.backup_file import BackupEnvelope, open_backup, parse_backup, seal_backup
from node_manager.keys.consensus import generate_seed
from node_manager.keys.envelope import render, seal, with_checksum
from node_manager.keys.errors import (
    BackupDamaged,
    BackupFromNewer,
    BackupPassphraseWrong,
    KeysError,
)
from node_manager.keys.keyfile import KeyInfo
from node_manager.keys.protection import Passphrase
from node_manager.keys.secret import SecretBytes
from node_manager.keys.signing_state import MAX_HEIGHT, MAX_ROUND, SigningState
from tests.unit.keys.material import CHAIN, CHEAP, OTHER, PUBLIC, SEED, STRONG, signed_state

PATH = Path("omniphi.backup")
INFO = KeyInfo(PUBLIC, "omniphi", CHAIN, "passphrase", "created", "", False, None)
STATE = signed_state(28)


def _sealed(state: SigningState = STATE, seed: bytes = SEED) -> BackupEnvelope:
    return seal_backup(SecretBytes(seed), INFO, state, Passphrase(STRONG), CHEAP)


CONTENT = render(_sealed())


def _open(content: bytes, words: str = STRONG) -> tuple[bytes, SigningState, str, str]:
    envelope, header = parse_backup(content, PATH)
    opened = open_backup(envelope, header, Passphrase(words), CHEAP)
    with opened.seed as seed:
        return seed.reveal(), opened.state, header.chain_id, header.network


WHOLE = (SEED, STATE, CHAIN, "omniphi")


def _never_wrong(content: bytes) -> None:
    try:
        assert _open(content) == WHOLE
    except KeysError:
        return


def test_it_opens_with_its_passphrase_only() -> None:
    assert _open(CONTENT) == WHOLE
    with pytest.raises(BackupPassphraseWrong):
        _open(CONTENT, OTHER)


STATES = st.builds(
    SigningState,
    st.integers(0, MAX_HEIGHT),
    st.integers(0, MAX_ROUND),
    st.integers(0, 3),
    st.binary(max_size=300),
    st.one_of(st.just(b""), st.binary(min_size=64, max_size=64)),
)


@given(STATES)
def test_any_state_comes_back_as_it_was(state: SigningState) -> None:
    assert _open(render(_sealed(state)))[1] == state


@given(place=st.integers(0, len(CONTENT) - 1), value=st.integers(0, 255))
def test_any_changed_byte_is_refused_or_means_nothing(place: int, value: int) -> None:
    changed = bytearray(CONTENT)
    changed[place] = value
    _never_wrong(bytes(changed))


@given(end=st.integers(0, len(CONTENT) - 2))
def test_any_cut_is_damage(end: int) -> None:
    with pytest.raises(BackupDamaged):
        _open(CONTENT[:end])


@given(st.binary(max_size=500))
def test_anything_else_is_damage(content: bytes) -> None:
    with pytest.raises(BackupDamaged):
        _open(content)


@given(
    place=st.sampled_from(
        [
            ("header", name)
            for name in ("network", "chain_id", "public_key", "address", "created_at")
        ]
        + [("lock", "kdf"), ("nonce",), ("ciphertext",), ("aead",), ("kind",), ("version",)]
    ),
    value=st.one_of(st.text(max_size=60), st.integers(), st.none(), st.just({})),
)
def test_a_forger_who_mends_the_checksum_gets_no_further(place: tuple, value: object) -> None:
    file = json.loads(CONTENT)
    target = file
    for name in place[:-1]:
        target = target[name]
    target[place[-1]] = value
    content = json.dumps(file).encode()
    with contextlib.suppress(ValueError):
        content = render(with_checksum(BackupEnvelope.model_validate_json(content)))
    _never_wrong(content)


@pytest.mark.parametrize(
    "payload",
    [
        SEED,
        SEED + b"{}",
        SEED + b'{"height":1,"round":0,"step":9,"sign_bytes":"","signature":""}',
        SEED + b'{"height":1,"round":0,"step":1,"sign_bytes":"","signature":"00"}',
        b"x",
    ],
)
def test_an_inside_that_is_none_is_damage(payload: bytes) -> None:
    passphrase = Passphrase(STRONG)
    lock, key = passphrase.new_lock("", CHEAP)
    draft = BackupEnvelope(lock=lock, header=_sealed().header)
    content = render(seal(draft, SecretBytes(payload), key))
    with pytest.raises(BackupDamaged):
        _open(content)


def test_a_key_that_is_not_the_named_one_is_damage() -> None:
    other = render(_sealed(seed=generate_seed().reveal()))
    with pytest.raises(BackupDamaged, match="header names"):
        _open(other)


def test_a_key_file_is_no_backup() -> None:
    file = json.loads(CONTENT) | {"kind": "consensus-key"}
    with pytest.raises(BackupDamaged):
        _open(json.dumps(file).encode())


def test_a_newer_format_is_named_as_such() -> None:
    with pytest.raises(BackupFromNewer, match="format 7"):
        _open(json.dumps({"version": 7}).encode())


def test_what_an_earlier_version_wrote_opens() -> None:
    early = Path(__file__).parents[2] / "fixtures" / "backups" / "consensus-key.ocvbackup"
    assert _open(early.read_bytes()) == WHOLE
