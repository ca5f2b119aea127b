# SPDX-License-Identifier: Apache-2.0
"""Ballots for tests."""

from __future__ import annotations

import hashlib

from node_manager.signer.ballots import PRECOMMIT, PREVOTE, BlockId, Moment, Proposal, Vote

CHAIN = "judge-1"


def block(name: str) -> BlockId:
    if not name:
        return BlockId()
    return BlockId(
        hashlib.sha256(name.encode()).digest(), 1, hashlib.sha256(b"parts" + name.encode()).digest()
    )


def vote(
    height: int, round_: int, step: int, name: str = "a", seconds: int = 1_800_000_000
) -> Vote:
    kind = {2: PREVOTE, 3: PRECOMMIT}[step]
    return Vote(kind, height, round_, block(name), Moment(seconds, 5), bytes(20), 3)


def proposal(height: int, round_: int, name: str = "a", seconds: int = 1_800_000_000) -> Proposal:
    return Proposal(height, round_, -1, block(name), Moment(seconds, 5))


def ballot(
    height: int, round_: int, step: int, name: str = "a", seconds: int = 1_800_000_000
) -> Vote | Proposal:
    if step == 1:
        return proposal(height, round_, name, seconds)
    return vote(height, round_, step, name, seconds)
