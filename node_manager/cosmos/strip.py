# SPDX-License-Identifier: Apache-2.0
"""The last blocks as one validator's own: signed, proposed or missed, read from the commits.

Only canonical commits count: those that the next block carries. A signature that comes later
than that is lost for the slashing module, too.
"""

from __future__ import annotations

from node_manager.cosmos import errors
from node_manager.cosmos.rpc import Rpc
from node_manager.cosmos.rpc_answers import BlockFlag, Commit
from node_manager.state import BlockMark

LENGTH = 100
PER_LOOK = 4
"""Older blocks read a look, beside the new ones: the strip fills in over some looks."""

NEW_PER_LOOK = 10


class BlockStrip:
    """Keeps one mark for each of the last 100 blocks."""

    def __init__(self, rpc: Rpc, address: str) -> None:
        """`address` is the consensus address, 40 upper-case hex digits."""
        self._rpc = rpc
        self._address = address
        self._marks: dict[int, BlockMark] = {}
        self._members: dict[str, bool] = {}

    @property
    def marks(self) -> tuple[BlockMark, ...]:
        """The marks, oldest first. A block outside the validator's time is "unknown"."""
        return tuple(mark for _, mark in sorted(self._marks.items()))

    async def look(self, height: int, earliest: int, *, syncing: bool = False) -> None:
        """Take in the blocks below `height`, the node's newest (whose commit is not final yet).

        While it syncs only one block a look is read. Trouble leaves the strip as it was.
        """
        newest = height - 1
        oldest = max(earliest, newest - LENGTH + 1, 1)
        self._marks = {h: mark for h, mark in self._marks.items() if oldest <= h <= newest}
        missing = [h for h in range(newest, oldest - 1, -1) if h not in self._marks]
        seen = max(self._marks, default=newest)
        fresh = sum(h > seen for h in missing)
        budget = 1 if syncing else min(fresh, NEW_PER_LOOK) + PER_LOOK
        for wanted in missing[:budget]:
            try:
                self._marks[wanted] = await self._mark(wanted)
            except errors.Refused:
                # Pruned, or not stored by a node that began with a snapshot.
                self._marks[wanted] = BlockMark(wanted, "unknown", 0.0)
            except errors.CosmosError:
                return

    async def _mark(self, height: int) -> BlockMark:
        commit = await self._rpc.commit(height)
        header, body = commit.signed_header.header, commit.signed_header.commit
        signature = body.signature_of(self._address)
        return BlockMark(height, await self._kind(commit), header.time, body.round, signature)

    async def _kind(self, commit: Commit) -> str:
        header, body = commit.signed_header.header, commit.signed_header.commit
        flag = body.flag_of(self._address)
        if flag in {BlockFlag.COMMIT, BlockFlag.NIL}:
            # A vote for nil counts as present in x/slashing.
            return "proposed" if header.proposer_address == self._address else "signed"
        if not body.absent:
            return "unknown"
        return "missed" if await self._member(header.validators_hash, header.height) else "unknown"

    async def _member(self, validators_hash: str, height: int) -> bool:
        """Whether the set with this hash has the validator: a commit does not name absent ones."""
        if validators_hash not in self._members:
            members = await self._rpc.validators(height)
            if len(self._members) > LENGTH:
                self._members.clear()
            self._members[validators_hash] = any(m.address == self._address for m in members)
        return self._members[validators_hash]
