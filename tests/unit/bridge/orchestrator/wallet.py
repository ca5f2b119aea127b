# SPDX-License-Identifier: Apache-2.0
"""A wallet with a real key, as a browser's would sign."""

from __future__ import annotations

import base64
import hashlib

from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bridge.orchestrator.auth.adr36 import ORDER, sign_bytes
from bridge.orchestrator.chain.addresses import Addresses

CHAIN = Addresses("omni")


class Wallet:
    """A secp256k1 key and its address."""

    def __init__(self, seed: str) -> None:
        number = int.from_bytes(hashlib.sha256(seed.encode()).digest()) % (ORDER - 1) + 1
        self._take(ec.derive_private_key(number, ec.SECP256K1()))

    @classmethod
    def of_key(cls, key: ec.EllipticCurvePrivateKey) -> Wallet:
        """The wallet of a key from elsewhere."""
        wallet = cls("")
        wallet._take(key)
        return wallet

    def _take(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key
        self.public = self._key.public_key().public_bytes(
            Encoding.X962, PublicFormat.CompressedPoint
        )
        self.address = CHAIN.of_wallet_key(self.public)

    @property
    def public_text(self) -> str:
        return base64.b64encode(self.public).decode()

    def sign(self, data: bytes) -> bytes:
        """r and s, with the lower s, over the SHA-256 of `data`."""
        r, s = utils.decode_dss_signature(self._key.sign(data, ec.ECDSA(SHA256())))
        return r.to_bytes(32) + min(s, ORDER - s).to_bytes(32)

    def sign_text(self, message: str) -> str:
        return base64.b64encode(self.sign(sign_bytes(self.address, message))).decode()
