# SPDX-License-Identifier: Apache-2.0
"""A row of segments of which one is chosen; without room they stand apart in lines."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QToolButton, QWidget

from desktop.components.choice import tab_to_chosen
from desktop.components.dress import put
from desktop.components.flow import flow


class SegmentedControl(QWidget):
    """Exclusive segments.

    Signals:
        chosen: the key of the segment that is chosen now.
    """

    chosen = Signal(str)

    def __init__(self, name: str, segments: list[tuple[str, str]]) -> None:
        """`segments` are (key, text); the first one is chosen."""
        super().__init__()
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QToolButton] = {}
        for key, text in segments:
            segment = QToolButton()
            segment.setText(text)
            segment.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            segment.setCheckable(True)
            segment.setAutoExclusive(True)  # to a screen reader: one of several
            segment.setProperty("kind", "segment")
            segment.setAccessibleName(f"{name}: {text}")
            segment.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            segment.clicked.connect(lambda _checked=False, key=key: self.chosen.emit(key))
            self._group.addButton(segment)
            self._buttons[key] = segment
        self.setLayout(flow(*self._buttons.values(), None, gap=0))
        self._join()
        tab_to_chosen(self._group)
        if segments:
            self._buttons[segments[0][0]].setChecked(True)

    @property
    def current(self) -> str:
        """The key of the chosen segment."""
        return next((key for key, one in self._buttons.items() if one.isChecked()), "")

    def choose(self, key: str) -> None:
        """Choose a segment without telling."""
        self._buttons[key].setChecked(True)

    def segment(self, key: str) -> QToolButton:
        """One segment, for an icon, a count, or to disable it."""
        return self._buttons[key]

    def offer(self, key: str, *, offered: bool) -> None:
        """Show or hide a segment."""
        if self._buttons[key].isHidden() is offered:
            self._buttons[key].setVisible(offered)
            self._join()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._join()

    def _join(self) -> None:
        """Let the segments of one line look like one control."""
        shown = [one for one in self._buttons.values() if not one.isHidden()]
        apart = 0 < self.width() < self.sizeHint().width() and self.isVisible()
        for index, one in enumerate(shown):
            put(one, "place", "only" if apart else _place(index, len(shown)))


def _place(index: int, count: int) -> str:
    if count == 1:
        return "only"
    return {0: "first", count - 1: "last"}.get(index, "middle")
