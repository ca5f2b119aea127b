# SPDX-License-Identifier: Apache-2.0
"""A row of segments of which one is chosen."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget

from desktop.components.choice import tab_to_chosen


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
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for index, (key, text) in enumerate(segments):
            segment = QToolButton()
            segment.setText(text)
            segment.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            segment.setCheckable(True)
            segment.setAutoExclusive(True)  # to a screen reader: one of several
            segment.setProperty("kind", "segment")
            segment.setProperty("place", _place(index, len(segments)))
            segment.setAccessibleName(f"{name}: {text}")
            segment.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            segment.clicked.connect(lambda _checked=False, key=key: self.chosen.emit(key))
            self._group.addButton(segment)
            self._buttons[key] = segment
            layout.addWidget(segment)
        layout.addStretch(1)
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


def _place(index: int, count: int) -> str:
    if count == 1:
        return "only"
    return {0: "first", count - 1: "last"}.get(index, "middle")
