# SPDX-License-Identifier: Apache-2.0
"""Against bytes that CometBFT v0.38.17 itself made (tests/fixtures/signer)."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node_manager.signer.ballots import Moment, Proposal, Vote, time_in
from node_manager.signer.messages import SignProposalRequest, SignVoteRequest, read_request
from node_manager.signer.wire import Malformed, sub
from tests.unit.signer.ballots import CHAIN, block, proposal, vote

RECORDED: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "fixtures/signer/ballots.json").read_text()
)


def recorded_ballot(record: dict[str, Any]) -> Vote | Proposal:
    request = read_request(bytes.fromhex(record["request"]))
    assert isinstance(request, SignVoteRequest | SignProposalRequest)
    assert request.chain_id == CHAIN
    if isinstance(request, SignVoteRequest):
        return Vote.read(request.vote)
    return Proposal.read(request.proposal)


@pytest.mark.parametrize("record", RECORDED, ids=lambda record: record["name"])
def test_sign_bytes_are_cometbfts(record: dict[str, Any]) -> None:
    ballot = recorded_ballot(record)
    assert ballot.sign_bytes(CHAIN.encode()).hex() == record["sign_bytes"]
    if "extension_sign_bytes" in record:
        assert isinstance(ballot, Vote)
        expected = record["extension_sign_bytes"]
        assert ballot.extension_sign_bytes(CHAIN.encode()).hex() == expected


@pytest.mark.parametrize("record", RECORDED, ids=lambda record: record["name"])
def test_a_ballot_is_sent_back_byte_for_byte(record: dict[str, Any]) -> None:
    encoded = recorded_ballot(record).encoded()
    assert encoded.hex() in record["request"]


@pytest.mark.parametrize("record", RECORDED, ids=lambda record: record["name"])
def test_the_time_is_found_in_sign_bytes(record: dict[str, Any]) -> None:
    ballot = recorded_ballot(record)
    assert time_in(bytes.fromhex(record["sign_bytes"]), ballot.step) == ballot.time


@given(st.sampled_from(RECORDED), st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255))))
def test_a_changed_request_is_read_or_called_malformed(
    record: dict[str, Any], changes: list[tuple[int, int]]
) -> None:
    message = bytearray.fromhex(record["request"])
    for at, byte in changes:
        message[at % len(message)] = byte
    with contextlib.suppress(Malformed):
        request = read_request(bytes(message))
        if isinstance(request, SignVoteRequest):
            assert Vote.read(request.vote).sign_bytes(CHAIN.encode())
        elif isinstance(request, SignProposalRequest):
            assert Proposal.read(request.proposal).encoded()


def test_an_absent_time_is_the_year_one_and_an_empty_one_is_1970() -> None:
    absent = Vote.read(b"\x08\x01\x10\x05")
    empty = Vote.read(b"\x08\x01\x10\x05\x2a\x00")
    assert (absent.time.seconds, empty.time.seconds) == (-62_135_596_800, 0)


def test_no_time_is_found_in_what_are_no_sign_bytes() -> None:
    for content in (b"", b"\x05ab", b"\xff" * 20, b"\x02\x2a\x05", bytes(40)):
        assert time_in(content, 2) is None


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        ({"height": 0}, "height"),
        ({"height": -1}, "height"),
        ({"round": -1}, "round"),
        ({"round": 2**31}, "round"),
        ({"type": 32}, "neither"),
        ({"type": 0}, "neither"),
        ({"block": block("a")._replace(hash=bytes(31))}, "32 bytes"),
        ({"block": block("a")._replace(parts_hash=bytes(33))}, "32 bytes"),
        ({"block": block("a")._replace(parts=2**32)}, "parts"),
        ({"time": Moment(253_402_300_800, 0)}, "time"),
        ({"time": Moment(0, 10**9)}, "time"),
        ({"time": Moment(0, -1)}, "time"),
    ],
)
def test_a_vote_that_no_node_casts_is_malformed(spoil: dict[str, Any], what: str) -> None:
    spoiled = vote(5, 0, 2)
    for name, value in spoil.items():
        setattr(spoiled, name, value)
    with pytest.raises(Malformed, match=what):
        Vote.read(spoiled.encoded())


def test_a_proposal_of_another_type_or_pol_round_is_malformed() -> None:
    with pytest.raises(Malformed, match="not a proposal"):
        Proposal.read(b"\x08\x01" + proposal(5, 0).encoded()[2:])
    spoiled = proposal(5, 0)
    spoiled.pol_round = -2
    with pytest.raises(Malformed, match="POL"):
        Proposal.read(spoiled.encoded())


def test_a_request_is_exactly_one_known_message() -> None:
    ping = sub(b"\x3a", b"")
    read_request(ping)
    for message in (
        b"",
        ping + sub(b"\x0a", b""),
        sub(b"\x42", b""),
        sub(b"\x7a", b""),
        b"\x38\x00",
    ):
        with pytest.raises(Malformed):
            read_request(message)
