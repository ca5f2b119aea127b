# SPDX-License-Identifier: Apache-2.0
"""The four tiles of the overview: voting power, rewards, peers, disk."""

from __future__ import annotations

from desktop import wording
from desktop.components.figure_tile import FigureTile, source_line
from desktop.translation import engine_words, tr
from node_manager.state import NodeState, NodeStatus


def show_tiles(tiles: list[FigureTile], status: NodeStatus, now: float) -> None:
    """Show the figures of a status."""
    power, rewards, peers, disk = tiles
    _show_power(power, status, now)
    _show_rewards(rewards, status, now)
    show_peers(peers, status, now)
    _show_disk(disk, status, now)


def _show_power(tile: FigureTile, status: NodeStatus, now: float) -> None:
    chain = status.chain
    if chain.registered.current(now) is False:
        tile.show_value(tr("none"), tr("not registered yet"), *source_line(chain.registered, now))
        return
    power = chain.voting_power.current(now)
    rank, active = chain.rank.current(now), chain.active_validators.current(now)
    context = tr("rank unknown")
    if chain.jailed.current(now):
        context = tr("jailed")
    elif rank is not None and active is not None:
        context = tr("rank {rank} of {count}").format(rank=rank, count=active)
    tile.show_figure(
        chain.voting_power, None if power is None else wording.number(power), context, now
    )


def _show_rewards(tile: FigureTile, status: NodeStatus, now: float) -> None:
    chain = status.chain
    rewards, own = chain.rewards.current(now), chain.rewards_commission.current(now)
    context = tr("commission unknown")
    if own is not None:
        context = tr("{amount} is commission").format(amount=wording.decimal(own, 3))
    tile.show_figure(
        chain.rewards, None if rewards is None else wording.decimal(rewards, 3), context, now
    )


def show_peers(tile: FigureTile, status: NodeStatus, now: float) -> None:
    """Peers in all, dialled and dialling."""
    out, inside = status.peers_out.current(now), status.peers_in.current(now)
    if out is None or inside is None:
        why = engine_words(status.peers_out.why) or tr("the node has not told them yet")
        if status.state is NodeState.STOPPED:
            why = tr("the node is stopped")
        tile.show_value(None, why, *source_line(status.peers_out, now))
        return
    context = tr("{out} out, {inside} in").format(out=out, inside=inside)
    tile.show_figure(status.peers_out, wording.number(out + inside), context, now)


def _show_disk(tile: FigureTile, status: NodeStatus, now: float) -> None:
    usage = status.usage
    free, left = usage.disk_free.current(now), usage.days_left.current(now)
    context = tr("days left: unknown")
    if left is not None:
        context = tr("{days} left").format(days=wording.days(left))
    tile.show_figure(usage.disk_free, None if free is None else wording.size(free), context, now)
    growth = usage.growth_per_day.current(now)
    data = usage.data_bytes.current(now)
    lines = []
    if data is not None:
        lines.append(tr("The chain's data takes {size}.").format(size=wording.size(data)))
    if growth is not None:
        lines.append(tr("It grows by {size}/day.").format(size=wording.size(growth)))
    tile.setToolTip(" ".join(lines))
