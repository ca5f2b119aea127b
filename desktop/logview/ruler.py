# SPDX-License-Identifier: Apache-2.0
"""The ruler beside a log: where in the whole file warnings and errors are, and where one looks."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from desktop.look.theme import colour, theme
from desktop.words.translation import tr

WIDTH = 15
WARN, ERROR = 3, 4
LEAST_BOX = 18


class Ruler(QWidget):
    """Marks from top to bottom; a press or drag goes there.

    Signals:
        went: share of the file that was pressed, 0 to 1.
    """

    went = Signal(float)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._marks = b""
        self._top, self._end = 0.0, 1.0
        self.setFixedWidth(theme().px(WIDTH))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(tr("Warnings and errors of the whole log"))
        self.setToolTip(tr("Warnings and errors of the whole log"))

    def show_marks(self, marks: bytes, top: float, end: float) -> None:
        """Show the levels along the file, and the part of it in sight as shares of it."""
        if (marks, top, end) != (self._marks, self._top, self._end):
            self._marks, self._top, self._end = marks, top, end
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), colour("surface"))
        painter.fillRect(0, 0, 1, self.height(), colour("line"))
        width = self.width()
        count = len(self._marks)
        for level, ink, inset, thick in ((WARN, "warnfill", 4, 2), (ERROR, "badfill", 3, 3)):
            drawn = -9
            for place in _places(self._marks, level):
                y = round(place / count * (self.height() - thick))
                if y - drawn >= thick:
                    painter.fillRect(inset, y, width - 2 * inset + 1, thick, colour(ink))
                    drawn = y
        if count and self._end - self._top < 1:
            top, end = self._top * self.height(), self._end * self.height()
            lack = max(0.0, LEAST_BOX - (end - top))
            top = max(1.0, min(top - lack / 2, self.height() - LEAST_BOX - 1))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(colour("t1"), 1.2))
            painter.drawRoundedRect(
                QRectF(2.5, top, width - 4, max(LEAST_BOX, end - top) - 1), 3, 3
            )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.went.emit(max(0.0, min(1.0, event.position().y() / max(1, self.height()))))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        parent = self.parentWidget()
        if parent is not None:
            QApplication.sendEvent(getattr(parent, "viewport", lambda: parent)(), event)


def _places(marks: bytes, level: int) -> list[int]:
    return [place for place, mark in enumerate(marks) if mark == level]
