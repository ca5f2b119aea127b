# SPDX-License-Identifier: Apache-2.0
"""What every page is given: the engine's seam, the folders, and the way to other pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop.engine.adapter import EngineAdapter

if TYPE_CHECKING:
    from desktop.engine.client import EngineClient
    from node_manager.layout import Layout


class Wishes(QObject):
    """What pages ask of the window.

    Signals:
        page: open the page of this key.
        node: show the validator of this id.
        first_run: begin another validator.
        restore: begin another validator from a backup.
        backup: open the backup of this node's key.
        alerts: (worst glyph, count) of the alerts that stand.
        notice: (title, text) that the window shows because the desktop cannot.
        to_mend: (worst glyph, count) of what the doctor found.
        settings_changed: the settings that are in force now.
        restart: the app shall end and start anew.
    """

    page = Signal(str)
    node = Signal(str)
    first_run = Signal()
    restore = Signal()
    backup = Signal(str)
    to_mend = Signal(object, int)
    alerts = Signal(object, int)
    notice = Signal(str, str)
    settings_changed = Signal(object)
    restart = Signal()


@dataclass(slots=True)
class Context:
    """Shared by all pages; `to_mend` is the doctor's count for the next thing."""

    adapter: EngineAdapter
    layout: Layout
    version: str
    wishes: Wishes = field(default_factory=Wishes)
    to_mend: int = 0

    @property
    def engine(self) -> EngineClient:
        """The engine; see `EngineAdapter.engine`."""
        return self.adapter.engine
