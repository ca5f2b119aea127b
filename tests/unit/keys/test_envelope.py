# SPDX-License-Identifier: Apache-2.0
"""A key file that was changed or cut never opens wrongly, and says so in a typed error."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node_manager.keys.envelope import canonical, render, with_checksum
from node_manager.keys.errors import KeyDamaged, KeyFromNewer, KeysError, PassphraseWrong
from node_manager.keys.keyfile import (
    KeyEnvelope,
    info_of,
    new_header,
    open_key,
    parse_key,
    remark,
    seal_key,
)
from node_manager.keys.marks import Marks
from node_manager.keys.protection import Passphrase
from node_manager.keys.secret import SecretBytes
from tests.unit.keys.material import CHAIN, CHEAP, OTHER, PUBLIC, SEED, STRONG

PATH = Path("key.json")


def _sealed(*, needs_doppelganger: bool = True) -> KeyEnvelope:
    seed = SecretBytes(SEED)
    header = new_header(seed, network="omniphi", chain_id=CHAIN, origin="imported")
    marks = Marks(needs_doppelganger=needs_doppelganger)
    return seal_key(seed, header, marks, Passphrase(STRONG), "owner", CHEAP)


SEALED = _sealed()
CONTENT = render(SEALED)
INFO = info_of(SEALED)


def _open(content: bytes, words: str = STRONG) -> tuple[bytes, object]:
    envelope = parse_key(content, PATH)
    with open_key(envelope, Passphrase(words), CHEAP, PATH) as seed:
        return seed.reveal(), info_of(envelope)


def _never_wrong(content: bytes) -> None:
    """`content` opens to exactly the sealed key and facts, or raises a typed error."""
    try:
        opened = _open(content)
    except KeysError:
        return
    assert opened == (SEED, INFO)


def test_it_opens_with_its_passphrase() -> None:
    assert _open(CONTENT) == (SEED, INFO)


def test_another_passphrase_is_told_from_damage() -> None:
    with pytest.raises(PassphraseWrong):
        _open(CONTENT, OTHER)


def test_the_public_part_is_readable_and_the_seed_is_not_there() -> None:
    file = json.loads(CONTENT)
    assert file["header"]["public_key"] == PUBLIC.base64
    assert file["header"]["address"] == PUBLIC.address
    assert file["lock"]["kdf"]["name"] == "argon2id"
    assert SEED not in CONTENT
    assert SEED.hex().encode() not in CONTENT.lower()


@given(place=st.integers(0, len(CONTENT) - 1), value=st.integers(0, 255))
def test_any_changed_byte_is_refused_or_means_nothing(place: int, value: int) -> None:
    changed = bytearray(CONTENT)
    changed[place] = value
    _never_wrong(bytes(changed))


@given(end=st.integers(0, len(CONTENT) - 2))
def test_any_cut_is_refused(end: int) -> None:
    with pytest.raises(KeyDamaged):
        _open(CONTENT[:end])


@given(start=st.integers(0, len(CONTENT)), size=st.integers(1, 200), filler=st.binary(max_size=200))
def test_any_replaced_piece_is_refused_or_means_nothing(
    start: int, size: int, filler: bytes
) -> None:
    _never_wrong(CONTENT[:start] + filler + CONTENT[start + size :])


@given(st.binary(max_size=2000))
def test_anything_else_is_refused(content: bytes) -> None:
    with pytest.raises(KeysError):
        _open(content)


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
PLACES = [
    (name, inner) if inner else (name,)
    for name, part in json.loads(CONTENT).items()
    for inner in (part if isinstance(part, dict) else [None])
]


@given(place=st.sampled_from(PLACES), value=ANY_JSON)
def test_a_forger_who_mends_the_checksum_gets_no_further(place: tuple, value: object) -> None:
    """Each field replaced by any JSON, the checksum made to fit: the AEAD or the MAC refuses."""
    file = json.loads(CONTENT)
    target = file
    for name in place[:-1]:
        target = target[name]
    target[place[-1]] = value
    content = json.dumps(file).encode()
    with contextlib.suppress(ValueError):  # not even the shape of a key file: opened as it is
        content = render(with_checksum(KeyEnvelope.model_validate_json(content)))
    _never_wrong(content)


@pytest.mark.parametrize("chain_id", ["omniphi-mainnet-1", CHAIN + " "])
def test_the_chain_is_bound_to_the_key(chain_id: str) -> None:
    header = SEALED.header.model_copy(update={"chain_id": chain_id})
    forged = with_checksum(SEALED.model_copy(update={"header": header}))
    with pytest.raises(PassphraseWrong):
        _open(render(forged))


def test_the_doppelganger_mark_cannot_be_cleared_without_the_key() -> None:
    cleared = SEALED.marks.model_copy(update={"needs_doppelganger": False})
    forged = with_checksum(SEALED.model_copy(update={"marks": cleared}))
    with pytest.raises(KeyDamaged, match="marks"):
        _open(render(forged))


def test_a_cleared_mark_of_another_copy_of_the_key_does_not_fit() -> None:
    cleared_elsewhere = _sealed(needs_doppelganger=False)
    forged = with_checksum(SEALED.model_copy(update={"marks": cleared_elsewhere.marks}))
    with pytest.raises(KeyDamaged, match="marks"):
        _open(render(forged))


def test_the_holder_of_the_key_clears_the_mark_without_the_passphrase() -> None:
    cleared = remark(SEALED, Marks(needs_doppelganger=False, checked_height=77), SecretBytes(SEED))
    seed, info = _open(render(cleared))
    assert seed == SEED
    assert (info.needs_doppelganger, info.checked_height) == (False, 77)
    assert cleared.ciphertext == SEALED.ciphertext


def test_a_newer_format_is_named_as_such() -> None:
    file = json.loads(CONTENT) | {"version": 2, "something": "new"}
    with pytest.raises(KeyFromNewer, match="format 2"):
        _open(json.dumps(file).encode())


def test_the_layout_of_the_file_means_nothing() -> None:
    compact = json.dumps(json.loads(CONTENT), sort_keys=True, separators=(",", ":")).encode()
    assert _open(compact) == (SEED, INFO)


def test_canonical_json_has_one_text() -> None:
    assert canonical(SEALED.marks, without={"mac"}) == (
        b'{"checked_height":null,"needs_doppelganger":true}'
    )


def test_no_two_sealings_are_alike() -> None:
    again = _sealed()
    assert again.nonce != SEALED.nonce
    assert again.ciphertext != SEALED.ciphertext
    assert again.lock.kdf.salt != SEALED.lock.kdf.salt


def test_an_endless_file_is_refused_without_being_parsed() -> None:
    with pytest.raises(KeyDamaged, match="larger"):
        _open(b" " * (300 * 1024))


def test_deeply_nested_json_is_refused() -> None:
    with pytest.raises(KeyDamaged):
        _open(b"[" * 100_000)
