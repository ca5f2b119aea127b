# SPDX-License-Identifier: Apache-2.0
"""The derivation is Argon2id, costly by default, and no file makes it cheap or ruinous."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from node_manager.keys.consensus import decode_base64
from node_manager.keys.errors import KdfOutOfBounds
from node_manager.keys.kdf import (
    CEILING_KIB,
    FLOOR_KIB,
    PRODUCT_POLICY,
    Argon2Parameters,
    KdfPolicy,
    derive_key,
    new_parameters,
)
from node_manager.keys.secret import SecretBytes
from tests.unit.keys.material import CHEAP

SALT = "AAECAwQFBgcICQoLDA0ODw=="


def test_the_product_never_goes_below_64_mebibytes() -> None:
    assert FLOOR_KIB == 64 * 1024
    assert PRODUCT_POLICY.floor_kib == FLOOR_KIB
    assert PRODUCT_POLICY.memory_kib >= FLOOR_KIB
    made = new_parameters(PRODUCT_POLICY)
    assert made.memory_kib >= FLOOR_KIB


@pytest.mark.parametrize("memory_kib", [8, 1024, FLOOR_KIB - 1])
def test_a_file_with_a_cheap_derivation_is_refused_by_the_product(memory_kib: int) -> None:
    weak = Argon2Parameters(memory_kib=memory_kib, iterations=3, lanes=1, salt=SALT)
    with pytest.raises(KdfOutOfBounds, match="guessing cheap"):
        derive_key(SecretBytes(b"x"), weak, PRODUCT_POLICY)


@pytest.mark.parametrize(
    ("memory_kib", "iterations"),
    [(CEILING_KIB + 1, 1), (2**40, 1), (FLOOR_KIB, 10**9), (CEILING_KIB, 9)],
)
def test_a_hostile_file_cannot_exhaust_memory_or_time(memory_kib: int, iterations: int) -> None:
    hostile = Argon2Parameters(memory_kib=memory_kib, iterations=iterations, lanes=4, salt=SALT)
    with pytest.raises(KdfOutOfBounds, match="exhaust"):
        derive_key(SecretBytes(b"x"), hostile, PRODUCT_POLICY)


@pytest.mark.parametrize("salt", ["", "AAEC", "not base64", SALT[:-1]])
def test_a_salt_that_is_none_is_refused(salt: str) -> None:
    parameters = Argon2Parameters(memory_kib=32, iterations=1, lanes=4, salt=salt)
    with pytest.raises(KdfOutOfBounds):
        derive_key(SecretBytes(b"x"), parameters, CHEAP)


def test_memory_too_small_for_the_lanes_is_refused() -> None:
    parameters = Argon2Parameters(memory_kib=32, iterations=1, lanes=16, salt=SALT)
    with pytest.raises(KdfOutOfBounds):
        derive_key(SecretBytes(b"x"), parameters, CHEAP)


def test_the_key_is_that_of_argon2id_with_the_stored_parameters() -> None:
    parameters = Argon2Parameters(memory_kib=64, iterations=2, lanes=2, salt=SALT)
    expected = Argon2id(
        salt=decode_base64(SALT), length=32, iterations=2, lanes=2, memory_cost=64
    ).derive(b"words")
    assert derive_key(SecretBytes(b"words"), parameters, CHEAP).reveal() == expected


def test_parameters_raised_later_still_open_what_was_sealed_with_the_old_ones() -> None:
    old = new_parameters(CHEAP)
    raised = KdfPolicy(memory_kib=64, iterations=2, lanes=4, floor_kib=32)
    secret = SecretBytes(b"words")
    assert derive_key(secret, old, raised) == derive_key(secret, old, CHEAP)


def test_each_file_has_a_salt_of_its_own() -> None:
    assert len({new_parameters(CHEAP).salt for _ in range(20)}) == 20
