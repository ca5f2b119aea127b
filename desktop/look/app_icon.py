# SPDX-License-Identifier: Apache-2.0
"""The app's mark: two blocks and a tick, the same as resources/icons/oneclick-validator.svg."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap

from desktop.look.glyphs import polyline, stroke
from desktop.look.theme import colour

SIZES = (16, 24, 32, 48, 64, 128)


def paint_mark(painter: QPainter, box: QRectF) -> None:
    """Paint the app's mark into `box`."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(box.topLeft())
    painter.scale(box.width() / 24, box.height() / 24)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour("accfill"))
    painter.drawRoundedRect(QRectF(0, 0, 24, 24), 5, 5)
    for left in (5.0, 9.6):
        painter.fillRect(QRectF(left, 7, 2.8, 10), colour("on_acc"))
    stroke(painter, colour("on_acc"), 2.2)
    polyline(painter, (14.2, 12.4), (16, 14.6), (19.4, 8.6))


def app_icon() -> QIcon:
    """The icon of the window."""
    result = QIcon()
    for size in SIZES:
        picture = QPixmap(size, size)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        paint_mark(painter, QRectF(picture.rect()))
        painter.end()
        result.addPixmap(picture)
    return result
