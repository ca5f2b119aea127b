# SPDX-License-Identifier: Apache-2.0
"""The alerts that stand, with their ways out, and those that are over."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from desktop.alerts.ways import way_of
from desktop.components.dress import Card, button, clear, column, label, put, row, rule
from desktop.components.flow import flow
from desktop.components.glyph_label import GlyphLabel, spoken
from desktop.look.glyphs import Glyph
from desktop.look.theme import theme
from desktop.words import wording
from desktop.words.translation import engine_words, explained, tr
from node_manager.alerts.alert import TITLES, Alert

if TYPE_CHECKING:
    from node_manager.alerts.past import PastAlert

TIME_WIDTH = 190
TIGHT = 520
"""Narrower than this at the usual size of text, the buttons come below the words."""

PAST_SHOWN = 50


def glyph_of(alert: Alert) -> Glyph:
    """Octagon for what costs money, triangle for the rest."""
    return Glyph.BAD if alert.urgent else Glyph.WARN


class StandingRow(QWidget):
    """One alert that stands.

    Signals:
        way_asked: its way out is wanted.
        silence_asked: whether its kind shall be silent from now on.
    """

    way_asked = Signal(object)
    silence_asked = Signal(object, bool)

    def __init__(self, alert: Alert, *, silenced: bool) -> None:
        super().__init__()
        self.alert = alert
        what, why, todo = explained(alert.explanation)
        words = label(what, "heading", wrap=True)
        cause = label(" ".join(filter(None, (why, todo))), "second", wrap=True)
        cause.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._since = label("", "source", wrap=True)
        text = way_of(alert.kind)[1]
        self.way = button(
            text, lambda: self.way_asked.emit(alert), kind="small", name=f"{what} {text}"
        )
        kind = engine_words(TITLES[alert.kind])
        silence = tr("Call again") if silenced else tr("Silence")
        self.silence = button(
            silence,
            lambda: self.silence_asked.emit(alert, not silenced),
            kind="small",
            name=f"{silence}: {kind}",
        )
        self._silenced = silenced
        told = QWidget()
        told.setLayout(column(words, cause, 3, self._since, gap=2))
        self._acts = QWidget()
        self._acts.setLayout(flow(self.way, 8, self.silence, None, gap=0))
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(16, 11, 14, 11)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(1, 1)
        self._grid.addWidget(GlyphLabel(glyph_of(alert), 20), 0, 0)
        self._grid.addWidget(told, 0, 1)
        self._grid.addWidget(self._acts, 0, 2)
        self._tight = False
        self.setAccessibleName(f"{spoken(glyph_of(alert))}: {what}")
        self.setAccessibleDescription(cause.text())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        tight = self.width() / theme().scale < TIGHT
        if tight is not self._tight:
            self._tight = tight
            self._grid.removeWidget(self._acts)
            self._grid.addWidget(self._acts, *((1, 1) if tight else (0, 2)))

    def show_age(self, now: float) -> None:
        """Say since when it stands."""
        parts = [
            self.alert.moniker,
            tr("since {time}, {age}").format(
                time=wording.clock(self.alert.since, now),
                age=wording.duration(max(0.0, now - self.alert.since)),
            ),
        ]
        if self._silenced:
            parts.append(tr("silenced: nobody is called"))
        self._since.setText(" · ".join(filter(None, parts)))


class StandingCard(Card):
    """All that stand, the urgent ones first.

    Signals:
        way_asked, silence_asked: see `StandingRow`.
    """

    way_asked = Signal(object)
    silence_asked = Signal(object, bool)

    def __init__(self) -> None:
        super().__init__(margins=(1, 1, 1, 1), gap=0)
        self.rows: list[StandingRow] = []
        self._shown: object = None
        self.hide()

    def show_alerts(self, alerts: Sequence[Alert], silenced: Collection[str], now: float) -> None:
        """Show these alerts."""
        shown = (list(alerts), sorted(silenced))
        if shown != self._shown:
            self._shown = shown
            clear(self.body)
            self.rows = []
            for alert in alerts:
                if self.rows:
                    self.body.addWidget(rule())
                line = StandingRow(alert, silenced=alert.kind.value in silenced)
                line.way_asked.connect(self.way_asked)
                line.silence_asked.connect(self.silence_asked)
                self.body.addWidget(line)
                self.rows.append(line)
            self.setVisible(bool(alerts))
        for line in self.rows:
            line.show_age(now)


class PastCard(Card):
    """What called in the past, the newest first."""

    def __init__(self) -> None:
        super().__init__(margins=(1, 1, 1, 10), gap=0)
        self.setAccessibleName(tr("Over"))
        self._count = label("", "note")
        heading = QWidget()
        heading.setLayout(row(16, label(tr("Over"), "heading"), None, self._count, 16, gap=0))
        heading.setMinimumHeight(theme().px(33))
        self.body.addWidget(heading)
        self.body.addWidget(rule())
        self._list = column(gap=2)
        self._list.setContentsMargins(16, 8, 16, 0)
        self.body.addLayout(self._list)
        self.lines: list[QLabel] = []
        self._shown: list[PastAlert] | None = None

    def show_past(self, past: Sequence[PastAlert] | None, now: float) -> None:
        """Show these; None while they are not known."""
        self.setVisible(past is not None)
        if past is None:
            return
        if self._shown == list(past):
            return
        self._shown = list(past)
        clear(self._list)
        self.lines = []
        count = len(past)
        text = tr("the newest {shown} of {count}").format(
            shown=PAST_SHOWN, count=wording.number(count)
        )
        self._count.setText(text if count > PAST_SHOWN else "")
        for alert in past[:PAST_SHOWN]:
            self._list.addWidget(self._line(alert, now))
        if not past:
            self._list.addWidget(label(tr("none yet"), "second"))

    def _line(self, alert: PastAlert, now: float) -> QWidget:
        told = tr("{time}, for {duration}") if alert.end_known else tr("{time}, last seen {seen}")
        when = label(
            told.format(
                time=wording.clock(alert.since, now),
                duration=wording.duration(alert.until - alert.since, exact=True),
                seen=wording.clock(alert.until, now),
            ),
            "note",
            wrap=True,
        )
        if not alert.end_known:
            when.setToolTip(
                tr(
                    "It stood when the app ended and was gone at the next start: when it ended is"
                    " unknown."
                )
            )
        when.setFixedWidth(theme().px(TIME_WIDTH))
        what = explained(alert.explanation)[0]
        words = label(f"{alert.moniker}: {what}" if alert.moniker else what, "body", wrap=True)
        self.lines.append(words)
        silent = label("" if alert.notified else tr("nobody was called"), "source")
        put(silent, "tone", "t3")
        line = QWidget()
        layout = flow(when, 12, words, 12, silent, gap=0)
        layout.setStretch(2, 1)
        line.setLayout(layout)
        line.setMinimumHeight(theme().px(28))
        line.setAccessibleName(f"{when.text()}: {words.text()}")
        return line
