# SPDX-License-Identifier: Apache-2.0
"""Text that wraps even within a word, such as a hash or an address, where it has no room else."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import (
    QClipboard,
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QLabel, QMenu, QSizePolicy

from desktop.words.translation import tr

BREAK = "\u200b"
"""Takes no room; a line may end there. It is in the text only where a word is too wide."""
_FLAGS = int(Qt.TextFlag.TextWordWrap)


class Folded(QLabel):
    """Kinds and tones are those of `label`.

    What is copied from it is the text as it was given: an address with breaks inside is none.
    """

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
        self.setAccessibleName(text)
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

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if self.hasSelectedText() and QGuiApplication.clipboard().supportsSelection():
            self.copy(QClipboard.Mode.Selection)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if not self.hasSelectedText():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("Copy")).triggered.connect(lambda: self.copy())
        menu.popup(event.globalPos())

    def copy(self, mode: QClipboard.Mode = QClipboard.Mode.Clipboard) -> None:
        """Copy what is selected, without the breaks."""
        QGuiApplication.clipboard().setText(self.selectedText().replace(BREAK, ""), mode)

    def _at(self, width: int) -> str:
        metrics = self.fontMetrics()
        return " ".join(
            BREAK.join(word) if metrics.horizontalAdvance(word) > width else word
            for word in self.whole.split(" ")
        )
