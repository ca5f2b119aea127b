# SPDX-License-Identifier: Apache-2.0
"""The window: the sidebar and its pages, or the first run with a rail of its own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QWidget

from desktop.components.dress import column
from desktop.components.interim import Interim
from desktop.components.sidebar import Sidebar
from desktop.context import Context
from desktop.look.glyphs import Glyph
from desktop.pages.registry import dv_page_specs, page_specs
from desktop.validators import cluster_key, identity, is_distributed
from desktop.words.translation import tr

if TYPE_CHECKING:
    from desktop.components.notice_bar import NoticeBar
    from desktop.components.trouble_bar import TroubleBar
    from desktop.pages.first_run import FirstRun
    from desktop.pages.page import Page
    from desktop.pages.registry import PageSpec
    from desktop.validators import AnyStatus
    from node_manager.explanation import Explanation
    from node_manager.obol.status import DvStatus
    from node_manager.state import NodeStatus

LEAST = (960, 640)
USUAL = (1180, 760)
COMMON = ("alerts", "settings")
"""Pages that are not about one validator."""


class MainWindow(QMainWindow):
    """Shows one node at a time; pages are built when they are first opened.

    Signals:
        close_asked: the person closed the window; what that means is decided elsewhere.
        quit_asked: the person wants the app to end.
    """

    close_asked = Signal()
    quit_asked = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.may_close = False
        self._node_id = ""
        self._open_key = "overview"
        self._pages: dict[str, Page] = {}
        self._first_run: FirstRun | None = None
        self._specs = {spec.key: spec for spec in page_specs()}
        self._dv_specs = {spec.key: spec for spec in dv_page_specs()}
        self.setWindowTitle(tr("One-Click Validator"))
        self.setMinimumSize(*LEAST)
        self.resize(*USUAL)
        self.sidebar = Sidebar(
            [(spec.key, spec.title, spec.symbol) for spec in self._specs.values()],
            context.version,
        )
        self.stack = QStackedWidget()
        self._waiting = Interim(tr("Opening."), tr("The engine starts."))
        self.stack.addWidget(self._waiting)
        self._trouble: TroubleBar | None = None
        self._notice: NoticeBar | None = None
        shell = QWidget()
        beside = QHBoxLayout(shell)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(0)
        content = QWidget()
        self._content = column(self.stack)
        content.setLayout(self._content)
        # The page comes first in the tab order, the sidebar after it.
        beside.addWidget(self.sidebar)
        beside.addWidget(content, 1)
        self.outer = QStackedWidget()
        self.outer.addWidget(shell)
        self._shell = shell
        self.setCentralWidget(self.outer)
        self._connect()
        self._add_shortcuts()
        # No ring around the sidebar's first button in the first picture; Tab begins there still.
        self.setFocus()

    def _connect(self) -> None:
        wishes, adapter = self.context.wishes, self.context.adapter
        self.sidebar.page_chosen.connect(self.open_page)
        self.sidebar.node_chosen.connect(self.show_node)
        self.sidebar.add_asked.connect(self.begin_first_run)
        wishes.page.connect(self.open_page)
        wishes.first_run.connect(self.begin_first_run)
        wishes.restore.connect(self.begin_restore)
        wishes.backup.connect(self._on_backup)
        wishes.to_mend.connect(self._on_to_mend)
        wishes.node.connect(self.show_node)
        wishes.alerts.connect(lambda glyph, count: self.sidebar.show_badge("alerts", glyph, count))
        wishes.notice.connect(self.show_notice)
        adapter.opened.connect(self._on_opened)
        adapter.failed.connect(self._on_not_opened)
        adapter.node_changed.connect(self._on_node)
        adapter.node_removed.connect(self._on_removed)
        adapter.cluster_changed.connect(self._on_cluster)
        adapter.cluster_removed.connect(lambda key: self._on_gone(cluster_key(key)))
        adapter.trouble.connect(lambda explanation: self.trouble.explain(explanation))

    def _add_shortcuts(self) -> None:
        for place, key in enumerate(self._specs, start=1):
            self._shortcut(f"Ctrl+{place}", partial(self.open_page, key))
        self._shortcut("Ctrl+N", self.begin_first_run)
        self._shortcut("Ctrl+Q", self.quit_asked.emit)

    def _shortcut(self, keys: str, act: Callable[[], object]) -> None:
        QShortcut(QKeySequence(keys), self).activated.connect(act)

    @property
    def trouble(self) -> TroubleBar:
        """Trouble that no page claims, above the page; built at the first one."""
        if self._trouble is None:
            from desktop.components.trouble_bar import TroubleBar

            self._trouble = TroubleBar()
            self._content.insertWidget(0, self._trouble)
        return self._trouble

    @property
    def status(self) -> NodeStatus | None:
        """The newest status of the node that is shown."""
        return self.context.adapter.statuses.get(self._node_id)

    @property
    def shown(self) -> AnyStatus | None:
        """The newest status of the validator that is shown, of either kind."""
        return self.status or self.cluster

    @property
    def cluster(self) -> DvStatus | None:
        """The newest status of the distributed validator that is shown."""
        known = self.context.adapter.clusters.values()
        return next((one for one in known if identity(one) == self._node_id), None)

    @property
    def _empty(self) -> bool:
        return not (self.context.adapter.statuses or self.context.adapter.clusters)

    def page(self, key: str) -> Page:
        """The page of this key for a chain's validator, built at the first call."""
        return self._built(key, self._specs[key])

    def dv_page(self, key: str) -> Page:
        """The page of this key for a distributed validator, built at the first call."""
        return self._built(cluster_key(key), self._dv_specs[key])

    def _built(self, name: str, spec: PageSpec) -> Page:
        if name not in self._pages:
            page = spec.make(self.context)
            self._pages[name] = page
            self.stack.addWidget(page)
        return self._pages[name]

    def open_page(self, key: str) -> None:
        """Open a page; an unknown key is ignored (a link may name a page of another version).

        A part of the page may follow: "settings#updates".
        """
        key, _sign, part = key.partition("#")
        if key not in self._specs or self._empty:
            return
        self._leave_first_run()
        self.outer.setCurrentWidget(self._shell)
        self._put_up(key)
        if part:
            self.page(key).show_part(part)

    def _put_up(self, key: str) -> None:
        shared = is_distributed(self.shown)
        self.sidebar.offer({*self._dv_specs, *COMMON} if shared else self._specs)
        if shared and key not in (*self._dv_specs, *COMMON):
            key = "overview"
        self.sidebar.mark_page(key)
        self._open_key = key
        page = self.dv_page(key) if shared and key not in COMMON else self.page(key)
        self._hand(page)
        self.stack.setCurrentWidget(page)

    def _hand(self, page: Page) -> None:
        """Give a page the validator that is shown, if it is one of its kind."""
        wanted = self.cluster if page.shared else self.status
        page.show_node(wanted)  # type: ignore[arg-type]

    def show_node(self, node_id: str) -> None:
        """Show another node in the page that is open."""
        self._node_id = node_id
        self.sidebar.nodes.choose(node_id)
        for page in self._pages.values():
            self._hand(page)
        if self.shown is not None:
            self._put_up(self._open_key)

    def begin_first_run(self) -> None:
        """Open the wizard for another validator, once there is an engine to make it."""
        if not self.context.adapter.is_open:
            return
        from desktop.pages.first_run import FirstRun

        self._leave_first_run()
        wizard = FirstRun(self.context)
        wizard.left.connect(self._on_wizard_left)
        wizard.finished.connect(self._on_wizard_finished)
        wizard.quit_asked.connect(self.quit_asked)
        self._first_run = wizard
        self.outer.addWidget(wizard)
        self.outer.setCurrentWidget(wizard)

    def begin_restore(self) -> None:
        """Open the wizard with the key to come from a backup."""
        self.begin_first_run()
        if self._first_run is not None:
            self._first_run.take_backup()

    def resume_first_run(self, status: NodeStatus) -> None:
        """Open the progress of a validator whose preparation is not done."""
        self.begin_first_run()
        if self._first_run is not None:
            self._first_run.resume(status)

    def _leave_first_run(self) -> None:
        if self._first_run is not None:
            self.outer.removeWidget(self._first_run)
            self._first_run.deleteLater()
            self._first_run = None

    def _on_wizard_left(self) -> None:
        if not self._empty:
            self._leave_first_run()
            self.outer.setCurrentWidget(self._shell)

    def _on_wizard_finished(self, node_id: str) -> None:
        self._leave_first_run()
        self.show_node(node_id)
        self.open_page("overview")

    def _on_opened(self) -> None:
        statuses = list(self.context.adapter.statuses.values())
        for status in statuses:
            self.sidebar.nodes.take(status)
        for cluster in self.context.adapter.clusters.values():
            self.sidebar.nodes.take(cluster)
        if self._empty:
            self.begin_first_run()
        elif (unready := next(filter(needs_progress, statuses), None)) is not None:
            self.resume_first_run(unready)

    def _on_not_opened(self, why: Explanation) -> None:
        from desktop.components.not_opened import NotOpened

        page = NotOpened(why)
        page.again_asked.connect(self.context.wishes.restart)
        page.quit_asked.connect(self.quit_asked)
        self.stack.addWidget(page)
        self.stack.setCurrentWidget(page)

    def _on_node(self, status: NodeStatus) -> None:
        self.sidebar.nodes.take(status)
        if status.node_id == self._node_id:
            for page in self._pages.values():
                self._hand(page)
        if self._first_run is not None:
            self._first_run.show_node(status)

    def _on_cluster(self, status: DvStatus) -> None:
        self.sidebar.nodes.take(status)
        if identity(status) == self._node_id:
            for page in self._pages.values():
                self._hand(page)

    def _on_removed(self, node_id: str) -> None:
        self._on_gone(node_id)

    def _on_gone(self, key: str) -> None:
        self.sidebar.nodes.drop(key)
        if self._empty:
            self.begin_first_run()

    def _on_backup(self, node_id: str) -> None:
        self.show_node(node_id)
        self.open_page("keys")
        from desktop.pages.keys import KeysPage

        page = self.page("keys")
        if isinstance(page, KeysPage):
            page.begin_backup()

    def _on_to_mend(self, glyph: Glyph, count: int) -> None:
        self.context.to_mend = count
        if "doctor" in self._specs:
            self.sidebar.show_badge("doctor", glyph, count)

    def show_notice(self, title: str, text: str) -> None:
        """Show above the page what the desktop would have shown, had it a tray."""
        if self._notice is None:
            from desktop.components.notice_bar import NoticeBar

            self._notice = NoticeBar()
            self._content.insertWidget(0, self._notice)
            self._notice.more_asked.connect(lambda: self.open_page("alerts"))
        self._notice.show_notice(title, text)

    def restore_geometry(self, store: QSettings) -> None:
        """Take the place and size that the window had."""
        geometry = store.value("geometry")
        if geometry is not None:
            self.restoreGeometry(geometry)

    def keep_geometry(self, store: QSettings) -> None:
        """Remember place and size."""
        store.setValue("geometry", self.saveGeometry())

    def bring_up(self) -> None:
        """Show the window in front of others."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def say_ending(self, *, stop_nodes: bool) -> None:
        """Show that the app ends, which takes a while when nodes are stopped first."""
        line = tr("The node ends first, then its signer.") if stop_nodes else ""
        ending = Interim(tr("Ending."), line)
        self.outer.addWidget(ending)
        self.outer.setCurrentWidget(ending)
        if not stop_nodes:
            self.hide()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.may_close:
            event.accept()
        else:
            event.ignore()
            self.close_asked.emit()


def needs_progress(status: NodeStatus) -> bool:
    """Whether the first run of this node is still before its start."""
    from node_manager.state import NodeState, Step, StepState

    started = any(step.step is Step.START and step.state is StepState.DONE for step in status.steps)
    return (
        bool(status.steps)
        and not started
        and status.state
        in (
            NodeState.PREPARING,
            NodeState.FAILED,
        )
    )
