# SPDX-License-Identifier: Apache-2.0
"""The sidebar: validators as cards, pages as rows, so that the two selections differ."""

from __future__ import annotations

from collections.abc import Container
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from desktop.components.choice import tab_to_chosen
from desktop.components.dress import icon_button, label, row, rule, see_through_scroll
from desktop.components.glyph_label import spoken
from desktop.look.glyphs import Glyph, paint_glyph
from desktop.look.icons import paint_icon
from desktop.look.theme import colour, font, theme
from desktop.look.tokens import Size
from desktop.words.translation import tr

if TYPE_CHECKING:
    from desktop.components.node_list import NodeList

WIDTH, GREATEST_WIDTH = 228, 320


class NavRow(QAbstractButton):
    """A page: icon, name, and a badge with the worst glyph and a count."""

    def __init__(self, key: str, title: str, symbol: str) -> None:
        super().__init__()
        self.key = key
        self._symbol = symbol
        self._badge: tuple[Glyph, int] | None = None
        self.setText(title)
        self.setCheckable(True)
        self.setAutoExclusive(True)  # to a screen reader: one of several
        self.setAccessibleName(title)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_badge(self, glyph: Glyph, count: int) -> None:
        """Show a glyph with a count; none at 0."""
        self._badge = (glyph, count) if count else None
        name = self.text()
        if count:
            name = f"{name}, {count} {spoken(glyph)}"
        self.setAccessibleName(name)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(100, theme().px(32))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect())
        if self.isChecked() or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            ground = colour("sel")
            if not self.isChecked():
                ground.setAlphaF(0.5)
            painter.setBrush(ground)
            painter.drawRoundedRect(box, 6, 6)
        if self.hasFocus():
            painter.setPen(QPen(colour("focus"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 6, 6)
        middle = box.center().y()
        mark = theme().px(16)
        symbol = QRectF(10, middle - mark / 2, mark, mark)
        paint_icon(painter, self._symbol, symbol, "acc" if self.isChecked() else "t2")
        painter.setFont(font(Size.BODY, 600 if self.isChecked() else 500))
        painter.setPen(colour("t1" if self.isChecked() else "t2"))
        painter.drawText(
            box.adjusted(20 + mark, 0, -44, 0), Qt.AlignmentFlag.AlignVCenter, self.text()
        )
        if self._badge is not None:
            glyph, count = self._badge
            painter.setFont(font(Size.SMALL, 500))
            text = str(count)
            width = painter.fontMetrics().horizontalAdvance(text)
            right = box.right() - 10
            painter.drawText(
                QRectF(right - width, 0, width + 2, box.height()),
                Qt.AlignmentFlag.AlignVCenter,
                text,
            )
            paint_glyph(painter, glyph, QRectF(right - width - 20, middle - 7, 14, 14), "sel")


class Sidebar(QWidget):
    """Validators above, pages below, the version at the foot.

    Signals:
        node_chosen: the id of a node.
        page_chosen: the key of a page.
        add_asked: another validator is wanted.
    """

    node_chosen = Signal(str)
    page_chosen = Signal(str)
    add_asked = Signal()

    def __init__(self, pages: list[tuple[str, str, str]], version: str) -> None:
        """`pages` are (key, title, icon)."""
        super().__init__()
        self.setProperty("kind", "side")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._nodes: NodeList | None = None
        self._fit()
        theme().changed.connect(self._fit)
        self._add = icon_button("plus", tr("Add a validator"), self.add_asked.emit)
        self._group = QButtonGroup(self)
        self._rows: dict[str, NavRow] = {}
        side = QWidget()
        self._side = side
        layout = QVBoxLayout(side)
        layout.setContentsMargins(10, 14, 10, 12)
        layout.setSpacing(1)
        layout.addLayout(row(10, label(tr("Validators"), "label"), None, self._add, 2, gap=0))
        self._above = QVBoxLayout()
        layout.addLayout(self._above)
        layout.addSpacing(8)
        layout.addLayout(row(10, rule(), 10, gap=0))
        layout.addSpacing(11)
        for key, title, symbol in pages:
            nav = NavRow(key, title, symbol)
            self._group.addButton(nav)
            self._rows[key] = nav
            nav.clicked.connect(lambda _checked=False, key=key: self.page_chosen.emit(key))
            layout.addWidget(nav)
        tab_to_chosen(self._group)
        layout.addStretch(1)
        self._foot = label(tr("Version {version}").format(version=version), "source", wrap=True)
        layout.addLayout(row(10, self._foot, gap=0))
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self._scroll = see_through_scroll(side)
        outer.addWidget(self._scroll)
        outer.addWidget(_edge())

    def _fit(self) -> None:
        self.setFixedWidth(min(GREATEST_WIDTH, theme().px(WIDTH)))
        self._share_height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_height()
        self._show_marked()

    def _share_height(self) -> None:
        """Give the validators the height that the pages leave; what is too much scrolls."""
        if self._nodes is not None:
            others = self._side.sizeHint().height() - self._nodes.height()
            self._nodes.fit(self.height() - others)

    def _show_marked(self) -> None:
        marked = self._group.checkedButton()
        if marked is not None:
            self._scroll.ensureWidgetVisible(marked, 0, theme().px(16))

    @property
    def nodes(self) -> NodeList:
        """The list of validators; built at the first call, because the first picture has none."""
        if self._nodes is None:
            from desktop.components.node_list import NodeList

            self._nodes = NodeList()
            self._nodes.chosen.connect(self.node_chosen)
            self._nodes.grown.connect(self._share_height)
            self._above.addWidget(self._nodes)
            self.setTabOrder(self._add, self._nodes)
        return self._nodes

    def mark_page(self, key: str) -> None:
        """Show which page is open."""
        if key in self._rows:
            self._rows[key].setChecked(True)
            self._show_marked()

    def offer(self, keys: Container[str]) -> None:
        """Show the rows of these pages only."""
        for key, nav in self._rows.items():
            nav.setVisible(key in keys)
        self._share_height()

    def show_badge(self, key: str, glyph: Glyph, count: int) -> None:
        """Show a badge at a page."""
        self._rows[key].show_badge(glyph, count)

    def show_foot(self, text: str) -> None:
        """Say at the foot which version runs and whether there is a newer one."""
        self._foot.setText(text)


def _edge() -> QWidget:
    edge = rule(vertical=True)
    edge.setProperty("kind", "side-edge")
    return edge
