# SPDX-License-Identifier: Apache-2.0
"""One chart in a card: name, last value, the line, the values under the pointer."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QMenu

from desktop.charts.kinds import ChartKind
from desktop.charts.table import as_csv, sentence, with_gaps
from desktop.components.dress import Card, icon_button, label, put, row
from desktop.components.flow import flow
from desktop.look.theme import colour, font, theme
from desktop.look.tokens import Size
from desktop.words import wording
from desktop.words.translation import tr

if TYPE_CHECKING:
    from node_manager.history.recorder import Past

HEIGHT = 128
MANY = 3
"""So many lines have a legend of their own line, with a value beside each name."""

INKS = ("acc", "t2", "t1")
STYLES = (
    (Qt.PenStyle.SolidLine, "──"),
    (Qt.PenStyle.DashLine, "╌╌"),
    (Qt.PenStyle.DotLine, "···"),
    (Qt.PenStyle.DashDotLine, "─·─"),
)
"""A line is told apart by its dashes too; twelve pairs before one comes again."""


class _Values(pg.AxisItem):  # type: ignore[misc]
    """Numbers as the person's locale writes them; none while there is no figure."""

    numbered = False

    def tickStrings(self, values: list[float], _scale: float, spacing: float) -> list[str]:
        if not self.numbered:
            return [""] * len(values)
        digits = 0 if spacing >= 1 else min(4, max(0, math.ceil(-math.log10(spacing))))
        return [wording.decimal(value, digits) for value in values]


