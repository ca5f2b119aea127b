# SPDX-License-Identifier: Apache-2.0
"""A row that goes on in the next line where its parts have no room beside each other."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLayout, QLayoutItem, QWidget

from desktop.components.dress import fill
from desktop.look.theme import theme

TEXT = 150
"""Pixels of the concept that a text which wraps wants beside other parts."""
BETWEEN = 8
"""Pixels between lines and the parts of a broken row that names none."""

LIMITLESS = 16777215

Row = list[QLayoutItem]


class Flow(QHBoxLayout):
    """Exactly a `QHBoxLayout` while there is room.

    Broken, a line begins at the left, or ends at the right where the whole row does.
    """

    def __init__(self, *, ends_right: bool = False) -> None:
        super().__init__()
        self._ends_right = ends_right
        self._known: dict[int, list[Row]] = {}

    @property
    def _gap(self) -> int:
        return self.spacing() or BETWEEN

    def invalidate(self) -> None:
        self._known = {}
        super().invalidate()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        rows = self._rows(width)
        margins = self.contentsMargins()
        if not rows:
            if super().hasHeightForWidth():
                return super().heightForWidth(width)
            return super().sizeHint().height()
        inner = width - margins.left() - margins.right()
        heights = sum(self._height(row, inner) for row in rows)
        return margins.top() + heights + self._gap * (len(rows) - 1) + margins.bottom()

    def minimumHeightForWidth(self, width: int) -> int:
        if not self._rows(width) and super().hasHeightForWidth():
            return super().minimumHeightForWidth(width)
        return self.heightForWidth(width)

    def minimumSize(self) -> QSize:
        margins = self.contentsMargins()
        widest = max((item.minimumSize().width() for item in self.parts), default=0)
        width = margins.left() + widest + margins.right()
        return QSize(width, super().minimumSize().height())

    def setGeometry(self, rect: QRect) -> None:
        rows = self._rows(rect.width())
        if not rows:
            super().setGeometry(rect)
            return
        QLayout.setGeometry(self, rect)
        room = rect.marginsRemoved(self.contentsMargins())
        top = room.top()
        for row in rows:
            height = self._height(row, room.width())
            for item, left, width in self._places(row, room.width()):
                item.setGeometry(QRect(room.left() + left, top, width, height))
            top += height + self._gap

    def _items(self) -> Iterator[QLayoutItem]:
        for at in range(self.count()):
            item = self.itemAt(at)
            if item is not None and (item.spacerItem() is not None or not item.isEmpty()):
                yield item

    @property
    def parts(self) -> list[QLayoutItem]:
        """What can be seen of it, spaces left out."""
        return [item for item in self._items() if item.spacerItem() is None]

    def _rows(self, width: int) -> list[Row]:
        """The parts of each line at `width`; none where all have room beside each other."""
        if width not in self._known:
            margins = self.contentsMargins()
            self._known[width] = self._broken(width - margins.left() - margins.right())
        return self._known[width]

    def _broken(self, room: int) -> list[Row]:
        items = [*self._items()]
        gaps = self.spacing() * (len(self.parts) - 1)
        if sum(_wants(item) for item in items) + gaps <= room:
            return []
        rows: list[Row] = []
        used = 0
        for item in self.parts:
            more = _wants(item) + self._gap
            if not rows or used + more > room + self._gap:
                rows.append([])
                used = 0
            rows[-1].append(item)
            used += more
        return rows

    def _places(self, row: Row, room: int) -> Iterator[tuple[QLayoutItem, int, int]]:
        """Each part of a line with its left edge and width."""
        texts = [item for item in row if _yields(item) or _grows(item)]
        widths = [min(room, _wants(item)) for item in row]
        rest = max(0, room - sum(widths) - self._gap * (len(row) - 1))
        left = rest if self._ends_right and not texts else 0
        for item, width in zip(row, widths, strict=True):
            wide = width + rest // len(texts) if item in texts else width
            yield item, left, wide
            left += wide + self._gap

    def _height(self, row: Row, room: int) -> int:
        return max(_height(item, width) for item, _left, width in self._places(row, room))


def _wants(item: QLayoutItem) -> int:
    """The width at which a part can be read."""
    least = item.minimumSize().width()
    if item.spacerItem() is not None:
        return least
    hint = item.sizeHint().width()
    if _yields(item):
        text = theme().px(TEXT)
        # The hint of a text is a shape of many lines, at times a narrow one.
        wraps = item.hasHeightForWidth() and _height(item, hint) > _height(item, LIMITLESS)
        return max(least, text if wraps else min(hint, text))
    return max(least, hint)


def _inside(item: QLayoutItem) -> QLayout | None:
    """The layout of a part; another row that breaks is left whole as long as can be."""
    widget = item.widget()
    return item.layout() if widget is None else widget.layout()


def _yields(item: QLayoutItem) -> bool:
    """Whether a part can do with less than it asks for."""
    whole = isinstance(_inside(item), Flow)
    return not whole and (item.hasHeightForWidth() or _grows(item))


def _grows(item: QLayoutItem) -> bool:
    inside = _inside(item)
    if isinstance(inside, Flow):
        return any(_grows(part) for part in inside.parts)
    return bool(item.expandingDirections() & Qt.Orientation.Horizontal)


def _height(item: QLayoutItem, width: int) -> int:
    if item.hasHeightForWidth():
        return item.heightForWidth(width)
    return item.sizeHint().height()


def flow(*parts: QWidget | QLayout | int | None, gap: int = 8, ends_right: bool = False) -> Flow:
    """A row that breaks, without margins; None stretches, a number is a space in pixels."""
    result = Flow(ends_right=ends_right or (bool(parts) and parts[0] is None))
    fill(result, parts, gap)
    return result
