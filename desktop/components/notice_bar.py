# SPDX-License-Identifier: Apache-2.0
"""What a notification of the desktop would say, above the page, until the person closes it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.components.dress import Card, button, column, icon_button, label, row
from desktop.words.translation import tr

KEPT = 3
"""Notices that are shown together; older ones are on the Alerts page."""


class NoticeBar(QWidget):
    """The newest notices, hidden while there is none.

    Signals:
        more_asked: the Alerts page is wanted.
    """

    more_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.notices: list[tuple[str, str]] = []
        self._title, self._text = label("", "heading", wrap=True), label("", "second", wrap=True)
        self.more = button(tr("Show alerts"), self._on_more, kind="small")
        self.close_button = icon_button("close", tr("Close the notice"), self.clear)
        card = Card(margins=(16, 10, 12, 10))
        words = column(self._title, self._text, gap=2)
        line = row(words, 12, self.more, 6, self.close_button, gap=0)
        line.setStretch(0, 1)
        card.body.addLayout(line)
        layout = row(card)
        layout.setContentsMargins(24, 14, 24, 0)
        self.setLayout(layout)
        self.hide()

    def show_notice(self, title: str, text: str) -> None:
        """Show one more; what says the same is shown once."""
        self.notices = [(title, text), *(one for one in self.notices if one[0] != title)][:KEPT]
        newest = self.notices[0]
        self._title.setText(newest[0])
        others = [one[0] for one in self.notices[1:]]
        self._text.setText("\n".join(filter(None, (newest[1], *others))))
        self.setAccessibleName(f"{title}. {text}")
        self.show()

    def clear(self) -> None:
        """Forget all."""
        self.notices = []
        self.hide()

    def _on_more(self) -> None:
        self.clear()
        self.more_asked.emit()
