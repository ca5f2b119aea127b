# SPDX-License-Identifier: Apache-2.0
"""What a key has signed last: the state that travels with the key and is never lowered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

STEP_NONE, STEP_PROPOSE, STEP_PREVOTE, STEP_PRECOMMIT = range(4)
"""Steps within a round, numbered as CometBFT's `privval/file.go` (v0.38) does."""

MAX_HEIGHT = 2**63 - 1
MAX_ROUND = 2**31 - 1
MAX_SIGN_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class SigningState:
    """The newest (height, round, step) a key has signed, what was signed and its signature.

    Attributes:
        height: block height, 0 for a key that has never signed.
        round: consensus round.
        step: 0 nothing, 1 proposal, 2 prevote, 3 precommit.
        sign_bytes: the bytes that were signed, empty when they are not known.
        signature: their ed25519 signature (64 bytes), empty when it is not known.

    Raises:
        ValueError: a number is out of the range of CometBFT's types, or a part is too long.
    """

    height: int
    round: int
    step: int
    sign_bytes: bytes = b""
    signature: bytes = b""

    def __post_init__(self) -> None:
        if not 0 <= self.height <= MAX_HEIGHT:
            raise ValueError("height out of range")
        if not 0 <= self.round <= MAX_ROUND:
            raise ValueError("round out of range")
        if not STEP_NONE <= self.step <= STEP_PRECOMMIT:
            raise ValueError("step out of range")
        if len(self.sign_bytes) > MAX_SIGN_BYTES:
            raise ValueError("sign bytes too long")
        if len(self.signature) not in (0, 64):
            raise ValueError("a signature has 64 bytes")

    @classmethod
    def fresh(cls) -> SigningState:
        """The state of a key that was made here and has never signed."""
        return cls(0, 0, STEP_NONE)

    @classmethod
    def before(cls, height: int) -> SigningState:
        """A state from which everything at `height` and above may be signed, nothing below.

        Raises:
            ValueError: `height` is below 1.
        """
        return cls(height - 1, MAX_ROUND, STEP_PRECOMMIT)

    @property
    def position(self) -> tuple[int, int, int]:
        """(height, round, step): what is compared; a higher one has signed more."""
        return self.height, self.round, self.step


class SigningRecord(Protocol):
    """The signer's durable record of one key in one node folder, as import and restore see it."""

    def newest(self) -> SigningState | None:
        """The recorded state, None when this folder has no record.

        Raises:
            OneClickError: there is a record and it is torn, or belongs to another key or chain.
        """

    def lift(self, state: SigningState) -> None:
        """Create the record at `state`, or raise it to `state`; durable on return.

        Raises:
            OneClickError: `state` is lower than what is recorded; nothing was changed.
        """
