# SPDX-License-Identifier: Apache-2.0
"""Whether another machine signs with our key while our own signer runs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from node_manager.cosmos.failures import LogDiagnosis
from node_manager.errors import SignsElsewhere
from node_manager.explanation import Explanation
from node_manager.node.custody import Custody
from node_manager.signer.errors import SignerError
from node_manager.state import BlockMark

log = structlog.get_logger(__name__)

OURS = frozenset({"signed", "proposed"})
SAID_BY_THE_NODE = frozenset({"key-in-two-places"})


class TwinWatch:
    """Holds what the chain shows of our key against what our own signer recorded.

    The record is durable before a signature leaves, so a signature in a block that was read
    before the record, and is above it, was made elsewhere. Two machines that sign the same blocks
    are told apart by the node, which sees their votes differ.
    """

    def __init__(self, custody: Custody, diagnosis: LogDiagnosis) -> None:
        self._custody = custody
        self._diagnosis = diagnosis
        self._looked_up_to = 0

    async def look(self, marks: Sequence[BlockMark]) -> Explanation | None:
        """What tells of another machine; None when nothing does."""
        for finding in self._diagnosis.findings:
            if finding.failure.code in SAID_BY_THE_NODE:
                return finding.explanation
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
