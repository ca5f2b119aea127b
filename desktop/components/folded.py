# SPDX-License-Identifier: Apache-2.0
"""Text that wraps even within a word, such as a hash or an address, where it has no room else."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

BREAK = "\u200b"
"""Takes no room; a line may end there. It is in the text only where a word is too wide."""
_FLAGS = int(Qt.TextFlag.TextWordWrap)


class Folded(QLabel):
    """Kinds and tones are those of `label`."""

    def __init__(self, text: str, kind: str, *, tone: str = "", selectable: bool = False) -> None:
        super().__init__()
        self.setProperty("kind", kind)
        self.setProperty("tone", tone)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setMinimumWidth(1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        if selectable:
            self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.whole = ""
        self.setText(text)

    def setText(self, text: str) -> None:
        self.whole = text
        super().setText(self._at(self.width()))

    def heightForWidth(self, width: int) -> int:
        text = self._at(width)
        if text == self.whole == self.text():
            return super().heightForWidth(width)
        return self.fontMetrics().boundingRect(QRect(0, 0, width, 99999), _FLAGS, text).height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if (text := self._at(self.width())) != self.text():
            super().setText(text)

    def _at(self, width: int) -> str:
        metrics = self.fontMetrics()
        return " ".join(
            BREAK.join(word) if metrics.horizontalAdvance(word) > width else word
            for word in self.whole.split(" ")
        )
