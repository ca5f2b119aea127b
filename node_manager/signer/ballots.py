# SPDX-License-Identifier: Apache-2.0
"""Votes and proposals, as a node asks for them and as they are signed.

Sources: CometBFT v0.38 `proto/tendermint/types/{types,canonical}.proto`, `types/canonical.go`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from node_manager.keys.signing_state import (
    MAX_HEIGHT,
    MAX_ROUND,
    STEP_PRECOMMIT,
    STEP_PREVOTE,
    STEP_PROPOSE,
)
from node_manager.signer.wire import (
    Malformed,
    blob,
    delimited,
    read_fields,
    read_varint,
    sub,
    varint,
    whole,
)

PREVOTE, PRECOMMIT, PROPOSAL = 1, 2, 32
"""`SignedMsgType` of types.proto."""

_HASH = 32
_YEAR_ONE = -62_135_596_800
_YEAR_TEN_THOUSAND = 253_402_300_800
_MAX_PARTS = 2**32 - 1


class Moment(NamedTuple):
    """A protobuf Timestamp. Absent ones are the year 1, as Go's zero time is."""

    seconds: int = _YEAR_ONE
    nanos: int = 0

    @classmethod
    def read(cls, fields: dict[int, int | bytes], number: int) -> Moment:
        """The timestamp in field `number`.

        Raises:
            Malformed: it is out of the range of google.protobuf.Timestamp.
        """
        if number not in fields:
            return cls()
        inner = read_fields(blob(fields, number))
        moment = cls(whole(inner, 1), whole(inner, 2))
        if not _YEAR_ONE <= moment.seconds < _YEAR_TEN_THOUSAND or not 0 <= moment.nanos < 10**9:
            raise Malformed("the time is out of range")
        return moment

    def encoded(self) -> bytes:
        """The Timestamp message."""
        seconds = b"\x08" + varint(self.seconds) if self.seconds else b""
        return seconds + b"\x10" + varint(self.nanos) if self.nanos else seconds


class BlockId(NamedTuple):
    """What is voted for; all empty for nil."""

    hash: bytes = b""
    parts: int = 0
    parts_hash: bytes = b""

    @classmethod
    def read(cls, fields: dict[int, int | bytes], number: int) -> BlockId:
        """The block id in field `number`.

        Raises:
            Malformed: a hash does not have 32 bytes, which CometBFT's own signer panics at.
        """
        return _block(blob(fields, number))

    @property
    def nil(self) -> bool:
        """Whether this stands for "no block"."""
        return not (self.hash or self.parts or self.parts_hash)

    def encoded(self) -> bytes:
        """The BlockID message, which CanonicalBlockID equals byte for byte."""
        header = b"\x08" + varint(self.parts) if self.parts else b""
        if self.parts_hash:
            header += sub(b"\x12", self.parts_hash)
        start = sub(b"\x0a", self.hash) if self.hash else b""
        return start + sub(b"\x12", header)


@lru_cache(maxsize=4)  # proposal, prevote and precommit are mostly for the same block
def _block(data: bytes) -> BlockId:
    outer = read_fields(data)
    inner = read_fields(blob(outer, 2))
    block = BlockId(blob(outer, 1), whole(inner, 1), blob(inner, 2))
    if len(block.hash) not in (0, _HASH) or len(block.parts_hash) not in (0, _HASH):
        raise Malformed("a hash does not have 32 bytes")
    if not 0 <= block.parts <= _MAX_PARTS:
        raise Malformed("the number of parts is out of range")
    return block


def _position(height: int, round_: int) -> bytes:
    """Height and round of the canonical messages (fields 2 and 3, sfixed64), absent when 0."""
    start = b"\x11" + height.to_bytes(8, "little") if height else b""
    return start + b"\x19" + round_.to_bytes(8, "little") if round_ else start


def _check(height: int, round_: int) -> None:
    if not 0 < height <= MAX_HEIGHT or not 0 <= round_ <= MAX_ROUND:
        raise Malformed("the height or the round is out of range")


