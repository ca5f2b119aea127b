# SPDX-License-Identifier: Apache-2.0
"""Watching a node by its own RPC and by the network's: where it is, whether it moves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import structlog

from node_manager.cosmos import errors
from node_manager.cosmos.pace import BlockPace, HeightPace, seconds_left
from node_manager.cosmos.rpc import BLOCK_RANGE, Rpc
from node_manager.cosmos.rpc_answers import NetInfo, Status
from node_manager.cosmos.strip import BlockStrip
from node_manager.figures import Figure, read, unknown
from node_manager.state import BlockMark

log = structlog.get_logger(__name__)

OWN = "this node"
OWN_SECONDS = 1.0
CALM = 3
"""How many times slower a node is looked at that follows the network: nothing hurries then."""

NETWORK_SECONDS = 5.0
PEERS_SECONDS = 5.0
CLOSE_BLOCKS = 5
CLOSE_SECONDS = 15.0
"""A node this near to the network's height has caught up: two readings are never of one moment."""


@dataclass(frozen=True, slots=True)
class WatchReading:
    """What the last looks told.

    Attributes:
        answers: whether the node's RPC answered the last look.
        chain: the chain id that the node really runs.
        signer_address: the consensus address of the key the node signs with, as it says.
        reached: peers that dialled in from the internet.
        reached_at: Unix time at which there was one last, None for never since this watch began.
        stalled_for: seconds since the node's height grew, None before it ever answered.
        network_stalled_for: the same of the network, None when no public node answers.
        block_time: Unix time of the node's newest block.
    """

    answers: bool = False
    chain: str = ""
    node_id: str = ""
    signer_address: str = ""
    height: Figure[int] = Figure()
    network_height: Figure[int] = Figure()
    catching_up: Figure[bool] = Figure()
    peers_out: Figure[int] = Figure()
    peers_in: Figure[int] = Figure()
    reached: Figure[int] = Figure()
    reached_at: float | None = None
    block_seconds: Figure[float] = Figure()
    blocks_per_second: Figure[float] = Figure()
    seconds_left: Figure[float] = Figure()
    voting_power: Figure[int] = Figure()
    block_time: Figure[float] = Figure()
    blocks: tuple[BlockMark, ...] = ()
    stalled_for: float | None = None
    network_stalled_for: float | None = None


OnReading = Callable[[WatchReading], Awaitable[None] | None]


@dataclass(slots=True)
class _Network:
    """What the public nodes said last."""

    heights: dict[str, tuple[int, float]] = field(default_factory=dict)
    why: str = "The network's profile names no public RPC server."


