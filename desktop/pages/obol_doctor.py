# SPDX-License-Identifier: Apache-2.0
"""Every check of a distributed validator with its result and what to do."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QShowEvent

from desktop import wording
from desktop.components.dress import Card, button, column, label, row
from desktop.components.error_panel import ErrorPanel
from desktop.components.glyph_label import GlyphLabel
from desktop.context import Context
from desktop.doctor.findings import summary
from desktop.doctor.rows import FineCard, MendCard, parted
from desktop.glyphs import Glyph
from desktop.obol.acts import DvActs
from desktop.pages.dv_page import DvPage
from desktop.translation import tr
from node_manager.checks.result import CheckResult, Mend

if TYPE_CHECKING:
    from node_manager.obol.status import DvStatus

AGAIN_AFTER = 60.0
"""Older findings are looked for anew when the page is opened."""


class ObolDoctorPage(DvPage):
    """The findings of the distributed validator that is shown."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, tr("Doctor"))
        self.results: list[CheckResult] = []
        self._acts = DvActs(context, self)
        self._of = ""
        self._checked_at: float | None = None
        self._working = False
        self._age = label("", "note")
        self.again = button(tr("Check again"), self.check, symbol="again")
        self.head.addWidget(self._age)
        self.head.addWidget(self.again)
        self.head.setSpacing(10)
        self._glyph = GlyphLabel(Glyph.UNKNOWN, 24, disc=44)
        self._title = label("", "sentence", wrap=True)
        self._line = label("", "second", wrap=True)
        top = Card(margins=(20, 14, 20, 14))
        words = column(None, self._title, self._line, None, gap=2)
        top.body.addLayout(row(self._glyph, 16, words, gap=0))
        self.trouble = ErrorPanel()
        self.to_mend, self.fine = MendCard(), FineCard()
        self.to_mend.asked.connect(self._on_asked)
        for card in (top, self.trouble, self.to_mend, self.fine):
            self.content.addWidget(card)
        self.content.addStretch(1)
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._checked_at is None or time.time() - self._checked_at > AGAIN_AFTER:
            self.check()

    def render_cluster(self, status: DvStatus, now: float) -> None:
        self.show_subtitle(f"{status.name} · {status.network}")
        if status.cluster_id != self._of:
            self.check()
        self._show_age(now)

    def check(self) -> None:
        """Examine it anew."""
        status = self.shown
        if status is None or not self.context.adapter.is_open:
            return
        if self._working and self._of == status.cluster_id:
            return
        if self._of != status.cluster_id:
            self.results, self._checked_at = [], None
        self._of, self._working = status.cluster_id, True
        self.again.setEnabled(False)
        self._show()
        self.context.adapter.when(
            self.context.engine.dv_examine(self._of), self, self._on_results, self._on_failed
        )

    def _on_results(self, results: Sequence[CheckResult]) -> None:
        self._done()
        self._checked_at = time.time()
        self.trouble.explain(None)
        self.results = list(results)
        self._show()

    def _on_failed(self, reason: Any) -> None:
        self._done()
        self.trouble.explain(reason)

    def _done(self) -> None:
        self._working = False
        self.again.setEnabled(True)

    def _show(self) -> None:
        if self._working and not self.results:
            self._glyph.show_glyph(Glyph.BUSY)
            self._title.setText(tr("Checking."))
            self._line.setText(tr("Computer, keys, programs, beacon nodes and peers."))
        else:
            told = summary(self.results)
            self._glyph.show_glyph(told.glyph)
            self._title.setText(told.title)
            self._line.setText(told.line)
        bad, fine = parted(self.results)
        self.to_mend.show_results(bad)
        self.fine.show_results(fine)
        self._show_age(time.time())

    def _show_age(self, now: float) -> None:
        if self._checked_at is None:
            self._age.setText("")
            return
        age = wording.ago(max(0.0, now - self._checked_at))
        self._age.setText(tr("checked {age}").format(age=age))

    def _on_asked(self, result: CheckResult) -> None:
        if self.shown is not None and result.mend is Mend.MAKE_BACKUP:
            self._acts.back_up(self.shown, everything=result.id == "shares-backup")
