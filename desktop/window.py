# SPDX-License-Identifier: Apache-2.0
"""The window: the sidebar and its pages, or the first run with a rail of its own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QWidget

from desktop.components.dress import Card, column, label, row
from desktop.components.glyph_label import GlyphLabel
from desktop.components.sidebar import Sidebar
from desktop.context import Context
from desktop.glyphs import Glyph
from desktop.pages.registry import page_specs
from desktop.translation import tr

if TYPE_CHECKING:
    from desktop.components.trouble_bar import TroubleBar
    from desktop.pages.first_run import FirstRun
    from desktop.pages.page import Page
    from node_manager.state import NodeStatus

LEAST = (960, 640)
USUAL = (1180, 760)


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
        self._pages: dict[str, Page] = {}
        self._first_run: FirstRun | None = None
        self._specs = {spec.key: spec for spec in page_specs()}
        self.setWindowTitle(tr("One-Click Validator"))
        self.setMinimumSize(*LEAST)
        self.resize(*USUAL)
        self.sidebar = Sidebar(
            [(spec.key, spec.title, spec.symbol) for spec in self._specs.values()],
            context.version,
        )
        self.stack = QStackedWidget()
        self._waiting = _waiting_page(tr("Opening."), tr("The engine starts."))
        self.stack.addWidget(self._waiting)
        self._trouble: TroubleBar | None = None
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
        adapter.opened.connect(self._on_opened)
        adapter.node_changed.connect(self._on_node)
        adapter.node_removed.connect(self._on_removed)
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

    def page(self, key: str) -> Page:
        """The page of this key, built at the first call."""
        if key not in self._pages:
            page = self._specs[key].make(self.context)
            self._pages[key] = page
            self.stack.addWidget(page)
        return self._pages[key]

    def open_page(self, key: str) -> None:
        """Open a page; an unknown key is ignored (a link may name a page of another version)."""
        if key not in self._specs or not self.context.adapter.statuses:
            return
        self._leave_first_run()
        self.outer.setCurrentWidget(self._shell)
        self._put_up(key)

    def _put_up(self, key: str) -> None:
        self.sidebar.mark_page(key)
        page = self.page(key)
        page.show_node(self.status)
        self.stack.setCurrentWidget(page)

    def show_node(self, node_id: str) -> None:
        """Show another node in the page that is open."""
        self._node_id = node_id
        self.sidebar.nodes.choose(node_id)
        for page in self._pages.values():
            page.show_node(self.status)
        if self.stack.currentWidget() is self._waiting:
            self._put_up("overview")

    def begin_first_run(self) -> None:
        """Open the wizard for another validator."""
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
        if self.context.adapter.statuses:
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
        if not statuses:
            self.begin_first_run()
        elif (unready := next(filter(needs_progress, statuses), None)) is not None:
            self.resume_first_run(unready)

    def _on_node(self, status: NodeStatus) -> None:
        self.sidebar.nodes.take(status)
        if status.node_id == self._node_id:
            for page in self._pages.values():
                page.show_node(status)
        if self._first_run is not None:
            self._first_run.show_node(status)

    def _on_removed(self, node_id: str) -> None:
        self.sidebar.nodes.drop(node_id)
        if not self.context.adapter.statuses:
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
        ending = _waiting_page(tr("Ending."), line)
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


def _waiting_page(title: str, line: str) -> QWidget:
    page = QWidget()
    page.setProperty("kind", "page")
    page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    card = Card(margins=(20, 18, 20, 18))
    words = column(label(title, "sentence"), label(line, "second"))
    card.body.addLayout(row(GlyphLabel(Glyph.BUSY, 24, disc=44), 8, words, None))
    layout = column(card, None)
    layout.setContentsMargins(24, 62, 24, 24)
    page.setLayout(layout)
    return page
