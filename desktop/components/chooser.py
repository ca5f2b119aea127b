# SPDX-License-Identifier: Apache-2.0
"""A list of which one is chosen, with an arrow in the colours of the theme."""

from __future__ import annotations

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox

from desktop.look.glyphs import polyline, stroke
from desktop.look.theme import colour, theme


class Chooser(QComboBox):
    """A combo box whose arrow is painted here: a style sheet would want a picture file."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = theme().px(16)
        painter.translate(self.width() - side - 8, (self.height() - side) / 2)
        painter.scale(side / 16, side / 16)
        stroke(painter, colour("t2" if self.isEnabled() else "t3"), 1.6)
        polyline(painter, (4.5, 6.4), (8, 9.9), (11.5, 6.4))
