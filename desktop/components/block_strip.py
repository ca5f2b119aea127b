# SPDX-License-Identifier: Apache-2.0
"""The last hundred blocks, a cell each: signed, proposed, missed or not known."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QKeyEvent, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from desktop.look.theme import colour, font, theme
from desktop.look.tokens import Size
from desktop.words import wording
from desktop.words.translation import tr
from node_manager.state import BlockMark

CELLS = 100
GAP = 2
LEAST_CELL = 6
BAR = 28
LEGEND = 22
BELOW = 12
ABOVE = 12
"""How far the mark of a kind reaches beyond its bar, at most."""


def summary(marks: Sequence[BlockMark]) -> str:
    """The strip as a sentence for a screen reader."""
    if not marks:
        return tr("Last 100 blocks: none known yet.")
    count = Counter(mark.kind for mark in marks)
    text = tr(
        "Last {all} blocks: {signed} signed, {proposed} proposed and signed, {missed} missed,"
        " {unknown} not known."
    ).format(
        all=len(marks),
        signed=count["signed"],
        proposed=count["proposed"],
        missed=count["missed"],
        unknown=count["unknown"],
    )
    last = next((mark for mark in reversed(marks) if mark.kind == "missed"), None)
    if last is not None:
        text += " " + tr("Last missed at height {height}.").format(
            height=wording.number(last.height)
        )
    return text


class BlockStrip(QWidget):
    """Paints the strip with its legend; arrow keys move a mark whose block is told."""

    spoken_role = "Chart"

    def __init__(self) -> None:
        super().__init__()
        self._marks: tuple[BlockMark, ...] = ()
        self._at = -1
        self._tight = False
        self._cells: QPixmap | None = None
        theme().changed.connect(self._forget_cells)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Last 100 blocks"))
        self.setAccessibleDescription(summary(()))

    def arrange(self, *, tight: bool) -> None:
        """Give the legend a line of its own where there is little room."""
        if tight is not self._tight:
            self._tight = tight
            self.updateGeometry()
            self._forget_cells()

    def _legend_height(self) -> int:
        return theme().px(LEGEND) * (2 if self._tight else 1)

    def show_blocks(self, marks: Sequence[BlockMark]) -> None:
        """Show these blocks, oldest first."""
        marks = tuple(marks)[-CELLS:]
        if marks == self._marks:
            self.update(self._ends().toAlignedRect())
            return
        counted = self._legend()
        self._marks = marks
        self._cells = None
        self._at = min(self._at, len(marks) - 1)
        self.setAccessibleDescription(summary(marks))
        # A block more seldom changes what is counted, and letters cost most of a picture.
        legend = 0 if self._legend() != counted else self._legend_height()
        self.update(self.rect().adjusted(0, legend, 0, 0))

    def sizeHint(self) -> QSize:
        line = theme().px(16)
        return QSize(CELLS * LEAST_CELL, self._legend_height() + 16 + BAR + BELOW + line + 8)

    def minimumSizeHint(self) -> QSize:
        return QSize(CELLS * 5, self.sizeHint().height())

    def _cell(self) -> int:
        return max(3, self.width() // CELLS)

    def _bar_left(self, index: int) -> int:
        """Whole pixels; where the width is no multiple of the cells, gaps differ by one."""
        return index * max(3 * CELLS, self.width()) // CELLS + 1

    def _strip_top(self) -> int:
        return self._legend_height() + 14

    def _forget_cells(self) -> None:
        self._cells = None
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self._forget_cells()

    def paintEvent(self, event: QPaintEvent) -> None:
        ratio = self.devicePixelRatio()
        size = QSize(self.width(), BAR + 2 * ABOVE)
        if self._cells is None or self._cells.size() != size * ratio:
            self._cells = self._paint_cells(size, ratio)
        painter = QPainter(self)
        if event.rect().top() < self._legend_height():
            self._paint_legend(painter)
        painter.drawPixmap(0, self._strip_top() - ABOVE, self._cells)
        offset = CELLS - len(self._marks)
        wide = max(2, self._cell() - GAP)
        self._paint_ends(painter)
        if self.hasFocus():
            self._paint_focus(painter, offset, wide)

    def _paint_cells(self, size: QSize, ratio: float) -> QPixmap:
        """All cells, kept until a block comes: the ages below change each second."""
        picture = QPixmap(size * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        offset = CELLS - len(self._marks)
        wide = max(2, self._cell() - GAP)
        cells = {kind: _cell(kind, wide, ratio) for kind in {mark.kind for mark in self._marks}}
        for index, mark in enumerate(self._marks):
            painter.drawPixmap(self._bar_left(index + offset) - ABOVE, 0, cells[mark.kind])
        painter.end()
        return picture

    def _paint_focus(self, painter: QPainter, offset: int, wide: int) -> None:
        painter.setPen(QPen(colour("focus"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if 0 <= self._at < len(self._marks):
            left = self._bar_left(self._at + offset)
            painter.drawRect(QRectF(left - 3, self._strip_top() - 3, wide + 6, BAR + 6))
        else:
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)

    def _paint_legend(self, painter: QPainter) -> None:
        painter.setFont(font(Size.SMALL, 500))
        painter.setPen(colour("t2"))
        line = theme().px(LEGEND)
        middle = QRectF(0, 0, self.width(), line)
        vertical = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(middle, vertical | Qt.AlignmentFlag.AlignLeft, self.accessibleName())
        painter.setFont(font(Size.SMALL))
        right = float(self.width())
        top = line if self._tight else 0
        metrics = painter.fontMetrics()
        for kind, text in reversed(self._legend()):
            width = metrics.horizontalAdvance(text)
            painter.setPen(colour("t2"))
            painter.drawText(QRectF(right - width, top, width + 2, line), vertical, text)
            centre = top + line / 2
            bar = QRectF(right - width - 12, round(centre - 6), 4, 12)
            if kind == "proposed":
                bar.setTop(bar.top() + 4)
            if kind == "missed":
                bar.setBottom(bar.bottom() - 3)
                bar.setTop(bar.top() - 2)
            paint_mark(painter, kind, bar, small=True)
            right -= width + 34

    def _legend(self) -> list[tuple[str, str]]:
        count = Counter(mark.kind for mark in self._marks)
        texts = [
            ("signed", tr("{count} signed")),
            (
                "proposed",
                tr("{count} proposed") if self._tight else tr("{count} proposed and signed"),
            ),
            ("missed", tr("{count} missed")),
        ]
        if count["unknown"]:
            texts.append(("unknown", tr("{count} not known")))
        return [(kind, text.format(count=count[kind])) for kind, text in texts]

    def _ends(self) -> QRectF:
        """The line below the cells: heights and ages of the first and the last."""
        return QRectF(0, self._strip_top() + BAR + BELOW, self.width(), theme().px(18))

    def _paint_ends(self, painter: QPainter) -> None:
        if not self._marks:
            painter.setPen(colour("t3"))
            area = QRectF(0, self._strip_top(), self.width(), BAR)
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, tr("No block known yet"))
            return
        now = time.time()
        painter.setFont(font(Size.SMALL))
        painter.setPen(colour("t3"))
        box = self._ends()
        for mark, side in (
            (self._marks[0], Qt.AlignmentFlag.AlignLeft),
            (self._marks[-1], Qt.AlignmentFlag.AlignRight),
        ):
            age = wording.ago(max(0.0, now - mark.time), exact=True)
            text = f"{wording.number(mark.height)} · {age}"
            painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, text)

    def _told(self, mark: BlockMark) -> str:
        kind = {
            "signed": tr("signed"),
            "proposed": tr("proposed and signed"),
            "missed": tr("missed"),
        }.get(mark.kind, tr("not known: the app was off"))
        return tr("Height {height}, {time}, round {round}: {kind}").format(
            height=wording.number(mark.height),
            time=wording.clock(mark.time, time.time()),
            round=mark.round,
            kind=kind,
        )

    def event(self, event: QEvent) -> bool:
        """Tell the block under the pointer."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = event.pos().x() * CELLS // max(3 * CELLS, self.width())
            index = place - (CELLS - len(self._marks))
            if 0 <= index < len(self._marks):
                QToolTip.showText(event.globalPos(), self._told(self._marks[index]), self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None or not self._marks:
            super().keyPressEvent(event)
            return
        start = self._at if self._at >= 0 else len(self._marks)
        self._at = min(len(self._marks) - 1, max(0, start + step))
        told = self._told(self._marks[self._at])
        self.setAccessibleDescription(told)
        place = self.mapToGlobal(
            QPointF(self._bar_left(self._at + CELLS - len(self._marks)), self._strip_top())
        )
        QToolTip.showText(place.toPoint(), told, self)
        self.update()


def _cell(kind: str, wide: int, ratio: float) -> QPixmap:
    """One cell with room for what reaches beyond its bar; drawn once for all of its kind."""
    picture = QPixmap(round((wide + 2 * ABOVE) * ratio), round((BAR + 2 * ABOVE) * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    paint_mark(painter, kind, QRectF(ABOVE, ABOVE, wide, BAR))
    painter.end()
    return picture


def paint_mark(painter: QPainter, kind: str, bar: QRectF, *, small: bool = False) -> None:
    """Paint one cell: the kinds differ in shape and not only in colour."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    middle = bar.center().x()
    if kind == "signed":
        painter.fillRect(bar, colour("goodfill"))
    elif kind == "proposed":
        painter.fillRect(bar, colour("acc"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("acc"))
        reach, top = (3.2, bar.top() - 4.2) if small else (4.2, bar.top() - 7.5)
        corners = [(middle, top - reach), (middle + reach, top), (middle, top + reach)]
        corners.append((middle - reach, top))
        painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in corners]))
    elif kind == "missed":
        painter.setPen(QPen(colour("badfill"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(bar.adjusted(0, 0, -1, -1))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour("badfill"), 1.3))
        reach, top = (1.9, bar.bottom() + 3.6) if small else (2.1, bar.bottom() + 6.5)
        painter.drawLine(QPointF(middle - reach, top - reach), QPointF(middle + reach, top + reach))
        painter.drawLine(QPointF(middle - reach, top + reach), QPointF(middle + reach, top - reach))
    else:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("t3"))
        painter.drawEllipse(QPointF(middle, bar.bottom() - 1.5), 1.3, 1.3)
