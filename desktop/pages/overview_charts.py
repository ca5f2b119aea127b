# SPDX-License-Identifier: Apache-2.0
"""Three small charts of the last hour: what matters while syncing, or while signing."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QWidget

from desktop.components.dress import take_out
from desktop.components.line_chart import LineChart
from desktop.history import History, Points
from desktop.look.tokens import Space
from desktop.words import wording
from desktop.words.translation import tr
from node_manager.state import NodeState, NodeStatus

GIGA = 1e9


class ChartRow(QWidget):
    """Block time or reading rate, signing latency or memory, peers."""

    def __init__(self) -> None:
        super().__init__()
        self.first = LineChart(tr("Block time"), from_zero=False)
        self.rate = LineChart(tr("Blocks read per second"))
        self.second = LineChart(tr("Signing latency"))
        self.peers = LineChart(tr("Peers"), stepped=True)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(Space.BETWEEN)
        self._columns = 0
        self.rate.hide()
        self.arrange(columns=3)

    def arrange(self, *, columns: int) -> None:
        """Lay the charts out in so many columns."""
        if columns == self._columns:
            return
        self._columns = columns
        take_out(self._grid)
        for column in range(3):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        for place, chart in ((0, self.first), (0, self.rate), (1, self.second), (2, self.peers)):
            self._grid.addWidget(chart, place // columns, place % columns)

    def show_history(self, status: NodeStatus, history: History | None, now: float) -> None:
        """Show the last hour of a node."""
        points = history or History()
        syncing = status.state is NodeState.SYNCING
        self.rate.setVisible(syncing)
        self.first.setVisible(not syncing)
        if syncing:
            self.rate.show_series(
                tr("Blocks read per second"),
                [("", points.series("blocks per second"))],
                now,
                value=_whole,
                axis=_whole,
            )
            self._show_memory(points, now)
        else:
            self.first.show_series(
                tr("Block time"),
                [("", points.series("block time"))],
                now,
                value=lambda value: tr("{number} s").format(number=wording.decimal(value, 2)),
                axis=lambda value: wording.decimal(value, 1),
            )
            self._show_latency(points, now)
        self.peers.show_series(
            tr("Peers"), [("", points.series("peers"))], now, value=_whole, axis=_axis
        )

    def _show_latency(self, points: History, now: float) -> None:
        series = [
            (tr("median"), points.series("latency p50")),
            (tr("99 % of requests"), points.series("latency p99")),
        ]
        self.second.show_series(
            tr("Signing latency"),
            series,
            now,
            value=lambda value: tr("{number} ms").format(number=wording.decimal(value, 1)),
            axis=_axis,
            unit=tr("median"),
        )

    def _show_memory(self, points: History, now: float) -> None:
        memory: Points = [
            (at, None if value is None else value / GIGA) for at, value in points.series("memory")
        ]
        self.second.show_series(
            tr("Memory of the node"),
            [("", memory)],
            now,
            value=lambda value: wording.size(value * GIGA),
            axis=_axis,
            unit="",
        )


def _whole(value: float) -> str:
    return wording.decimal(value, 0)


def _axis(value: float) -> str:
    return wording.decimal(value, 0 if abs(value - round(value)) < 1e-9 else 1)
