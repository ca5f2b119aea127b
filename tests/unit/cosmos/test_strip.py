# SPDX-License-Identifier: Apache-2.0
"""The block strip: what this validator did for each of the last blocks."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from node_manager.cosmos.rpc import Rpc
from node_manager.cosmos.strip import LENGTH, NEW_PER_LOOK, PER_LOOK, BlockStrip
from tests.unit.cosmos.recorded import MovingNode, answer

ADDRESS = "E713305F35F3C116DD2541673A8B6BD0F9AE2001"


@pytest.fixture
async def node() -> AsyncIterator[MovingNode]:
    async with MovingNode(50) as running:
        yield running


@pytest.fixture
async def strip(node: MovingNode) -> AsyncIterator[BlockStrip]:
    async with Rpc(node.url) as rpc:
        yield BlockStrip(rpc, ADDRESS)


async def filled(strip: BlockStrip, node: MovingNode) -> dict[int, str]:
    for _ in range(1 + LENGTH // PER_LOOK):
        await strip.look(node.height, 1)
    return {mark.height: mark.kind for mark in strip.marks}


async def test_signed_proposed_and_missed_are_told_apart(
    strip: BlockStrip, node: MovingNode
) -> None:
    node.missed = {41}
    kinds = await filled(strip, node)
    assert (kinds[42], kinds[43], kinds[41]) == ("proposed", "signed", "missed")
    assert list(kinds) == list(range(1, 50))


async def test_the_newest_block_waits_for_its_final_commit(
    strip: BlockStrip, node: MovingNode
) -> None:
    assert 50 not in await filled(strip, node)


async def test_a_vote_for_nil_is_no_missed_block(strip: BlockStrip, node: MovingNode) -> None:
    told = answer("rpc/commit")
    told["result"]["signed_header"]["commit"]["signatures"][0]["block_id_flag"] = 3
    told["result"]["signed_header"]["header"]["proposer_address"] = "00"
    node.give("commit", told)
    await strip.look(node.height, 1)
    assert {mark.kind for mark in strip.marks} == {"signed"}


async def test_a_block_before_the_validator_joined_is_not_missed(
    strip: BlockStrip, node: MovingNode
) -> None:
    node.missed = {41}
    members = answer("rpc/validators")
    members["result"]["validators"].pop(0)
    members["result"]["total"] = "1"
    node.give("validators", members)
    assert (await filled(strip, node))[41] == "unknown"


async def test_a_new_block_costs_one_request(strip: BlockStrip, node: MovingNode) -> None:
    await filled(strip, node)
    node.asked.clear()
    node.height += 1
    await strip.look(node.height, 1)
    await strip.look(node.height, 1)
    assert node.asked == ["commit?height=50"]


async def test_a_syncing_node_is_asked_for_one_block_a_look(
    strip: BlockStrip, node: MovingNode
) -> None:
    for _ in range(3):
        node.height += 500
        await strip.look(node.height, 1, syncing=True)
    assert len(node.asked) == 3


async def test_a_look_after_a_long_pause_is_bounded(strip: BlockStrip, node: MovingNode) -> None:
    await filled(strip, node)
    node.asked.clear()
    node.height += 90
    await strip.look(node.height, 1)
    assert len(node.asked) <= NEW_PER_LOOK + PER_LOOK


async def test_only_the_last_hundred_are_kept(strip: BlockStrip, node: MovingNode) -> None:
    node.height = 400
    kinds = await filled(strip, node)
    assert (min(kinds), max(kinds), len(kinds)) == (300, 399, LENGTH)


async def test_blocks_the_node_does_not_have_are_unknown(
    strip: BlockStrip, node: MovingNode
) -> None:
    node.give("commit", answer("rpc/block_too_high"))
    await strip.look(node.height, 48)
    assert [(mark.height, mark.kind) for mark in strip.marks] == [(48, "unknown"), (49, "unknown")]


async def test_a_silent_node_leaves_the_strip_as_it_was(
    strip: BlockStrip, node: MovingNode
) -> None:
    await strip.look(node.height, 1)
    before = strip.marks
    node.give("commit", {}, status=503)
    await strip.look(node.height, 1)
    assert strip.marks == before
