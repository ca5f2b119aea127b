# SPDX-License-Identifier: Apache-2.0
"""BLS signatures of Ethereum's consensus (minimal public key size, proof of possession scheme).

The arithmetic is py-arkworks-bls12381's; encodings are checked there (curve and subgroup).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from node_manager.obol.cluster import ssz

DST = b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_"
ORDER = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001
DOMAIN_DEPOSIT = bytes.fromhex("03000000")
DOMAIN_BUILDER = bytes.fromhex("00000001")


def public_key_of(secret: bytes) -> bytes:
    """The 48-byte public key of a 32-byte secret key.

    Raises:
        ValueError: it is no secret key.
    """
    from py_arkworks_bls12381 import G1Point, Scalar

    value = int.from_bytes(secret, "big")
    if len(secret) != 32 or not 0 < value < ORDER:
        raise ValueError("no secret key of this curve")
    return bytes((G1Point() * Scalar.from_be_bytes(secret)).to_compressed_bytes())


def fast_aggregate_verify(keys: Sequence[bytes], message: bytes, signature: bytes) -> bool:
    """Whether `signature` is the aggregate of all keys' signatures of `message`."""
    from py_arkworks_bls12381 import GT, G1Point, G2Point

    try:
        points = [_key(key) for key in keys]
        point = G2Point.from_compressed_bytes(signature)
    except ValueError:
        return False
    if not points:
        return False
    total = points[0]
    for one in points[1:]:
        total = total + one
    hashed = G2Point.hash_to_curve(message, DST)
    return bool(GT.pairing_check([-G1Point(), total], [point, hashed]))


def verify(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` is that of `key` over `message`."""
    return fast_aggregate_verify([key], message, signature)


def shares_make(key: bytes, shares: Sequence[bytes], threshold: int) -> bool:
    """Whether any `threshold` of the shares make `key` (Lagrange at zero, indices from 1).

    Every share must lie on the one polynomial that the first `threshold` of them define.
    """
    if not 1 <= threshold <= len(shares) or len(set(shares)) != len(shares):
        return False
    try:
        points = [_key(share) for share in shares]
        wanted = _key(key)
    except ValueError:
        return False
    first = list(range(1, threshold))
    return all(
        _interpolate(points, [*first, index]) == wanted
        for index in range(threshold, len(shares) + 1)
    )


def signing_root(root: bytes, domain_type: bytes, fork_version: bytes) -> bytes:
    """What is signed over `root` before genesis (consensus-specs, compute_signing_root)."""
    fork_data = ssz.container(ssz.vector(fork_version), bytes(32))
    return ssz.container(root, domain_type + fork_data[:28])


def _key(data: bytes) -> Any:
    from py_arkworks_bls12381 import G1Point

    point = G1Point.from_compressed_bytes(data)
    if point == G1Point.identity():
        raise ValueError("the point at infinity is nobody's key")
    return point


def _interpolate(points: Sequence[Any], indices: Sequence[int]) -> Any:
    from py_arkworks_bls12381 import G1Point, Scalar

    total = G1Point.identity()
    for i in indices:
        above, below = 1, 1
        for j in indices:
            if j != i:
                above = above * j % ORDER
                below = below * (j - i) % ORDER
        weight = above * pow(below, -1, ORDER) % ORDER
        total = total + points[i - 1] * Scalar.from_be_bytes(weight.to_bytes(32, "big"))
    return total
