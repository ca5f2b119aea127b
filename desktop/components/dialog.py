# SPDX-License-Identifier: Apache-2.0
"""A dialog as high as its texts need at its width."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from desktop.theme import theme


class Dialog(QDialog):
    """Modal; fill `column`, call `fit` when a part of it came or went."""

    def __init__(self, parent: QWidget | None, title: str, width: int) -> None:
        super().__init__(parent)
        self._width = theme().px(width)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setModal(True)
        self.column = QVBoxLayout(self)
        self.column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        self.column.setContentsMargins(22, 20, 22, 18)
        self.column.setSpacing(6)

    def sizeHint(self) -> QSize:
        return QSize(self._width, self.column.totalHeightForWidth(self._width))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def fit(self) -> None:
        """Take the height that the texts need now."""
        self.column.activate()
        self.resize(self.sizeHint())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.fit()
