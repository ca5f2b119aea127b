# SPDX-License-Identifier: Apache-2.0
"""The button with three dots at the head of a page."""

from __future__ import annotations

from PySide6.QtWidgets import QMenu, QToolButton

from desktop.look.icons import icon
from desktop.words.translation import tr


class MoreButton(QToolButton):
    """Opens the acts that are seldom wanted; whoever makes it adds them to `acts`."""

    def __init__(self) -> None:
        super().__init__()
        self.setIcon(icon("more", "t1"))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setAccessibleName(tr("More acts"))
        self.setToolTip(tr("More acts"))
        self.setFixedSize(34, 32)
        self.acts = QMenu(self)
        self.setMenu(self.acts)
