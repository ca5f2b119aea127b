# SPDX-License-Identifier: Apache-2.0
"""Ethereum node records (EIP-778, identity scheme "v4") as charon writes them.

`"enr:" + base64url without padding of RLP([signature, seq, key, value, ...])`; charon's records
have an empty seq and the keys `id` and `secp256k1` only. The signature is RFC 6979 over the
keccak256 of the list without it, so the same key gives the same bytes.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

import rlp  # type: ignore[import-untyped]
from eth_keys.exceptions import BadSignature
from eth_keys.main import lazy_key_api as keys
from eth_utils.crypto import keccak
from eth_utils.exceptions import ValidationError

from node_manager.obol.errors import EnrNotReadable

PREFIX = "enr:"
MAX_TEXT = 1024
_SIGNATURE = 64
_KEY = 33


@dataclass(frozen=True, slots=True)
class Enr:
    """A record whose signature was checked.

    Attributes:
        text: as it was written, from `enr:`.
        public_key: 33 bytes, compressed secp256k1.
        signature: 64 bytes.
        sequence: 0 in charon's records.
    """

    text: str
    public_key: bytes
    signature: bytes
    sequence: int

    @property
    def public_key_hex(self) -> str:
        """As `charon enr --verbose` shows it."""
        return f"0x{self.public_key.hex()}"


def make_enr(private_key: bytes) -> Enr:
    """The record of a 32-byte secp256k1 key, the same bytes as charon's.

    Raises:
        ValidationError: no private key of this curve has these bytes.
    """
    key = keys.PrivateKey(private_key)
    public = key.public_key.to_compressed_bytes()
    content: list[bytes] = [b"", b"id", b"v4", b"secp256k1", public]
    signature = key.sign_msg_hash(keccak(rlp.encode(content))).to_bytes()[:_SIGNATURE]
    encoded = base64.urlsafe_b64encode(rlp.encode([signature, *content])).rstrip(b"=")
    return Enr(PREFIX + encoded.decode(), public, signature, 0)


def read_enr(text: str) -> Enr:
    """Decode a record and check that its key signed it.

    Raises:
        EnrNotReadable: it is not a record, or of another scheme, or its signature is wrong.
    """
    if not text.startswith(PREFIX) or len(text) > MAX_TEXT:
        raise _refused(text, "It does not begin with `enr:`, or is far too long.")
    body = text.removeprefix(PREFIX)
    try:
        raw = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
        items = rlp.decode(raw)
    except (binascii.Error, ValueError, rlp.DecodingError):
        raise _refused(text, "A part of it is missing or was changed.") from None
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != body:
        raise _refused(text, "It was not written the usual way.")
    if not isinstance(items, list) or len(items) < 4 or len(items) % 2 or not _flat(items):
        raise _refused(text, "It has not the parts of a record.")
    signature, sequence, *rest = items
    pairs = dict(zip(rest[::2], rest[1::2], strict=True))
    if pairs.get(b"id") != b"v4":
        raise _refused(text, "It is of an identity scheme other than v4.")
    public = pairs.get(b"secp256k1", b"")
    if len(public) != _KEY or len(signature) != _SIGNATURE or len(sequence) > 8:
        raise _refused(text, "Its key or its signature has a wrong size.")
    if not _signed(public, signature, keccak(rlp.encode(items[1:]))):
        raise _refused(text, "Its signature is not that of its key.")
    return Enr(text, public, signature, int.from_bytes(sequence, "big"))


def _flat(items: list[object]) -> bool:
    return all(isinstance(item, bytes) for item in items)


def _signed(public: bytes, signature: bytes, digest: bytes) -> bool:
    try:
        key = keys.PublicKey.from_compressed_bytes(public)
        return keys.NonRecoverableSignature(signature).verify_msg_hash(digest, key)
    except (BadSignature, ValidationError, ValueError):
        return False


def _refused(text: str, reason: str) -> EnrNotReadable:
    shown = text if len(text) <= 40 else f"{text[:24]}…{text[-8:]}"
    return EnrNotReadable(shown=shown, reason=reason)
