# SPDX-License-Identifier: Apache-2.0
"""The operators of a cluster: what each has signed, and what charon reports of its node."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from desktop.components.dress import Card, clear, label, row, rule, tag
from desktop.components.figure_tile import source_line
from desktop.components.glyph_label import GlyphLabel
from desktop.look.glyphs import Glyph
from desktop.look.theme import theme
from desktop.obol.naming import short_address
from desktop.words import wording
from desktop.words.translation import engine_words, tr
from node_manager.figures import Figure
from node_manager.obol.alerts import CLOCK_SECONDS, PING_SECONDS
from node_manager.obol.status import DvStage, DvStatus, OperatorRow

ROW, NARROW = 38, 520


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: words, perhaps a glyph before them, perhaps a tone."""

    text: str
    glyph: Glyph | None = None
    tone: str = ""
    mono: bool = False
    tip: str = ""
    you: bool = False
    right: bool = False
    wraps: bool = False


class OperatorsCard(Card):
    """A table with a row for each operator, or with a block for each where there is little room."""

    def __init__(self) -> None:
        super().__init__(margins=(0, 10, 0, 0), gap=4)
        self._source = label("", "source")
        self.body.addLayout(
            row(16, label(tr("Operators"), "heading", wrap=True), None, self._source, 16, gap=0)
        )
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(0)
        self._grid.setVerticalSpacing(0)
        self.body.addLayout(self._grid)
        self.table: list[list[Cell]] = []
        self._narrow = False
        self.setAccessibleName(tr("Operators"))

    def show_status(self, status: DvStatus, now: float) -> None:
        """Show the newest rows; hidden while nobody is known."""
        self.setVisible(bool(status.operators))
        if not status.operators:
            return
        table = [_heads(status), *(operator_cells(one, status, now) for one in status.operators)]
        self._source.setText(_source(status, now))
        if table != self.table:
            self.table = table
            self._fill()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() / theme().scale < NARROW
        if narrow is not self._narrow and self.table:
            self._narrow = narrow
            self._fill()

    def _fill(self) -> None:
        clear(self._grid)
        if self._narrow:
            self._fill_blocks()
            return
        last = len(self.table[0]) - 1
        for line, cells in enumerate(self.table):
            if line:
                self._grid.addWidget(rule(), 2 * line - 1, 0, 1, len(cells))
            for place, cell in enumerate(cells):
                holder = _holder(cell, head=not line, first=place == 0, last=place == last)
                self._grid.addWidget(holder, 2 * line, place)
        for place in range(last + 1):
            self._grid.setColumnStretch(place, 3 if place < 3 else 2)

    def _fill_blocks(self) -> None:
        heads, *rows = self.table
        line = 0
        for cells in rows:
            self._grid.addWidget(rule(), line, 0, 1, 2)
            for head, cell in zip(heads, cells, strict=True):
                line += 1
                name = _holder(replace(head, right=False), head=True, first=True, last=False)
                value = _holder(replace(cell, right=False), head=False, first=False, last=True)
                self._grid.addWidget(name, line, 0)
                self._grid.addWidget(value, line, 1)
            line += 1
        for place in range(len(heads)):
            self._grid.setColumnStretch(place, int(place == 1))


def _running(status: DvStatus) -> bool:
    """Whether charon tells of the other nodes; everybody has signed by then."""
    return status.stage in (DvStage.RUNNING, DvStage.STARTING)


def _heads(status: DvStatus) -> list[Cell]:
    if not _running(status):
        last = tr("Connected") if status.ceremony is not None else tr("Missing")
        return [Cell(tr("Operator")), Cell(tr("Signed")), Cell(last)]
    names = (tr("Ping"), tr("Version"), tr("Clock"), tr("Duties"))
    return [
        Cell(tr("Operator")),
        Cell(tr("Connected")),
        *(Cell(name, right=True) for name in names),
    ]


