# SPDX-License-Identifier: Apache-2.0
"""The tray icon: state, height, Start or Stop, and the way back to the window."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from desktop.look.glyphs import Glyph, paint_glyph
from desktop.validators import at_rest, identity, name_of, said_of
from desktop.words import wording
from desktop.words.translation import tr
from node_manager.state import NodeStatus

if TYPE_CHECKING:
    from desktop.validators import AnyStatus

_URGENCY = (
    Glyph.BAD,
    Glyph.WARN,
    Glyph.UNKNOWN,
    Glyph.WAITING,
    Glyph.BUSY,
    Glyph.GOOD,
    Glyph.STOPPED,
)


def glyph_icon(glyph: Glyph) -> QIcon:
    """A state glyph as an icon, in the sizes that trays take."""
    result = QIcon()
    for size in (16, 22, 32, 64):
        picture = QPixmap(QSize(size, size))
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        paint_glyph(painter, glyph, QRectF(0, 0, size, size))
        painter.end()
        result.addPixmap(picture)
    return result


class Tray(QObject):
    """Follows all nodes and shows the worst of them.

    Signals:
        open_asked: the window is wanted.
        toggle_asked: the id of a node to start or stop.
        quit_asked: the app shall end.
    """

    open_asked = Signal()
    toggle_asked = Signal(str)
    quit_asked = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._statuses: dict[str, AnyStatus] = {}
        self._shown: Glyph | None = None
        self._menu = QMenu()
        self._menu.aboutToShow.connect(self._fill_menu)
        self.icon = QSystemTrayIcon(self)
        self.icon.setContextMenu(self._menu)
        self.icon.activated.connect(self._on_activated)
        self._show()
        self.icon.show()

    def take(self, status: AnyStatus) -> None:
        """Show the newest status of a node."""
        self._statuses[identity(status)] = status
        self._show()

    def drop(self, node_id: str) -> None:
        """Forget a node."""
        self._statuses.pop(node_id, None)
        self._show()

    def notify(self, title: str, text: str) -> None:
        """Show a notification of the desktop."""
        self.icon.showMessage(title, text)

    @property
    def menu(self) -> QMenu:
        """The menu, filled when it opens."""
        return self._menu

    def _show(self) -> None:
        now = time.time()
        said = [said_of(status, now) for status in self._statuses.values()]
        worst = min((one.glyph for one in said), key=_urgency, default=Glyph.STOPPED)
        if worst is not self._shown:
            self._shown = worst
            self.icon.setIcon(glyph_icon(worst))
        lines = [
            f"{name_of(status)}: {one.title}"
            for status, one in zip(self._statuses.values(), said, strict=True)
        ]
        self.icon.setToolTip("\n".join(lines) or tr("One-Click Validator: no validator yet"))

    def _fill_menu(self) -> None:
        now = time.time()
        self._menu.clear()
        for status in self._statuses.values():
            said = said_of(status, now)
            self._menu.addAction(f"{name_of(status)}: {said.title}").setEnabled(False)
            if isinstance(status, NodeStatus):
                height = status.height.current(now)
                text = tr("unknown") if height is None else wording.number(height)
                self._menu.addAction(tr("Height {height}").format(height=text)).setEnabled(False)
            stopped = at_rest(status)
            self._menu.addAction(
                tr("Start") if stopped else tr("Stop…"),
                partial(self.toggle_asked.emit, identity(status)),
            )
            self._menu.addSeparator()
        self._menu.addAction(tr("Open the window"), self.open_asked.emit)
        self._menu.addAction(tr("Quit…"), self.quit_asked.emit)

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason != QSystemTrayIcon.ActivationReason.Context:
            self.open_asked.emit()


def _urgency(glyph: Glyph) -> int:
    return _URGENCY.index(glyph) if glyph in _URGENCY else len(_URGENCY)
