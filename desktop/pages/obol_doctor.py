# SPDX-License-Identifier: Apache-2.0
"""Every check of a distributed validator with its result and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.components.findings import Findings
from desktop.context import Context
from desktop.doctor.bundle_button import bundle_button
from desktop.obol.acts import DvActs
from desktop.pages.dv_page import DvPage
from desktop.words.translation import tr
from node_manager.checks.result import CheckResult, Mend

if TYPE_CHECKING:
    from node_manager.obol.status import DvStatus


class ObolDoctorPage(DvPage):
    """The findings of the distributed validator that is shown."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, tr("Doctor"))
        self._acts = DvActs(context, self)
        self.findings = Findings(tr("Computer, keys, programs, beacon nodes and peers."))
        self.findings.wanted.connect(self.check)
        self.findings.asked.connect(self._on_asked)
        self.bundle_button = bundle_button(context, self, self.findings.trouble)
        for part in (self.findings.age, self.bundle_button, self.findings.again):
            self.head.addWidget(part)
        self.head.setSpacing(10)
        self.content.addWidget(self.findings)
        self.content.addStretch(1)

    def render_cluster(self, status: DvStatus, now: float) -> None:
        self.show_subtitle(f"{status.name} · {status.network}")
        if status.cluster_id != self.findings.of:
            self.check()
        self.findings.show_age(now)

    def check(self) -> None:
        """Examine it anew."""
        status, adapter = self.shown, self.context.adapter
        if status is not None and adapter.is_open and self.findings.begins(status.cluster_id):
            self.findings.follow(adapter, self.context.engine.dv_examine(status.cluster_id))

    def _on_asked(self, result: CheckResult) -> None:
        if self.shown is None or result.mend is None:
            return
        if result.mend is Mend.MAKE_BACKUP:
            self._acts.back_up(self.shown, everything=result.id == "shares-backup")
            return
        engine, trouble = self.context.engine, self.findings.trouble
        self.context.adapter.when(
            engine.dv_mend(self.shown.cluster_id, result.mend),
            self,
            lambda _nothing: self.check(),
            trouble.explain,
        )
