# SPDX-License-Identifier: Apache-2.0
"""Times and addresses as the chain writes them."""

from __future__ import annotations

import bech32
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from node_manager.cosmos.encoding import from_bech32, to_bech32, unix_time


def test_times_are_seconds_since_1970() -> None:
    assert unix_time("2026-11-22T13:29:34.140800127Z") == pytest.approx(1795354174.1408)
    assert unix_time("0001-01-01T00:00:00Z") == 0.0
    with pytest.raises(ValueError, match="datetime"):
        unix_time("yesterday")


def test_an_operator_and_its_account_are_the_same_bytes() -> None:
    prefix, address = from_bech32("omnivaloper1eru6jp7sqfysgv44qxnwar7dcn6wfvrj8kmvf6")
    assert prefix == "omnivaloper"
    assert to_bech32("omni", address) == "omni1eru6jp7sqfysgv44qxnwar7dcn6wfvrjp4st7g"


def test_a_wrong_letter_is_noticed() -> None:
    with pytest.raises(ValueError, match="bech32"):
        from_bech32("omnivaloper1eru6jp7sqfysgv44qxnwar7dcn6wfvrj8kmvf7")


@given(st.binary(min_size=20, max_size=32))
def test_bytes_survive_the_round_trip(address: bytes) -> None:
    assert from_bech32(to_bech32("omni", address)) == ("omni", address)


@st.composite
def nearly_addresses(draw: st.DrawFn) -> str:
    """Addresses, whole and spoilt, with paddings and checksums of all kinds."""
    prefix = draw(st.text("ab1mz~ ", min_size=1, max_size=8))
    words = draw(st.lists(st.integers(0, 31), max_size=90))
    text = list(bech32.bech32_encode(prefix, words))
    for at in draw(st.lists(st.integers(0, len(text) - 1), max_size=2)):
        text[at] = draw(st.sampled_from("qpzb1Q \u212a\u017f"))
    text = text[: draw(st.integers(0, len(text)))] if draw(st.booleans()) else text
    return draw(st.sampled_from([str, str.upper]))("".join(text))


@given(nearly_addresses())
@example("")
@example("1")
@example("omni1")
@example("\u212a1qqqqqqqq")
def test_every_text_is_read_as_the_reference_reads_it(text: str) -> None:
    prefix, words = bech32.bech32_decode(text)
    data = None if words is None else bech32.convertbits(words, 5, 8, False)
    try:
        found = from_bech32(text)
    except ValueError:
        assert data is None
    else:
        assert data is not None
        assert found == (prefix, bytes(data))
