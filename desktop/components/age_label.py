# SPDX-License-Identifier: Apache-2.0
"""An age that counts on while it can be seen."""

from __future__ import annotations

import time

from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QLabel

from desktop import wording
from desktop.theme import font
from desktop.ticker import ticker
from desktop.tokens import Size


class AgeLabel(QLabel):
    """ "{template}" with {age} filled in anew each second; "never" for what has not happened."""

    def __init__(self, template: str = "{age}") -> None:
        super().__init__()
        self.setProperty("kind", "source")
        self._template = template
        self._at: float | None = None

    def show_time(self, at: float | None) -> None:
        """Count from the Unix time `at`."""
        self._at = at
        self._count(time.time())

    def _count(self, now: float) -> None:
        age = None if self._at is None else max(0.0, now - self._at)
        self.setText(self._template.format(age=wording.ago(age)))
        widest = self._template.format(age=wording.ago(59 * 60 + 23 * 3600))
        self.setMinimumWidth(self.fontMetrics().horizontalAdvance(widest) if age is not None else 0)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.setFont(font(Size.SMALL))
        self._count(time.time())
        ticker().add(self, self._count)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        ticker().remove(self)
