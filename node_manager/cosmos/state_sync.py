# SPDX-License-Identifier: Apache-2.0
"""The block a fresh node trusts when it takes a snapshot instead of replaying the chain."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from node_manager.cosmos import errors
from node_manager.cosmos.home import StateSync
from node_manager.cosmos.rpc import Rpc

TRUST_DEPTH = 2000
"""Blocks behind the newest: old enough that a snapshot after it exists (one every 1000)."""


async def find_trust(
    servers: Sequence[str], chain_id: str, *, depth: int = TRUST_DEPTH
) -> StateSync:
    """Choose the trusted block; every server that answers must name the same one.

    Raises:
        StateSyncServers: fewer than two servers of this chain answer.
        StateSyncDisagreement: they name different blocks.
    """
    rpcs = [Rpc(url) for url in dict.fromkeys(servers)]
    try:
        told = await asyncio.gather(*(_height(rpc, chain_id) for rpc in rpcs))
        ready = [(rpc, height) for rpc, height in zip(rpcs, told, strict=True) if height]
        if len(ready) < 2:
            raise errors.StateSyncServers(
                chain_id=chain_id, detail=f"{len(ready)} of {len(rpcs)} answer with its blocks."
            )
        height = max(1, min(height for _, height in ready) - depth)
        hashes = await asyncio.gather(*(_hash(rpc, height) for rpc, _ in ready))
        for (rpc, _), found in zip(ready[1:], hashes[1:], strict=True):
            if found != hashes[0]:
                raise errors.StateSyncDisagreement(
                    height=height,
                    first=ready[0][0].url,
                    first_hash=hashes[0],
                    second=rpc.url,
                    second_hash=found,
                )
        return StateSync(tuple(rpc.url for rpc, _ in ready), height, hashes[0])
    finally:
        await asyncio.gather(*(rpc.close() for rpc in rpcs))


async def _height(rpc: Rpc, chain_id: str) -> int:
    try:
        status = await rpc.status()
    except errors.CosmosError:
        return 0
    return status.sync_info.latest_block_height if status.node_info.network == chain_id else 0


async def _hash(rpc: Rpc, height: int) -> str:
    return (await rpc.commit(height)).signed_header.commit.block_id.hash
