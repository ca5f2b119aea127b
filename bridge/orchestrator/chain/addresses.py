# SPDX-License-Identifier: Apache-2.0
"""Bech32 addresses of one chain: account, operator, consensus."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from node_manager.cosmos.encoding import from_bech32, to_bech32

ACCOUNT_BYTES = (20, 32)


class NotAnAddress(ValueError):
    """The text is not an address of this chain."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Addresses under one prefix, for example "omni"."""

    prefix: str

    def account_bytes(self, address: str) -> bytes:
        """The bytes of an account address.

        Raises:
            NotAnAddress: another prefix, a wrong checksum or a wrong length.
        """
        return _decoded(address, self.prefix)

    def account(self, raw: bytes) -> str:
        """The account address of `raw`."""
        return to_bech32(self.prefix, raw)

    def operator(self, account: str) -> str:
        """The validator's operator address of the account `account`: the same bytes.

        Raises:
            NotAnAddress: `account` is not an address of this chain.
        """
        return to_bech32(f"{self.prefix}valoper", self.account_bytes(account))

    def account_of_operator(self, operator: str) -> str:
        """The account address of a validator's operator address.

        Raises:
            NotAnAddress: `operator` is not one of this chain.
        """
        return to_bech32(self.prefix, _decoded(operator, f"{self.prefix}valoper"))

    def consensus(self, pubkey: bytes) -> str:
        """The consensus address of a 32-byte ed25519 key."""
        return to_bech32(f"{self.prefix}valcons", consensus_address(pubkey))

    def of_wallet_key(self, pubkey: bytes) -> str:
        """The account address of a 33-byte compressed secp256k1 key."""
        return self.account(ripemd160(hashlib.sha256(pubkey).digest()))


def consensus_address(pubkey: bytes) -> bytes:
    """The bytes of it: the key's SHA-256, cut to 20 (CometBFT, `crypto/ed25519`)."""
    return hashlib.sha256(pubkey).digest()[:20]


def ripemd160(data: bytes) -> bytes:
    """RIPEMD-160, also where OpenSSL was built without it."""
    try:
        return hashlib.new("ripemd160", data).digest()
    except ValueError:
        from Crypto.Hash import RIPEMD160

        return RIPEMD160.new(data).digest()


@lru_cache(maxsize=200_000)
def _decoded(address: str, prefix: str) -> bytes:
    try:
        found, raw = from_bech32(address)
    except ValueError:
        found, raw = "", b""
    if found != prefix or len(raw) not in ACCOUNT_BYTES:
        raise NotAnAddress(f"is not an address that begins with {prefix}1")
    return raw
