# SPDX-License-Identifier: Apache-2.0
"""Checks what a wallet signed: ADR-36 over Amino JSON, secp256k1.

Format: Cosmos SDK ADR-036 "Arbitrary Message Signature Specification"; Keplr's `signArbitrary`.
"""

from __future__ import annotations

import base64
import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256

KEY_BYTES = 33
SIGNATURE_BYTES = 64
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""Order of secp256k1 (SEC 2, 2.4.1)."""


def sign_bytes(signer: str, message: str) -> bytes:
    """The bytes a wallet signs for `message`."""
    document = {
        "account_number": "0",
        "chain_id": "",
        "fee": {"amount": [], "gas": "0"},
        "memo": "",
        "msgs": [
            {
                "type": "sign/MsgSignData",
                "value": {
                    "data": base64.b64encode(message.encode()).decode("ascii"),
                    "signer": signer,
                },
            }
        ],
        "sequence": "0",
    }
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def signed_by_wallet(pubkey: bytes, signature: bytes, signer: str, message: str) -> bool:
    """Whether the key `pubkey` (33 bytes) made `signature` (r and s) over `message`."""
    if len(pubkey) != KEY_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    if s > ORDER // 2:
        return False  # the second form of the same signature; wallets do not make it
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256K1(), pubkey)
        der = utils.encode_dss_signature(r, s)
        key.verify(der, sign_bytes(signer, message), ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True
