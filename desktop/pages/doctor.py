# SPDX-License-Identifier: Apache-2.0
"""Every check with its result, the mends that a button can do, and the support bundle."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent

from desktop import wording
from desktop.acts import NodeActs
from desktop.components.dress import Card, button, column, label, row
from desktop.components.error_panel import ErrorPanel
from desktop.components.glyph_label import GlyphLabel
from desktop.context import Context
from desktop.doctor.findings import summary
from desktop.doctor.rows import FineCard, MendCard, parted
from desktop.glyphs import Glyph
from desktop.pages.page import Page
from desktop.translation import tr
from node_manager.checks.result import CheckResult, Mend
from node_manager.state import NodeStatus

AGAIN_AFTER = 60.0
"""Older findings are looked for anew when the page is opened."""


class DoctorPage(Page):
    """The findings of the node that is shown."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, tr("Doctor"))
        self.results: list[CheckResult] = []
        self._acts = NodeActs(context, self)
        self._of = ""
        self._checked_at: float | None = None
        self._took = 0.0
        self._asked_at = 0.0
        self._working = False
        self._age = label("", "note")
        self.bundle_button = button(tr("Support bundle…"), self._on_bundle)
        self.again = button(tr("Check again"), self.check, symbol="again")
        for part in (self._age, self.bundle_button, self.again):
            self.head.addWidget(part)
        self.head.setSpacing(10)
        self._glyph = GlyphLabel(Glyph.UNKNOWN, 24, disc=44)
        self._title = label("", "sentence", wrap=True)
        self._line = label("", "second", wrap=True)
        self.mend_all = button("", self._on_mend_all, kind="primary")
        words = column(None, self._title, self._line, None, gap=2)
        top = Card(margins=(20, 14, 20, 14))
        top.body.addLayout(row(self._glyph, 16, words, 16, self.mend_all, gap=0))
        self.trouble = ErrorPanel()
        self.to_mend, self.fine = MendCard(), FineCard()
        self.to_mend.asked.connect(self._on_asked)
        for card in (top, self.trouble, self.to_mend, self.fine):
            self.content.addWidget(card)
        self.content.addStretch(1)
        again = QShortcut(QKeySequence(QKeySequence.StandardKey.Refresh), self)
        again.activated.connect(self.check)
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        old = self._checked_at is None or time.time() - self._checked_at > AGAIN_AFTER
        if old:
            self.check()

    def render_status(self, status: NodeStatus, now: float) -> None:
        self.show_subtitle(f"{status.moniker} · {status.chain_id}")
        if status.node_id != self._of:
            self.check()
        self._show_age(now)

    def check(self) -> None:
        """Examine the validator anew."""
        if self.status is None or not self.context.adapter.is_open:
            return
        if self._working and self._of == self.status.node_id:
            return
        if self._of != self.status.node_id:
            self.results, self._checked_at = [], None
        self._of, self._working, self._asked_at = self.status.node_id, True, time.time()
        self.again.setEnabled(False)
        self._show()
        self.context.adapter.when(
            self.context.engine.examine(self._of), self, self._on_results, self._on_failed
        )

    def _on_results(self, results: Sequence[CheckResult]) -> None:
        self._done()
        self._checked_at = time.time()
        self._took = self._checked_at - self._asked_at
        self.trouble.explain(None)
        self.results = list(results)
        self._show()
        told = summary(self.results)
        worst = told.glyph if told.to_mend else Glyph.GOOD
        self.context.wishes.to_mend.emit(worst, told.to_mend)

    def _on_failed(self, reason: Any) -> None:
        self._done()
        self.trouble.explain(reason)

    def _done(self) -> None:
        self._working = False
        self.again.setEnabled(True)

    def _show(self) -> None:
        told = summary(self.results)
        if self._working and not self.results:
            self._glyph.show_glyph(Glyph.BUSY)
            self._title.setText(tr("Checking."))
            self._line.setText(tr("Computer, network, node, signer and key are looked at."))
        else:
            self._glyph.show_glyph(told.glyph)
            self._title.setText(told.title)
            self._line.setText(told.line)
        count = len(told.safe)
        self.mend_all.setVisible(count > 0)
        text = tr("Mend {count} that need no decision").format(count=wording.number(count))
        self.mend_all.setText(tr("Mend 1 that needs no decision") if count == 1 else text)
        bad, fine = parted(self.results)
        self.to_mend.show_results(bad)
        self.fine.show_results(fine)
        self._show_age(time.time())

    def _show_age(self, now: float) -> None:
        if self._checked_at is None:
            self._age.setText("")
            return
        self._age.setText(
            tr("checked {age}, took {time}").format(
                age=wording.ago(max(0.0, now - self._checked_at)),
                time=wording.latency(self._took),
            )
        )

    def _on_mend_all(self) -> None:
        for result in summary(self.results).safe:
            if result.mend is not None:
                self._mend(result.mend)

    def _mend(self, mend: Mend) -> None:
        self.context.adapter.when(
            self.context.engine.mend(self._of, mend),
            self,
            lambda _nothing: self.check(),
            self.trouble.explain,
        )

    def _on_asked(self, result: CheckResult) -> None:
        status = self.status
        if status is None or result.mend is None:
            return
        wishes = self.context.wishes
        match result.mend:
            case Mend.MAKE_BACKUP:
                wishes.backup.emit(status.node_id)
            case Mend.UNLOCK_KEY:
                self._acts.unlock(status.node_id)
            case Mend.CHOOSE_FOLDER:
                wishes.page.emit("settings")
            case Mend.RESTART_NODE:
                self._ask_restart(status)
            case _:
                self._mend(result.mend)

    def _ask_restart(self, status: NodeStatus) -> None:
        from desktop.components.ask import Ask

        ask = Ask(
            self,
            tr("Restart {name}?").format(name=status.moniker),
            tr("It stops and starts again. Blocks made meanwhile are missed."),
            yes=tr("Restart"),
        )
        ask.accepted.connect(lambda: self._mend(Mend.RESTART_NODE))
        ask.open()

    def _on_bundle(self) -> None:
        self.bundle_button.setEnabled(False)
        self.context.adapter.when(
            self.context.engine.support_bundle(), self, self._on_gathered, self._on_not_gathered
        )

    def _on_gathered(self, bundle: Any) -> None:
        from desktop.doctor.bundle_dialog import BundleDialog

        self.bundle_button.setEnabled(True)
        dialog = BundleDialog(self, bundle)
        dialog.open()

    def _on_not_gathered(self, reason: Any) -> None:
        self.bundle_button.setEnabled(True)
        self.trouble.explain(reason)
