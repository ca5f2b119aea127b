# SPDX-License-Identifier: Apache-2.0
"""The first run: the rail, the steps, the foot with its buttons."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop.components.dress import button, label, put, rule
from desktop.components.flow import flow
from desktop.context import Context
from desktop.obol.wizard.enr_step import EnrStep
from desktop.obol.wizard.steps import BeaconStep, DvSummaryStep, OperatorStep
from desktop.validators import cluster_key
from desktop.wizard.draft import Draft
from desktop.wizard.key_step import KeyStep
from desktop.wizard.name_step import NameStep
from desktop.wizard.network_step import NetworkStep
from desktop.wizard.progress_step import ProgressStep
from desktop.wizard.rail import Rail
from desktop.wizard.step import Step
from desktop.wizard.summary_step import SummaryStep
from desktop.words.translation import tr
from node_manager.explanation import Explanation, OneClickError
from node_manager.state import NodeStatus


class FirstRun(QWidget):
    """Four decisions, then the progress.

    Signals:
        left: the person goes back to the validators there are.
        finished: the id of the node whose overview shall open.
        quit_asked: the app shall end.
    """

    left = Signal()
    finished = Signal(str)
    quit_asked = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.draft = Draft()
        self.network = NetworkStep(context, self.draft)
        self.name = NameStep(context, self.draft)
        self.key = KeyStep(context, self.draft)
        self.summary = SummaryStep(context, self.draft)
        self.progress = ProgressStep(context, self.draft)
        self.operator = OperatorStep(context, self.draft)
        self.beacon = BeaconStep(context, self.draft)
        self.enr = EnrStep(context, self.draft)
        self.dv_summary = DvSummaryStep(context, self.draft)
        self._chain_steps = [self.network, self.name, self.key, self.summary, self.progress]
        self._dv_steps = [self.network, self.operator, self.beacon, self.enr, self.dv_summary]
        self._chain_rail = [
            (tr("Network"), tr("which chain to serve")),
            (tr("Name"), tr("what others will see")),
            (tr("Key"), tr("how it is protected")),
            (tr("Summary"), tr("one look, one button")),
            (tr("Prepare"), tr("download, key, sync")),
        ]
        self._dv_rail = [
            (tr("Network"), tr("which chain to serve")),
            (tr("Operator"), tr("who you are in the cluster")),
            (tr("Beacon node"), tr("what it asks of Ethereum")),
            (tr("ENR key"), tr("backed up before it is used")),
            (tr("Summary"), tr("one look, one button")),
        ]
        self.rail = Rail(self._chain_rail)
        self._stack = QStackedWidget()
        for step in (*self._chain_steps, *self._dv_steps[1:]):
            step.readiness.connect(self._show_foot)
            self._stack.addWidget(step)
        self._node_id = ""
        self._made = ""
        self._busy = False
        context.adapter.cluster_changed.connect(self._on_cluster)
        self._lay_out()
        self.go_to(0)

    def _lay_out(self) -> None:
        self._note = label("", "second", wrap=True)
        self.begin_with_backup = button(tr("I have a backup…"), self.take_backup, kind="quiet")
        self.show_log = button(tr("Show log"), self._on_log, kind="quiet", symbol="logs")
        self.back = button("", self._on_back)
        self.go_on = button("", self._on_go_on, kind="primary")
        foot = QWidget()
        foot.setProperty("kind", "page")
        foot.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        parts = flow(
            self.show_log,
            self._note,
            self.begin_with_backup,
            self.back,
            self.go_on,
            gap=10,
            ends_right=True,
        )
        parts.setStretch(1, 1)
        parts.setContentsMargins(32, 14, 32, 14)
        foot.setLayout(parts)
        edge: QFrame = rule()
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self._stack, 1)
        right.addWidget(edge)
        right.addWidget(foot)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.rail)
        outer.addLayout(right, 1)

    @property
    def step(self) -> Step:
        """The step that is open."""
        shown: Step = self._stack.currentWidget()  # type: ignore[assignment]
        return shown

    @property
    def _steps(self) -> list[Step]:
        return self._dv_steps if self.draft.dv.network else self._chain_steps

    def go_to(self, at: int) -> None:
        """Open a step."""
        self._stack.setCurrentWidget(self._steps[at])
        self.rail.show_step(at)
        self.step.enter()
        self._show_foot()

    def resume(self, status: NodeStatus) -> None:
        """Show the progress of a node that was being set up."""
        self._node_id = status.node_id
        self.progress.show_node(status)
        self.go_to(self._steps.index(self.progress))

    def show_node(self, status: NodeStatus) -> None:
        """Take the newest status of a node."""
        if status.node_id == self._node_id:
            self.progress.show_node(status)
            self._show_foot()

    def _show_foot(self) -> None:
        if not hasattr(self, "go_on"):
            return  # a step told of itself while it was being built
        step, first = self.step, self.step is self.network
        at_work = step is self.progress
        self.rail.steps.show_plan(self._dv_rail if self.draft.dv.network else self._chain_rail)
        self._note.setText(step.note)
        self.show_log.setVisible(at_work)
        self.begin_with_backup.setVisible(first)
        self.back.setText(self._back_text())
        self.back.setAccessibleName(self.back.text())
        self.go_on.setText(tr("Go to overview") if at_work else step.go_on or tr("Continue"))
        self.go_on.setAccessibleName(self.go_on.text())
        self.go_on.setEnabled(step.ready and not self._busy)
        self.go_on.setDefault(not at_work)
        put(self.go_on, "kind", "plain" if at_work and self._at_rest() else "primary")

    def _back_text(self) -> str:
        if self.step is self.progress:
            return tr("Start again") if self._at_rest() else tr("Stop for now")
        if self.step is not self.network:
            return tr("Back")
        return tr("Cancel") if self._others else tr("Quit")

    @property
    def _others(self) -> bool:
        adapter = self.context.adapter
        return bool(adapter.statuses or adapter.clusters)

    def _at_rest(self) -> bool:
        status = self.progress.status
        return status is not None and status.state.at_rest

    def _on_back(self) -> None:
        if self.step is self.progress:
            engine = self.context.engine
            act = engine.start if self._at_rest() else engine.stop
            self.context.adapter.when(act(self._node_id), self)
        elif self.step is not self.network:
            self.go_to(self._steps.index(self.step) - 1)
        elif self._others:
            self.left.emit()
        else:
            self.quit_asked.emit()

    def _on_go_on(self) -> None:
        if self.step is self.progress:
            self.finished.emit(self._node_id)
            return
        self.step.leave()
        if self.step is self.summary:
            self._create()
        elif self.step is self.dv_summary:
            self._create_distributed()
        else:
            self.go_to(self._steps.index(self.step) + 1)

    def _create_distributed(self) -> None:
        try:
            plan = self.draft.dv.plan()
        except OneClickError as error:
            self.dv_summary.trouble.explain(error.explanation)
            return
        self._busy = True
        self._show_foot()
        adapter = self.context.adapter
        adapter.when(adapter.engine.dv_create(plan), self, self._on_dv_created, self._on_refused)

    def _on_dv_created(self, cluster_id: str) -> None:
        self._made = cluster_id
        self._on_cluster(self.context.adapter.clusters.get(cluster_id))

    def _on_cluster(self, status: object) -> None:
        """Open what was made, as soon as its status is here."""
        if self._made and getattr(status, "cluster_id", "") == self._made:
            self.finished.emit(cluster_key(self._made))

    def _create(self) -> None:
        self._busy = True
        self._show_foot()
        self.summary.trouble.explain(None)
        self.context.adapter.when(
            self.context.engine.create(self.draft.plan()), self, self._on_created, self._on_refused
        )

    def _on_created(self, node_id: str) -> None:
        self._busy = False
        self._node_id = node_id
        status = self.context.adapter.statuses.get(node_id)
        if status is not None:
            self.progress.show_node(status)
        self.go_to(self._steps.index(self.progress))

    def _on_refused(self, reason: Explanation) -> None:
        self._busy = False
        (self.dv_summary if self.draft.dv.network else self.summary).trouble.explain(reason)
        self._show_foot()

    def take_backup(self) -> None:
        """Let the key come from a backup."""
        self.draft.key_origin = "backup"
        self.begin_with_backup.setText(tr("The key comes from a backup"))
        self.begin_with_backup.setEnabled(False)

    def _on_log(self) -> None:
        self.finished.emit(self._node_id)
        self.context.wishes.page.emit("logs")
