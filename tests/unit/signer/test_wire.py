# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node_manager.signer.messages import read_request
from node_manager.signer.wire import (
    Malformed,
    blob,
    read_fields,
    read_varint,
    signed,
    sub,
    text,
    varint,
    whole,
)


@given(st.integers(-(2**63), 2**63 - 1))
def test_every_int64_survives_the_wire(number: int) -> None:
    encoded = varint(number)
    unsigned, end = read_varint(encoded, 0)
    assert (signed(unsigned), end) == (number, len(encoded))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_called_malformed(data: bytes) -> None:
    for reader in (read_fields, read_request):
        with contextlib.suppress(Malformed):
            reader(data)


def test_fields_come_back_by_number_and_kind() -> None:
    data = (
        b"\x08\x96\x01" + sub(b"\x12", b"testing") + b"\x19" + bytes(7) + b"\x80" + b"\x25\1\0\0\0"
    )
    fields = read_fields(data)
    assert fields == {1: 150, 2: b"testing", 3: 2**63, 4: 1}
    assert (whole(fields, 1), text(fields, 2), whole(fields, 9), blob(fields, 9)) == (
        150,
        "testing",
        0,
        b"",
    )


@pytest.mark.parametrize(
    "data",
    [
        b"\x08",
        b"\x08\xff",
        b"\x08" + b"\xff" * 10,
        b"\x08" + b"\xff" * 9 + b"\x02",
        b"\x12\x05abc",
        b"\x19\x00",
        b"\x08\x01\x08\x01",
        b"\x00\x01",
        b"\x0b\x0c",
    ],
)
def test_what_is_cut_doubled_or_unknown_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        read_fields(data)


def test_a_field_of_the_wrong_kind_is_malformed() -> None:
    with pytest.raises(Malformed):
        blob({1: 5}, 1)
    with pytest.raises(Malformed):
        whole({1: b"5"}, 1)
    with pytest.raises(Malformed):
        text({1: b"\xff"}, 1)