@dataclass(slots=True)
class Vote:
    """A prevote or precommit (`tendermint.types.Vote`)."""

    type: int
    height: int
    round: int
    block: BlockId
    time: Moment
    address: bytes = b""
    index: int = 0
    signature: bytes = b""
    extension: bytes = b""
    extension_signature: bytes = b""

    @classmethod
    def read(cls, data: bytes) -> Vote:
        """The vote in `data`.

        Raises:
            Malformed: it is not one which a node casts.
        """
        fields = read_fields(data)
        vote = cls(
            type=whole(fields, 1),
            height=whole(fields, 2),
            round=whole(fields, 3),
            block=BlockId.read(fields, 4),
            time=Moment.read(fields, 5),
            address=blob(fields, 6),
            index=whole(fields, 7),
            signature=blob(fields, 8),
            extension=blob(fields, 9),
            extension_signature=blob(fields, 10),
        )
        if vote.type not in (PREVOTE, PRECOMMIT):
            raise Malformed("neither a prevote nor a precommit")
        _check(vote.height, vote.round)
        return vote

    @property
    def step(self) -> int:
        """Step within the round."""
        return STEP_PREVOTE if self.type == PREVOTE else STEP_PRECOMMIT

    @property
    def extensible(self) -> bool:
        """Whether a vote extension belongs to it: a precommit for a block."""
        return self.type == PRECOMMIT and not self.block.nil

    def at(self, time: Moment) -> Vote:
        """The same vote with another time."""
        return replace(self, time=time)

    def sign_bytes(self, chain_id: bytes) -> bytes:
        """`VoteSignBytes`: the CanonicalVote behind its length."""
        block = b"" if self.block.nil else sub(b"\x22", self.block.encoded())
        return delimited(
            b"\x08"
            + varint(self.type)
            + _position(self.height, self.round)
            + block
            + sub(b"\x2a", self.time.encoded())
            + sub(b"\x32", chain_id)
        )

    def extension_sign_bytes(self, chain_id: bytes) -> bytes:
        """`VoteExtensionSignBytes`: the CanonicalVoteExtension behind its length."""
        start = sub(b"\x0a", self.extension) if self.extension else b""
        return delimited(start + _position(self.height, self.round) + sub(b"\x22", chain_id))

    def encoded(self) -> bytes:
        """The Vote message, byte for byte as Go writes it."""
        parts = [b"\x08", varint(self.type), b"\x10", varint(self.height)]
        if self.round:
            parts += (b"\x18", varint(self.round))
        parts += (sub(b"\x22", self.block.encoded()), sub(b"\x2a", self.time.encoded()))
        if self.address:
            parts.append(sub(b"\x32", self.address))
        if self.index:
            parts += (b"\x38", varint(self.index))
        if self.signature:
            parts.append(sub(b"\x42", self.signature))
        if self.extension:
            parts.append(sub(b"\x4a", self.extension))
        if self.extension_signature:
            parts.append(sub(b"\x52", self.extension_signature))
        return b"".join(parts)


@dataclass(slots=True)
class Proposal:
    """A proposal (`tendermint.types.Proposal`); `pol_round` is -1 for none."""

    height: int
    round: int
    pol_round: int
    block: BlockId
    time: Moment
    signature: bytes = b""

    @classmethod
    def read(cls, data: bytes) -> Proposal:
        """The proposal in `data`.

        Raises:
            Malformed: it is not one which a node makes.
        """
        fields = read_fields(data)
        if whole(fields, 1) != PROPOSAL:
            raise Malformed("not a proposal")
        proposal = cls(
            height=whole(fields, 2),
            round=whole(fields, 3),
            pol_round=whole(fields, 4),
            block=BlockId.read(fields, 5),
            time=Moment.read(fields, 6),
            signature=blob(fields, 7),
        )
        _check(proposal.height, proposal.round)
        if not -1 <= proposal.pol_round <= MAX_ROUND:
            raise Malformed("the POL round is out of range")
        return proposal

    @property
    def step(self) -> int:
        """Step within the round."""
        return STEP_PROPOSE

    def at(self, time: Moment) -> Proposal:
        """The same proposal with another time."""
        return replace(self, time=time)

    def sign_bytes(self, chain_id: bytes) -> bytes:
        """`ProposalSignBytes`: the CanonicalProposal behind its length."""
        pol_round = b"\x20" + varint(self.pol_round) if self.pol_round else b""
        block = b"" if self.block.nil else sub(b"\x2a", self.block.encoded())
        return delimited(
            b"\x08\x20"
            + _position(self.height, self.round)
            + pol_round
            + block
            + sub(b"\x32", self.time.encoded())
            + sub(b"\x3a", chain_id)
        )

    def encoded(self) -> bytes:
        """The Proposal message, byte for byte as Go writes it."""
        parts = [b"\x08\x20\x10", varint(self.height)]
        if self.round:
            parts += (b"\x18", varint(self.round))
        if self.pol_round:
            parts += (b"\x20", varint(self.pol_round))
        parts += (sub(b"\x2a", self.block.encoded()), sub(b"\x32", self.time.encoded()))
        if self.signature:
            parts.append(sub(b"\x3a", self.signature))
        return b"".join(parts)


def time_in(sign_bytes: bytes, step: int) -> Moment | None:
    """The time inside canonical sign bytes of a ballot at `step`, None when they hold none.

    The bytes come from the signing record, so also from an imported state: they may be anything.
    """
    try:
        length, start = read_varint(sign_bytes, 0)
        if len(sign_bytes) != start + length:
            return None
        fields = read_fields(sign_bytes[start:])
        return Moment.read(fields, 6 if step == STEP_PROPOSE else 5)
    except Malformed:
        return None
