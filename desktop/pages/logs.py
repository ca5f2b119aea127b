# SPDX-License-Identifier: Apache-2.0
"""The logs of the children and of the app: followed, searched, filtered by level, saved."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import (
    QDesktopServices,
    QHideEvent,
    QKeySequence,
    QResizeEvent,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from desktop.components.dress import Card, button, icon_button, put, rule
from desktop.components.flow import flow
from desktop.components.segmented import SegmentedControl
from desktop.context import Context
from desktop.logview.foot import LogFoot
from desktop.logview.search import Matcher, Wanted
from desktop.logview.search_field import SearchField
from desktop.logview.view import LogView
from desktop.logview.worker import LogWorker
from desktop.look.glyphs import Glyph
from desktop.look.theme import theme
from desktop.pages.page import Page
from desktop.tray import glyph_icon
from desktop.words import wording
from desktop.words.translation import tr
from node_manager.state import NodeStatus

if TYPE_CHECKING:
    from desktop.logview.index import Snapshot

SEARCH = 300
"""With less room beside the segments the search goes below them."""


class LogsPage(Page):
    """One log at a time; its index lives only while the page is on the screen.

    Signals:
        saved: why saving failed, empty when it is done; from the thread that saves.
    """

    saved = Signal(str)

    def __init__(self, context: Context) -> None:
        super().__init__(context, tr("Logs"))
        self._worker: LogWorker | None = None
        self._path: Path | None = None
        self._at: int | None = None
        self._add_head()
        self.source = SegmentedControl(
            tr("Log of"),
            self.sources(),
        )
        self.source.chosen.connect(lambda _key: self._open())
        self.level = SegmentedControl(
            tr("Level"),
            [
                ("all", tr("All")),
                ("info", tr("Info")),
                ("warn", tr("Warning")),
                ("error", tr("Error")),
            ],
        )
        self.level.chosen.connect(lambda _key: self._wish())
        self.search = SearchField()
        self.search.wanted.connect(self._on_wanted)
        self.search.stepped.connect(self._on_step)
        self.search.setMinimumWidth(theme().px(SEARCH))
        bar = flow(self.source, self.level, self.search, gap=10)
        bar.setStretch(2, 1)
        self.content.addLayout(bar)
        self.view = LogView()
        self.view.follow_changed.connect(lambda _follows: self._show_foot())
        self.view.line_chosen.connect(self._on_line)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._on_menu)
        card = Card(margins=(1, 1, 1, 1), gap=0)
        card.body.addWidget(self.view, 1)
        card.body.addWidget(rule())
        self.foot = LogFoot(self.view)
        self.foot.follow_asked.connect(self._on_follow)
        self.foot.error_asked.connect(self._on_error)
        self.saved.connect(self.foot.say_saved)
        card.body.addWidget(self.foot)
        self.content.addWidget(card, 1)
        self._dress_levels()
        theme().changed.connect(self._dress_levels)
        find = QShortcut(QKeySequence.StandardKey.Find, self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self._on_find)
        for one, other in (
            (self.source, self.level),
            (self.level, self.search),
            (self.search.regex, self.view),
        ):
            QWidget.setTabOrder(one, other)

    def _add_head(self) -> None:
        self.folder = icon_button("folder", tr("Open the folder"), self._on_folder, ink="t1")
        self.folder.setFixedSize(34, 32)
        put(self.folder, "kind", "")
        self.save = button(tr("Save a copy…"), self._on_save, symbol="backup")
        self.head.addWidget(self.folder)
        self.head.addSpacing(4)
        self.head.addWidget(self.save)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.foot.fit(self.viewport().width())

    def _dress_levels(self) -> None:
        self.level.segment("warn").setIcon(glyph_icon(Glyph.WARN))
        self.level.segment("error").setIcon(glyph_icon(Glyph.BAD))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._open()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._close()

    def show_node(self, status: NodeStatus | None) -> None:
        super().show_node(status)
        if self.isVisible() and self._wanted_path() != self._path:
            self._open()

    def render_status(self, status: NodeStatus, now: float) -> None:
        self.show_subtitle(self.describe())
        self.foot.show_last_error(now)

    def sources(self) -> list[tuple[str, str]]:
        """Key and name of each log."""
        return [
            ("node", tr("Node")),
            ("signer", tr("Signer")),
            ("app", tr("App")),
            ("orchestrator", tr("Orchestrator")),
        ]

    def describe(self) -> str:
        """Whose logs they are."""
        return "" if self.status is None else f"{self.status.moniker} · {self.status.chain_id}"

    def node_log(self, source: str) -> Path | None:
        """The file of a log of the validator that is shown."""
        if self.status is None:
            return None
        return self.context.layout.node(self.status.node_id).logs / f"{source}.log"

    def show_log(self, source: str) -> None:
        """Show the log of "node", "signer", "app" or "orchestrator"."""
        self.source.choose(source)
        if self.isVisible():
            self._open()

    def _wanted_path(self) -> Path | None:
        layout, source = self.context.layout, self.source.current
        if source in ("app", "orchestrator"):
            return layout.logs / f"{source}.log"
        return self.node_log(source)

    def _open(self) -> None:
        self._close()
        if "orchestrator" in dict(self.sources()):
            bundled = (self.context.layout.logs / "orchestrator.log").exists()
            self.source.offer("orchestrator", offered=bundled)
        self._path = self._wanted_path()
        self.foot.begin()
        if self._path is None:
            return
        worker = LogWorker(self._path, self.context.layout.cache, self)
        worker.told.connect(self._on_told)
        worker.refused.connect(self.search.show_trouble)
        worker.unreadable.connect(self.foot.say_unreadable)
        self._worker = worker
        self.view.read_by(worker.read)
        self._wish()
        worker.start()
        self._show_foot()

    def _close(self) -> None:
        if self._worker is not None:
            self._worker.close()
            self._worker.deleteLater()
            self._worker = None

    def _wish(self) -> None:
        if self._worker is not None:
            self._worker.wish(self.level.current, self.search.current())

    def _on_wanted(self, wanted: Wanted) -> None:
        if wanted.regex and wanted.text:
            try:
                Matcher(wanted)
            except ValueError as error:
                self.search.show_trouble(tr("not an expression: {why}").format(why=error))
                return
        self._at = None
        self._wish()

    def _on_told(self, snapshot: Snapshot) -> None:
        if self.sender() is not self._worker:
            return
        self.view.take(snapshot)
        self._show_levels(snapshot)
        self._show_count(snapshot)
        self._show_foot()

    def _show_levels(self, snapshot: Snapshot) -> None:
        for key, name, count in (
            ("warn", tr("Warning"), len(snapshot.warnings)),
            ("error", tr("Error"), len(snapshot.errors)),
        ):
            text = f" {name}  {wording.number(count)}"
            segment = self.level.segment(key)
            if segment.text() != text:
                segment.setText(text)
                segment.setAccessibleName(f"{tr('Level')}: {name}, {wording.number(count)}")

    def _show_count(self, snapshot: Snapshot) -> None:
        if snapshot.wanted != self.search.current():
            return
        if snapshot.trouble:
            self.search.show_trouble(tr("takes too long: make the expression simpler"))
            return
        self.search.show_count(
            self._at, len(snapshot.hits), unfinished=snapshot.searched < snapshot.count
        )

    def _show_foot(self) -> None:
        self.foot.show_view(self._place(), time.time())

    def _place(self) -> int:
        """The line from which the next error counts: the cursor's, or what is in sight."""
        snapshot = self.view.snapshot
        if snapshot is None:
            return 0
        if self.view.follows:
            return snapshot.count
        cursor = self.view.cursor_line
        return self.view.top_line() if cursor is None else cursor

    def _on_line(self, _line: int) -> None:
        self._show_foot()

    def _on_follow(self) -> None:
        self.view.follow()
        self.view.setFocus()

    def _on_find(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    def _on_error(self, way: int) -> None:
        snapshot = self.view.snapshot
        if snapshot is None:
            return
        find = snapshot.before if way < 0 else snapshot.after
        line = find(snapshot.errors, self._place())
        if line is not None:
            if self.level.current not in ("all", "error"):
                self.level.choose("all")
                self._wish()
            self.view.go_to(line)

    def _on_step(self, way: int) -> None:
        snapshot = self.view.snapshot
        if snapshot is None or not len(snapshot.hits):
            return
        line = self._place()
        found = (snapshot.before if way < 0 else snapshot.after)(snapshot.hits, line)
        if found is None:
            found = int(snapshot.hits[-1 if way < 0 else 0])
        self.view.go_to(found)
        self._at = int(snapshot.hits.searchsorted(found))
        self._show_count(snapshot)

    def _on_menu(self, place: object) -> None:
        menu = QMenu(self.view)
        copy = menu.addAction(tr("Copy the lines"), self.view.copy)
        copy.setEnabled(bool(self.view.cursor_line is not None))
        menu.addAction(tr("Save a copy…"), self._on_save)
        menu.addAction(tr("Open the folder"), self._on_folder)
        menu.popup(self.view.viewport().mapToGlobal(place))  # type: ignore[arg-type]

    def _on_folder(self) -> None:
        if self._path is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._path.parent)))

    def _on_save(self) -> None:
        if self._path is None:
            return
        dialog = QFileDialog(self, tr("Save a copy"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(f"{time.strftime('%Y-%m-%d')}-{self._path.name}")
        dialog.fileSelected.connect(lambda name: self.save_to(Path(name)))
        dialog.open()

    def save_to(self, file: Path) -> None:
        """Write what is shown to a file: the whole log, or the lines that the filter leaves."""
        snapshot, worker = self.view.snapshot, self._worker
        if snapshot is None or worker is None:
            return

        def saving() -> None:
            from desktop.logview.saving import save

            try:
                save(snapshot, worker.read, file)
            except OSError as error:
                self.saved.emit(error.strerror or str(error))
            else:
                self.saved.emit("")

        threading.Thread(target=saving, name="save log", daemon=True).start()