class Watch:
    """Looks at one node until it is closed.

    `look` is one look; `run` looks once a second, a third as often while the node follows. The
    network and the peers are asked less often, beside it, so that a slow public server never
    delays what the node itself says.
    """

    def __init__(
        self,
        rpc_url: str,
        *,
        chain_id: str,
        network_urls: Sequence[str] = (),
        address: str = "",
        period: float = OWN_SECONDS,
        network_period: float = NETWORK_SECONDS,
    ) -> None:
        """`address` is the validator's consensus address in hex, empty for no block strip."""
        self.chain_id = chain_id
        self._rpc = Rpc(rpc_url)
        self._network_rpcs = [Rpc(url) for url in dict.fromkeys(network_urls)]
        self._strip = BlockStrip(self._rpc, address) if address else None
        self._period = period
        self._network_period = network_period
        self._own_pace = HeightPace()
        self._network_pace = HeightPace()
        self._block_pace = BlockPace()
        self._network = _Network()
        self._peers: NetInfo | None = None
        self._peers_at: float | None = None
        self._reached_at: float | None = None
        self._height = 0
        self._reading = WatchReading()

    @property
    def reading(self) -> WatchReading:
        """What the last looks told."""
        return self._reading

    @property
    def _beat(self) -> float:
        """Seconds from one look at the node to the next."""
        follows = self._reading.catching_up.value is False
        return self._period * (CALM if follows else 1)

    async def run(self, on_reading: OnReading) -> None:
        """Look once a period and hand each reading on, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._repeat(self.look_at_network, self._network_period))
            tasks.create_task(self._repeat(self.look_at_peers, PEERS_SECONDS))
            while True:
                began = time.monotonic()
                handed = on_reading(await self.look())
                if handed is not None:
                    await handed
                await asyncio.sleep(max(0.05, self._beat - (time.monotonic() - began)))

    async def close(self) -> None:
        """Close the connections."""
        await asyncio.gather(*(rpc.close() for rpc in (self._rpc, *self._network_rpcs)))

    async def look(self) -> WatchReading:
        """Ask the node itself."""
        now = time.monotonic()
        try:
            status = await self._rpc.status()
        except errors.CosmosError as error:
            self._reading = self._silent(str(error), now)
            return self._reading
        sync = status.sync_info
        self._height = sync.latest_block_height
        self._own_pace.add(self._height, now)
        behind = self._behind()
        catching_up = self._is_catching_up(status, behind)
        if not self._network_rpcs and not catching_up:
            self._block_pace.add(sync.latest_block_height, sync.latest_block_time)
        if self._strip is not None and self._height > 1:
            await self._strip.look(self._height, sync.earliest_block_height, syncing=catching_up)
        self._reading = self._told(status, behind, catching_up, now)
        return self._reading

    async def look_at_network(self) -> None:
        """Ask the public nodes; those of another chain do not count."""
        told = await asyncio.gather(*(self._public_status(rpc) for rpc in self._network_rpcs))
        found = {url: status for url, status in told if isinstance(status, Status)}
        for url, why in told:
            if isinstance(why, str):
                self._network.why = f"{url}: {why}"
        if not found:
            return
        now = time.time()
        newest = max(found.values(), key=lambda status: status.sync_info.latest_block_height)
        self._network.heights = {
            url: (status.sync_info.latest_block_height, now) for url, status in found.items()
        }
        height, at = newest.sync_info.latest_block_height, newest.sync_info.latest_block_time
        if self._block_pace.median() is None:
            await self._first_block_times(list(found), height)
        self._block_pace.add(height, at)
        self._network_pace.add(height, time.monotonic())

    async def look_at_peers(self) -> None:
        """Ask the node for its peers."""
        try:
            self._peers = await self._rpc.net_info()
        except errors.CosmosError:
            return
        self._peers_at = time.time()
        if self._peers.reached:
            self._reached_at = self._peers_at

    async def _repeat(self, act: Callable[[], Awaitable[None]], period: float) -> None:
        while True:
            await act()
            await asyncio.sleep(period)

    async def _public_status(self, rpc: Rpc) -> tuple[str, Status | str]:
        try:
            status = await rpc.status()
        except errors.CosmosError as error:
            return rpc.url, str(error)
        if status.node_info.network != self.chain_id:
            return rpc.url, f"It is of another network: {status.node_info.network}."
        return rpc.url, status

    async def _first_block_times(self, urls: list[str], height: int) -> None:
        for rpc in self._network_rpcs:
            if rpc.url not in urls:
                continue
            try:
                told = await rpc.blockchain(max(1, height - BLOCK_RANGE + 1), height)
            except errors.CosmosError:
                continue
            self._block_pace.add_all((m.header.height, m.header.time) for m in told.block_metas)
            return

    def _behind(self) -> int | None:
        heights = [height for height, _ in self._network.heights.values()]
        return max(heights) - self._height if heights else None

    def _is_catching_up(self, status: Status, behind: int | None) -> bool:
        """The node's own word counts when it says yes; its no is no evidence."""
        if status.sync_info.catching_up or behind is None:
            return status.sync_info.catching_up
        block_seconds = self._block_pace.median()
        close = CLOSE_BLOCKS if not block_seconds else CLOSE_SECONDS / block_seconds
        return behind > max(CLOSE_BLOCKS, close)

    def _told(
        self, status: Status, behind: int | None, catching_up: bool, now: float
    ) -> WatchReading:
        rate = self._own_pace.blocks_per_second()
        block_seconds = self._block_pace.median()
        left = seconds_left(behind, rate, block_seconds) if behind is not None else None
        network_height = self._network_height()
        if network_height.value is not None and network_height.value < self._height:
            # Asked more often than the public nodes: the network is at least where this node is.
            network_height = self._own(self._height)
        return WatchReading(
            answers=True,
            chain=status.node_info.network,
            node_id=status.node_info.id,
            signer_address=status.validator_info.address,
            height=self._own(self._height),
            network_height=network_height,
            catching_up=self._own(catching_up),
            peers_out=self._peer_figure("outbound"),
            peers_in=self._peer_figure("inbound"),
            reached=self._peer_figure("reached"),
            reached_at=self._reached_at,
            block_seconds=self._block_seconds(block_seconds),
            blocks_per_second=(
                self._own(rate) if rate is not None else unknown("It has just started.", OWN)
            ),
            seconds_left=self._left(catching_up, behind, left),
            voting_power=self._own(status.validator_info.voting_power),
            block_time=self._own(status.sync_info.latest_block_time),
            blocks=self._strip.marks if self._strip is not None else (),
            stalled_for=self._own_pace.stalled_for(now),
            network_stalled_for=self._network_pace.still_for(),
        )

    def _own(self, value: float | int | bool) -> Figure:  # type: ignore[type-arg]
        return read(value, OWN, period=self._beat)

    def _network_height(self) -> Figure[int]:
        heights = self._network.heights
        if not heights:
            return unknown(self._network.why, "public nodes")
        count = len(heights)
        height, at = max(heights.values())
        source = "1 public node" if count == 1 else f"{count} public nodes"
        return Figure(height, source, at, self._network_period)

    def _block_seconds(self, seconds: float | None) -> Figure[float]:
        if seconds is None:
            return unknown("Too few blocks were seen.", OWN)
        if self._network_rpcs:
            network = self._network_height()
            return Figure(seconds, network.source, network.at, self._network_period)
        return self._own(seconds)

    def _peer_figure(self, side: str) -> Figure[int]:
        if self._peers is None:
            return unknown("The node has not told its peers yet.", OWN)
        return Figure(getattr(self._peers, side), OWN, self._peers_at, PEERS_SECONDS)

    def _left(self, catching_up: bool, behind: int | None, left: float | None) -> Figure[float]:
        if not catching_up:
            return self._own(0.0)
        if behind is None:
            return unknown("The network's height is not known.", OWN)
        if left is None:
            return unknown("The node does not gain on the network yet.", OWN)
        return self._own(left)

    def _silent(self, why: str, now: float) -> WatchReading:
        """The last reading with its age: figures grow old by themselves."""
        before = self._reading
        return WatchReading(
            answers=False,
            chain=before.chain,
            node_id=before.node_id,
            signer_address=before.signer_address,
            height=before.height if before.height.at else unknown(why, OWN),
            network_height=self._network_height(),
            catching_up=before.catching_up,
            peers_out=before.peers_out,
            peers_in=before.peers_in,
            reached=before.reached,
            reached_at=self._reached_at,
            block_seconds=before.block_seconds,
            blocks_per_second=unknown(why, OWN),
            seconds_left=unknown(why, OWN),
            voting_power=before.voting_power,
            block_time=before.block_time,
            blocks=before.blocks,
            stalled_for=self._own_pace.stalled_for(now),
            network_stalled_for=self._network_pace.still_for(),
        )
