# SPDX-License-Identifier: Apache-2.0
"""The rail at the left of the wizard: which steps there are and which are done."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.components.dress import label, row, rule, see_through_scroll
from desktop.look.app_icon import paint_mark
from desktop.look.glyphs import Glyph, paint_glyph
from desktop.look.theme import colour, font, theme
from desktop.look.tokens import Size
from desktop.words.translation import tr

WIDTH, GREATEST_WIDTH = 228, 320
ROW = 58
FLAGS = Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap


class Mark(QWidget):
    """The app's mark: two blocks and a tick."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(24, 24)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_mark(painter, QRectF(self.rect()))


class Steps(QWidget):
    """The steps, painted: a number in a ring, filled when current, ticked when done."""

    def __init__(self, steps: list[tuple[str, str]]) -> None:
        super().__init__()
        self._steps = steps
        self._at = 0
        self.show_step(0)

    def show_plan(self, steps: list[tuple[str, str]]) -> None:
        """Show other steps from the second on; the first one stays open."""
        if steps != self._steps:
            self._steps = steps
            self.show_step(self._at)

    def show_step(self, at: int) -> None:
        """Mark the step that is open; those before it are done."""
        self._at = at
        self.updateGeometry()
        name, line = self._steps[at]
        self.setAccessibleName(
            tr("Step {number} of {count}: {name}, {line}").format(
                number=at + 1, count=len(self._steps), name=name, line=line
            )
        )
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, theme().px(ROW) * len(self._steps))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return sum(row for _name, row in self._heights(width))

    def _heights(self, width: int) -> list[tuple[int, int]]:
        """Of the name and of all of each step; a text that is too long takes more lines."""
        room, found = width - theme().px(20) - 12, []
        for name, line in self._steps:
            more = _taller(name, font(Size.BODY, 600), room)
            still_more = _taller(line, font(Size.SMALL), room)
            found.append((theme().px(16) + more, theme().px(ROW) + more + still_more))
        return found

    @property
    def marked(self) -> QRect:
        """Where the step stands that is open."""
        heights = [row for _name, row in self._heights(self.width())]
        return QRect(0, sum(heights[: self._at]), self.width(), heights[self._at])

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        px, top = theme().px, 0
        heights = self._heights(self.width())
        for index, (name, line) in enumerate(self._steps):
            below, high = heights[index]
            ring = QRectF(0, top, px(20), px(20))
            if index < len(self._steps) - 1:
                painter.setPen(QPen(colour("line2"), 1))
                x = round(ring.center().x()) + 0.5
                bottom = top + high - 5
                painter.drawLine(QPointF(x, ring.bottom() + 5), QPointF(x, bottom))
            self._paint_ring(painter, ring, index)
            left = ring.right() + 12
            painter.setFont(font(Size.BODY, 600 if index == self._at else 500))
            painter.setPen(colour("t1" if index == self._at else "t2"))
            width = self.width() - left
            painter.drawText(QRectF(left, top - 2, width, below + px(4)), FLAGS, name)
            painter.setFont(font(Size.SMALL))
            painter.setPen(colour("t3"))
            painter.drawText(QRectF(left, top + below, width, high - below), FLAGS, line)
            top += high

    def _paint_ring(self, painter: QPainter, ring: QRectF, index: int) -> None:
        if index < self._at:
            paint_glyph(painter, Glyph.GOOD, ring, "side")
            return
        current = index == self._at
        painter.setPen(Qt.PenStyle.NoPen if current else QPen(colour("ctl"), 1.5))
        painter.setBrush(colour("accfill") if current else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(ring.adjusted(1, 1, -1, -1))
        painter.setFont(font(Size.SMALL, 600))
        painter.setPen(colour("on_acc" if current else "t2"))
        painter.drawText(ring, Qt.AlignmentFlag.AlignCenter, str(index + 1))


def _taller(text: str, used: QFont, room: int) -> int:
    """How much higher than one line a text is."""
    metrics = QFontMetrics(used)
    high = metrics.boundingRect(QRect(0, 0, max(1, room), 9999), FLAGS.value, text).height()
    return max(0, high - metrics.height())


class Rail(QWidget):
    """Name of the app, steps, and what is sure about the key."""

    def __init__(self, steps: list[tuple[str, str]]) -> None:
        super().__init__()
        self.setProperty("kind", "side")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.steps = Steps(steps)
        side = QWidget()
        layout = QVBoxLayout(side)
        layout.setContentsMargins(20, 20, 16, 14)
        layout.setSpacing(0)
        layout.addLayout(row(Mark(), 2, label(tr("One-Click Validator"), "card-title", wrap=True)))
        layout.addSpacing(30)
        layout.addWidget(self.steps)
        layout.addStretch(1)
        layout.addWidget(
            label(
                tr("The private key is made on this computer and never leaves it unencrypted."),
                "note",
                wrap=True,
            )
        )
        edge = rule(vertical=True)
        edge.setProperty("kind", "side-edge")
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self._scroll = see_through_scroll(side)
        outer.addWidget(self._scroll)
        outer.addWidget(edge)
        self._fit()
        theme().changed.connect(self._fit)

    def show_step(self, at: int) -> None:
        """Mark the step that is open, and bring it into view."""
        self.steps.show_step(at)
        self._show_marked()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_marked()

    def _show_marked(self) -> None:
        place = self.steps.marked.translated(self.steps.pos())
        self._scroll.ensureVisible(place.left(), place.bottom(), 0, theme().px(16))
        self._scroll.ensureVisible(place.left(), place.top(), 0, theme().px(16))

    def _fit(self) -> None:
        self.setFixedWidth(min(GREATEST_WIDTH, theme().px(WIDTH)))
