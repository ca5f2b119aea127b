# SPDX-License-Identifier: Apache-2.0
"""Trouble in a card of its own: on a page, or above it where no page claimed it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from desktop.components.dress import Card, row
from desktop.components.error_panel import ErrorPanel
from desktop.components.glyph_label import GlyphLabel
from desktop.look.glyphs import Glyph
from desktop.words.translation import tr
from node_manager.explanation import Explanation


class TroubleCard(Card):
    """Hidden while there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.panel = ErrorPanel()
        glyph = GlyphLabel(Glyph.BAD, 20)
        line = row(glyph, 6, self.panel)
        line.setAlignment(glyph, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(line)
        self.report = self.panel.report
        self.hide()

    def explain(self, explanation: Explanation | None) -> None:
        """Show trouble, or hide for None."""
        self.panel.explain(explanation)
        self.setVisible(explanation is not None)


class TroubleBar(QWidget):
    """Trouble that no page claimed, above the page, until the person closes it."""

    def __init__(self) -> None:
        super().__init__()
        self._card = TroubleCard()
        self.panel = self._card.panel
        self.panel.add_way(tr("Close"), lambda: self.explain(None))
        layout = row(self._card)
        layout.setContentsMargins(24, 14, 24, 0)
        self.setLayout(layout)
        self.hide()

    def explain(self, explanation: Explanation | None) -> None:
        """Show trouble, or hide for None."""
        self._card.explain(explanation)
        self.setVisible(explanation is not None)
