# SPDX-License-Identifier: Apache-2.0
"""Key, address and signatures are CometBFT's own."""

from __future__ import annotations

import pytest

from node_manager.keys.consensus import (
    ConsensusPublicKey,
    decode_base64,
    generate_seed,
    public_key_of,
)
from node_manager.keys.secret import SecretBytes
from tests.unit.keys.material import PRIVATE, PUBLIC, SEED

RECORDED_KEY = "pa7zOLertu6NOVF+4+oPn/hbg8Wf6pTm5Y0NVVdxs7k="
RECORDED_ADDRESS = "E713305F35F3C116DD2541673A8B6BD0F9AE2001"
"""A real node's RPC `/status`, `validator_info`."""


def test_the_address_is_the_one_a_real_node_gives_its_key() -> None:
    assert ConsensusPublicKey.from_base64(RECORDED_KEY).address == RECORDED_ADDRESS


def test_the_public_half_follows_from_the_seed() -> None:
    # RFC 8032, 7.1, test 1
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert public_key_of(SecretBytes(seed)).raw.hex() == public


def test_a_signature_verifies_for_its_message_and_key_only() -> None:
    signature = PRIVATE.sign(b"a vote")
    assert PUBLIC.verifies(b"a vote", signature)
    assert not PUBLIC.verifies(b"another vote", signature)
    assert not ConsensusPublicKey.from_base64(RECORDED_KEY).verifies(b"a vote", signature)
    assert not PUBLIC.verifies(b"a vote", signature[:-1])


def test_a_new_seed_makes_another_key_each_time() -> None:
    assert public_key_of(generate_seed()) != public_key_of(generate_seed())


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_a_key_of_another_size_is_none(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        ConsensusPublicKey(bytes(size))
    with pytest.raises(ValueError):
        public_key_of(SecretBytes(SEED.ljust(64, b"x")[:size]))


@pytest.mark.parametrize("text", ["AA", "AB==", "A A=", "AA==\n", "A-_=", "é", "===="])
def test_only_canonical_base64_is_read(text: str) -> None:
    with pytest.raises(ValueError):
        decode_base64(text)
