# SPDX-License-Identifier: Apache-2.0
"""Charts of the last hour, day or week, from what the engine kept on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout

from desktop.charts.chart import ChartCard
from desktop.charts.kinds import ChartKind, chart_kinds
from desktop.charts.table import span_name
from desktop.components.dress import take_out
from desktop.components.segmented import SegmentedControl
from desktop.components.trouble_bar import TroubleCard
from desktop.context import Context
from desktop.look.theme import theme
from desktop.look.tokens import Space
from desktop.pages.page import Page
from desktop.words.translation import tr
from node_manager.history.recorder import Past, Span
from node_manager.state import NodeStatus

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Future

PERIODS: Mapping[Span, float] = {Span.HOUR: 15.0, Span.DAY: 120.0, Span.WEEK: 600.0}
"""Seconds after which the page asks anew: a period of the history, or less."""

NARROW = 700


class ChartsPage(Page):
    """Charts that share one span."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, tr("Charts"))
        self.span = SegmentedControl(
            tr("Span"), [(span.value, span_name(span.value)) for span in Span]
        )
        self.span.chosen.connect(lambda _key: self._ask())
        self.head.addWidget(self.span)
        self.trouble = TroubleCard()
        self.content.addWidget(self.trouble)
        self.cards: list[ChartCard] = []
        self._grid = QGridLayout()
        self._grid.setSpacing(Space.BETWEEN)
        self._columns = 0
        self.content.addLayout(self._grid)
        self.content.addStretch(1)
        self._asked_at = 0.0
        self._of = ""
        self.put_up(self.kinds())

    def kinds(self) -> list[ChartKind]:
        """The charts that are there from the beginning."""
        return chart_kinds()

    def describe(self) -> str:
        """Whose charts they are."""
        return f"{self.status.moniker} · {self.status.chain_id}" if self.status else ""

    def owner(self) -> str:
        """The identity of the validator that is shown."""
        return self.status.node_id if self.status else ""

    def past(self, span: Span) -> Future[Past]:
        """Ask the engine for its figures."""
        return self.context.engine.history(self.owner(), span)

    def put_up(self, kinds: list[ChartKind]) -> None:
        """Show these charts, empty, instead of those that are there."""
        for card in self.cards:
            card.hide()
            card.deleteLater()
        self.cards = [ChartCard(kind) for kind in kinds]
        columns, self._columns = self._columns or 2, 0
        self._arrange(columns)

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        take_out(self._grid)
        for place, card in enumerate(self.cards):
            self._grid.addWidget(card, place // columns, place % columns)
        for column in range(2):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = (self.viewport().width() - 2 * Space.PAGE) / theme().scale
        self._arrange(1 if room < NARROW else 2)

    def showEvent(self, event: QShowEvent) -> None:
        self._asked_at = 0.0
        super().showEvent(event)

    def render_status(self, status: NodeStatus, now: float) -> None:
        self.show_subtitle(self.describe())
        due = now - self._asked_at >= PERIODS[Span(self.span.current)]
        if (due or self._of != self.owner()) and self.context.adapter.is_open:
            self._asked_at = now
            self._ask()

    def _ask(self) -> None:
        if self.status is None:
            return
        self._of = asked = self.owner()
        self.context.adapter.when(
            self.past(Span(self.span.current)),
            self,
            lambda past: self._show(asked, past),
            self.trouble.explain,
        )

    def _show(self, asked: str, past: Past) -> None:
        if past.span.value != self.span.current or asked != self._of:
            return
        self.trouble.explain(None)
        self.draw(past)

    def draw(self, past: Past) -> None:
        """Draw these figures in every chart."""
        for card in self.cards:
            card.show_past(past)
