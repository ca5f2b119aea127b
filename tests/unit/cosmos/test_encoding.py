# SPDX-License-Identifier: Apache-2.0
"""Times and addresses as the chain writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
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


@pytest.mark.parametrize("text", ["", "1", "omni1", "omni1qqqqqqqq", "\u212a1qqqqqqqq", "a" * 200])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a bech32 address"):
        from_bech32(text)
