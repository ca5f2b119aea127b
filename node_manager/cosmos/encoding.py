# SPDX-License-Identifier: Apache-2.0
"""Times, keys and addresses as CometBFT and the Cosmos SDK write them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import bech32
from pydantic import BeforeValidator, TypeAdapter

_DATETIME = TypeAdapter(datetime)


def unix_time(value: object) -> float:
    """Seconds since 1970 of an RFC 3339 time; 0.0 for Go's and protobuf's times of "never".

    Raises:
        ValueError: not a time.
    """
    if isinstance(value, (int, float)):
        return float(value)
    moment = _DATETIME.validate_python(value)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, moment.timestamp())


UnixTime = Annotated[float, BeforeValidator(unix_time)]


def to_bech32(prefix: str, address: bytes) -> str:
    """An address in bech32."""
    words = bech32.convertbits(address, 8, 5) or []
    return str(bech32.bech32_encode(prefix, words))


def from_bech32(address: str) -> tuple[str, bytes]:
    """Prefix and bytes of a bech32 address.

    Raises:
        ValueError: the checksum is wrong, or it is not bech32.
    """
    prefix, words = bech32.bech32_decode(address)
    data = bech32.convertbits(words, 5, 8, False) if words is not None else None
    if prefix is None or data is None:
        raise ValueError(f"not a bech32 address: {address!r}")
    return str(prefix), bytes(data)
