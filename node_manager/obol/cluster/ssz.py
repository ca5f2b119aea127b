# SPDX-License-Identifier: Apache-2.0
"""Hash tree roots of SSZ (ethereum/consensus-specs, ssz/simple-serialize.md), as far as needed.

Every function returns one or more 32-byte chunks of the tree.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

CHUNK = 32
_ZERO = bytes(CHUNK)


def merkleize(chunks: Sequence[bytes], limit: int | None = None) -> bytes:
    """The root over `chunks`, padded with zeros to `limit` (or to the next power of two).

    Raises:
        ValueError: there are more chunks than the limit.
    """
    if limit is not None and len(chunks) > limit:
        raise ValueError(f"{len(chunks)} chunks where {limit} are allowed")
    width = max(limit if limit is not None else len(chunks), 1)
    depth = (width - 1).bit_length()
    layer, zero = list(chunks), _ZERO
    for _ in range(depth):
        if len(layer) % 2:
            layer.append(zero)
        layer = [sha256(layer[i] + layer[i + 1]).digest() for i in range(0, len(layer), 2)]
        zero = sha256(zero + zero).digest()
    return layer[0] if layer else zero


def mix_in_length(root: bytes, length: int) -> bytes:
    """The root of a list: its content and its length."""
    return sha256(root + length.to_bytes(CHUNK, "little")).digest()


def container(*fields: bytes) -> bytes:
    """The root of a container or a vector of the given field roots."""
    return merkleize(fields)


def listing(roots: Sequence[bytes], limit: int) -> bytes:
    """The root of a list of composite elements."""
    return mix_in_length(merkleize(roots, limit), len(roots))


def uint64(value: int) -> bytes:
    """An unsigned 64-bit number.

    Raises:
        ValueError: it does not fit.
    """
    if not 0 <= value < 1 << 64:
        raise ValueError(f"{value} is not an unsigned 64-bit number")
    return value.to_bytes(CHUNK, "little")


def boolean(value: bool) -> bytes:
    """A boolean."""
    return uint64(int(value))


def vector(data: bytes) -> bytes:
    """A byte vector of the size it has."""
    return merkleize(_chunks(data))


def byte_list(data: bytes, limit: int) -> bytes:
    """A list of bytes.

    Raises:
        ValueError: it is longer than `limit` bytes.
    """
    if len(data) > limit:
        raise ValueError(f"{len(data)} bytes where {limit} are allowed")
    return mix_in_length(merkleize(_chunks(data), (limit + CHUNK - 1) // CHUNK), len(data))


def uint64_list(values: Sequence[int], limit: int) -> bytes:
    """A list of unsigned 64-bit numbers, packed.

    Raises:
        ValueError: there are too many, or one does not fit.
    """
    packed = b"".join(uint64(value)[:8] for value in values)
    return mix_in_length(merkleize(_chunks(packed), (limit * 8 + CHUNK - 1) // CHUNK), len(values))


def _chunks(data: bytes) -> list[bytes]:
    return [data[i : i + CHUNK].ljust(CHUNK, b"\0") for i in range(0, len(data), CHUNK)]