class _Times(pg.AxisItem):  # type: ignore[misc]
    """Times of day, with the date where a day begins."""

    def tickStrings(self, values: list[float], _scale: float, spacing: float) -> list[str]:
        now = time.time()
        return [wording.clock(value, now if spacing < 86_400 else value) for value in values]

    def tickValues(self, low: float, high: float, size: float) -> list[Any]:
        span = high - low
        step = next(
            (one for one in (900, 3600, 14_400, 21_600, 86_400) if span / one <= size / 80),
            172_800,
        )
        offset = time.localtime().tm_gmtoff
        first = math.ceil((low + offset) / step) * step - offset
        return [(step, [first + place * step for place in range(int((high - first) // step) + 1)])]


class Plot(pg.PlotWidget):  # type: ignore[misc]
    """The drawn part; its view does not move, so that two charts compare.

    Signals:
        pointed: Unix time under the pointer, None when it left.
    """

    pointed = Signal(object)

    def __init__(self) -> None:
        super().__init__(
            axisItems={"left": _Values("left"), "bottom": _Times("bottom")}, enableMenu=False
        )
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(pg.QtWidgets.QFrame.Shape.NoFrame)
        item = self.getPlotItem()
        item.setMouseEnabled(False, False)
        item.hideButtons()
        item.getViewBox().setDefaultPadding(0.04)
        self.cursor = pg.InfiniteLine(angle=90, movable=False)
        self.cursor.hide()
        self.addItem(self.cursor, ignoreBounds=True)
        self.curves: list[Any] = []
        self.scene().sigMouseMoved.connect(self._on_moved)

    def dress(self) -> None:
        """Take the colours in force."""
        self.setBackground(colour("surface"))
        for side in ("left", "bottom"):
            axis = self.getAxis(side)
            axis.setPen(pg.mkPen(colour("line")))
            axis.setTextPen(colour("t3"))
            axis.setStyle(tickFont=font(Size.SMALL), tickLength=0, tickTextOffset=6)
            axis.setGrid(False)
        self.getAxis("left").setWidth(theme().px(68))
        self.getPlotItem().showGrid(x=False, y=True, alpha=0.9)
        self.cursor.setPen(pg.mkPen(colour("ctl"), width=1))

    def _on_moved(self, place: QPointF) -> None:
        box = self.getPlotItem().getViewBox()
        inside = box.sceneBoundingRect().contains(place)
        self.pointed.emit(box.mapSceneToView(place).x() if inside else None)

    def leaveEvent(self, event: Any) -> None:
        super().leaveEvent(event)
        self.pointed.emit(None)


class ChartCard(Card):
    """One chart of a `Past`; the arrow keys go from point to point."""

    spoken_role = "Chart"

    def __init__(self, kind: ChartKind) -> None:
        super().__init__(margins=(16, 10, 10, 10), gap=2)
        self.kind = kind
        self._past: Past | None = None
        self._at: float | None = None
        self._value = label(tr("unknown"), "heading", tone="t2")
        self._moment = label("", "source")
        self._more = icon_button("more", tr("Copy the chart {name}").format(name=kind.title))
        self._more.clicked.connect(self._open_menu)
        self.text = label("", "source", wrap=True)
        self.plot = Plot()
        self.plot.setFixedHeight(theme().px(HEIGHT))
        self.plot.pointed.connect(self.point_at)
        head = label(kind.title, "label")
        self._many = len(kind.lines) >= MANY
        self._legend = label("", "source", wrap=self._many)
        self._legend.setText(self._named())
        if len(kind.lines) < 2:
            self._legend.hide()
        beside = (8, self._legend) if not self._many else ()
        now = row(self._moment, 4, self._value, self._more, gap=4)
        self.body.addLayout(flow(head, *beside, None, now, gap=4))
        if self._many:
            self._value.hide()
            self.body.addWidget(self._legend)
        self.body.addWidget(self.plot)
        self.body.addWidget(self.text)
        self.body.addStretch(1)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(kind.title)
        self.dress()
        theme().changed.connect(self.dress)

    def _named(self, values: list[str] | None = None) -> str:
        """The legend; with the value of each line where there are many."""
        names = [line.name for line in self.kind.lines]
        if values is not None:
            names = [f"{name} {value}" for name, value in zip(names, values, strict=True)]
        return "   ".join(
            _unbroken(f"{STYLES[place % len(STYLES)][1]} {name}")
            for place, name in enumerate(names)
        )

    def dress(self) -> None:
        """Take the colours in force and draw anew."""
        self.plot.dress()
        if self._past is not None:
            self.show_past(self._past)

    def show_past(self, past: Past) -> None:
        """Draw these figures."""
        self._past = past
        now = time.time()
        for curve in self.plot.curves:
            self.plot.removeItem(curve)
        self.plot.curves = []
        seen: list[float] = []
        for place, line in reversed(list(enumerate(self.kind.lines))):
            times, values = with_gaps(past, line.metric, self.kind.scale)
            seen += [value for value in values if not math.isnan(value)]
            ink, (style, _mark) = colour(INKS[place % len(INKS)]), STYLES[place % len(STYLES)]
            curve = self.plot.plot(
                times, values, pen=pg.mkPen(ink, width=1.5, style=style), connect="finite",
                antialias=True,
            )  # fmt: skip
            self.plot.curves.append(curve)
        self.plot.setXRange(now - past.span.seconds, now, padding=0)
        self._fit(seen)
        told = sentence(past, self.kind)
        self.text.setText(told)
        self.setAccessibleDescription(told)
        self.point_at(self._at)

    def _fit(self, seen: list[float]) -> None:
        # Without a figure an axis would number what nobody measured.
        self.plot.getAxis("left").numbered = bool(seen)
        if not seen:
            self.plot.setYRange(0, 1, padding=0)
            return
        low = 0.0 if self.kind.from_zero else min(seen)
        high = max(seen)
        if high - low < 1e-9:
            low, high = (
                (0.0, high * 1.5) if high > 0 and self.kind.from_zero else (low - 1, high + 1)
            )
        self.plot.setYRange(low, high, padding=0.06)

    def point_at(self, at: float | None) -> None:
        """Show the values at a time, or the last ones for None."""
        self._at = at
        past = self._past
        if past is None:
            return
        place = self._nearest(at)
        if place is None:
            self.plot.cursor.hide()
            self._moment.setText("")
            shown = self.kind.lines if self._many else self.kind.lines[:1]
            last = [past.points(line.metric)[-1:] for line in shown]
            self._show_values([point[0][1] if point else None for point in last])
            return
        moment = past.times[place]
        self.plot.cursor.setPos(moment)
        self.plot.cursor.show()
        self._moment.setText(wording.clock(moment, time.time()))
        self._show_values([past.points(line.metric)[place][1] for line in self.kind.lines])

    def _nearest(self, at: float | None) -> int | None:
        past = self._past
        if past is None or at is None or not past.times:
            return None
        place = min(range(len(past.times)), key=lambda one: abs(past.times[one] - at))
        return place if abs(past.times[place] - at) <= past.seconds * 2 else None

    def _show_values(self, values: list[float | None]) -> None:
        words = [tr("unknown") if value is None else self.kind.value(value) for value in values]
        self._value.setText(" · ".join(words))
        if self._many:
            self._legend.setText(self._named(words))
        put(self._value, "tone", "t2" if all(value is None for value in values) else "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        past = self._past
        if event.key() == Qt.Key.Key_Escape:
            self.point_at(None)
        elif event.key() in steps and past is not None and past.times:
            here = self._nearest(self._at)
            last = len(past.times) - 1
            step = steps[Qt.Key(event.key())]
            place = last if here is None else max(0, min(last, here + step))
            self.point_at(past.times[place])
            told = self._legend if self._many else self._value
            self.setAccessibleDescription(f"{self._moment.text()}: {told.text()}")
        else:
            super().keyPressEvent(event)

    def _open_menu(self) -> None:
        menu = self.menu()
        menu.popup(self._more.mapToGlobal(self._more.rect().bottomLeft()))

    def menu(self) -> QMenu:
        """What can be copied."""
        menu = QMenu(self)
        menu.addAction(tr("Copy as a picture"), self.copy_picture)
        menu.addAction(tr("Copy as a table (CSV)"), self.copy_table)
        return menu

    def copy_picture(self) -> None:
        """Copy what is on the screen."""
        QGuiApplication.clipboard().setPixmap(self.grab())

    def copy_table(self) -> None:
        """Copy the values."""
        if self._past is not None:
            QGuiApplication.clipboard().setText(as_csv(self._past, self.kind))


def _unbroken(text: str) -> str:
    """A text in which no line ends."""
    return text.replace(" ", "\N{NO-BREAK SPACE}").replace("…", "\N{WORD JOINER}…\N{WORD JOINER}")
