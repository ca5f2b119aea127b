# SPDX-License-Identifier: Apache-2.0
"""A dialog as high as its texts need at its width; what the screen cannot hold scrolls."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QApplication, QDialog, QVBoxLayout, QWidget

from desktop.components.ground import Scrolled
from desktop.look.theme import theme

MARGINS = (22, 20, 22, 18)
FRAME = 40
"""Pixels left for the title bar that the desktop puts above a dialog."""


class Dialog(QDialog):
    """Modal; fill `column`. It takes a new height whenever a part of it came or went."""

    def __init__(
        self, parent: QWidget | None, title: str, width: int, *, least_height: int = 0
    ) -> None:
        super().__init__(parent)
        self._width, self._least = theme().px(width), theme().px(least_height)
        self._fitted = QSize()
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setModal(True)
        self._scrolled = Scrolled(self._width, MARGINS)
        self.column: QVBoxLayout = self._scrolled.content
        self.column.setSpacing(6)
        outer = QVBoxLayout(self)
        outer.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._scrolled)
        self._scrolled.widget().installEventFilter(self)

    def sizeHint(self) -> QSize:
        room = self.screen().availableGeometry().size()
        width = min(self._width, room.width())
        needed = max(self._scrolled.height_at(width), self._least)
        return QSize(width, min(needed, room.height() - FRAME))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def fit(self) -> None:
        """Take the height that the texts need now."""
        self._scrolled.lay_out()
        self._fitted = self.sizeHint()
        self.resize(self._fitted)
        self._scrolled.lay_out()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What scrolls does not tell the widget around it that its texts need another height."""
        if event.type() == QEvent.Type.LayoutRequest:
            QApplication.postEvent(self, QEvent(QEvent.Type.LayoutRequest))
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        """Fit again once texts that came late are laid out; a size by hand stays otherwise."""
        result = super().event(event)
        asked = event.type() == QEvent.Type.LayoutRequest
        if asked and self.isVisible() and self.sizeHint() != self._fitted:
            self.fit()
        return result

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.fit()
