# SPDX-License-Identifier: Apache-2.0
"""Trouble that no page claimed, above the page, until the person closes it."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop.components.dress import Card, row
from desktop.components.error_panel import ErrorPanel
from desktop.components.glyph_label import GlyphLabel
from desktop.glyphs import Glyph
from desktop.translation import tr
from node_manager.explanation import Explanation


class TroubleBar(QWidget):
    """Hidden while there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.panel = ErrorPanel()
        self.panel.add_way(tr("Close"), lambda: self.explain(None))
        card = Card()
        card.body.addLayout(row(GlyphLabel(Glyph.BAD, 20), 6, self.panel))
        layout = row(card)
        layout.setContentsMargins(24, 14, 24, 0)
        self.setLayout(layout)
        self.hide()

    def explain(self, explanation: Explanation | None) -> None:
        """Show trouble, or hide for None."""
        self.panel.explain(explanation)
        self.setVisible(explanation is not None)
