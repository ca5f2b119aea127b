# SPDX-License-Identifier: Apache-2.0
"""Whether another machine signs with our key while our own signer runs."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable, Sequence

import structlog

from node_manager.cosmos.failures import LogDiagnosis
from node_manager.errors import SignsElsewhere, VoteNotOurs
from node_manager.explanation import Explanation
from node_manager.figures import Figure, read, unknown
from node_manager.node.custody import Custody
from node_manager.signer.errors import SignerError
from node_manager.signer.memory import SignerVotes
from node_manager.state import BlockMark

log = structlog.get_logger(__name__)

OURS = frozenset({"signed", "proposed"})
COMPARED_PERIOD = 30.0
"""Seconds: a few blocks of a slow chain."""

NOTHING_YET = "No block holds a vote of this key that the running signer made."

SAID_BY_THE_NODE = frozenset({"key-in-two-places"})


class TwinWatch:
    """Holds what the chain shows of our key against what our own signer recorded.

    The record is durable before a signature leaves, so a signature in a block that was read
    before the record, and is above it, was made elsewhere. So was one that the signer, asked
    after the block was read, does not know although it has run since before that height: it
    holds for the very same block, too. Votes that differ are seen by the node itself.

    Attributes:
        compared: the newest block whose vote is known to be our own signer's.
    """

    def __init__(
        self,
        custody: Custody,
        diagnosis: LogDiagnosis,
        votes: Callable[[int], Awaitable[SignerVotes | None]],
    ) -> None:
        """`votes` asks the signer for its votes above a height; None when it cannot tell."""
        self._custody = custody
        self._diagnosis = diagnosis
        self._votes = votes
        self._looked_up_to = 0
        self._compared: set[int] = set()
        self.compared: Figure[int] = unknown(NOTHING_YET)

    async def look(self, marks: Sequence[BlockMark]) -> Explanation | None:
        """What tells of another machine; None when nothing does."""
        for finding in self._diagnosis.findings:
            if finding.failure.code in SAID_BY_THE_NODE:
                return finding.explanation
        return await self._above_the_record(marks) or await self._unknown_to_the_signer(marks)

    async def _above_the_record(self, marks: Sequence[BlockMark]) -> Explanation | None:
        height = max((mark.height for mark in marks if mark.kind in OURS), default=0)
        if height <= self._looked_up_to:
            return None
        try:
            recorded = (await asyncio.to_thread(self._custody.newest_state)).height
        except SignerError as error:
            # The signer meets a damaged record by itself; it is no evidence of another machine.
            log.info("record not readable", node=self._custody.record.id, reason=str(error))
            return None
        if height > recorded:
            return SignsElsewhere(height=height, recorded=recorded).explanation
        self._looked_up_to = height
        return None

    async def _unknown_to_the_signer(self, marks: Sequence[BlockMark]) -> Explanation | None:
        fresh = {
            mark.height: signature
            for mark in marks
            if mark.height not in self._compared and (signature := _decoded(mark.signature))
        }
        if not fresh:
            return None
        votes = await self._votes(min(fresh) - 1)
        if votes is None:
            return None
        for height, signature in fresh.items():
            if votes.lack(height, signature):
                return VoteNotOurs(height=height).explanation
        ours = max((height for height in fresh if height > votes.since), default=None)
        if ours is not None:
            self.compared = read(ours, "chain and signer", period=COMPARED_PERIOD)
        self._compared = {mark.height for mark in marks} & (self._compared | set(fresh))
        return None


def _decoded(signature: str) -> bytes:
    try:
        return base64.b64decode(signature, validate=True)
    except binascii.Error:
        return b""
