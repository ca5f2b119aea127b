# SPDX-License-Identifier: Apache-2.0
"""Check boxes and radio buttons in the colours of the theme, visible in both."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QCheckBox,
    QRadioButton,
    QSizePolicy,
)

from desktop.look.glyphs import polyline, stroke
from desktop.look.theme import colour, theme

MARK, GAP, LEAST = 16, 9, 28
NARROWEST = 150
"""Pixels of the concept that a text has at least before it is wrapped."""
_FLAGS = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextShowMnemonic | Qt.TextFlag.TextWordWrap


def tab_to_chosen(group: QButtonGroup) -> None:
    """Let Tab lead to the chosen button of a group, whoever chose it; arrow keys go on from there.

    Qt itself leads to the one that had the keyboard last.
    """

    def on_toggled(chosen: QAbstractButton, on: bool) -> None:
        for one in group.buttons() if on else ():
            one.setFocusPolicy(
                Qt.FocusPolicy.StrongFocus if one is chosen else Qt.FocusPolicy.ClickFocus
            )

    group.buttonToggled.connect(on_toggled)
    if (chosen := group.checkedButton()) is not None:
        on_toggled(chosen, True)


class _Choice:
    """What a check box and a radio button have in common; the mark is each one's own."""

    ring_radius: float | None = None
    """Of the corners of the ring of the keyboard; None makes it round."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    def sizeHint(self) -> QSize:
        return self._size()

    def minimumSizeHint(self) -> QSize:
        return self._size(theme().px(NARROWEST))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return max(theme().px(LEAST), self._text_height(width) + 8)

    def hitButton(self, _place: object) -> bool:
        return True

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = self._box()
        self.paint_mark(painter, box)
        painter.setPen(colour("t1" if self.isEnabled() else "t3"))
        left = box.right() + GAP
        painter.drawText(QRectF(left, 0, self.width() - left, self.height()), _FLAGS, self.text())
        if self.hasFocus():
            painter.setPen(QPen(colour("focus"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            ring = box.adjusted(-2.5, -2.5, 2.5, 2.5)
            radius = self.ring_radius or ring.height() / 2
            painter.drawRoundedRect(ring, radius, radius)

    def _size(self, greatest: int | None = None) -> QSize:
        """On one line, or wrapped at `greatest` pixels."""
        metrics = self.fontMetrics()
        text = metrics.horizontalAdvance(self.text())
        width = theme().px(MARK) + GAP + (text if greatest is None else min(text, greatest)) + 6
        return QSize(width, max(theme().px(LEAST), metrics.height() + 8))

    def _text_height(self, width: int) -> int:
        metrics, room = self.fontMetrics(), width - theme().px(MARK) - GAP - 3
        box = metrics.boundingRect(QRect(0, 0, max(1, room), 9999), _FLAGS.value, self.text())
        return max(metrics.height(), box.height())

    def _box(self) -> QRectF:
        """Beside the first line of the text."""
        side = theme().px(MARK)
        above = (self.height() - self._text_height(self.width())) / 2
        return QRectF(3, above + (self.fontMetrics().height() - side) / 2, side, side)


class Check(_Choice, QCheckBox):
    """A check box whose text wraps where there is little room."""

    ring_radius = 5

    def paint_mark(self, painter: QPainter, box: QRectF) -> None:
        filled = self.isChecked() and self.isEnabled()
        painter.setPen(QPen(colour("accfill" if filled else "ctl"), 1.3))
        painter.setBrush(colour("accfill" if filled else "surface"))
        painter.drawRoundedRect(box.adjusted(0.7, 0.7, -0.7, -0.7), 3.5, 3.5)
        if self.isChecked():
            painter.save()
            painter.translate(box.topLeft())
            painter.scale(box.width() / 16, box.height() / 16)
            stroke(painter, colour("on_acc" if filled else "t3"), 2)
            polyline(painter, (4.4, 8.2), (7, 10.8), (11.8, 5.4))
            painter.restore()


class Radio(_Choice, QRadioButton):
    """A radio button whose text wraps where there is little room."""

    def paint_mark(self, painter: QPainter, box: QRectF) -> None:
        on = self.isChecked() and self.isEnabled()
        painter.setPen(QPen(colour("accfill" if on else "ctl"), 1.6))
        painter.setBrush(colour("surface"))
        painter.drawEllipse(box.adjusted(0.8, 0.8, -0.8, -0.8))
        if self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour("accfill" if on else "t3"))
            radius = box.width() * 0.28
            painter.drawEllipse(QPointF(box.center()), radius, radius)
