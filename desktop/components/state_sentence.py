# SPDX-License-Identifier: Apache-2.0
"""The card at the top: one glyph, one sentence, one next thing."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QGridLayout, QSizePolicy, QWidget

from desktop.components.dress import Card, button, column, label, put, row, rule, take_out
from desktop.components.flow import flow
from desktop.components.glyph_label import GlyphLabel
from desktop.look.glyphs import Glyph, tone
from desktop.words.sentences import Act, NextThing, Sentence
from desktop.words.translation import tr

NEXT_WIDTH = 322
"""Width of the part with the next thing, its margins included."""


class StateSentence(Card):
    """Shows a `Sentence` and a `NextThing`.

    Signals:
        acted: the `Act` of the button that was pressed.
    """

    acted = Signal(object)

    def __init__(self) -> None:
        super().__init__(margins=(20, 0, 18, 0), gap=0)
        self._act: StrEnum = Act.NONE
        self._glyph = GlyphLabel(Glyph.UNKNOWN, 24, disc=44)
        self._title = label("", "sentence", wrap=True)
        self._line = label("", "second", wrap=True)
        self._next_label = label(tr("Next thing to do"), "label", tone="t3")
        self._next_title = label("", "heading", wrap=True)
        self._next_reason = label("", "note", wrap=True)
        self._button = button("", self._on_button, kind="primary")
        self._next_part = QWidget()
        words = column(None, self._next_label, self._next_title, self._next_reason, None, gap=2)
        words.setContentsMargins(0, 8, 0, 8)
        beside = flow(words, 12, self._button, gap=0)
        self._next_part.setLayout(row(rule(vertical=True), 18, beside, gap=0))
        self._said = QWidget()
        said = column(14, None, self._title, self._line, None, 14, gap=2)
        self._said.setLayout(row(self._glyph, 16, said, gap=0))
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(0, 1)
        self.body.addLayout(self._grid)
        self._tight: bool | None = None
        self.arrange(tight=False)
        self.setMinimumHeight(88)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    def arrange(self, *, tight: bool) -> None:
        """Put the next thing beside the sentence, or below it where there is little room."""
        if tight is self._tight:
            return
        self._tight = tight
        take_out(self._grid)
        self._grid.addWidget(self._said, 0, 0)
        self._grid.addWidget(self._next_part, *((1, 0) if tight else (0, 1)))
        self._next_part.setMinimumWidth(0 if tight else NEXT_WIDTH)
        self._next_part.setMaximumWidth(16777215 if tight else NEXT_WIDTH)

    def show_sentence(self, sentence: Sentence) -> None:
        """Show a state; a change of its glyph is announced once to a screen reader."""
        if sentence.glyph is not self._glyph.glyph and QApplication.activeWindow() is not None:
            self._announce(sentence)
        self._glyph.show_glyph(sentence.glyph)
        self._title.setText(sentence.title)
        self._line.setText(sentence.line)
        put(self._line, "tone", tone(sentence.glyph) if sentence.cause else "")
        self.setAccessibleName(f"{sentence.title} {sentence.line}")

    def show_next(self, thing: NextThing) -> None:
        """Show the next thing; without a button where there is nothing to press."""
        self._act = thing.act
        self._next_title.setText(thing.title)
        self._next_reason.setText(thing.reason)
        self._next_reason.setVisible(bool(thing.reason))
        self._button.setVisible(bool(thing.button))
        if thing.button:
            self._button.setText(thing.button)
            self._button.setAccessibleName(f"{thing.button} {thing.title}")

    def _announce(self, sentence: Sentence) -> None:
        from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, sentence.title))

    def _on_button(self) -> None:
        if self._act:
            self.acted.emit(self._act)
