# SPDX-License-Identifier: Apache-2.0
"""Which votes for blocks this signer made: what tells them from votes of another machine.

Two machines with one key give different signatures even for the same block: each vote holds the
time of its machine. So a signature in a commit that is not among these was made elsewhere.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

KEPT = 200
"""Precommits; a validator signs one a block, more where a block takes several rounds."""


@dataclass(frozen=True, slots=True)
class SignerVotes:
    """The precommits of one signer.

    Attributes:
        since: above this height every precommit of the key by this signer is among them.
        signatures: height and signature (64 bytes).
    """

    since: int
    signatures: frozenset[tuple[int, bytes]]

    def lack(self, height: int, signature: bytes) -> bool:
        """Whether this signer surely did not make this signature of a precommit at `height`."""
        return height > self.since and (height, signature) not in self.signatures


class VoteMemory:
    """The newest precommits of a running signer. Its holder sees to it that one thread uses it."""

    def __init__(self, signed_up_to: int) -> None:
        """`signed_up_to` is the record's height at the start: an earlier signer may be in it."""
        self._since = signed_up_to
        self._votes: deque[tuple[int, bytes]] = deque()

    def add(self, height: int, signature: bytes) -> None:
        """Remember one."""
        self._votes.append((height, signature))
        if len(self._votes) > KEPT:
            self._since = max(self._since, self._votes.popleft()[0])

    def floor(self, height: int) -> None:
        """Nothing is known up to `height`: who raised the record had a reason."""
        self._since = max(self._since, height)

    def above(self, height: int) -> SignerVotes:
        """What was signed above `height`."""
        found = frozenset(vote for vote in self._votes if vote[0] > height)
        return SignerVotes(max(self._since, height), found)
