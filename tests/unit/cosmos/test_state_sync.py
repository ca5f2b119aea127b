# SPDX-License-Identifier: Apache-2.0
"""The block a fresh node trusts: named alike by every server that answers."""

from __future__ import annotations

import pytest

from node_manager.cosmos import errors
from node_manager.cosmos.state_sync import find_trust
from tests.unit.cosmos.recorded import CHAIN, MovingNode, answer


async def test_the_trusted_block_lies_behind_the_slowest_server() -> None:
    async with MovingNode(5000) as one, MovingNode(4000) as two:
        urls = (one.url, two.url)
        sync = await find_trust([*urls, "http://127.0.0.1:1"], CHAIN)
    assert sync.trust_height == 2000
    assert (
        sync.trust_hash
        == answer("rpc/commit")["result"]["signed_header"]["commit"]["block_id"]["hash"]
    )
    assert sync.rpc_servers == urls


async def test_servers_that_disagree_are_not_trusted() -> None:
    async with MovingNode(5000) as one, MovingNode(5000) as two:
        other = answer("rpc/commit")
        other["result"]["signed_header"]["commit"]["block_id"]["hash"] = "00" * 32
        two.give("commit", other)
        with pytest.raises(errors.StateSyncDisagreement):
            await find_trust([one.url, two.url], CHAIN)


async def test_one_server_is_not_enough() -> None:
    async with MovingNode(5000) as one, MovingNode(5000, chain="other-1") as foreign:
        with pytest.raises(errors.StateSyncServers, match="1 of 2"):
            await find_trust([one.url, foreign.url], CHAIN)
        with pytest.raises(errors.StateSyncServers):
            await find_trust([one.url, one.url], CHAIN)
