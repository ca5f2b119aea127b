# SPDX-License-Identifier: Apache-2.0
"""The card of heights: in step, the last hundred blocks; syncing, how far and how long."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QStackedWidget, QWidget

from desktop.components.bars import Bar
from desktop.components.block_strip import BlockStrip
from desktop.components.dress import Card, column, label, row, rule, take_out
from desktop.components.figure_tile import FigureTile
from desktop.words import wording
from desktop.words.translation import tr
from node_manager.state import NodeState, NodeStatus


class HeightCard(Card):
    """Height, the network's height, the difference, and the strip or the sync's progress."""

    def __init__(self) -> None:
        super().__init__(margins=(15, 12, 15, 10), gap=10)
        self.own = FigureTile(tr("Height"), framed=False)
        self.network = FigureTile(tr("Network height"), framed=False)
        self.difference = FigureTile(tr("Difference"), framed=False)
        self.last = FigureTile(tr("Last missed"), framed=False)
        self._figures = QGridLayout()
        self._figures.setHorizontalSpacing(28)
        self.body.addLayout(self._figures)
        self._tight: bool | None = None
        self._columns = 0
        self.strip = BlockStrip()
        self.bar = Bar(14, tr("Progress of the sync"))
        self._share, self._rate = label("", "heading"), label("", "second")
        self._left = label("", "second")
        self._words = label("", "note", wrap=True)
        self._syncing = QWidget()
        self._syncing.setLayout(
            column(
                8,
                self.bar,
                8,
                row(self._share, 16, self._rate, None, self._left),
                None,
                rule(),
                9,
                row(label(tr("Last 100 blocks"), "label"), 2, self._words),
                gap=0,
            )
        )
        self._stack = QStackedWidget()
        self._stack.addWidget(self.strip)
        self._stack.addWidget(self._syncing)
        self.body.addSpacing(8)
        self.body.addStretch(1)
        self.body.addWidget(self._stack)

        self.arrange(tight=False)

    def arrange(self, *, tight: bool) -> None:
        """Put the figures into one row, or into two where there is little room."""
        if tight is self._tight:
            return
        self._tight = tight
        for tile in (self.own, self.network, self.difference, self.last):
            tile.wrap(on=tight)
        self._put_figures()
        self.strip.arrange(tight=tight)
        for part in (self._rate, self._left):
            part.setWordWrap(tight)

    def _put_figures(self) -> None:
        """Four in a row if they have room."""
        tiles = (self.own, self.network, self.difference, self.last)
        needed = sum(one.sizeHint().width() + self._figures.horizontalSpacing() for one in tiles)
        columns = 2 if self._tight or needed > self.width() else 4
        if columns == self._columns:
            return
        self._columns = columns
        take_out(self._figures)
        for place, tile in enumerate(tiles):
            self._figures.addWidget(tile, place // columns, place % columns)
        # In one row the rest stays free at the right; in two each has its half.
        for place in range(5):
            stretches = place < 2 if columns == 2 else place == columns
            self._figures.setColumnStretch(place, int(stretches))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._put_figures()
        self._fit()

    def _fit(self) -> None:
        """Make what is shown below the figures as high as it needs."""
        high = self.strip.sizeHint().height()
        if self._stack.currentWidget() is self._syncing:
            left, _top, right, _bottom = self.body.getContentsMargins()
            high = max(high, self._syncing.heightForWidth(self.width() - left - right))
        self._stack.setFixedHeight(high)

    def show_status(self, status: NodeStatus, now: float) -> None:
        """Show the heights of a status."""
        own, net = status.height.current(now), status.network_height.current(now)
        self.own.show_figure(status.height, _number(own), "", now)
        self.network.show_figure(status.network_height, _number(net), "", now)
        self._show_difference(status, own, net)
        syncing = status.state in (NodeState.SYNCING, NodeState.STARTING, NodeState.PREPARING)
        self.last.setVisible(not syncing)
        strip = not syncing or bool(status.blocks)
        self._stack.setCurrentWidget(self.strip if strip else self._syncing)
        self._fit()
        if syncing:
            self._show_sync(status, own, net, now)
        self._show_last(status, now)
        self.strip.show_blocks(status.blocks)

    def _show_difference(self, status: NodeStatus, own: int | None, net: int | None) -> None:
        if own is None or net is None:
            self.difference.show_value(None, tr("a height is unknown"))
            return
        behind = max(0, net - own)
        context = tr("in step")
        if behind > 1:
            seconds = status.block_seconds.value
            context = tr("behind the network")
            if seconds:
                context = tr("{time} of the chain's time").format(
                    time=wording.duration(behind * seconds)
                )
        self.difference.show_value(wording.blocks(behind), context)

    def _show_sync(self, status: NodeStatus, own: int | None, net: int | None, now: float) -> None:
        share = own / net if own is not None and net else None
        self.bar.show_share(share)
        self._share.setText(tr("unknown") if share is None else wording.percent(share))
        rate, left = status.blocks_per_second.current(now), status.seconds_left.current(now)
        self._rate.setText(
            tr("rate unknown")
            if rate is None
            else tr("{rate} blocks/s").format(rate=wording.decimal(rate, 0 if rate >= 10 else 1))
        )
        self._left.setText(
            tr("time left unknown")
            if left is None
            else tr("about {time} left at this rate").format(time=wording.duration(left))
        )
        self._words.setText(
            tr("None to sign yet. The strip begins with the first block it is asked to sign.")
        )

    def _show_last(self, status: NodeStatus, now: float) -> None:
        """Last missed, or last signed while it does not sign."""
        newest = next((mark for mark in reversed(status.blocks) if mark.kind != "unknown"), None)
        missing = newest is not None and newest.kind == "missed"
        self.last.rename(tr("Last signed") if missing else tr("Last missed"))
        kinds = ("signed", "proposed") if missing else ("missed",)
        mark = next((mark for mark in reversed(status.blocks) if mark.kind in kinds), None)
        if mark is not None:
            context = tr("height {height}").format(height=wording.number(mark.height))
            age = wording.ago(max(0.0, now - mark.time), exact=True)
            self.last.show_value(age, context)
        elif newest is None:
            self.last.show_value(None, tr("no vote seen yet"))
        else:
            count = wording.number(len(status.blocks))
            self.last.show_value(tr("none"), tr("in the last {count} blocks").format(count=count))


def _number(value: int | None) -> str | None:
    return None if value is None else wording.number(value)
