# SPDX-License-Identifier: Apache-2.0
"""Lists of websites: those that may read without being paired, those that may not ask."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.components.dress import button, clear, label
from desktop.components.flow import flow
from desktop.preferences.card import Address
from desktop.words.translation import tr


class SiteList(QWidget):
    """A list of websites, each with a button that takes it out.

    Signals:
        removed: an origin of the list.
    """

    removed = Signal(str)

    def __init__(self, comes_after: QWidget, act: str, full_act: str) -> None:
        """`comes_after` is the control before it in the order of Tab; `act` stands on each
        button, `full_act` with its {site} is what the button is called."""
        super().__init__()
        self._before = comes_after
        self._act, self._full_act = act, full_act
        self._list = QVBoxLayout()
        self._list.setSpacing(6)
        self.none = label(tr("none"), "note")
        self.buttons: list[QWidget] = []
        self.rows = QVBoxLayout(self)
        self.rows.setContentsMargins(0, 0, 0, 0)
        self.rows.setSpacing(6)
        self.rows.addWidget(self.none)
        self.rows.addLayout(self._list)
        self._shown: Sequence[str] | None = None

    def show_origins(self, origins: Sequence[str]) -> None:
        """Show the list."""
        if self._shown == list(origins):
            return
        self._shown = list(origins)
        self.none.setVisible(not origins)
        clear(self._list)
        self.buttons = []
        for origin in origins:
            end = button(
                self._act,
                lambda origin=origin: self.removed.emit(origin),
                kind="small",
                name=self._full_act.format(site=origin),
            )
            self._list.addLayout(flow(label(origin, "body"), None, end))
            self.setTabOrder(self.buttons[-1] if self.buttons else self._before, end)
            self.buttons.append(end)


class Origins(SiteList):
    """The websites that may read without pairing, with a field to add to them.

    Signals:
        added: the origin that was typed.
    """

    added = Signal(str)

    def __init__(self, comes_after: QWidget) -> None:
        super().__init__(comes_after, tr("Remove"), tr("Remove {site}"))
        self.address = Address(
            tr("A website that may read without pairing"), "https://portal.example", tr("Add")
        )
        self.address.taken.connect(self._on_added)
        self.rows.addWidget(self.address)
        self.setFocusProxy(self.address)

    def show_origins(self, origins: Sequence[str]) -> None:
        """Show the list; what was typed and is in it now leaves the field."""
        if self.address.field.text().strip().rstrip("/") in origins:
            self.address.field.clear()
        super().show_origins(origins)

    def _on_added(self, text: str) -> None:
        if text:
            self.added.emit(text.rstrip("/"))
