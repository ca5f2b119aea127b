# SPDX-License-Identifier: Apache-2.0
"""Rows of findings: those to mend with a button each, the fine ones in two quiet columns."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from desktop.components.dress import Card, button, clear, label, lie_or_stand, row, rule
from desktop.components.glyph_label import GlyphLabel, spoken
from desktop.doctor.findings import GLYPHS, act_of, title_of, words_of
from desktop.look.theme import theme
from desktop.words import wording
from desktop.words.translation import tr
from node_manager.checks.result import CheckResult, CheckState

NAME_WIDTH, FINE_NAME_WIDTH, TWO_COLUMNS = 190, 116, 720


class MendRow(QWidget):
    """One finding with its act.

    Signals:
        asked: the finding whose button was pressed.
    """

    asked = Signal(object)

    def __init__(self, result: CheckResult) -> None:
        super().__init__()
        self.result = result
        glyph = GLYPHS[result.state]
        name = label(title_of(result), "name", wrap=True)
        name.setFixedWidth(theme().px(NAME_WIDTH))
        words = label(words_of(result), "second", wrap=True)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        parts: list[QWidget | int | None] = [16, GlyphLabel(glyph, 16), 12, name, 8, words]
        self.button = None
        if text := act_of(result.mend):
            self.button = button(
                text,
                lambda: self.asked.emit(result),
                kind="small",
                name=f"{title_of(result)}: {text}",
            )
            parts += [12, self.button]
        parts.append(12)
        layout = row(*parts, gap=0)
        layout.setContentsMargins(0, 8, 0, 8)
        self._line = layout
        self.setLayout(layout)
        self.setMinimumHeight(theme().px(46))
        self.setAccessibleName(f"{title_of(result)}: {spoken(glyph)}. {words.text()}")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        lie_or_stand(self._line, self.width() / theme().scale)
        standing = self._line.direction() == self._line.Direction.TopToBottom
        self._line.setContentsMargins(16 if standing else 0, 8, 12 if standing else 0, 8)


class MendCard(Card):
    """What is to be mended or not known, the gravest first.

    Signals:
        asked: the finding whose button was pressed.
    """

    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__(margins=(1, 1, 1, 1), gap=0)
        self.rows: list[MendRow] = []
        self._shown: list[CheckResult] = []
        self.hide()

    def show_results(self, results: Sequence[CheckResult]) -> None:
        """Show these findings; none of them is fine."""
        if list(results) == self._shown:
            return
        self._shown = list(results)
        clear(self.body)
        self.rows = []
        heading = QWidget()
        heading.setLayout(row(16, label(tr("To mend"), "heading"), None, gap=0))
        heading.setMinimumHeight(theme().px(33))
        self.body.addWidget(heading)
        for result in results:
            self.body.addWidget(rule())
            mend = MendRow(result)
            mend.asked.connect(self.asked)
            self.body.addWidget(mend)
            self.rows.append(mend)
        self.setVisible(bool(results))


class _Fine(QWidget):
    """One fine finding."""

    def __init__(self, result: CheckResult) -> None:
        super().__init__()
        name = label(title_of(result), "name", wrap=True)
        name.setFixedWidth(theme().px(FINE_NAME_WIDTH))
        words = label(words_of(result), "second", wrap=True)
        glyph = GlyphLabel(GLYPHS[result.state], 16)
        self.setLayout(row(glyph, 12, name, 6, words, gap=0))
        self.setMinimumHeight(theme().px(34))
        self.setAccessibleName(f"{title_of(result)}: {words.text()}")


class FineCard(Card):
    """What is fine, in as many columns as there is room for."""

    def __init__(self) -> None:
        super().__init__(margins=(1, 1, 1, 8), gap=0)
        self._count = label("", "note")
        heading = QWidget()
        heading.setLayout(row(16, label(tr("Fine"), "heading"), None, self._count, 16, gap=0))
        heading.setMinimumHeight(theme().px(33))
        self.body.addWidget(heading)
        self.body.addWidget(rule())
        self._grid = QGridLayout()
        self._grid.setContentsMargins(16, 6, 16, 2)
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(2)
        self.body.addLayout(self._grid)
        self._shown: list[CheckResult] = []
        self._columns = 0
        self.hide()

    def show_results(self, results: Sequence[CheckResult]) -> None:
        """Show these findings; all of them are fine."""
        self.setVisible(bool(results))
        count = len(results)
        text = tr("{count} checks").format(count=wording.number(count))
        self._count.setText(tr("1 check") if count == 1 else text)
        if list(results) != self._shown:
            self._shown = list(results)
            self._columns = 0
            self._lay_out()

    def _lay_out(self) -> None:
        columns = 2 if self.width() / theme().scale >= TWO_COLUMNS else 1
        if columns == self._columns:
            return
        self._columns = columns
        clear(self._grid)
        lines = (len(self._shown) + columns - 1) // columns
        for place, result in enumerate(self._shown):
            self._grid.addWidget(_Fine(result), place % lines, place // lines)
        for column in range(2):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def minimumSizeHint(self) -> QSize:
        return QSize(100, super().minimumSizeHint().height())


def parted(results: Sequence[CheckResult]) -> tuple[list[CheckResult], list[CheckResult]]:
    """The findings to mend or to find out, and the fine ones."""
    bad = [result for result in results if result.state is not CheckState.OK]
    return bad, [result for result in results if result.state is CheckState.OK]
