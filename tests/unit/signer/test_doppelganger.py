# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import time

import pytest

from node_manager.cosmos.errors import NoAnswer
from node_manager.cosmos.rpc_answers import Commit
from node_manager.signer.doppelganger import check_doppelganger, newest_signed_height
from node_manager.signer.errors import DoppelgangerSeen, DoppelgangerUnknown

OURS, OTHER = bytes(20), bytes([7]) * 20


class Chain:
    """A chain that makes a block at every look at its newest one."""

    def __init__(
        self,
        height: int,
        signed: set[int],
        *,
        growing: bool = True,
        age: float = 0.0,
        late: bool = False,
    ) -> None:
        """With `late` our vote comes after the block: only the next block's commit has it."""
        self.height, self.signed, self.growing, self.age = height, signed, growing, age
        self.chain_id = "judge-1"
        self.late = late

    async def commit(self, height: int | None = None) -> Commit:
        if self.growing and height is not None:
            self.height += 1
        wanted = self.height if height is None else height
        if wanted > self.height:
            raise NoAnswer(source="a test", detail="no such height")
        canonical = wanted < self.height
        ours = wanted in self.signed and (canonical or not self.late)
        signers = [OTHER, *([OURS] if ours else [])]
        signatures = [
            {"block_id_flag": 2, "validator_address": address.hex().upper()} for address in signers
        ]
        signatures.append({"block_id_flag": 1, "validator_address": ""})
        block_id = {"hash": "AB" * 32, "parts": {"total": 1, "hash": "CD" * 32}}
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - self.age))
        return Commit.model_validate(
            {
                "signed_header": {
                    "header": {"chain_id": self.chain_id, "height": str(wanted), "time": moment},
                    "commit": {
                        "height": str(wanted),
                        "round": 0,
                        "block_id": block_id,
                        "signatures": signatures,
                    },
                },
                "canonical": canonical,
            }
        )


class Dead:
    async def commit(self, height: int | None = None) -> Commit:
        raise NoAnswer(source="a test", detail="it is off")


async def check(*views: Chain | Dead, blocks: int = 5) -> int:
    return await check_doppelganger(views, OURS, blocks=blocks, patience=0.2, poll=0.01)


async def test_a_silent_key_passes_after_the_blocks() -> None:
    assert await check(Chain(100, set()), blocks=5) == 106


async def test_what_it_signed_before_the_watch_does_not_count() -> None:
    assert await check(Chain(100, {98, 99, 100, 101})) == 106


@pytest.mark.parametrize("height", [102, 104, 106])
async def test_a_signature_in_a_new_block_is_a_doppelganger(height: int) -> None:
    with pytest.raises(DoppelgangerSeen) as seen:
        await check(Chain(100, {height}))
    assert seen.value.facts["height"] == height


async def test_a_vote_that_came_late_is_seen_in_the_next_block() -> None:
    """A server shows the newest block's commit with the votes that it had first."""
    with pytest.raises(DoppelgangerSeen):
        await check(Chain(100, {102, 103, 104, 105, 106}, late=True))


async def test_one_server_that_shows_it_is_enough() -> None:
    with pytest.raises(DoppelgangerSeen):
        await check(Dead(), Chain(100, set()), Chain(100, {103}))


async def test_a_server_that_does_not_answer_is_done_without() -> None:
    assert await check(Dead(), Chain(100, set())) == 106


@pytest.mark.parametrize(
    "chain", [Dead(), Chain(100, set(), growing=False), Chain(100, set(), age=3600)]
)
async def test_a_chain_that_cannot_be_watched_leaves_it_unknown(chain: Chain | Dead) -> None:
    with pytest.raises(DoppelgangerUnknown):
        await check(chain)


async def test_without_servers_it_is_unknown() -> None:
    with pytest.raises(DoppelgangerUnknown):
        await check()


async def test_servers_of_another_chain_are_not_believed() -> None:
    with pytest.raises(DoppelgangerUnknown):
        await check_doppelganger([Chain(100, set())], OURS, chain_id="another-1", patience=0.1)
    assert await newest_signed_height([Chain(9, {5})], OURS, chain_id="another-1") is None


@pytest.mark.parametrize(
    ("signed", "newest"),
    [({100}, 100), ({90, 95}, 95), ({51}, 51), ({50}, None), (set(), None), ({3}, None)],
)
async def test_the_newest_signed_height_is_found_within_reach(
    signed: set[int], newest: int | None
) -> None:
    chain = Chain(100, signed, growing=False, age=86_400)  # also where the chain stands still
    assert await newest_signed_height([chain], OURS, look_back=50) == newest


async def test_heights_of_no_interest_are_not_searched() -> None:
    chain = Chain(100, {90}, growing=False)
    assert await newest_signed_height([chain, Dead()], OURS, above=90) is None
    assert await newest_signed_height([chain, Dead()], OURS, above=89) == 90


async def test_nobody_to_ask_knows_no_height() -> None:
    assert await newest_signed_height([Dead()], OURS) is None
    assert await newest_signed_height([], OURS) is None
