# SPDX-License-Identifier: Apache-2.0
"""The consensus key of a CometBFT validator: ed25519, its public half and its address.

The address is the first 20 bytes of the SHA-256 of the public key, in upper-case hex
(CometBFT v0.38 `crypto/ed25519/ed25519.go`, `crypto/tmhash`).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from node_manager.keys.secret import SecretBytes

SEED_SIZE = 32
PUBLIC_SIZE = 32
ADDRESS_SIZE = 20


@dataclass(frozen=True, slots=True)
class ConsensusPublicKey:
    """The public half of a consensus key.

    Raises:
        ValueError: `raw` does not have 32 bytes.
    """

    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != PUBLIC_SIZE:
            raise ValueError("an ed25519 public key has 32 bytes")

    @classmethod
    def from_base64(cls, text: str) -> ConsensusPublicKey:
        """The key from the form that CometBFT and Cosmos print.

        Raises:
            ValueError: `text` is not 32 bytes in canonical base64.
        """
        return cls(decode_base64(text))

    @property
    def base64(self) -> str:
        """Standard base64, as in `priv_validator_key.json` and MsgCreateValidator."""
        return base64.b64encode(self.raw).decode()

    @property
    def address_bytes(self) -> bytes:
        """The 20 bytes behind the address and the bech32 `valcons` form."""
        return hashlib.sha256(self.raw).digest()[:ADDRESS_SIZE]

    @property
    def address(self) -> str:
        """The address in upper-case hex, as CometBFT prints it."""
        return self.address_bytes.hex().upper()

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Whether `signature` was made over `message` by this key's private half."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


def generate_seed() -> SecretBytes:
    """A new private key: 32 random bytes."""
    return SecretBytes.random(SEED_SIZE)


def public_key_of(seed: SecretBytes) -> ConsensusPublicKey:
    """The public half of the private key `seed`.

    Raises:
        ValueError: `seed` does not have 32 bytes, or is wiped.
    """
    with seed.view() as view:
        private = Ed25519PrivateKey.from_private_bytes(view)
    return ConsensusPublicKey(private.public_key().public_bytes_raw())


def decode_base64(text: str) -> bytes:
    """Decode canonical standard base64: one text for one content.

    Raises:
        ValueError: another alphabet, white space, missing padding or stray bits.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None
    if base64.b64encode(data).decode() != text:
        raise ValueError("not canonical base64")
    return data
