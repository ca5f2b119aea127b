# SPDX-License-Identifier: Apache-2.0
"""The websites that may read what is public without being paired."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.components.dress import button, clear, label
from desktop.components.flow import flow
from desktop.preferences.card import Address
from desktop.words.translation import tr


class Origins(QWidget):
    """A list with a field to add to it.

    Signals:
        added: the origin that was typed.
        removed: an origin of the list.
    """

    added = Signal(str)
    removed = Signal(str)

    def __init__(self, comes_after: QWidget) -> None:
        """`comes_after` is the control before it in the order of Tab."""
        super().__init__()
        self._before = comes_after
        self._list = QVBoxLayout()
        self._list.setSpacing(6)
        self.none = label(tr("none"), "note")
        self.address = Address(
            tr("A website that may read without pairing"), "https://portal.example", tr("Add")
        )
        self.address.taken.connect(self._on_added)
        self.buttons: list[QWidget] = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.none)
        layout.addLayout(self._list)
        layout.addWidget(self.address)
        self.setFocusProxy(self.address)
        self._shown: Sequence[str] | None = None

    def show_origins(self, origins: Sequence[str]) -> None:
        """Show the list; what was typed and is in it now leaves the field."""
        if self.address.field.text().strip().rstrip("/") in origins:
            self.address.field.clear()
        if self._shown == list(origins):
            return
        self._shown = list(origins)
        self.none.setVisible(not origins)
        clear(self._list)
        self.buttons = []
        for origin in origins:
            end = button(
                tr("Remove"),
                lambda origin=origin: self.removed.emit(origin),
                kind="small",
                name=tr("Remove {site}").format(site=origin),
            )
            self._list.addLayout(flow(label(origin, "body"), None, end))
            self.setTabOrder(self.buttons[-1] if self.buttons else self._before, end)
            self.buttons.append(end)

    def _on_added(self, text: str) -> None:
        if text:
            self.added.emit(text.rstrip("/"))
