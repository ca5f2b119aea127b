# SPDX-License-Identifier: Apache-2.0
"""What was found wrong or fine: the sentence, the acts, the rows, and when it was looked at."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QPushButton, QWidget

from desktop.components.dress import Card, button, column, label, lie_or_stand, row
from desktop.components.glyph_label import GlyphLabel
from desktop.components.trouble_bar import TroubleCard
from desktop.doctor.findings import Summary, summary
from desktop.doctor.rows import FineCard, MendCard, parted
from desktop.engine.adapter import EngineAdapter
from desktop.look.glyphs import Glyph
from desktop.look.theme import theme
from desktop.words import wording
from desktop.words.translation import tr
from node_manager.checks.result import CheckResult
from node_manager.explanation import Explanation

AGAIN_AFTER = 60.0
"""Older findings are looked for anew when they come into sight."""


class Findings(QWidget):
    """The findings of one validator at a time; who owns it says whose and asks for them.

    Signals:
        wanted: somebody asks to look again, or they come into sight and are old.
        asked: the finding whose button was pressed.
        told: the `Summary` of what was found just now.
    """

    wanted = Signal()
    asked = Signal(object)
    told = Signal(object)

    def __init__(self, looked_at: str) -> None:
        """`looked_at` says what is examined, while it is."""
        super().__init__()
        self.results: list[CheckResult] = []
        self.of = ""
        self._looked_at = looked_at
        self._checked_at: float | None = None
        self._asked_at = self._took = 0.0
        self._working = False
        self.age = label("", "note")
        self.again = button(tr("Check again"), self.wanted.emit, symbol="again")
        self._glyph = GlyphLabel(Glyph.UNKNOWN, 24, disc=44)
        self.title = label("", "sentence", wrap=True)
        self.line = label("", "second", wrap=True)
        words = column(None, self.title, self.line, None, gap=2)
        top = Card(margins=(20, 14, 20, 14))
        self._sentence = row(self._glyph, 16, words, gap=0)
        top.body.addLayout(self._sentence)
        self.trouble = TroubleCard()
        self.to_mend, self.fine = MendCard(), FineCard()
        self.to_mend.asked.connect(self.asked)
        self.setLayout(column(top, self.trouble, self.to_mend, self.fine, gap=14))
        again = QShortcut(QKeySequence(QKeySequence.StandardKey.Refresh), self)
        again.activated.connect(self.wanted)
        self._show()

    def add_act(self, act: QPushButton) -> None:
        """Put a button beside the sentence."""
        self._sentence.addSpacing(16)
        self._sentence.addWidget(act)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.old:
            self.wanted.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        lie_or_stand(self._sentence, self.width() / theme().scale)

    @property
    def summary(self) -> Summary:
        """What was found, counted."""
        return summary(self.results)

    @property
    def old(self) -> bool:
        """Whether they are too old to be shown without looking again."""
        return self._checked_at is None or time.time() - self._checked_at > AGAIN_AFTER

    def begins(self, of: str) -> bool:
        """Whether the validator `of` is to be examined now, and not being examined already."""
        if self._working and self.of == of:
            return False
        if self.of != of:
            self.results, self._checked_at = [], None
        self.of, self._working, self._asked_at = of, True, time.time()
        self.again.setEnabled(False)
        self._show()
        return True

    def follow(self, adapter: EngineAdapter, answer: Future[Any]) -> None:
        """Show what `answer` brings, unless another validator is shown by then."""
        of = self.of

        def found(results: Sequence[CheckResult]) -> None:
            if of == self.of:
                self._on_results(results)

        def failed(reason: Explanation) -> None:
            if of == self.of:
                self._on_failed(reason)

        adapter.when(answer, self, found, failed)

    def _on_results(self, results: Sequence[CheckResult]) -> None:
        self._done()
        self._checked_at = time.time()
        self._took = self._checked_at - self._asked_at
        self.trouble.explain(None)
        self.results = list(results)
        self._show()
        self.told.emit(self.summary)

    def _on_failed(self, reason: Explanation) -> None:
        self._done()
        self.trouble.explain(reason)
        self._show()

    def _done(self) -> None:
        self._working = False
        self.again.setEnabled(True)

    def _show(self) -> None:
        if self._working and not self.results:
            glyph, title, line = Glyph.BUSY, tr("Checking."), self._looked_at
        else:
            told = self.summary
            glyph, title, line = told.glyph, told.title, told.line
        self._glyph.show_glyph(glyph)
        self.title.setText(title)
        self.line.setText(line)
        bad, fine = parted(self.results)
        self.to_mend.show_results(bad)
        self.fine.show_results(fine)
        self.show_age(time.time())

    def show_age(self, now: float) -> None:
        """Say how long ago it was looked at, and how long that took."""
        if self._checked_at is None:
            self.age.setText("")
            return
        self.age.setText(
            tr("checked {age}, took {time}").format(
                age=wording.ago(max(0.0, now - self._checked_at)),
                time=wording.latency(self._took),
            )
        )
