# SPDX-License-Identifier: Apache-2.0
"""A state glyph as a widget, with or without the disc behind it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop.look.glyphs import Glyph, paint_glyph, tint
from desktop.look.theme import colour, theme
from desktop.words.translation import tr


def spoken(glyph: Glyph) -> str:
    """The word that a screen reader says for a glyph."""
    return {
        Glyph.GOOD: tr("good"),
        Glyph.WARN: tr("to mend"),
        Glyph.BAD: tr("broken"),
        Glyph.BUSY: tr("busy"),
        Glyph.WAITING: tr("waits"),
        Glyph.UNKNOWN: tr("unknown"),
        Glyph.STOPPED: tr("stopped"),
        Glyph.COMING: tr("to come"),
        Glyph.DENIED: tr("not allowed"),
    }[glyph]


class GlyphLabel(QWidget):
    """Paints one glyph; `disc` is the diameter of the tinted disc behind it, 0 for none."""

    spoken_role = "Graphic"

    def __init__(
        self,
        glyph: Glyph = Glyph.UNKNOWN,
        size: int = 16,
        *,
        disc: int = 0,
        ground: str = "surface",
    ) -> None:
        super().__init__()
        self._size, self._disc, self._ground = size, disc, ground
        self._glyph = glyph
        self._fit()
        theme().changed.connect(self._fit)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(spoken(glyph))

    def _fit(self) -> None:
        outer = theme().px(max(self._size, self._disc))
        self.setFixedSize(outer, outer)

    @property
    def glyph(self) -> Glyph:
        """The glyph shown."""
        return self._glyph

    def show_glyph(self, glyph: Glyph) -> None:
        """Show another glyph."""
        if glyph is not self._glyph:
            self._glyph = glyph
            self.setAccessibleName(spoken(glyph))
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = self._ground
        if self._disc:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour(tint(self._glyph)))
            painter.drawEllipse(QRectF(self.rect()))
            ground = tint(self._glyph)
        size = theme().px(self._size)
        at = (self.width() - size) / 2
        paint_glyph(painter, self._glyph, QRectF(at, at, size, size), ground)
