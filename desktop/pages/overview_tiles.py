# SPDX-License-Identifier: Apache-2.0
"""The four tiles of the overview: voting power, rewards, peers, disk."""

from __future__ import annotations

from desktop.components.figure_tile import FigureTile, source_line
from desktop.words import wording
from desktop.words.translation import engine_words, tr
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
    rank, active = chain.rank.current(now), chain.active_validators.current(now)
    context = tr("rank unknown")
    if chain.jailed.current(now):
        context = tr("jailed")
    elif rank is not None and active is not None:
        context = tr("rank {rank} of {count}").format(rank=rank, count=active)
    elif chain.status.current(now) not in (None, "active"):
        context = tr("not in the active set")
    # What the tokens of a validator out of the active set would weigh has no weight now.
    counts = bool(chain.voting_power.current(now)) and status.token_decimals is not None
    tokens = chain.tokens.current(now) if counts else None
    if tokens is not None:
        tile.rename(named(tr("Voting power"), status))
        shown = wording.amount(tokens, status.token_decimals or 0, 0)
        tile.show_figure(chain.tokens, shown, context, now)
    else:
        tile.rename(tr("Voting power"))
        power = chain.voting_power.current(now)
        text = None if power is None else wording.number(power)
        tile.show_figure(chain.voting_power, text, context, now)
    tile.setToolTip("\n".join(_bond(status, now)))


def _bond(status: NodeStatus, now: float) -> list[str]:
    """What the chain tells of the stake, for who wants to know more."""
    chain, lines = status.chain, []
    tokens = chain.tokens.current(now)
    if tokens is not None:
        lines.append(tr("Staked with it: {amount}.").format(amount=written(tokens, status)))
    share = chain.commission.current(now)
    if share is not None:
        lines.append(tr("Commission: {share}.").format(share=wording.percent(share)))
    unbonding = chain.unbonding_seconds.current(now)
    if unbonding is not None:
        lines.append(
            tr("Stake that is taken back is free after {time}.").format(
                time=wording.duration(unbonding)
            )
        )
    return lines


def named(name: str, status: NodeStatus) -> str:
    """A figure's name with the token it is counted in, where that is known."""
    return f"{name} ({status.token})" if status.token else name


def written(base: float, status: NodeStatus) -> str:
    """An amount of the staking token with its unit; the chain's own where no other is known."""
    if status.token_decimals is None:
        return f"{wording.decimal(base, 0)} {tr('base units')}"
    return f"{wording.amount(base, status.token_decimals, 3)} {status.token}".strip()


def _show_rewards(tile: FigureTile, status: NodeStatus, now: float) -> None:
    chain, decimals = status.chain, status.token_decimals
    tile.rename(named(tr("Rewards"), status) if decimals is not None else tr("Rewards"))
    rewards, own = chain.rewards.current(now), chain.rewards_commission.current(now)
    context = tr("commission unknown")
    if own is not None:
        context = tr("{amount} is commission").format(
            amount=wording.amount(own, decimals, 3)
            if decimals is not None
            else written(own, status)
        )
    text = None
    if rewards is not None:
        text = wording.decimal(rewards, 0)
        if decimals is not None:
            text = wording.amount(rewards, decimals, 3)
        else:
            context = f"{tr('base units')} · {context}"
    tile.show_figure(chain.rewards, text, context, now)
    tile.setToolTip("\n".join(_bond(status, now)))


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
