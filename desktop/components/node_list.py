# SPDX-License-Identifier: Apache-2.0
"""The validators of this computer, as rows that a delegate paints."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from desktop.look.glyphs import Glyph, paint_glyph
from desktop.look.theme import colour, font, theme
from desktop.look.tokens import Size
from desktop.validators import identity, name_of, place_of, said_of
from desktop.words.translation import tr

if TYPE_CHECKING:
    from desktop.validators import AnyStatus

Index = QModelIndex | QPersistentModelIndex

STATUS = Qt.ItemDataRole.UserRole
GLYPH = Qt.ItemDataRole.UserRole + 1
SHORT = Qt.ItemDataRole.UserRole + 2


class NodeModel(QAbstractListModel):
    """Statuses in the order of their making."""

    def __init__(self) -> None:
        super().__init__()
        self._statuses: list[AnyStatus] = []
        self._told: dict[str, str] = {}

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._statuses)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        status = self._statuses[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return name_of(status)
        if role == STATUS:
            return status
        said = said_of(status, time.time())
        if role == GLYPH:
            return said.glyph
        if role == SHORT:
            return said.short
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return f"{name_of(status)}: {said.short} · {place_of(status)}"
        return None

    def take(self, status: AnyStatus) -> int:
        """Put a status in its row, a new one at the end; the row."""
        for row, known in enumerate(self._statuses):
            if identity(known) == identity(status):
                self._statuses[row] = status
                index = self.index(row)
                # A status comes each second; the row says something else now and then.
                told = f"{self.data(index, GLYPH)} {self.data(index, Qt.ItemDataRole.ToolTipRole)}"
                if self._told.get(identity(status)) != told:
                    self._told[identity(status)] = told
                    self.dataChanged.emit(index, index)
                return row
        row = len(self._statuses)
        self.beginInsertRows(QModelIndex(), row, row)
        self._statuses.append(status)
        self.endInsertRows()
        return row

    def drop(self, node_id: str) -> None:
        """Take the row of a node away."""
        for row, known in enumerate(self._statuses):
            if identity(known) == node_id:
                self.beginRemoveRows(QModelIndex(), row, row)
                del self._statuses[row]
                self.endRemoveRows()
                return

    def row_of(self, node_id: str) -> int | None:
        """The row of a node."""
        return next((r for r, s in enumerate(self._statuses) if identity(s) == node_id), None)


class NodeDelegate(QStyledItemDelegate):
    """Two lines: the moniker; the state first, then the network, cut at the right."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(100, theme().px(52) + 4)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        look: Any = option  # its fields are not in the stubs
        box = QRectF(look.rect).adjusted(0.5, 0.5, -0.5, -3.5)
        chosen = bool(look.state & QStyle.StateFlag.State_Selected)
        focused = bool(look.state & QStyle.StateFlag.State_HasFocus)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen or focused:
            pen = QPen(colour("focus"), 2) if focused else QPen(colour("line2"), 1)
            painter.setPen(pen)
            painter.setBrush(colour("surface") if chosen else Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5) if focused else box, 6, 6)
        status: AnyStatus = index.data(STATUS)
        glyph: Glyph = index.data(GLYPH)
        px = theme().px
        line, mark = box.height() / 2, px(16)
        paint_glyph(painter, glyph, QRectF(box.left() + 9, box.top() + line - px(16), mark, mark))
        left, width = box.left() + 17 + mark, box.width() - 25 - mark
        painter.setFont(font(Size.BODY, 600))
        painter.setPen(colour("t1"))
        self._line(painter, QRectF(left, box.top() + line - px(17), width, px(18)), name_of(status))
        painter.setFont(font(Size.SMALL))
        painter.setPen(colour("t2"))
        second = f"{index.data(SHORT)} · {place_of(status)}"
        self._line(painter, QRectF(left, box.top() + line, width, px(18)), second)
        painter.restore()

    def _line(self, painter: QPainter, box: QRectF, text: str) -> None:
        cut = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(box.width()))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, cut)


class NodeList(QListView):
    """The list at the left.

    Signals:
        chosen: the id of the node that was selected.
        grown: there are more or fewer rows.
    """

    chosen = Signal(str)
    grown = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.nodes = NodeModel()
        self.setModel(self.nodes)
        self.setItemDelegate(NodeDelegate(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setAutoFillBackground(False)
        self.setProperty("kind", "nodes")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setUniformItemSizes(True)
        self.setAccessibleName(tr("Validators"))
        self.selectionModel().currentChanged.connect(self._on_current)

    def take(self, status: AnyStatus) -> None:
        """Show the newest status of a node; the first one is selected."""
        before = self.nodes.rowCount()
        row = self.nodes.take(status)
        if self.nodes.rowCount() != before:
            self.grown.emit()
        if not self.currentIndex().isValid():
            self.setCurrentIndex(self.nodes.index(row))

    def drop(self, node_id: str) -> None:
        """Take a node away."""
        self.nodes.drop(node_id)
        self.grown.emit()

    def choose(self, node_id: str) -> None:
        """Select a node."""
        row = self.nodes.row_of(node_id)
        if row is not None:
            self.setCurrentIndex(self.nodes.index(row))
            self.scrollTo(self.nodes.index(row))

    def fit(self, room: int) -> None:
        """As high as its rows, up to five and to `room` pixels, at least two; more scroll."""
        line = theme().px(52) + 4
        most = max(2, min(5, room // line))
        self.setFixedHeight(min(most, self.nodes.rowCount()) * line + 2)
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())

    def _on_current(self, current: QModelIndex, _before: QModelIndex) -> None:
        if current.isValid():
            self.chosen.emit(identity(current.data(STATUS)))
