# SPDX-License-Identifier: Apache-2.0
"""How many more blocks may be missed before jail, from the chain's live parameters."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QWidget

from desktop.components.bars import DANGER, Bar, budget_fill
from desktop.components.dress import Card, column, label, put, row, rule, take_out
from desktop.components.figure_tile import source_line
from desktop.words import wording
from desktop.words.sentences import MISSED_IN_A_ROW, missed_in_a_row
from desktop.words.translation import tr
from node_manager.state import NodeStatus


class BudgetCard(Card):
    """The count, the bar, the window, and when it would be jailed."""

    def __init__(self) -> None:
        super().__init__(margins=(16, 10, 16, 10), gap=0)
        self._count, self._used = label("", "heading", wrap=True), label("", "note", wrap=True)
        self.bar = Bar(8, tr("Slashing budget used"))
        self._window, self._source = label("", "note", wrap=True), label("", "source")
        self._words = label("", "note", wrap=True)
        self._offline, self._jail = label("", "note"), label("", "heading")
        self._left = QWidget()
        self._left.setLayout(column(self._count, self._used, gap=1))
        self._middle = QWidget()
        self._middle.setLayout(
            column(None, self.bar, 4, row(self._window, self._source), None, gap=0)
        )
        self._right = QWidget()
        self._right.setLayout(
            row(rule(vertical=True), 18, column(self._offline, self._jail, gap=1), None, gap=0)
        )
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setColumnStretch(1, 1)
        self.body.addLayout(self._grid)
        self.setMinimumHeight(58)
        self._tight: bool | None = None
        self.arrange(tight=False)

    def arrange(self, *, tight: bool) -> None:
        """Put the parts side by side, or below one another where there is little room."""
        if tight is self._tight:
            return
        self._tight = tight
        take_out(self._grid)
        parts = (self._left, self._middle, self._words, self._right)
        for part, column_ in zip(parts, (0, 1, 1, 2), strict=True):
            self._grid.addWidget(part, *((column_, 1) if tight else (0, column_)))
        self._left.setMinimumWidth(1 if tight else 214)
        self._left.setMaximumWidth(16777215 if tight else 214)
        self._right.setMinimumWidth(1 if tight else 214)

    def show_status(self, status: NodeStatus, now: float) -> None:
        """Show the budget, or say why there is none."""
        chain = status.chain
        missed, window = chain.missed.current(now), chain.window.current(now)
        allowed = chain.may_miss.current(now)
        if missed is None or window is None or allowed is None:
            self._show_none(status, now)
            return
        for part in (self._middle, self._right):
            part.show()
        self._words.hide()
        most = missed + allowed
        used = missed / most if most else 1.0
        self._count.setText(tr("{count} more may be missed").format(count=wording.number(allowed)))
        self._used.setText(
            tr("before jail; {missed} of {most} used").format(
                missed=wording.number(missed), most=wording.number(most)
            )
        )
        self.bar.show_share(used, budget_fill(used))
        seconds = status.block_seconds.current(now)
        text = tr("counted over the last {count} blocks").format(count=wording.number(window))
        if seconds is not None:
            text += ", " + wording.duration(window * seconds)
        self._window.setText(text)
        source, tone = source_line(chain.missed, now)
        self._source.setText(source)
        put(self._source, "tone", tone)
        missing = missed_in_a_row(status) >= MISSED_IN_A_ROW or not status.state.alive
        self._offline.setText(
            tr("If it stays like this") if missing else tr("If it went offline now")
        )
        jail = tr("unknown when jailed")
        if seconds is not None:
            jail = tr("jailed in about {time}").format(time=wording.duration(allowed * seconds))
        self._jail.setText(jail)
        put(self._jail, "tone", "bad" if missing or used > DANGER else "")
        self.setAccessibleName(f"{self._count.text()} {self._used.text()}. {jail}")

    def _show_none(self, status: NodeStatus, now: float) -> None:
        for part in (self._middle, self._right):
            part.hide()
        self._words.show()
        if status.chain.registered.current(now) is False:
            self._count.setText(tr("No block can be missed yet"))
            self._used.setText(tr("it is not registered"))
            self._words.setText(
                tr(
                    "The network asks only registered validators to sign. Once the sync is done,"
                    " register this one in the portal or with your wallet."
                )
            )
        else:
            self._count.setText(tr("Slashing budget unknown"))
            self._used.setText(status.chain.missed.why or tr("the chain has not told it yet"))
            self._words.setText(
                tr("The count and its limit come from the chain; without them none is shown.")
            )
        self.setAccessibleName(f"{self._count.text()}, {self._used.text()}")
