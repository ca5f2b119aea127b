# SPDX-License-Identifier: Apache-2.0
"""Whether somebody else signs with this key: what the chain shows of its signatures."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Protocol

import structlog

from node_manager.cosmos.rpc_answers import Commit
from node_manager.explanation import OneClickError
from node_manager.signer.errors import DoppelgangerSeen, DoppelgangerUnknown

log = structlog.get_logger(__name__)

BLOCKS = 10
LOOK_BACK = 50
"""Heights that are searched for the newest signature; a live validator's is in the first ones."""

FRESH_SECONDS = 120.0
"""A block older than this is history: a server that catches up shows nothing of today."""

PATIENCE_SECONDS = 300.0
POLL_SECONDS = 1.0
_AT_ONCE = 10


class ChainView(Protocol):
    """One RPC server of the network; `cosmos.rpc.Rpc` is one."""

    async def commit(self, height: int | None = None) -> Commit:
        """Header and signatures of a block, the newest by default.

        Raises:
            OneClickError: it does not answer.
        """


async def check_doppelganger(
    views: Sequence[ChainView],
    address: bytes,
    *,
    blocks: int = BLOCKS,
    chain_id: str | None = None,
    on_block: Callable[[int, int], None] = lambda seen, wanted: None,
    patience: float = PATIENCE_SECONDS,
    poll: float = POLL_SECONDS,
) -> int:
    """Watch `blocks` new blocks for signatures of the key with this address.

    The block that is voted on when the watch begins is left out: it may hold a last vote of a
    validator that was stopped a moment ago.

    Args:
        views: servers of the network; one that answers is enough, all that answer count.
        address: the key's 20 bytes.
        blocks: new heights to be watched.
        chain_id: servers of other chains are not believed; None to believe all.
        on_block: told of every height watched, with the number wanted.
        patience: seconds without a new block after which it is given up.
        poll: seconds between two looks.

    Returns:
        The newest height that was watched.

    Raises:
        DoppelgangerSeen: a signature of the key is in a new block.
        DoppelgangerUnknown: the chain could not be watched.
    """
    start = await _newest(views, chain_id)
    if start is None:
        raise DoppelgangerUnknown(why="No server of the network shows a block of today.")
    height, last, progressed = start + 2, start + 1 + blocks, time.monotonic()
    while height <= last:
        commits = await _commits(views, height, chain_id)
        if any(_signed_by(commit, address) for commit in commits):
            raise DoppelgangerSeen(address=address.hex().upper(), height=height)
        # Until the next block holds it, a commit has only the votes that this server saw first:
        # a late one is not in it, and its absence proves nothing.
        if not any(commit.canonical for commit in commits):
            if time.monotonic() - progressed > patience:
                raise DoppelgangerUnknown(
                    why=f"The network showed no block {height} within {patience:.0f} s."
                )
            await asyncio.sleep(poll)
            continue
        on_block(height - start - 1, blocks)
        height, progressed = height + 1, time.monotonic()
    log.info("nobody else signs with this key", blocks=blocks, height=last)
    return last


async def newest_signed_height(
    views: Sequence[ChainView],
    address: bytes,
    *,
    chain_id: str | None = None,
    look_back: int = LOOK_BACK,
    above: int = 0,
) -> int | None:
    """The newest height at which the chain shows a signature of the key with this address.

    Args:
        views: servers of the network; all that answer count.
        address: the key's 20 bytes.
        chain_id: servers of other chains are not believed; None to believe all.
        look_back: how many heights are searched.
        above: heights up to this one are of no interest.

    Returns:
        None when there is none in those heights, or when no server answers.
    """
    newest = await _newest(views, chain_id, fresh=False)
    if newest is None:
        return None
    lowest = max(newest - look_back, above, 0)
    for high in range(newest, lowest, -_AT_ONCE):
        heights = range(high, max(high - _AT_ONCE, lowest), -1)
        found = await asyncio.gather(
            *(_commits(views, height, chain_id, fresh=False) for height in heights)
        )
        for height, commits in zip(heights, found, strict=True):
            if any(_signed_by(commit, address) for commit in commits):
                return height
    return None


def _signed_by(commit: Commit, address: bytes) -> bool:
    """Also a vote for nil is a signature; who is absent has no address in the commit."""
    mine = address.hex().upper()
    signatures = commit.signed_header.commit.signatures
    return any(signature.validator_address.upper() == mine for signature in signatures)


async def _newest(
    views: Sequence[ChainView], chain_id: str | None, *, fresh: bool = True
) -> int | None:
    commits = await _commits(views, None, chain_id, fresh=fresh)
    return max((commit.signed_header.header.height for commit in commits), default=None)


async def _commits(
    views: Sequence[ChainView], height: int | None, chain_id: str | None, *, fresh: bool = True
) -> list[Commit]:
    """What the servers answer that know this height, follow this chain and are not behind."""
    answers = await asyncio.gather(*(view.commit(height) for view in views), return_exceptions=True)
    commits = []
    for answer in answers:
        if isinstance(answer, OneClickError):
            log.debug("no commit from a server", height=height, why=str(answer))
        elif isinstance(answer, BaseException):
            raise answer
        elif _believable(answer, height, chain_id, fresh=fresh):
            commits.append(answer)
    return commits


def _believable(commit: Commit, height: int | None, chain_id: str | None, *, fresh: bool) -> bool:
    header = commit.signed_header.header
    return (
        (height is None or header.height == height)
        and (chain_id is None or header.chain_id == chain_id)
        and (not fresh or time.time() - header.time < FRESH_SECONDS)
    )
