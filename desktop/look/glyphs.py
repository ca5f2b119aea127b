# SPDX-License-Identifier: Apache-2.0
"""Glyphs of the states: shape first, then colour. Painter paths on a grid of 16 units."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from desktop.look.theme import colour

GRID = 16


class Glyph(StrEnum):
    """What a shape says; the words beside it say it again."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    BUSY = "busy"
    WAITING = "waiting"
    UNKNOWN = "unknown"
    STOPPED = "stopped"
    COMING = "coming"
    DENIED = "denied"


_FILL = {
    Glyph.GOOD: "goodfill",
    Glyph.WARN: "warnfill",
    Glyph.BAD: "badfill",
    Glyph.BUSY: "acc",
    Glyph.WAITING: "acc",
    Glyph.UNKNOWN: "t3",
    Glyph.STOPPED: "t2",
    Glyph.COMING: "ctl",
    Glyph.DENIED: "t3",
}

_TINT = {
    Glyph.GOOD: "goodtint",
    Glyph.WARN: "warntint",
    Glyph.BAD: "badtint",
    Glyph.BUSY: "acctint",
    Glyph.WAITING: "acctint",
}

_TONE = {Glyph.GOOD: "good", Glyph.WARN: "warn", Glyph.BAD: "bad"}


def tint(glyph: Glyph) -> str:
    """The token of the disc behind `glyph`."""
    return _TINT.get(glyph, "sunk")


def tone(glyph: Glyph) -> str:
    """The text tone that goes with `glyph`; empty where words stay neutral."""
    return _TONE.get(glyph, "")


def stroke(painter: QPainter, ink: QColor, width: float = 1.5) -> None:
    """Set a round pen of `width` grid units and no fill."""
    pen = QPen(ink, width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _fill(painter: QPainter, ink: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)


def polyline(painter: QPainter, *points: tuple[float, float]) -> None:
    """Draw a line through `points`."""
    painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in points]))


def _good(painter: QPainter, ink: QColor, ground: QColor) -> None:
    _fill(painter, ink)
    painter.drawEllipse(QPointF(8, 8), 7, 7)
    stroke(painter, ground, 1.9)
    polyline(painter, (5.0, 8.2), (7.1, 10.3), (11.0, 6.0))


def _warn(painter: QPainter, ink: QColor, ground: QColor) -> None:
    pen = QPen(ink, 1.6)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(ink)
    painter.drawPolygon(QPolygonF([QPointF(8, 2.1), QPointF(14.6, 13.6), QPointF(1.4, 13.6)]))
    stroke(painter, ground, 1.8)
    polyline(painter, (8, 6.2), (8, 9.4))
    _fill(painter, ground)
    painter.drawEllipse(QPointF(8, 12), 1.05, 1.05)


def _bad(painter: QPainter, ink: QColor, ground: QColor) -> None:
    near, far, low, high = 5.1, 10.9, 1.0, 15.0
    corners = [(near, low), (far, low), (high, near), (high, far)]
    corners += [(far, high), (near, high), (low, far), (low, near)]
    _fill(painter, ink)
    painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in corners]))
    stroke(painter, ground, 1.9)
    polyline(painter, (5.6, 5.6), (10.4, 10.4))
    polyline(painter, (10.4, 5.6), (5.6, 10.4))


def draw_busy(painter: QPainter, ink: QColor, _ground: QColor | None = None) -> None:
    """An open arc with an arrow: at work; also the icon of "again"."""
    stroke(painter, ink, 1.7)
    path = QPainterPath()
    box = QRectF(2, 2, 12, 12)
    path.arcMoveTo(box, 38)
    path.arcTo(box, 38, 300)
    painter.drawPath(path)
    polyline(painter, (9.6, 4.9), (13.4, 4.9), (13.4, 1.3))


def _waiting(painter: QPainter, ink: QColor, _ground: QColor) -> None:
    stroke(painter, ink, 1.7)
    painter.drawEllipse(QPointF(8, 8), 6.2, 6.2)
    polyline(painter, (8, 4.8), (8, 8.2), (10.4, 9.4))


def _unknown(painter: QPainter, ink: QColor, _ground: QColor) -> None:
    pen = QPen(ink, 1.4)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    pen.setDashPattern([2.0, 1.45])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QPointF(8, 8), 6.4, 6.4)
    stroke(painter, ink, 1.4)
    path = QPainterPath(QPointF(6.1, 6.6))
    path.cubicTo(6.1, 4.2, 9.9, 4.2, 9.9, 6.6)
    path.cubicTo(9.9, 8.0, 8.0, 7.9, 8.0, 9.4)
    painter.drawPath(path)
    _fill(painter, ink)
    painter.drawEllipse(QPointF(8, 11.6), 0.95, 0.95)


def _stopped(painter: QPainter, ink: QColor, _ground: QColor) -> None:
    stroke(painter, ink, 1.7)
    painter.drawRoundedRect(QRectF(2.5, 2.5, 11, 11), 1.5, 1.5)


def _coming(painter: QPainter, ink: QColor, _ground: QColor) -> None:
    stroke(painter, ink, 1.5)
    painter.drawEllipse(QPointF(8, 8), 6.8, 6.8)


def _denied(painter: QPainter, ink: QColor, _ground: QColor) -> None:
    stroke(painter, ink, 1.6)
    painter.drawEllipse(QPointF(8, 8), 6.4, 6.4)
    polyline(painter, (3.6, 12.4), (12.4, 3.6))


_DRAW: dict[Glyph, Callable[[QPainter, QColor, QColor], None]] = {
    Glyph.GOOD: _good,
    Glyph.WARN: _warn,
    Glyph.BAD: _bad,
    Glyph.BUSY: draw_busy,
    Glyph.WAITING: _waiting,
    Glyph.UNKNOWN: _unknown,
    Glyph.STOPPED: _stopped,
    Glyph.COMING: _coming,
    Glyph.DENIED: _denied,
}


def paint_glyph(painter: QPainter, glyph: Glyph, box: QRectF, ground: str = "surface") -> None:
    """Paint `glyph` into `box`; its inner mark takes the colour of the token `ground`."""
    ratio = painter.device().devicePixelRatio()
    picture = _picture(
        glyph, round(box.width() * ratio), colour(_FILL[glyph]).rgba(), colour(ground).rgba()
    )
    painter.drawPixmap(box, picture, QRectF(picture.rect()))


@lru_cache(maxsize=128)
def _picture(glyph: Glyph, pixels: int, ink: int, ground: int) -> QPixmap:
    picture = QPixmap(pixels, pixels)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(pixels / GRID, pixels / GRID)
    _DRAW[glyph](painter, QColor.fromRgba(ink), QColor.fromRgba(ground))
    painter.end()
    return picture