def operator_cells(one: OperatorRow, status: DvStatus, now: float) -> list[Cell]:
    """One row; what charon does not report reads unknown."""
    name = short_address(one.address) or tr("no address yet")
    who = Cell(name, mono=True, tip=one.address, you=one.ours)
    if not _running(status):
        if status.ceremony is not None:
            return [who, _signed(one), _connected(one, running=False)]
        missing = ", ".join(map(engine_words, one.missing))
        lacks = Cell(missing or tr("nothing"), tone="" if missing else "t2", wraps=True)
        return [who, _signed(one), lacks]
    share = one.participation.current(now)
    text = tr("unknown") if share is None else wording.percent(share)
    return [
        who,
        _connected(one, running=True),
        _ping(one, now),
        _version(one, status),
        _clock(one, now),
        Cell(text, tone="t2" if share is None else "", right=True),
    ]


def _signed(one: OperatorRow) -> Cell:
    if one.signed:
        return Cell(tr("ENR and terms"), Glyph.GOOD)
    if not one.enr_ready:
        return Cell(tr("not yet"), Glyph.WAITING, tip=", ".join(map(engine_words, one.missing)))
    missing = ", ".join(map(engine_words, one.missing))
    return Cell(tr("ENR only"), Glyph.WAITING, tip=tr("Missing: {what}").format(what=missing))


def _connected(one: OperatorRow, *, running: bool) -> Cell:
    if one.ours:
        return Cell(tr("this computer"), Glyph.GOOD)
    if one.connected is None:
        return Cell(tr("unknown"), tone="t2")
    if one.connected:
        return Cell(tr("yes"), Glyph.GOOD)
    return Cell(tr("no answer"), Glyph.WARN) if running else Cell(tr("not yet"), Glyph.WAITING)


def _ping(one: OperatorRow, now: float) -> Cell:
    if one.ours:
        return Cell("–", tone="t2", right=True)
    value = one.ping.current(now)
    if value is None:
        return Cell(tr("unknown"), tone="t2", right=True)
    if value > PING_SECONDS:
        text = tr("{time}, slow").format(time=wording.latency(value))
        return Cell(text, Glyph.WARN, "warn", right=True)
    return Cell(wording.latency(value), right=True)


def _version(one: OperatorRow, status: DvStatus) -> Cell:
    version = one.version or (status.charon_version if one.ours else "")
    if not version:
        return Cell(tr("unknown"), tone="t2", right=True)
    return Cell(version.removeprefix("v"), right=True)


def _clock(one: OperatorRow, now: float) -> Cell:
    value = one.clock_offset.current(now)
    if value is None:
        return Cell("–" if one.ours else tr("unknown"), tone="t2", right=True)
    sign = "+" if value >= 0 else "−"
    text = f"{sign}{wording.latency(abs(value))}"
    if abs(value) > CLOCK_SECONDS:
        return Cell(tr("{offset}, too far").format(offset=text), Glyph.WARN, "warn", right=True)
    return Cell(text, right=True)


def _source(status: DvStatus, now: float) -> str:
    figures: list[Figure[float]] = [one.ping for one in status.operators]
    newest = max(
        (figure for figure in figures if figure.at is not None),
        default=None,
        key=lambda figure: figure.at or 0.0,
    )
    if newest is not None:
        return source_line(newest, now)[0]
    if status.stage is DvStage.DKG:
        return tr("charon's log")
    asked = status.wait.asked_at
    if asked is None:
        return tr("the cluster's definition")
    return tr("Obol API · {age}").format(age=wording.ago(now - asked))


def _holder(cell: Cell, *, head: bool, first: bool, last: bool) -> QWidget:
    holder = QFrame()
    kind = "label" if head else "mono" if cell.mono else "body"
    text = label(cell.text, kind, tone=cell.tone, wrap=cell.wraps)
    text.setToolTip(cell.tip)
    parts: list[QWidget | int | None] = [16 if first else 8]
    if cell.right:
        parts.append(None)
    glyph = None if cell.glyph is None else GlyphLabel(cell.glyph, 14)
    if cell.mono:
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if glyph is not None and not cell.right:
        parts += [glyph, 8]
    parts.append(text)
    if glyph is not None and cell.right:
        parts += [6, glyph]
    if cell.you:
        parts += [10, tag(tr("you"), "acc")]
    if not cell.right and not cell.wraps:
        parts.append(None)
    parts.append(16 if last else 8)
    holder.setLayout(row(*parts, gap=0))
    holder.setMinimumHeight(theme().px(28 if head else ROW))
    return holder
