# SPDX-License-Identifier: Apache-2.0
"""What fills the window when the engine cannot be opened: why, and the ways out."""

from __future__ import annotations

from PySide6.QtCore import Signal

from desktop.components.error_panel import ErrorPanel
from desktop.components.interim import Interim
from desktop.look.glyphs import Glyph
from desktop.words.translation import tr
from node_manager.explanation import Explanation


class NotOpened(Interim):
    """Why the engine cannot be opened, with the ways out.

    Signals:
        again_asked: the app shall start anew.
        quit_asked: the app shall end.
    """

    again_asked = Signal()
    quit_asked = Signal()

    def __init__(self, why: Explanation) -> None:
        super().__init__(
            tr("The app cannot start its work."),
            tr("A validator that runs already goes on without it."),
            Glyph.BAD,
        )
        self.panel = ErrorPanel()
        self.quit = self.panel.add_way(tr("Quit"), self.quit_asked.emit)
        self.again = self.panel.add_way(tr("Try again"), self.again_asked.emit, primary=True)
        self.card.body.addSpacing(14)
        self.card.body.addWidget(self.panel)
        self.panel.explain(why)
