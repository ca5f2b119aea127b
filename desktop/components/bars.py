# SPDX-License-Identifier: Apache-2.0
"""Bars: of progress, and of the slashing budget that is used up."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QProgressBar, QSizePolicy

from desktop.look.theme import colour
from desktop.words import wording

DANGER = 0.8
"""Share of the budget from which the bar turns from warning to bad."""

WHOLE = 100
"""A screen reader is told a share in hundredths."""


class Bar(QProgressBar):
    """A filled share of a rounded bar; None leaves it empty and reads "unknown"."""

    def __init__(self, height: int, name: str) -> None:
        super().__init__()
        self._share: float | None = None
        self._fill = "accfill"
        self._height = height
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)
        self.setRange(0, WHOLE)
        self.setTextVisible(False)

    @property
    def share(self) -> float | None:
        """The share shown, 0 to 1."""
        return self._share

    def show_share(self, share: float | None, fill: str = "accfill") -> None:
        """Fill `share` of the bar in the colour of the token `fill`."""
        if (share, fill) != (self._share, self._fill):
            self._share, self._fill = share, fill
            if share is None:
                self.reset()
            else:
                self.setValue(round(WHOLE * min(1.0, share)))
            self.setAccessibleDescription("" if share is None else wording.percent(share))
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, self._height)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self._height)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        radius = box.height() / 2
        painter.setPen(QPen(colour("line2"), 1))
        painter.setBrush(colour("sunk"))
        painter.drawRoundedRect(box, radius, radius)
        if not self._share:
            return
        clip = QPainterPath()
        clip.addRoundedRect(box, radius, radius)
        painter.setClipPath(clip)
        filled = QRectF(box)
        filled.setWidth(max(3.0, round(box.width() * min(1.0, self._share))))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(self._fill))
        painter.drawRect(filled)
        painter.setClipping(False)
        painter.setPen(QPen(colour("line2"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, radius, radius)


def budget_fill(used: float) -> str:
    """The token that fills the slashing budget's bar."""
    return "badfill" if used > DANGER else "warnfill"
