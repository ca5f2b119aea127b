# SPDX-License-Identifier: Apache-2.0
"""What pages share: a head line, content of a bounded width, and a beat while on the screen."""

from __future__ import annotations

import time

from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from desktop.components.dress import label
from desktop.components.elided import Elided
from desktop.components.flow import flow
from desktop.components.ground import Scrolled
from desktop.context import Context
from desktop.look.tokens import Space
from desktop.ticker import ticker
from node_manager.state import NodeStatus

CONTENT_WIDTH = 1200
FIGURES_SECONDS = 2
"""Between two paintings of mere figures: an app that is looked at once a day must not cost a
share of the processor all day. What changes in words is painted at once."""
ALONE_SECONDS = 5
"""The same while nobody is at the window."""
_AT_ONCE = ("node_id", "state", "reason", "steps", "version", "backup_verified_at", "upgrade_name")


class Page(Scrolled):
    """Scrolls vertically, never sideways. A page shows one node; it never polls.

    A subclass fills `self.content` and overrides `render_status`, which is called with the
    newest status every two seconds (every five while nobody is at the window) and when more than
    figures changed, but only while the page can be seen.

    Attributes:
        shared: whether it shows distributed validators instead of a chain's.
    """

    shared = False

    def __init__(self, context: Context, title: str) -> None:
        super().__init__(CONTENT_WIDTH, (Space.PAGE, 16, Space.PAGE, 20))
        self.context = context
        self.status: NodeStatus | None = None
        self.setAccessibleName(title)
        self.title = label(title, "title")
        self.subtitle = Elided("second")
        self.head = flow(self.title, 4, self.subtitle)
        self.head.setStretch(2, 1)
        head = QWidget()
        head.setLayout(self.head)
        head.setMinimumHeight(32)
        self.content.addWidget(head)

    def show_node(self, status: NodeStatus | None) -> None:
        """Show this node from now on, or nothing; mere figures wait for the next beat."""
        before, self.status = self.status, status
        if self.isVisible() and (before is None or status is None or _told(before, status)):
            self.render_now()

    def render_now(self) -> None:
        """Bring what is on the screen up to date."""
        if self.status is not None:
            self.render_status(self.status, time.time())

    def show_subtitle(self, text: str) -> None:
        """Say beside the title what is shown; cut at the right where there is no room."""
        self.subtitle.show_text(text)

    def show_part(self, name: str) -> None:
        """Bring a part of the page into sight; an unknown name is ignored."""

    def render_status(self, status: NodeStatus, now: float) -> None:
        """Show `status` as it reads at the Unix time `now`."""

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        ticker().add(
            self, lambda _now: self.render_now(), every=FIGURES_SECONDS, alone=ALONE_SECONDS
        )
        self.render_now()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        ticker().remove(self)


def _told(before: object, status: object) -> bool:
    """Whether a person should see at once what changed."""
    if not (isinstance(before, NodeStatus) and isinstance(status, NodeStatus)):
        return True
    return any(getattr(before, name) != getattr(status, name) for name in _AT_ONCE)
