# SPDX-License-Identifier: Apache-2.0
"""Icons of pages and acts: painter paths on a grid of 16 units, in the colours of the theme."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPainterPath, QPixmap, QPolygonF

from desktop.look.glyphs import GRID, draw_busy, polyline, stroke
from desktop.look.theme import colour

Draw = Callable[[QPainter, QColor], None]


def _overview(painter: QPainter, _ink: QColor) -> None:
    for x in (2.0, 9.2):
        for y in (2.0, 9.2):
            painter.drawRoundedRect(QRectF(x, y, 4.8, 4.8), 1, 1)


def _charts(painter: QPainter, _ink: QColor) -> None:
    polyline(painter, (2, 2), (2, 14), (14, 14))
    polyline(painter, (4.6, 10.4), (7.4, 7), (9.6, 9), (13.4, 4))


def _logs(painter: QPainter, _ink: QColor) -> None:
    for y, end in ((3, 13.5), (6.4, 9.5), (9.8, 13.5), (13.2, 9.5)):
        polyline(painter, (2.5, y), (end, y))


def _keys(painter: QPainter, _ink: QColor) -> None:
    painter.drawEllipse(QPointF(5, 11), 3.2, 3.2)
    polyline(painter, (7.3, 8.7), (13.6, 2.4))
    polyline(painter, (11, 5), (13.2, 7.2))


def _network(painter: QPainter, _ink: QColor) -> None:
    polyline(painter, (8, 5.2), (4.4, 10.4))
    polyline(painter, (8, 5.2), (11.6, 10.4))
    polyline(painter, (5.6, 12.2), (10.4, 12.2))
    for x, y in ((8.0, 3.4), (3.6, 12.2), (12.4, 12.2)):
        painter.drawEllipse(QPointF(x, y), 1.9, 1.9)


def _doctor(painter: QPainter, _ink: QColor) -> None:
    polyline(painter, (1.4, 8.4), (4.4, 8.4), (6.4, 3.4), (9.4, 12.8), (11.2, 8.4), (14.6, 8.4))


def _bell(painter: QPainter, _ink: QColor) -> None:
    shape = QPainterPath(QPointF(2.6, 11.4))
    shape.cubicTo(4.4, 9.6, 3.4, 2.6, 8, 2.6)
    shape.cubicTo(12.6, 2.6, 11.6, 9.6, 13.4, 11.4)
    shape.closeSubpath()
    painter.drawPath(shape)
    polyline(painter, (6.6, 13.8), (9.4, 13.8))


def _settings(painter: QPainter, _ink: QColor) -> None:
    polyline(painter, (1.8, 4.6), (7.6, 4.6))
    polyline(painter, (12, 4.6), (14.2, 4.6))
    polyline(painter, (1.8, 11.4), (4, 11.4))
    polyline(painter, (8.4, 11.4), (14.2, 11.4))
    painter.drawEllipse(QPointF(9.8, 4.6), 2, 2)
    painter.drawEllipse(QPointF(6.2, 11.4), 2, 2)


def _plus(painter: QPainter, _ink: QColor) -> None:
    polyline(painter, (8, 3), (8, 13))
    polyline(painter, (3, 8), (13, 8))


def _more(painter: QPainter, ink: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    for x in (3.0, 8.0, 13.0):
        painter.drawEllipse(QPointF(x, 8), 1.2, 1.2)


def _down_into(painter: QPainter, _ink: QColor) -> None:
    polyline(painter, (8, 2.4), (8, 9.8))
    polyline(painter, (4.8, 6.8), (8, 10), (11.2, 6.8))
    polyline(painter, (2.2, 10.6), (2.2, 13.4), (13.8, 13.4), (13.8, 10.6))


def _up_out(painter: QPainter, _ink: QColor) -> None:
    polyline(painter, (8, 10), (8, 2.6))
    polyline(painter, (4.8, 5.6), (8, 2.4), (11.2, 5.6))
    polyline(painter, (2.2, 10.6), (2.2, 13.4), (13.8, 13.4), (13.8, 10.6))


def _copy(painter: QPainter, _ink: QColor) -> None:
    painter.drawRoundedRect(QRectF(5.6, 5.6, 8, 8), 1.2, 1.2)
    polyline(painter, (3.4, 10.4), (2.4, 10.4), (2.4, 2.4), (10.4, 2.4), (10.4, 3.4))


def _again(painter: QPainter, ink: QColor) -> None:
    draw_busy(painter, ink)


def _shield(painter: QPainter, _ink: QColor) -> None:
    path = QPainterPath(QPointF(8, 1.6))
    path.lineTo(13.4, 3.6)
    path.lineTo(13.4, 7.6)
    path.cubicTo(13.4, 11, 11.2, 13.2, 8, 14.6)
    path.cubicTo(4.8, 13.2, 2.6, 11, 2.6, 7.6)
    path.lineTo(2.6, 3.6)
    path.closeSubpath()
    painter.drawPath(path)
    polyline(painter, (5.6, 8), (7.4, 9.8), (10.6, 6.2))


def _folder(painter: QPainter, _ink: QColor) -> None:
    painter.drawPolygon(
        QPolygonF(
            [
                QPointF(x, y)
                for x, y in ((1.8, 13), (1.8, 3), (6.2, 3), (7.8, 5), (14.2, 5), (14.2, 13))
            ]
        )
    )


def _search(painter: QPainter, _ink: QColor) -> None:
    painter.drawEllipse(QPointF(6.8, 6.8), 4.4, 4.4)
    polyline(painter, (10.2, 10.2), (13.8, 13.8))


def _up(painter: QPainter, _ink: QColor) -> None:
    polyline(painter, (8, 13), (8, 3))
    polyline(painter, (4, 7), (8, 3), (12, 7))


def _down(painter: QPainter, _ink: QColor) -> None:
    polyline(painter, (8, 3), (8, 13))
    polyline(painter, (4, 9), (8, 13), (12, 9))


def _print(painter: QPainter, _ink: QColor) -> None:
    polyline(painter, (4.4, 5.4), (4.4, 2), (11.6, 2), (11.6, 5.4))
    polyline(painter, (4.4, 11), (2, 11), (2, 5.4), (14, 5.4), (14, 11), (11.6, 11))
    painter.drawRect(QRectF(4.4, 9, 7.2, 5))


def _close(painter: QPainter, _ink: QColor) -> None:
    polyline(painter, (3.6, 3.6), (12.4, 12.4))
    polyline(painter, (12.4, 3.6), (3.6, 12.4))


_DRAW: dict[str, Draw] = {
    "overview": _overview,
    "charts": _charts,
    "logs": _logs,
    "keys": _keys,
    "network": _network,
    "doctor": _doctor,
    "bell": _bell,
    "settings": _settings,
    "plus": _plus,
    "more": _more,
    "backup": _down_into,
    "restore": _up_out,
    "close": _close,
    "copy": _copy,
    "again": _again,
    "shield": _shield,
    "folder": _folder,
    "search": _search,
    "up": _up,
    "down": _down,
    "print": _print,
}


def paint_icon(painter: QPainter, name: str, box: QRectF, ink: str) -> None:
    """Paint the icon `name` into `box` in the colour of the token `ink`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(box.topLeft())
    painter.scale(box.width() / GRID, box.height() / GRID)
    stroke(painter, colour(ink), 1.5)
    _DRAW[name](painter, colour(ink))
    painter.restore()


class _Engine(QIconEngine):
    """Paints at the moment of use, so that an icon follows the theme."""

    def __init__(self, name: str, ink: str) -> None:
        super().__init__()
        self._name, self._ink = name, ink

    def paint(self, painter: QPainter, rect: object, mode: QIcon.Mode, _state: QIcon.State) -> None:
        ink = "t3" if mode == QIcon.Mode.Disabled else self._ink
        paint_icon(painter, self._name, QRectF(rect), ink)  # type: ignore[call-overload]

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        picture = QPixmap(size)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        self.paint(painter, picture.rect(), mode, state)
        painter.end()
        return picture

    def scaledPixmap(
        self, size: QSize, mode: QIcon.Mode, state: QIcon.State, ratio: float
    ) -> QPixmap:
        picture = QPixmap(size)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        self.paint(painter, picture.rect(), mode, state)
        painter.end()
        picture.setDevicePixelRatio(ratio)
        return picture

    def clone(self) -> QIconEngine:
        copy = _Engine(self._name, self._ink)
        _clones.append(copy)
        return copy


_clones: list[_Engine] = []


def icon(name: str, ink: str = "t1") -> QIcon:
    """The icon `name` in the colour of the token `ink`, following the theme."""
    return QIcon(_Engine(name, ink))
