# SPDX-License-Identifier: Apache-2.0
""" "What is running": glyph, name, state in words and age, a row each."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QStyle, QStyleOption, QWidget

from desktop.components.dress import Card, column, label, put, row, rule
from desktop.components.glyph_label import GlyphLabel
from desktop.look.glyphs import Glyph, tone


@dataclass(frozen=True, slots=True)
class Part:
    """One row: what it is, how it is, since when; `page` opens at a click."""

    name: str
    glyph: Glyph
    words: str
    age: str
    page: str
    hint: str = ""


class PartRow(QAbstractButton):
    """A row that opens a page by click, Enter or Space.

    Signals:
        opened: the key of the page.
    """

    opened = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._page = ""
        self._glyph = GlyphLabel(Glyph.UNKNOWN, 16)
        self._name = label("", "name")
        self._words = label("", "note", wrap=True)
        self._age = label("", "source")
        self._age.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setLayout(
            row(
                14,
                self._glyph,
                10,
                column(None, row(self._name, None, self._age), self._words, None, gap=0),
                14,
                gap=0,
            )
        )
        self.setMinimumHeight(47)
        self.clicked.connect(lambda: self.opened.emit(self._page))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.MinimumExpanding)

    def show_part(self, part: Part) -> None:
        """Show the state of a part."""
        self._page = part.page
        self._glyph.show_glyph(part.glyph)
        self._name.setText(part.name)
        self._words.setText(part.words)
        put(self._words, "tone", "bad" if tone(part.glyph) == "bad" else "")
        self._age.setText(part.age)
        self.setToolTip(part.hint)
        self.setAccessibleDescription(part.hint)
        self.setAccessibleName(f"{part.name}: {part.words}, {part.age}")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Only what the style sheet says: its parts paint themselves."""
        option = QStyleOption()
        option.initFrom(self)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_Widget, option, QPainter(self), self)


class PartList(Card):
    """The card of parts.

    Signals:
        opened: the key of the page of the row that was chosen.
    """

    opened = Signal(str)

    def __init__(self, title: str, count: int) -> None:
        super().__init__(margins=(1, 1, 1, 1), gap=0)
        heading = QWidget()
        heading.setLayout(row(14, label(title, "heading"), None, gap=0))
        heading.setMinimumHeight(35)
        self.body.addWidget(heading)
        self.rows: list[PartRow] = []
        for _index in range(count):
            self.body.addWidget(rule())
            part_row = PartRow()
            part_row.opened.connect(self.opened)
            self.body.addWidget(part_row, 1)
            self.rows.append(part_row)
        self.setAccessibleName(title)

    def show_parts(self, parts: list[Part]) -> None:
        """Show one part a row."""
        for part_row, part in zip(self.rows, parts, strict=True):
            part_row.show_part(part)
