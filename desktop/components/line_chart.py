# SPDX-License-Identifier: Apache-2.0
"""A small chart of the last hour: one accent line, a second one dashed. A gap stays a gap."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.components.dress import Card, label, put, row
from desktop.history import Points
from desktop.look.theme import colour, font, theme
from desktop.look.tokens import Size
from desktop.words import wording
from desktop.words.translation import tr

SPAN = 3600.0
AXIS = 28
GAP_SECONDS = 150.0
"""Two points further apart than this are not joined: a minute's point is missing."""

NEWEST_SECONDS = 30.0
"""Two or three pixels of the hour: until then a newest point that moves is not painted anew."""


def scale_of(values: Sequence[float], *, from_zero: bool) -> tuple[float, float, float]:
    """Least and greatest value of the axis and the step of its lines, at most four lines."""
    if not values:
        return 0.0, 1.0, 1.0
    low, high = (0.0 if from_zero else min(values)), max(values)
    if high - low < 1e-9 * max(1.0, high):
        low, high = (0.0, high * 1.5) if high > 1e-6 else (0.0, 1.0)
    rough = (high - low) / 3
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(
        (power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999),
        power * 10,
    )
    while True:
        bottom, top = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
        if (top - bottom) / step <= 3.001:
            return bottom, top, step
        step *= 2


def runs(points: Points) -> list[list[tuple[float, float]]]:
    """The points in runs that may be joined; unknown values and long silences part them."""
    result: list[list[tuple[float, float]]] = [[]]
    for at, value in points:
        if value is None:
            result.append([])
            continue
        if result[-1] and at - result[-1][-1][0] > GAP_SECONDS:
            result.append([])
        result[-1].append((at, value))
    return [run for run in result if run]


def _settled(series: list[tuple[str, Points]]) -> list[tuple[str, Points, bool]]:
    """What does not change any more, and whether the newest point is known."""
    return [
        (name, points[:-1], bool(points) and points[-1][1] is not None) for name, points in series
    ]


