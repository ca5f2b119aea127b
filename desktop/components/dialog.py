# SPDX-License-Identifier: Apache-2.0
"""A dialog as high as its texts need at its width."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from desktop.theme import theme


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
        self.column = QVBoxLayout(self)
        self.column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        self.column.setContentsMargins(22, 20, 22, 18)
        self.column.setSpacing(6)

    def sizeHint(self) -> QSize:
        needed = self.column.totalHeightForWidth(self._width)
        return QSize(self._width, max(needed, self._least))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def fit(self) -> None:
        """Take the height that the texts need now."""
        self.column.activate()
        self._fitted = self.sizeHint()
        self.resize(self._fitted)

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
