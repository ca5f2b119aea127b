# SPDX-License-Identifier: Apache-2.0
"""What scrolls: pages and steps, vertically only, as high as their texts need at their width."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget


class _Ground(QWidget):
    """Its height follows from its width; the hint would reckon texts at their narrowest."""

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)


class Scrolled(QScrollArea):
    """Fill `content`; `margins` are left, top, right, bottom."""

    def __init__(self, greatest_width: int, margins: tuple[int, int, int, int]) -> None:
        super().__init__()
        self._margins = margins
        self.setProperty("kind", "page")
        # Keys that nothing in it takes still scroll it; a stop of its own could not be seen.
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        ground = _Ground()
        ground.setProperty("kind", "page")
        ground.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        holder = QWidget()
        holder.setMaximumWidth(greatest_width)
        self._outer = QHBoxLayout(ground)
        self._outer.setContentsMargins(*margins)
        self._outer.addWidget(holder)
        self.content = QVBoxLayout(holder)
        self.content.setContentsMargins(0, 0, 0, 0)
        self.content.setSpacing(14)
        self.setWidget(ground)

    def height_at(self, width: int) -> int:
        """How high it is at `width` when nothing scrolls."""
        return self._outer.totalHeightForWidth(width)

    def lay_out(self) -> None:
        """Give everything in it its place now, not a turn later."""
        self._outer.activate()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # The scroll bar lies in the margin, so that the content keeps its width.
        left, top, right, bottom = self._margins
        bar = self.width() - self.viewport().width()
        self._outer.setContentsMargins(left, top, max(0, right - bar), bottom)
