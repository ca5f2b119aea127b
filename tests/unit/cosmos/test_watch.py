# SPDX-License-Identifier: Apache-2.0
"""Watching a node: its own word, the network's, and what follows from both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from node_manager.cosmos.liveness import judge
from node_manager.cosmos.watch import Watch, WatchReading
from node_manager.figures import Figure, read
from tests.unit.cosmos.recorded import CHAIN, MovingNode, answer

ADDRESS = "E713305F35F3C116DD2541673A8B6BD0F9AE2001"


@pytest.fixture
async def node() -> AsyncIterator[MovingNode]:
    async with MovingNode(50) as running:
        yield running


@pytest.fixture
async def public() -> AsyncIterator[MovingNode]:
    async with MovingNode(1000) as running:
        yield running


async def test_own_figures_come_from_this_node(node: MovingNode) -> None:
    watch = Watch(node.url, chain_id=CHAIN, address=ADDRESS)
    await watch.look_at_peers()
    reading = await watch.look()
    await watch.close()
    assert reading.answers
    assert reading.chain == CHAIN
    assert reading.height.current() == 50
    assert reading.height.source == "this node"
    assert (reading.peers_out.current(), reading.peers_in.current()) == (0, 1)
    assert reading.voting_power.current() == 100000
    assert reading.signer_address == ADDRESS
    assert reading.network_height.current() is None
    assert reading.network_height.why
    assert reading.blocks


async def test_a_peer_from_the_internet_is_remembered_after_it_has_gone(node: MovingNode) -> None:
    watch = Watch(node.url, chain_id=CHAIN, address=ADDRESS)
    await watch.look_at_peers()
    reading = await watch.look()
    assert (reading.reached.current(), reading.reached_at) == (0, None), "it is of this computer"
    far = answer("rpc/net_info")
    far["result"]["peers"][0]["remote_ip"] = "93.184.216.34"
    node.give("net_info", far)
    await watch.look_at_peers()
    reading = await watch.look()
    seen = reading.reached_at
    assert reading.reached.current() == 1
    assert seen is not None
    node.give("net_info", answer("rpc/net_info"))
    await watch.look_at_peers()
    reading = await watch.look()
    await watch.close()
    assert (reading.reached.current(), reading.reached_at) == (0, seen)


async def test_the_networks_height_is_the_highest_of_its_own_nodes(
    node: MovingNode, public: MovingNode
) -> None:
    async with MovingNode(990) as slower, MovingNode(9999, chain="other-1") as foreign:
        urls = [public.url, slower.url, foreign.url, "http://127.0.0.1:1"]
        watch = Watch(node.url, chain_id=CHAIN, network_urls=urls)
        await watch.look_at_network()
        reading = await watch.look()
        await watch.close()
    assert reading.network_height.current() == 1000
    assert reading.network_height.source == "2 public nodes"


async def test_a_node_that_denies_to_be_behind_is_not_believed(
    node: MovingNode, public: MovingNode
) -> None:
    node.catching_up = False
    watch = Watch(node.url, chain_id=CHAIN, network_urls=[public.url])
    await watch.look_at_network()
    assert (await watch.look()).catching_up.current() is True
    node.height = 999
    assert (await watch.look()).catching_up.current() is False
    node.catching_up = True
    assert (await watch.look()).catching_up.current() is True
    await watch.close()


async def test_block_time_and_time_left_while_it_syncs(
    node: MovingNode, public: MovingNode
) -> None:
    node.catching_up = True
    public.seconds = 2.0
    watch = Watch(node.url, chain_id=CHAIN, network_urls=[public.url])
    await watch.look_at_network()
    first = await watch.look()
    assert first.seconds_left.current() is None
    assert first.seconds_left.why
    node.height += 400
    await asyncio.sleep(0.05)
    second = await watch.look()
    await watch.close()
    assert second.block_seconds.current() == pytest.approx(2.0)
    assert second.blocks_per_second.current() > 400
    assert 0 < second.seconds_left.current() < 1


async def test_a_silent_node_keeps_its_old_figures_with_their_age(node: MovingNode) -> None:
    watch = Watch(node.url, chain_id=CHAIN)
    told = await watch.look()
    node.give("status", {}, status=503)
    silent = await watch.look()
    await watch.close()
    assert not silent.answers
    assert silent.height == told.height
    assert silent.blocks_per_second.current() is None


async def test_a_node_that_never_answered_is_unknown() -> None:
    watch = Watch("http://127.0.0.1:1", chain_id=CHAIN)
    reading = await watch.look()
    await watch.close()
    assert reading.height.current() is None
    assert "does not answer" in reading.height.why
    assert reading.stalled_for is None


async def test_a_silent_network_grows_old_and_proves_no_standstill(
    node: MovingNode, public: MovingNode
) -> None:
    watch = Watch(node.url, chain_id=CHAIN, network_urls=[public.url])
    await watch.look_at_network()
    public.give("status", {}, status=503)
    before = (await watch.look()).network_height
    await watch.look_at_network()
    after = await watch.look()
    await watch.close()
    assert after.network_height.at == before.at
    assert after.network_stalled_for == 0


async def test_run_hands_on_readings_until_it_is_cancelled(
    node: MovingNode, public: MovingNode
) -> None:
    readings: list[WatchReading] = []
    watch = Watch(node.url, chain_id=CHAIN, network_urls=[public.url], period=0.05)
    task = asyncio.create_task(watch.run(readings.append))
    while len(readings) < 3:
        await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await watch.close()
    assert readings[-1].network_height.current() == 1000
    assert readings[-1].peers_in.current() == 1


def moving(
    *,
    height: int = 100,
    stalled: float = 0.0,
    network_stalled: float | None = 0.0,
    peers: int = 5,
    chain: str = CHAIN,
    answers: bool = True,
) -> WatchReading:
    return WatchReading(
        answers=answers,
        chain=chain,
        signer_address=ADDRESS,
        height=read(height, "this node"),
        network_height=read(200, "2 public nodes"),
        peers_out=read(peers, "this node"),
        peers_in=read(0, "this node"),
        block_seconds=read(1.0, "2 public nodes"),
        stalled_for=stalled,
        network_stalled_for=network_stalled,
    )


def code(reading: WatchReading, **facts: object) -> str | None:
    told = judge(reading, chain_id=CHAIN, **{"up_seconds": 600.0, **facts})  # type: ignore[arg-type]
    return told.code if told is not None else None


def test_a_node_that_grows_is_fine() -> None:
    assert code(moving(), address=ADDRESS) is None
    assert code(moving(peers=0)) is None


def test_a_standstill_is_told_by_its_cause() -> None:
    assert code(moving(stalled=60)) == "node-still"
    assert code(moving(stalled=60, peers=0)) == "no-peers"
    assert code(moving(stalled=60, height=0)) == "no-first-block"
    assert code(moving(stalled=60, network_stalled=60)) == "network-still"
    assert code(moving(stalled=60, network_stalled=None)) == "node-still"


def test_slow_chains_are_given_more_time() -> None:
    slow = moving(stalled=60)
    slow = WatchReading(
        **{
            **{name: getattr(slow, name) for name in WatchReading.__dataclass_fields__},
            "block_seconds": read(10.0, "chain"),
        }
    )
    assert code(slow) is None


def test_data_of_another_chain_and_another_key_are_found_although_it_runs() -> None:
    assert code(moving(chain="omniphi-testnet-2")) == "data-of-other-chain"
    assert code(moving(), address="00" * 20) == "other-key"


def test_a_live_process_that_says_nothing_for_a_minute_is_silent() -> None:
    assert code(moving(answers=False)) is None
    never = WatchReading(answers=False, height=Figure(why="no answer"))
    assert code(never, up_seconds=10.0) is None
    assert code(never, up_seconds=90.0) == "node-silent"


def test_every_verdict_names_its_facts() -> None:
    for reading in (
        moving(stalled=60),
        moving(stalled=60, peers=0),
        moving(stalled=60, height=0),
        moving(stalled=60, network_stalled=60),
        moving(chain="x"),
    ):
        told = judge(reading, chain_id=CHAIN, up_seconds=600)
        assert told is not None
        assert all(told.filled())
        assert "unknown" not in str(told)
