# SPDX-License-Identifier: Apache-2.0
"""Text whose lines are cut at their ends where there is no room; its tooltip has the whole."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy


class Elided(QLabel):
    """Takes the room that is left beside others."""

    def __init__(self, kind: str, *, middle: bool = False) -> None:
        """`middle` cuts there instead."""
        super().__init__()
        self._where = Qt.TextElideMode.ElideMiddle if middle else Qt.TextElideMode.ElideRight
        self.setProperty("kind", kind)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.whole = ""

    def show_text(self, text: str, hint: str = "") -> None:
        """Show another text; `hint` is the tooltip where it has more to say."""
        if (hint or text) != self.toolTip():
            self.setToolTip(hint or text)
        if text != self.whole:
            self.whole = text
            self._cut()
            # A row may break for it; not for a second more in a line that has room.
            if self.text() != text:
                self.updateGeometry()

    def sizeHint(self) -> QSize:
        # Of several lines the one with the most letters stands for all: to measure is dear.
        longest = max(self.whole.split("\n"), key=len)
        width = self.fontMetrics().horizontalAdvance(longest)
        return QSize(width + 2, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._cut()

    def _cut(self) -> None:
        metrics, width = self.fontMetrics(), self.width()
        lines = [self._fitting(one, metrics, width) for one in self.whole.split("\n")]
        if (text := "\n".join(lines)) != self.text():
            self.setText(text)

    def _fitting(self, text: str, metrics: QFontMetrics, width: int) -> str:
        start, cut, end = text.partition("…")
        if self._where == Qt.TextElideMode.ElideMiddle and cut and end:
            # It is cut already: only further.
            room = width - metrics.horizontalAdvance(end)
            fitting = metrics.elidedText(f"{start}…", Qt.TextElideMode.ElideRight, room)
            return fitting.removesuffix("…") + cut + end
        return metrics.elidedText(text, self._where, width)