class Plot(QWidget):
    """The painted part of a chart."""

    def __init__(self, *, from_zero: bool, stepped: bool) -> None:
        super().__init__()
        self._from_zero, self._stepped = from_zero, stepped
        self._series: list[tuple[str, Points]] = []
        self._now = 0.0
        self._digits: Callable[[float], str] = lambda value: wording.decimal(value, 0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_series(
        self, series: list[tuple[str, Points]], now: float, axis: Callable[[float], str]
    ) -> None:
        """Show named series; what only moves the newest point is painted after a while."""
        if series == self._series:
            due = int(now // 60) != int(self._now // 60)
        else:
            due = _settled(series) != _settled(self._series)
            due = due or abs(now - self._now) >= NEWEST_SECONDS
        if due:
            self._series, self._now, self._digits = series, now, axis
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(220, 116)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 100)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(font(Size.SMALL))
        values = [
            value for _name, points in self._series for _at, value in points if value is not None
        ]
        low, high, step = scale_of(values, from_zero=self._from_zero)
        text = theme().px(16)
        area = QRectF(AXIS * theme().scale, 6, 0, 0)
        area.setRight(self.width() - 4)
        area.setBottom(self.height() - text - 2)

        def place(at: float, value: float) -> QPointF:
            across = area.right() - (self._now - at) / SPAN * area.width()
            return QPointF(across, area.bottom() - (value - low) / (high - low) * area.height())

        self._paint_grid(painter, area, low, high, step)
        if not values:
            painter.setPen(colour("t3"))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, tr("nothing measured yet"))
            return
        for index, (name, points) in enumerate(self._series):
            self._paint_line(painter, points, place, dashed=index > 0)
            if len(self._series) > 1:
                self._paint_name(painter, name, points, place, area)

    def _paint_grid(
        self, painter: QPainter, area: QRectF, low: float, high: float, step: float
    ) -> None:
        lines = round((high - low) / step)
        for index in range(lines + 1):
            value = low + index * step
            y = round(area.bottom() - (value - low) / (high - low) * area.height()) + 0.5
            painter.setPen(QPen(colour("line"), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(colour("t3"))
            box = QRectF(0, y - 9, area.left() - 6, 18)
            painter.drawText(
                box,
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                self._digits(value),
            )
        below = QRectF(area.left(), area.bottom() + 2, area.width(), self.height() - area.bottom())
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, tr("60 min ago"))
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, tr("now"))

    def _paint_line(
        self,
        painter: QPainter,
        points: Points,
        place: Callable[[float, float], QPointF],
        *,
        dashed: bool,
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = colour("t2" if dashed else "acc")
        pen = QPen(ink, 1.5)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        if dashed:
            pen.setDashPattern([3, 2])
        last: QPointF | None = None
        for run in runs(points):
            line: list[QPointF] = []
            for at, value in run:
                spot = place(at, value)
                if self._stepped and line:
                    line.append(QPointF(spot.x(), line[-1].y()))
                line.append(spot)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline(QPolygonF(line))
            last = line[-1]
        if last is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink)
            painter.drawEllipse(last, 2.6, 2.6)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_name(
        self,
        painter: QPainter,
        name: str,
        points: Points,
        place: Callable[[float, float], QPointF],
        area: QRectF,
    ) -> None:
        known = [(at, value) for at, value in points if value is not None]
        if not known:
            return
        early = [place(*point).y() for point in known[: max(1, len(known) // 2)]]
        painter.setPen(colour("t2"))
        y = max(area.top(), min(early) - 20)
        left = max(area.left() + 6, place(*known[0]).x() + 6)
        painter.drawText(QRectF(left, y, area.width(), 16), Qt.AlignmentFlag.AlignLeft, name)


class LineChart(Card):
    """A chart in a card: name and last value above, the last hour below."""

    spoken_role = "Chart"

    def __init__(self, name: str, *, from_zero: bool = True, stepped: bool = False) -> None:
        super().__init__(margins=(14, 10, 10, 10), gap=4)
        self._name = label(name, "label")
        self._value = label("", "heading")
        self._unit = label("", "note")
        self._plot = Plot(from_zero=from_zero, stepped=stepped)
        self.body.addLayout(row(self._name, None, self._value, self._unit, 4, gap=4))
        self.body.addWidget(self._plot, 1)
        self.setMinimumHeight(150)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(name)

    def show_series(
        self,
        name: str,
        series: list[tuple[str, Points]],
        now: float,
        *,
        value: Callable[[float], str],
        axis: Callable[[float], str],
        unit: str = "",
    ) -> None:
        """Show named series, the first one as the chart's own; `value` words its last value."""
        self._name.setText(name)
        main = series[0][1]
        known = [point[1] for point in main if point[1] is not None]
        last = main[-1][1] if main else None
        self._value.setText(tr("unknown") if last is None else value(last))
        put(self._value, "tone", "t2" if last is None else "")
        self._unit.setText(unit if last is not None else "")
        self._unit.setVisible(bool(self._unit.text()))
        self._plot.show_series(series, now, axis)
        self.setAccessibleName(name)
        self.setAccessibleDescription(told(known, value))


def told(known: Sequence[float], value: Callable[[float], str]) -> str:
    """A chart as a sentence: last, least, greatest and trend."""
    if not known:
        return tr("Nothing measured yet.")
    half = len(known) // 2
    before = sum(known[:half]) / half if half else known[0]
    after = sum(known[half:]) / len(known[half:])
    trend = tr("steady")
    if after > before * 1.05:
        trend = tr("rising")
    elif after < before * 0.95:
        trend = tr("falling")
    return tr("Last {last}, least {least}, greatest {greatest}, {trend}.").format(
        last=value(known[-1]), least=value(min(known)), greatest=value(max(known)), trend=trend
    )
