# SPDX-License-Identifier: Apache-2.0
"""The part of the Protocol Buffers wire format which privval messages use.

Source: https://protobuf.dev/programming-guides/encoding/. The protobuf library is not used: it
accepts what this signer refuses (fields twice, messages merged), and every votes' way is short.
"""

from __future__ import annotations

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5

_MAX_VARINT = 10
_MASK64 = 2**64 - 1
_SMALL = [bytes((number,)) for number in range(128)]


class Malformed(ValueError):
    """Bytes that no well-meaning CometBFT node sends."""


def varint(number: int) -> bytes:
    """`number` as a base-128 varint; a negative one as its 64-bit two's complement."""
    if 0 <= number < 128:
        return _SMALL[number]
    number &= _MASK64
    out = bytearray()
    while number > 127:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """The unsigned number at `at` and the place behind it.

    Raises:
        Malformed: it is cut, or longer than 64 bits.
    """
    number = shift = 0
    for place in range(at, at + _MAX_VARINT):
        if place >= len(data):
            raise Malformed("a number is cut")
        byte = data[place]
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            if number > _MASK64:
                break
            return number, place + 1
        shift += 7
    raise Malformed("a number is longer than 64 bits")


def signed(number: int) -> int:
    """The int64 behind an unsigned varint."""
    return number - 2**64 if number >> 63 else number


def delimited(message: bytes) -> bytes:
    """`message` behind its length."""
    return varint(len(message)) + message


def sub(tag: bytes, message: bytes) -> bytes:
    """A length-delimited field: its tag byte, its length, its bytes."""
    return tag + varint(len(message)) + message


def read_fields(data: bytes) -> dict[int, int | bytes]:
    """The fields of one message by number: varints and fixed numbers unsigned, others bytes.

    Raises:
        Malformed: it is cut, has a field twice, or uses groups.
    """
    fields: dict[int, int | bytes] = {}
    at, end = 0, len(data)
    while at < end:
        key = data[at]
        if key < 0x80:
            at += 1
        else:
            key, at = read_varint(data, at)
        number, kind = key >> 3, key & 7
        value: int | bytes
        if kind == BYTES:
            if at < end and data[at] < 0x80:  # spares a call for almost all of them
                length, start = data[at], at + 1
            else:
                length, start = read_varint(data, at)
            at = start + length
            value = data[start:at]
        elif kind == VARINT:
            if at < end and data[at] < 0x80:
                value, at = data[at], at + 1
            else:
                value, at = read_varint(data, at)
        elif kind == FIXED64:
            value, at = int.from_bytes(data[at : at + 8], "little"), at + 8
        elif kind == FIXED32:
            value, at = int.from_bytes(data[at : at + 4], "little"), at + 4
        else:
            raise Malformed("an unknown kind of field")
        if at > end:
            raise Malformed("a field is cut")
        if number in fields or number == 0:
            raise Malformed(f"field {number} must not be here (again)")
        fields[number] = value
    return fields


def whole(fields: dict[int, int | bytes], number: int) -> int:
    """The int64 in field `number`, 0 when absent.

    Raises:
        Malformed: the field is not a number.
    """
    value = fields.get(number, 0)
    if not isinstance(value, int):
        raise Malformed(f"field {number} is not a number")
    return signed(value)


def blob(fields: dict[int, int | bytes], number: int) -> bytes:
    """The bytes in field `number`, empty when absent.

    Raises:
        Malformed: the field is a number.
    """
    value = fields.get(number, b"")
    if not isinstance(value, bytes):
        raise Malformed(f"field {number} is not bytes")
    return value


def text(fields: dict[int, int | bytes], number: int) -> str:
    """The string in field `number`, empty when absent.

    Raises:
        Malformed: the field is not UTF-8.
    """
    try:
        return blob(fields, number).decode()
    except UnicodeDecodeError:
        raise Malformed(f"field {number} is not text") from None
