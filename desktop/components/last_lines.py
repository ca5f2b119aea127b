# SPDX-License-Identifier: Apache-2.0
"""The last lines of the node's log, for the foot of the overview."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from desktop.components.dress import Card, button, label, row
from desktop.components.elided import Elided
from desktop.words.translation import tr

if TYPE_CHECKING:
    from desktop.context import Context

LINES = 6
PERIOD = 2.0
"""Seconds between two readings: a person reads no faster."""


class LastLines(Card):
    """A few lines in the fixed font; the Logs page has all of them."""

    def __init__(self, context: Context) -> None:
        super().__init__(margins=(14, 8, 8, 12), gap=4)
        self._context = context
        self._asked_at = 0.0
        self._node_id = ""
        more = button(tr("All lines"), lambda: context.wishes.page.emit("logs"), kind="link")
        self.body.addLayout(row(label(tr("Last lines of the node's log"), "label"), None, more))
        self.text = Elided("mono")
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setAccessibleName(tr("Last lines of the node's log"))
        self.body.addWidget(self.text)
        self.show_lines(())

    def follow(self, node_id: str, now: float) -> None:
        """Ask for the newest lines of a node, at most every two seconds and while they are seen."""
        same = node_id == self._node_id
        rests = now - self._asked_at < PERIOD or self.visibleRegion().isEmpty()
        if not self._context.adapter.is_open or (same and rests):
            return
        self._asked_at, self._node_id = now, node_id
        adapter = self._context.adapter
        adapter.when(
            adapter.engine.log_tail(node_id, "node", LINES),
            self,
            self.show_lines,
            lambda _reason: self.show_lines(()),
        )

    def show_lines(self, lines: Sequence[str]) -> None:
        """Show these lines."""
        text = "\n".join(line.rstrip() for line in lines) or tr("The node has not written any yet.")
        self.text.show_text(text)
