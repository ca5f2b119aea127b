# SPDX-License-Identifier: Apache-2.0
"""Every check with its result, the mends that a button can do, and the support bundle."""

from __future__ import annotations

from desktop.acts import NodeActs
from desktop.components.dress import button
from desktop.components.findings import Findings
from desktop.context import Context
from desktop.doctor.bundle_button import bundle_button
from desktop.doctor.findings import Summary
from desktop.look.glyphs import Glyph
from desktop.pages.page import Page
from desktop.words import wording
from desktop.words.translation import tr
from node_manager.checks.result import CheckResult, Mend
from node_manager.state import NodeStatus


class DoctorPage(Page):
    """The findings of the node that is shown."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, tr("Doctor"))
        self._acts = NodeActs(context, self)
        self.findings = Findings(tr("Computer, network, node, signer and key are looked at."))
        self.bundle_button = bundle_button(context, self, self.findings.trouble)
        for part in (self.findings.age, self.bundle_button, self.findings.again):
            self.head.addWidget(part)
        self.head.setSpacing(10)
        self.mend_all = button("", self._on_mend_all, kind="primary")
        self.mend_all.hide()
        self.findings.add_act(self.mend_all)
        self.findings.wanted.connect(self.check)
        self.findings.asked.connect(self._on_asked)
        self.findings.told.connect(self._on_told)
        self.content.addWidget(self.findings)
        self.content.addStretch(1)

    def render_status(self, status: NodeStatus, now: float) -> None:
        self.show_subtitle(f"{status.moniker} · {status.chain_id}")
        if status.node_id != self.findings.of:
            self.check()
        self.findings.show_age(now)

    def check(self) -> None:
        """Examine the validator anew."""
        status, adapter = self.status, self.context.adapter
        if status is not None and adapter.is_open and self.findings.begins(status.node_id):
            if not self.findings.results:
                self.mend_all.hide()
            self.findings.follow(adapter, self.context.engine.examine(status.node_id))

    def _on_told(self, told: Summary) -> None:
        count = len(told.safe)
        self.mend_all.setVisible(count > 0)
        text = tr("Mend {count} that need no decision").format(count=wording.number(count))
        self.mend_all.setText(tr("Mend 1 that needs no decision") if count == 1 else text)
        worst = told.glyph if told.to_mend else Glyph.GOOD
        self.context.wishes.to_mend.emit(worst, told.to_mend)

    def _on_mend_all(self) -> None:
        for result in self.findings.summary.safe:
            if result.mend is not None:
                self._mend(result.mend)

    def _mend(self, mend: Mend) -> None:
        self.context.adapter.when(
            self.context.engine.mend(self.findings.of, mend),
            self,
            lambda _nothing: self.check(),
            self.findings.trouble.explain,
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
