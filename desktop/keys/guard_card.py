# SPDX-License-Identifier: Apache-2.0
"""The guard against signing twice: last record, latency, refusals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel

from desktop.components.dress import Card, button, clear, column, label, put, row, rule, tag
from desktop.components.figure_tile import source_line
from desktop.components.flow import flow
from desktop.components.glyph_label import GlyphLabel
from desktop.look.glyphs import Glyph
from desktop.look.icons import icon
from desktop.words import wording
from desktop.words.translation import engine_words, explained, tr
from node_manager.state import NodeStatus, SignerFigures

if TYPE_CHECKING:
    from node_manager.signer.refusals import RefusedRequest

REFUSALS_SHOWN = 6
ELSEWHERE = frozenset({"signs-elsewhere", "key-in-two-places"})
"""Reasons for which a validator ends when another machine has its key: told by us, by the node."""

STEPS = {1: "proposal", 2: "prevote", 3: "precommit"}
"""Steps of the signing record, as CometBFT numbers them (privval/file.go)."""


class GuardCard(Card):
    """Shows what the signer says of itself.

    Signals:
        log_asked: the signer's log is wanted.
    """

    log_asked = Signal()

    def __init__(self) -> None:
        super().__init__(margins=(18, 14, 18, 16), gap=8)
        shield = label()
        shield.setPixmap(icon("shield", "t1").pixmap(18, 18))
        shield.setAccessibleName(tr("Double-sign guard"))
        self._shield = shield
        self._tag = tag("")
        self.body.addLayout(row(shield, label(tr("Double-sign guard"), "heading"), None, self._tag))
        self.body.addWidget(
            label(
                tr(
                    "Signs only what is higher than the last record."
                    " The record is on disk before a signature leaves."
                ),
                "note",
                wrap=True,
            )
        )
        self.body.addSpacing(6)
        self.body.addWidget(label(tr("Last signed"), "label"))
        self._height, self._round, self._step = (
            label("", "figure"),
            label("", "figure"),
            label("", "heading"),
        )
        well = QFrame()
        well.setProperty("kind", "well")
        cells = QHBoxLayout(well)
        cells.setContentsMargins(12, 8, 12, 8)
        cells.setSpacing(12)
        for name, value in (
            (tr("Height"), self._height),
            (tr("Round"), self._round),
            (tr("Step"), self._step),
        ):
            if cells.count():
                cells.addWidget(rule(vertical=True))
            cells.addLayout(column(label(name, "note"), value, None, gap=1), 1)
        self.body.addWidget(well)
        self._source = label("", "source", wrap=True)
        self.body.addWidget(self._source)
        self._other = GlyphLabel(Glyph.UNKNOWN, 14)
        self.other = label("", "note", wrap=True)
        self._other_source = label("", "source", wrap=True)
        self.body.addSpacing(2)
        self.body.addWidget(label(tr("Same key at work elsewhere"), "label"))
        seen = row(self._other, column(self.other, self._other_source))
        seen.setAlignment(self._other, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(seen)
        self.body.addSpacing(4)
        self.body.addWidget(rule())
        self.body.addSpacing(4)
        self._count = label("", "note")
        refused = flow(label(tr("Refused requests"), "label"), None, self._count)
        self.body.addLayout(refused)
        self._last = label("", "body", wrap=True)
        self.body.addWidget(self._last)
        self._list = column(gap=8)
        self.body.addLayout(self._list)
        self.refusals: list[QLabel] = []
        self._listed: list[RefusedRequest] = []
        self.body.addWidget(
            label(
                tr(
                    "A refusal costs one missed block at most. A double signature costs part of"
                    " the bond and the validator."
                ),
                "note",
                wrap=True,
            )
        )
        self.body.addStretch(1)
        self.log = button(tr("Show the log"), self.log_asked.emit, symbol="logs")
        self.body.addLayout(row(self.log, None))

    def show_status(self, status: NodeStatus, now: float) -> None:
        """Show the newest figures of the signer."""
        # Drawn anew at a change of the theme; cheap beside a repaint.
        self._shield.setPixmap(icon("shield", "t1").pixmap(18, 18))
        figures = status.signer.current(now)
        if figures is None:
            self._tag.setText(tr("unknown"))
            put(self._tag, "tone", "t2")
        elif figures.locked:
            self._tag.setText(tr("locked"))
            put(self._tag, "tone", "acc")
        else:
            self._tag.setText(tr("in force"))
            put(self._tag, "tone", "good")
        self._show_record(status, figures, now)
        self._show_other(status, now)
        self._show_refusals(figures)

    def _show_record(self, status: NodeStatus, figures: SignerFigures | None, now: float) -> None:
        source, tone = source_line(status.signer, now)
        values: list[str | None]
        if figures is None:
            values = [None, None, None]
        elif figures.height is None:
            values = [tr("never"), "", ""]
        else:
            step = STEPS.get(figures.step or 0, tr("unknown"))
            values = [wording.number(figures.height), str(figures.round), step]
        for shown, value in zip((self._height, self._round, self._step), values, strict=True):
            shown.setText(tr("unknown") if value is None else value)
        if figures is not None and figures.latency_p50 is not None:
            source += " · " + tr("answers in {time} (median)").format(
                time=wording.latency(figures.latency_p50)
            )
        self._source.setText(source)
        put(self._source, "tone", tone)

    def _show_other(self, status: NodeStatus, now: float) -> None:
        """What the votes on chain, held against the signer's own, tell of other machines."""
        height = status.compared.current(now)
        source, tone = source_line(status.compared, now)
        if status.reason is not None and status.reason.code in ELSEWHERE:
            glyph, words = Glyph.BAD, explained(status.reason)[0]
        elif height is not None:
            glyph = Glyph.GOOD
            words = tr("not seen, votes compared up to height {height}").format(
                height=wording.number(height)
            )
        else:
            glyph = Glyph.UNKNOWN
            words = engine_words(status.compared.why) or tr("unknown")
        self._other.show_glyph(glyph)
        self.other.setText(words)
        self._other_source.setText(source)
        put(self._other_source, "tone", tone)

    def _show_refusals(self, figures: SignerFigures | None) -> None:
        if figures is None:
            self._count.setText(tr("unknown"))
            self._last.setText("")
        elif not figures.refused:
            self._count.setText(tr("none"))
            self._last.setText("")
        else:
            self._count.setText(
                tr("{count} since the signer started").format(count=wording.number(figures.refused))
            )
            self._last.setText(engine_words(figures.refused_last))
        self._last.setVisible(bool(self._last.text()) and not self.refusals)

    def show_refusals(self, refused: Sequence[RefusedRequest], now: float) -> None:
        """List what the signer's log tells of refusals, the newest first."""
        shown = list(refused)[:REFUSALS_SHOWN]
        if shown == self._listed:
            return
        self._listed = shown
        clear(self._list)
        self.refusals = []
        for one in shown:
            what = label(_what(one.code), "body")
            when = label(wording.clock(one.at, now), "note")
            why = label(engine_words(one.why), "note", wrap=True)
            self._list.addLayout(column(flow(what, None, when), why))
            self.refusals.append(why)
        self._last.setVisible(bool(self._last.text()) and not self.refusals)


def _what(code: str) -> str:
    """What the node asked for that the signer does not do, by the name of a `Refusal`."""
    return {
        "DOUBLE_SIGN": tr("Asked again, other content"),
        "REGRESSION": tr("Asked below the record"),
        "WRONG_CHAIN": tr("Asked for another chain"),
        "NO_RECORD": tr("Asked without a record"),
    }.get(code, tr("Not fit to be signed"))
