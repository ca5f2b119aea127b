# SPDX-License-Identifier: Apache-2.0
"""What fills the window while there is no engine: it opens, or it ends."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from desktop.components.dress import Card, column, label, row
from desktop.components.glyph_label import GlyphLabel
from desktop.look.glyphs import Glyph


class Interim(QWidget):
    """A sentence with a line below it, in a card on an empty page."""

    def __init__(self, title: str, line: str, glyph: Glyph = Glyph.BUSY) -> None:
        super().__init__()
        self.setProperty("kind", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.card = Card(margins=(20, 18, 20, 18))
        words = column(label(title, "sentence", wrap=True), label(line, "second", wrap=True))
        self.card.body.addLayout(row(GlyphLabel(glyph, 24, disc=44), 8, words))
        layout = column(self.card, None)
        layout.setContentsMargins(24, 62, 24, 24)
        self.setLayout(layout)
        self.setAccessibleName(f"{title} {line}".strip())
