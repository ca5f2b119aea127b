# SPDX-License-Identifier: Apache-2.0
"""This version, the newest that was announced, and its file; nothing is installed by itself."""

from __future__ import annotations

import time
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from PySide6.QtCore import QLocale, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.components.bars import Bar
from desktop.components.dress import button, label, put, row
from desktop.components.glyph_label import GlyphLabel
from desktop.context import Context
from desktop.look.glyphs import Glyph, tone
from desktop.look.theme import theme
from desktop.preferences.card import SettingsCard
from desktop.preferences.update_words import about, downloading, newer_title, state, unfetched
from desktop.words.translation import explained, tr
from node_manager.explanation import Explanation
from node_manager.settings import Settings

if TYPE_CHECKING:
    from node_manager.downloads.progress import Progress
    from node_manager.updates.standing import Standing

BAR_WIDTH, BAR_HEIGHT = 140, 8


class UpdatesCard(SettingsCard):
    """Which version runs; whether there is a newer one, and its file."""

    _progressed = Signal(object)

    def __init__(self, context: Context) -> None:
        super().__init__(tr("Updates"))
        self._context = context
        self.standing: Standing | None = None
        self._checking = False
        self._download: Future[Path] | None = None
        self._progress: Progress | None = None
        self._trouble: Explanation | None = None
        self._add_version()
        self._add_newer()
        name = tr("Ask once a day")
        self.daily = self.check(name, self._on_daily)
        self._daily_line = self.add_line(name, self.daily, " ")
        self._daily_line.set_shown(False)
        self._progressed.connect(self._on_progress, Qt.ConnectionType.QueuedConnection)
        self.render_ages(time.time())

    def _add_version(self) -> None:
        self.glyph = GlyphLabel()
        self.state = label(tr("unknown"), "second")
        self.check_button = button(tr("Check now"), self._on_check, kind="small")
        self.check_button.hide()
        control = QWidget()
        control.setLayout(row(self.glyph, 6, self.state, 12, self.check_button, gap=0))
        self._version_line = self.add_line(
            tr("Version {version}").format(version=self._context.version), control, " "
        )

    def _add_newer(self) -> None:
        self.bar = Bar(BAR_HEIGHT, tr("Progress of the download"))
        self.bar.setFixedWidth(theme().px(BAR_WIDTH))
        self.stop = button(tr("Stop"), self._on_stop, kind="small")
        self.download = button(tr("Download"), self._on_download, kind="small")
        self.folder = button(tr("Open the folder"), self._on_folder, kind="small")
        control = QWidget()
        parts = (self.bar, self.stop, self.download, self.folder)
        control.setLayout(row(*parts, gap=10))
        control.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self._newer_line = self.add_line(" ", control, " ")
        for part in parts:
            part.hide()
        self._newer_line.set_shown(False)

    def show_settings(self, settings: Settings) -> None:
        """Put the settings into the controls."""
        self.daily.setChecked(settings.updates.check)

    def read(self) -> None:
        """Show what is known; nobody is asked."""
        self._ask(self._context.engine.updates())

    def _ask(self, future: Future[Any]) -> None:
        self._context.adapter.when(future, self, self.show_standing, self._on_unknown)

    def show_standing(self, standing: Standing) -> None:
        """Show how this version stands."""
        self.standing, self._checking = standing, False
        self.render_ages(time.time())

    def render_ages(self, now: float) -> None:
        """Say all that is known as it reads at the Unix time `now`."""
        standing = self.standing
        glyph, words = state(standing, now, checking=self._checking)
        self.glyph.show_glyph(glyph)
        self.state.setText(words)
        put(self.state, "tone", tone(glyph))
        self._version_line.say(about(standing, now))
        forged = glyph is Glyph.BAD and standing is not None and standing.trouble is not None
        put(self._version_line.note, "tone", "bad" if forged else "")
        self._version_line.parts[1].setAccessibleName(f"{words} {self._version_line.note.text()}")
        source = standing.source if standing is not None else ""
        self.check_button.setVisible(bool(source))
        self.check_button.setEnabled(not self._checking)
        self._daily_line.set_shown(bool(source))
        host = urlsplit(source).hostname or ""
        self._daily_line.say(
            tr("{host} is asked; nothing is downloaded or installed by itself.").format(host=host)
        )
        self._show_newer()

    def _show_newer(self) -> None:
        standing = self.standing
        newer = standing.newer if standing is not None else None
        self._newer_line.set_shown(newer is not None)
        if standing is None or newer is None:
            return
        under_way = self._download is not None
        self._newer_line.title.setText(newer_title(newer))
        told = [newer.changes_in(QLocale().name().partition("_")[0])]
        if under_way:
            told.append(downloading(self._progress))
        elif self._trouble is not None:
            told += explained(self._trouble)
        else:
            told.append(unfetched(standing))
        self._newer_line.say("\n".join(filter(None, told)))
        for part in (self.bar, self.stop):
            part.setVisible(under_way)
        idle = not under_way and standing.downloaded is None and standing.file is not None
        self.download.setVisible(idle)
        self.folder.setVisible(not under_way and standing.downloaded is not None)

    def _on_unknown(self, why: Explanation) -> None:
        self._checking = False
        self.render_ages(time.time())
        self._version_line.say(" ".join(filter(None, explained(why))))

    def _on_check(self) -> None:
        self._checking = True
        self.render_ages(time.time())
        self._ask(self._context.engine.check_updates())

    def _on_download(self) -> None:
        self._trouble, self._progress = None, None
        self.bar.show_share(0.0)
        future = self._context.engine.download_update(self._progressed.emit)
        self._download = future
        self._context.adapter.when(
            future, self, lambda _place: self._downloaded(None), self._downloaded
        )
        self._show_newer()
        self.stop.setFocus()

    def _downloaded(self, trouble: Explanation | None) -> None:
        self._download, self._trouble = None, trouble
        self._show_newer()
        self.read()

    def _on_stop(self) -> None:
        if self._download is not None:
            self._download.cancel()
            self._download = None
            self._show_newer()
            self.download.setFocus()

    def _on_progress(self, progress: Progress) -> None:
        if self._download is None:
            return
        self._progress = progress
        self.bar.show_share(progress.done / progress.total if progress.total else None)
        self._show_newer()

    def _on_folder(self) -> None:
        place = self.standing.downloaded if self.standing is not None else None
        if place is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(place.parent)))

    def _on_daily(self, wanted: bool) -> None:
        def act(settings: Settings) -> None:
            settings.updates.check = wanted

        self.change(act)
