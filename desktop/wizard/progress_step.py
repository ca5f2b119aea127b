# SPDX-License-Identifier: Apache-2.0
"""What is being done for the new validator, step by step, with what to do meanwhile."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop.acts import NodeActs
from desktop.components.dress import Card, button, label, lie_or_stand
from desktop.components.error_panel import ErrorPanel
from desktop.components.glyph_label import GlyphLabel
from desktop.components.line_chart import Plot
from desktop.components.step_list import StepList, StepRow
from desktop.context import Context
from desktop.look.glyphs import Glyph
from desktop.look.theme import theme
from desktop.ticker import ticker
from desktop.wizard.draft import Draft
from desktop.wizard.step import Step as WizardStep
from desktop.words import wording
from desktop.words.sentences import wants_ports
from desktop.words.translation import explained, tr
from node_manager.explanation import Explanation
from node_manager.state import NodeState, NodeStatus, Step, StepState

SIDE_WIDTH, LIMITLESS = 252, 16777215


class ProgressStep(WizardStep):
    """Follows one node; closing the window and coming back goes on here."""

    def __init__(self, context: Context, draft: Draft) -> None:
        super().__init__(context, draft, tr("Setting it up."), "")
        self.status: NodeStatus | None = None
        self._glyph = GlyphLabel(Glyph.BAD, 22)
        self._glyph.hide()
        self.before_title.insertWidget(0, self._glyph)
        self.steps = StepList()
        self.steps.again_asked.connect(self._on_again)
        self.steps.file_asked.connect(self._on_file_asked)
        self._plot = Plot(from_zero=True, stepped=False)
        self._plot.setFixedHeight(112)
        self._plot_name = label(tr("Blocks per second"), "note")
        chart = QWidget()
        inner = QVBoxLayout(chart)
        inner.setContentsMargins(49, 0, 18, 12)
        inner.setSpacing(2)
        inner.addWidget(self._plot_name)
        inner.addWidget(self._plot)
        self._chart = chart
        self.steps.body.addWidget(chart)
        self._facts = QGridLayout()
        self._facts.setVerticalSpacing(5)
        self._facts.setColumnMinimumWidth(0, 66)
        self._facts.setColumnStretch(1, 1)
        about = Card(gap=8)
        about.body.addWidget(label(tr("Your validator"), "heading"))
        about.body.addLayout(self._facts)
        self._fact_labels = []
        for line, name in enumerate((tr("Name"), tr("Network"), tr("Program"), tr("Disk free"))):
            value = label("", "note", tone="t1", wrap=True)
            self._facts.addWidget(label(name, "note"), line, 0)
            self._facts.addWidget(value, line, 1)
            self._fact_labels.append(value)
        self._backup = _words_card(
            tr("Use the wait"),
            tr("Your key has no copy yet. If this disk failed, it would be lost for good."),
        )
        self.back_up = button(tr("Back up key…"), self._on_back_up, kind="primary", symbol="backup")
        self._backup.body.addSpacing(6)
        self._backup.body.addWidget(self.back_up, 0, Qt.AlignmentFlag.AlignLeft)
        self._after = _words_card(
            tr("After the sync"),
            tr("Register the validator with your wallet. It can sign only from then on."),
        )
        self._side = QWidget()
        beside = QVBoxLayout(self._side)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(14)
        for card in (about, self._backup, self._after):
            beside.addWidget(card)
        beside.addStretch(1)
        self.trouble = ErrorPanel()
        self.free_ports = self.trouble.add_way(
            tr("Choose free ports"), self._on_free_ports, primary=True
        )
        self._failure = Card(gap=0)
        self._failure.body.addWidget(self.trouble)
        self._failure.hide()
        left = QVBoxLayout()
        left.setSpacing(14)
        left.addWidget(self._failure)
        left.addWidget(self.steps)
        left.addStretch(1)
        self._both = QHBoxLayout()
        self._both.setSpacing(20)
        self._both.addLayout(left, 1)
        self._both.addWidget(self._side)
        self.content.addLayout(self._both)
        self.content.addStretch(1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        lie_or_stand(self._both, self.viewport().width() / theme().scale)
        lies = self._both.direction() == QHBoxLayout.Direction.LeftToRight
        self._side.setMinimumWidth(SIDE_WIDTH if lies else 0)
        self._side.setMaximumWidth(SIDE_WIDTH if lies else LIMITLESS)

    def show_node(self, status: NodeStatus) -> None:
        """Show the newest status of the node that is being set up."""
        self.status = status
        if self.isVisible():
            self._render(time.time())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        ticker().add(self, self._render)
        QTimer.singleShot(0, lambda: self._render(time.time()))

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        ticker().remove(self)

    def _render(self, now: float) -> None:
        status = self.status
        if status is None:
            return
        failed = next((step for step in status.steps if step.state is StepState.FAILED), None)
        self._glyph.setVisible(failed is not None)
        beside_steps = failed is None and status.state is NodeState.FAILED
        self.trouble.explain(status.reason if beside_steps else None)
        self._failure.setVisible(beside_steps and status.reason is not None)
        self.free_ports.setVisible(status.reason is not None and wants_ports(status.reason))
        title, line = self._heading(status, now)
        self.title.setText(title)
        self.line.setText(line)
        self.steps.show_steps(status.steps)
        history = self.context.adapter.histories.get(status.node_id)
        syncing = status.state is NodeState.SYNCING and history is not None
        self._chart.setVisible(syncing)
        if history is not None:
            points = [("", history.series("blocks per second"))]
            self._plot.show_series(points, now, lambda value: wording.decimal(value, 0))
        free = status.usage.disk_free.current(now)
        program = " ".join(filter(None, (status.program, status.version)))
        values = (
            status.moniker,
            status.chain_id,
            program or tr("unknown"),
            tr("unknown") if free is None else wording.size(free),
        )
        for shown, value in zip(self._fact_labels, values, strict=True):
            shown.setText(value)
        self._backup.setVisible(
            status.consensus_pubkey is not None and status.backup_verified_at is None
        )
        self._after.setVisible(failed is None)
        self.readiness.emit()

    def _heading(self, status: NodeStatus, now: float) -> tuple[str, str]:
        failed = next((step for step in status.steps if step.state is StepState.FAILED), None)
        if failed is not None or status.state is NodeState.FAILED:
            reason = (failed.reason if failed is not None else None) or status.reason
            what = explained(reason)[0] if reason is not None else tr("the reason is unknown.")
            line = tr("The key is safe; nothing is signed.")
            if status.consensus_pubkey is None:
                line = tr("Nothing was run. No key exists yet, so nothing is at risk.")
            return tr("Stopped: {what}").format(what=what[:1].lower() + what[1:]), line
        done = sum(step.state is StepState.DONE for step in status.steps)
        line = tr("{count} of {all} steps are done. You may close the window: the work goes on.")
        line = line.format(count=done, all=len(Step))
        if status.state is NodeState.SYNCING:
            left = status.seconds_left.current(now)
            title = tr("Syncing. The time left is unknown.")
            if left is not None:
                title = tr("Syncing. About {time} left.").format(time=wording.duration(left))
            return title, line
        if status.state is NodeState.RUNNING:
            return tr("In step with the network."), tr("All steps are done.")
        if status.state is NodeState.STOPPED:
            return tr("Stopped for now."), tr("It goes on where it was.")
        return tr("Setting it up."), line

    @property
    def done(self) -> bool:
        """Whether the overview has more to say than this page."""
        return self.status is not None and self.status.state in (
            NodeState.SYNCING,
            NodeState.RUNNING,
        )

    def _on_again(self) -> None:
        if self.status is not None:
            self.context.adapter.when(self.context.engine.start(self.status.node_id), self)

    def _on_file_asked(self) -> None:
        dialog = QFileDialog(self, tr("The file that the network's team publishes"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self._on_file(Path(name)))
        dialog.open()

    def _on_file(self, file: Path) -> None:
        """It is verified, unpacked and tried before anything is told: seconds."""
        row, status = self.steps.failed, self.status
        if row is None or status is None:
            return
        row.use_file.setEnabled(False)
        self.context.adapter.when(
            self.context.engine.use_file(status.node_id, file),
            self,
            lambda _nothing: row.use_file.setEnabled(True),
            lambda refusal: self._on_file_refused(row, refusal),
        )

    def _on_file_refused(self, row: StepRow, refusal: Explanation) -> None:
        row.use_file.setEnabled(True)
        row.refuse(refusal)

    def _on_free_ports(self) -> None:
        if self.status is not None:
            NodeActs(self.context, self).choose_ports(self.status.node_id)

    def _on_back_up(self) -> None:
        if self.status is not None:
            self.context.wishes.backup.emit(self.status.node_id)


def _words_card(title: str, text: str) -> Card:
    card = Card(gap=4)
    card.body.addWidget(label(title, "heading"))
    card.body.addWidget(label(text, "note", wrap=True))
    return card
