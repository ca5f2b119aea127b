# SPDX-License-Identifier: Apache-2.0
"""A transaction before it is signed or sent: its rows, its risks, and the exact message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QGridLayout, QPlainTextEdit, QVBoxLayout, QWidget

from desktop.components.dress import Card, button, label, row
from desktop.components.folded import Folded
from desktop.look.theme import font, theme
from desktop.look.tokens import Size
from desktop.pages.registration_words import review_rows, risk_words
from desktop.words.translation import tr

if TYPE_CHECKING:
    from bridge.transactions.operating import Operating
    from bridge.transactions.reading import Reading

NAME_WIDTH = 104
TEXT_HEIGHT = 180


class Review(QWidget):
    """All that a transaction does.

    Signals:
        grown: the exact message came or went.
    """

    grown = Signal()

    def __init__(self, reading: Reading, operating: Operating, own_key: str) -> None:
        super().__init__()
        self._reading = reading
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        self.rows = review_rows(reading, operating, own_key)
        card = Card()
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        grid.setColumnMinimumWidth(0, theme().px(NAME_WIDTH))
        grid.setColumnStretch(1, 1)
        top = Qt.AlignmentFlag.AlignTop
        for at, one in enumerate(self.rows):
            value = Folded(one.value, "name", tone=one.tone, selectable=True)
            grid.addWidget(label(one.name, "second"), 2 * at, 0, top)
            grid.addWidget(value, 2 * at, 1)
            if one.note:
                grid.addWidget(label(one.note, "note", tone=one.tone, wrap=True), 2 * at + 1, 1)
        card.body.addLayout(grid)
        layout.addWidget(card)
        if risks := risk_words(reading, operating):
            layout.addWidget(label(risks, "note", tone="warn", wrap=True))
        self.text = QPlainTextEdit(reading.text)
        self.text.setReadOnly(True)
        self.text.setFont(font(Size.SMALL, fixed=True))
        self.text.setFixedHeight(theme().px(TEXT_HEIGHT))
        self.text.setAccessibleName(tr("The exact message"))
        self.text.hide()
        self.show_text = button(tr("Show the exact message"), self._on_show, kind="link")
        self._copy = button(tr("Copy"), self._on_copy, kind="link")
        self._copy.hide()
        layout.addLayout(row(self.show_text, self._copy, None))
        layout.addWidget(self.text)
        told = "\n".join(f"{one.name}: {one.value}. {one.note}" for one in self.rows)
        self.setAccessibleName(tr("What the transaction does"))
        self.setAccessibleDescription(told)

    def _on_show(self) -> None:
        shown = self.text.isHidden()
        self.text.setVisible(shown)
        self._copy.setVisible(shown)
        self.show_text.setText(
            tr("Hide the exact message") if shown else tr("Show the exact message")
        )
        self.grown.emit()

    def _on_copy(self) -> None:
        QApplication.clipboard().setText(self._reading.text)
