# SPDX-License-Identifier: Apache-2.0
"""The privval messages a node sends and the signer answers with.

Source: CometBFT v0.38 `proto/tendermint/privval/types.proto`; every message on the wire is a
`Message` (a oneof) behind its length as a varint.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from node_manager.signer.ballots import Proposal, Vote
from node_manager.signer.wire import Malformed, blob, delimited, read_fields, sub, text, varint

MAX_MESSAGE = 10 * 1024
"""Bytes: what CometBFT's `signer_endpoint.go` reads at most, `maxRemoteSignerMsgSize`."""

ANSWER_ROOM = 192
"""Bytes which an answer is longer than its request at most: two signatures and an envelope."""


class Refusal(IntEnum):
    """Codes of our RemoteSignerError; CometBFT only hands them on to its log."""

    UNFIT = 1
    DOUBLE_SIGN = 2
    REGRESSION = 3
    WRONG_CHAIN = 4
    NO_RECORD = 5


class Refused(Exception):
    """A request which is answered with a RemoteSignerError."""

    def __init__(self, code: Refusal, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


@dataclass(frozen=True, slots=True)
class PubKeyRequest:
    """Which key signs for this chain."""

    chain_id: str


@dataclass(frozen=True, slots=True)
class SignVoteRequest:
    """Sign a vote; `vote` is not decoded yet."""

    vote: bytes
    chain_id: str


@dataclass(frozen=True, slots=True)
class SignProposalRequest:
    """Sign a proposal; `proposal` is not decoded yet."""

    proposal: bytes
    chain_id: str


@dataclass(frozen=True, slots=True)
class PingRequest:
    """Are you there."""


Request = PubKeyRequest | SignVoteRequest | SignProposalRequest | PingRequest


def read_request(message: bytes) -> Request:
    """The request in one `Message`.

    Raises:
        Malformed: it is not exactly one request.
    """
    outer = read_fields(message)
    if len(outer) != 1:
        raise Malformed("not exactly one request")
    (number,) = outer
    fields = read_fields(blob(outer, number))
    if number == 1:
        return PubKeyRequest(text(fields, 1))
    if number == 3:
        return SignVoteRequest(blob(fields, 1), text(fields, 2))
    if number == 5:
        return SignProposalRequest(blob(fields, 1), text(fields, 2))
    if number == 7:
        return PingRequest()
    raise Malformed(f"message {number} is not a request")


def _error(refused: Refused) -> bytes:
    code = b"\x08" + varint(refused.code)
    return sub(b"\x12", code + sub(b"\x12", refused.description.encode()))


def pubkey_answer(pubkey: bytes) -> bytes:
    """The answer to PubKeyRequest: an ed25519 key of 32 bytes."""
    return delimited(sub(b"\x12", sub(b"\x0a", sub(b"\x0a", pubkey))))


def vote_answer(vote: Vote) -> bytes:
    """The answer to SignVoteRequest."""
    return delimited(sub(b"\x22", sub(b"\x0a", vote.encoded())))


def proposal_answer(proposal: Proposal) -> bytes:
    """The answer to SignProposalRequest."""
    return delimited(sub(b"\x32", sub(b"\x0a", proposal.encoded())))


PING_ANSWER = delimited(sub(b"\x42", b""))


def refusal_answer(request: Request, refused: Refused) -> bytes:
    """The answer that says why not, in the response kind which belongs to `request`."""
    kind = {PubKeyRequest: b"\x12", SignVoteRequest: b"\x22", SignProposalRequest: b"\x32"}
    empty = sub(b"\x0a", b"")
    return delimited(sub(kind[type(request)], empty + _error(refused)))
