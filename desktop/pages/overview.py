# SPDX-License-Identifier: Apache-2.0
"""The ten-second look: one sentence, one next thing, and below them the proof."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QMenu, QWidget

from desktop.acts import NodeActs
from desktop.components.dress import button, take_out
from desktop.components.figure_tile import FigureTile, Tiles, spread
from desktop.components.last_lines import LastLines
from desktop.components.more_button import MoreButton
from desktop.components.part_list import PartList
from desktop.components.state_sentence import StateSentence
from desktop.context import Context
from desktop.look.theme import theme
from desktop.look.tokens import Space
from desktop.pages.overview_budget import BudgetCard
from desktop.pages.overview_charts import ChartRow
from desktop.pages.overview_height import HeightCard
from desktop.pages.overview_tiles import show_tiles
from desktop.pages.page import Page
from desktop.parts import PART_COUNT, parts_of
from desktop.words import wording
from desktop.words.sentences import Act, next_thing, sentence
from desktop.words.translation import tr
from node_manager.state import NodeState, NodeStatus

if TYPE_CHECKING:
    from bridge.transactions.wishes import Kind

NARROW = 820
"""Content narrower than this puts "What is running" below the strip, and charts in two columns."""

TIGHT = 640
"""Content narrower than this, at the usual size of text, stacks what stood side by side."""


class OverviewPage(Page):
    """One validator at a glance."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, tr("Overview"))
        self._acts = NodeActs(context, self)
        self._toggle = button("", self._on_toggle)
        self._more = MoreButton()
        self._add_acts(self._more.acts)
        self.head.addWidget(self._toggle)
        self.head.addSpacing(4)
        self.head.addWidget(self._more)
        self.sentence = StateSentence()
        self.sentence.acted.connect(self._on_act)
        self.height_card = HeightCard()
        self.tiles = [FigureTile(tr("Voting power")), FigureTile(tr("Rewards"))]
        self.tiles += [FigureTile(tr("Peers")), FigureTile(tr("Disk free"))]
        spread(list(self.tiles))
        self._tile_row = Tiles(self.tiles, columns=4, gap=Space.TILES)
        self._tile_row.setMinimumHeight(104)
        self.parts = PartList(tr("What is running"), PART_COUNT)
        self.parts.opened.connect(context.wishes.page)
        self.parts.setMinimumWidth(256)
        self.budget = BudgetCard()
        self.charts = ChartRow()
        self.lines = LastLines(context)
        self._grid = QGridLayout()
        self._grid.setSpacing(Space.BETWEEN)
        self._room: tuple[bool, bool] | None = None
        self._lay_out(narrow=False, tight=False)
        for part in (self.sentence, self._grid, self.budget, self.charts, self.lines):
            if isinstance(part, QWidget):
                self.content.addWidget(part)
            else:
                self.content.addLayout(part)
        self.content.addStretch(1)

    def _add_acts(self, menu: QMenu) -> None:
        for text, act in (
            (tr("Restart"), self._on_restart),
            (tr("Back up the key…"), self._on_backup),
            (tr("Show the log"), lambda: self.context.wishes.page.emit("logs")),
            (tr("Copy public key"), self._on_copy_key),
        ):
            menu.addAction(text, act)
        menu.addSeparator()
        for text, kind in _changes():
            menu.addAction(text, partial(self._on_change, kind)).setData(kind or "send")
        menu.aboutToShow.connect(self._offer_changes)

    def _offer_changes(self) -> None:
        """Offer what the chain would take from this validator now."""
        chain = self.status.chain if self.status is not None else None
        registered = None if chain is None else chain.registered.value
        jailed = chain is not None and chain.jailed.value is True
        offered = {
            "create-validator": registered is False,
            "edit-validator": registered is True,
            "delegate": registered is True,
            "withdraw": registered is True,
            "unjail": jailed,
        }
        for action in self._more.acts.actions():
            action.setVisible(offered.get(action.data(), True))

    def _lay_out(self, *, narrow: bool, tight: bool) -> None:
        if (narrow, tight) == self._room:
            return
        self._room = (narrow, tight)
        grid = self._grid
        take_out(grid)
        grid.addWidget(self.height_card, 0, 0)
        grid.addWidget(self._tile_row, 1, 0)
        grid.setColumnStretch(0, 1)
        grid.setRowStretch(0, 1)
        if narrow:
            grid.addWidget(self.parts, 2, 0)
            grid.setColumnMinimumWidth(1, 0)
        else:
            grid.addWidget(self.parts, 0, 1, 2, 1)
            grid.setColumnMinimumWidth(1, 258)
        self.charts.arrange(columns=1 if tight else 2 if narrow else 3)
        self.sentence.arrange(tight=tight)
        self.height_card.arrange(tight=tight)
        self.budget.arrange(tight=tight)
        self._tile_row.arrange(columns=2 if tight else 4)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = (self.viewport().width() - 2 * Space.PAGE) / theme().scale
        self._lay_out(narrow=room < NARROW, tight=room < TIGHT)

    def render_status(self, status: NodeStatus, now: float) -> None:
        adapter = self.context.adapter
        self.title.setText(status.moniker)
        self.show_subtitle("  ·  ".join(filter(None, self._facts(status, now))))
        self._show_toggle(status)
        self.sentence.show_sentence(sentence(status, now))
        self.sentence.show_next(next_thing(status, now, self.context.to_mend))
        self.height_card.show_status(status, now)
        show_tiles(self.tiles, status, now)
        self.parts.show_parts(parts_of(status, adapter.doors, now))
        self.budget.show_status(status, now)
        self.charts.show_history(status, adapter.histories.get(status.node_id), now)
        self.lines.follow(status.node_id, now)

    def _facts(self, status: NodeStatus, now: float) -> list[str]:
        program = " ".join(filter(None, (status.program, status.version)))
        up = ""
        if status.started_at is not None and status.state.alive:
            up = tr("up for {time}").format(time=wording.duration(now - status.started_at))
        return [status.chain_id or status.network, program, up]

    def _show_toggle(self, status: NodeStatus) -> None:
        stopped = status.state.at_rest
        text = tr("Start") if stopped else tr("Stop…")
        if self._toggle.text() != text:
            self._toggle.setText(text)
            self._toggle.setAccessibleName(tr("Start the validator") if stopped else tr("Stop…"))
        self._toggle.setEnabled(status.state is not NodeState.STOPPING)
        self._toggle.setToolTip(
            "" if stopped else tr("While it is stopped, blocks are missed once it is registered.")
        )

    def _on_toggle(self) -> None:
        if self.status is None:
            return
        if self.status.state.at_rest:
            self._acts.start(self.status.node_id)
        else:
            self._acts.ask_and_stop(self.status)

    def _on_restart(self) -> None:
        if self.status is not None:
            self._acts.restart(self.status.node_id)

    def _on_backup(self) -> None:
        if self.status is not None:
            self.context.wishes.backup.emit(self.status.node_id)

    def _on_copy_key(self) -> None:
        if self.status is not None:
            self._acts.copy_public_key(self.status)

    def _on_change(self, kind: Kind | None) -> None:
        if self.status is not None:
            self._acts.change_on_chain(self.status, kind)

    def _on_act(self, act: Act) -> None:
        if self.status is not None:
            self._acts.act(act, self.status)


def _changes() -> list[tuple[str, Kind | None]]:
    return [
        (tr("Become a validator…"), "create-validator"),
        (tr("Edit profile and commission…"), "edit-validator"),
        (tr("Lock more stake…"), "delegate"),
        (tr("Withdraw rewards…"), "withdraw"),
        (tr("Leave the jail…"), "unjail"),
        (tr("Send a signed transaction…"), None),
    ]
