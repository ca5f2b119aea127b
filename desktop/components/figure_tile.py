# SPDX-License-Identifier: Apache-2.0
"""A figure: label, value, one line of context, source and age."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QFrame, QGridLayout, QVBoxLayout, QWidget

from desktop.components.dress import label, put, take_out
from desktop.words import wording
from desktop.words.translation import engine_words, tr
from node_manager.figures import Figure


def source_line(figure: Figure[Any], now: float) -> tuple[str, str]:
    """Source and age of a figure in words, and the tone: "warn" once it is stale."""
    age = figure.age(now)
    source = engine_words(figure.source)
    if age is None:
        return source or tr("no source"), ""
    text = wording.ago(age)
    if figure.stale(now):
        text = tr("stale, {age}").format(age=text)
    return (f"{source} · {text}" if source else text), "warn" if figure.stale(now) else ""


class FigureTile(QFrame):
    """Label, value, context and source; framed as a card, or bare inside one.

    `context_first` puts the context below the value and the source below it; a bare tile in a
    row of figures has only one line below its value.
    """

    def __init__(self, name: str, *, framed: bool = True) -> None:
        super().__init__()
        self._framed = framed
        if framed:
            self.setProperty("kind", "card")
        self._name = label(name, "label", wrap=framed)
        self._value = label("", "figure", wrap=framed)
        self._context = label("", "note", wrap=framed)
        self._source = label("", "source", wrap=framed)
        if not framed:
            self._source.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*((12, 10, 10, 10) if framed else (0, 0, 0, 0)))
        layout.setSpacing(0)
        layout.addWidget(self._name)
        layout.addWidget(self._value)
        layout.addSpacing(4 if framed else 0)
        layout.addWidget(self._context)
        if framed:
            layout.addStretch(1)
            layout.addSpacing(6)
            layout.addWidget(self._source)

    def wrap(self, *, on: bool) -> None:
        """Let the texts of a bare tile take more lines."""
        for part in (self._name, self._value, self._context):
            part.setWordWrap(on)
            part.setMinimumWidth(int(on))

    def rename(self, name: str) -> None:
        """Give the tile another label."""
        self._name.setText(name)

    def show_value(
        self, value: str | None, context: str = "", source: str = "", source_tone: str = ""
    ) -> None:
        """Show a value; None reads "unknown" and the context says why."""
        self._value.setText(tr("unknown") if value is None else value)
        put(self._value, "kind", "figure-unknown" if value is None else "figure")
        if self._framed:
            self._context.setText(context)
            self._source.setText(source)
            put(self._source, "tone", source_tone)
        else:
            parts = (context, source) if value is not None or not context else (context,)
            self._context.setText(" · ".join(filter(None, parts)))
            put(self._context, "tone", source_tone)
        self.setAccessibleName(
            ", ".join(filter(None, (self._name.text(), self._value.text(), context, source)))
        )

    def show_figure(self, figure: Figure[Any], value: str | None, context: str, now: float) -> None:
        """Show `value` made of `figure`, with the figure's own source, age and reason."""
        source, tone = source_line(figure, now)
        if figure.current(now) is None:
            value, context = None, engine_words(figure.why) or context
        self.show_value(value, context, source, tone)


class Tiles(QWidget):
    """Tiles in so many columns."""

    def __init__(self, tiles: Sequence[QWidget], *, columns: int, gap: int) -> None:
        super().__init__()
        self._tiles, self._columns = list(tiles), 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(gap)
        self.arrange(columns=columns)

    def arrange(self, *, columns: int) -> None:
        """Lay the tiles out anew."""
        if columns == self._columns:
            return
        self._columns = columns
        take_out(self._grid)
        for place, tile in enumerate(self._tiles):
            self._grid.addWidget(tile, place // columns, place % columns)
        for column in range(len(self._tiles)):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)


def spread(tiles: list[QWidget]) -> None:
    """Let the tiles of a row share its width evenly, whatever their texts."""
    for tile in tiles:
        tile.setMinimumWidth(1)
        policy = tile.sizePolicy()
        policy.setHorizontalPolicy(policy.Policy.Ignored)
        tile.setSizePolicy(policy)
