# SPDX-License-Identifier: Apache-2.0
"""Which alerts call the person, and where else they go."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout

from desktop.components.choice import Check
from desktop.components.dress import button, column, label, put, row, take_out
from desktop.look.theme import theme
from desktop.preferences.card import Address, SettingsCard
from desktop.words.translation import engine_words, explained, tr
from node_manager.alerts.alert import TITLES, AlertKind
from node_manager.explanation import Explanation
from node_manager.settings import Settings

ROWS = 7
"""Of the list of kinds, which has three columns."""
COLUMNS, LEAST_COLUMN = 3, 200
"""Columns of kinds, and the pixels of the concept that one needs."""


class AlertsCard(SettingsCard):
    """Alerts by kind, and the address they are sent to.

    Signals:
        trial_asked: a trial message is wanted.
    """

    trial_asked = Signal()

    def __init__(self) -> None:
        super().__init__(tr("Alerts"))
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(20)
        self._grid.setVerticalSpacing(2)
        self._columns = 0
        self.kinds: dict[AlertKind, Check] = {}
        # The cluster's kinds have a column of their own.
        self._chain = [kind for kind in AlertKind if not kind.startswith("cluster-")]
        for kind in (*self._chain, *(one for one in AlertKind if one not in self._chain)):
            check = Check(engine_words(TITLES[kind]))
            check.clicked.connect(lambda _checked=False, kind=kind: self._on_kind(kind))
            self.kinds[kind] = check
        note = label(
            tr("Those that are not ticked stay silent. Each alert comes once and ends by itself."),
            "note",
            wrap=True,
        )
        self._arrange(columns=COLUMNS)
        framed = column(note, 6, self._grid, 10)
        framed.setContentsMargins(16, 0, 14, 0)
        self.body.addLayout(framed)
        self.webhook = Address(tr("Send them to"), "https://", tr("Use it"))
        self.webhook.taken.connect(self._on_webhook)
        self.add_row(
            tr("Send them to"),
            self.webhook,
            tr("An address that takes JSON, such as a chat’s webhook. Empty for none."),
        )
        self.trial = button(tr("Send a trial"), self.trial_asked.emit, kind="small")
        self.told = label("", "note", wrap=True)
        line = row(16, self.told, 8, self.trial, 14, gap=0)
        line.setContentsMargins(0, 0, 0, 10)
        self.body.addLayout(line)

    def _arrange(self, *, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        take_out(self._grid)
        lines = ROWS if columns == COLUMNS else -(-len(self.kinds) // columns)
        for place, (kind, check) in enumerate(self.kinds.items()):
            own = columns == COLUMNS and kind not in self._chain
            at = place - len(self._chain) + 2 * ROWS if own else place
            self._grid.addWidget(check, at % lines, at // lines)
        self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = self.width() / theme().scale
        self._arrange(columns=max(1, min(COLUMNS, int(room) // LEAST_COLUMN)))

    def show_settings(self, settings: Settings) -> None:
        """Put the settings into the controls."""
        for kind, check in self.kinds.items():
            check.setChecked(kind.value not in settings.alerts.silenced)
        self.webhook.show_text(settings.alerts.webhook)
        self.trial.setEnabled(bool(settings.alerts.webhook))

    def show_trial(self, trouble: Explanation | None) -> None:
        """Say what became of the trial."""
        put(self.told, "tone", "good" if trouble is None else "bad")
        words = tr("The trial was taken.") if trouble is None else ""
        self.told.setText(words or " ".join(filter(None, explained(trouble))))  # type: ignore[arg-type]

    def _on_kind(self, kind: AlertKind) -> None:
        wanted = self.kinds[kind].isChecked()

        def act(settings: Settings) -> None:
            silenced = {one for one in settings.alerts.silenced if one != kind.value}
            settings.alerts.silenced = sorted(silenced if wanted else {*silenced, kind.value})

        self.change(act)

    def _on_webhook(self, url: str) -> None:
        def act(settings: Settings) -> None:
            settings.alerts.webhook = url

        self.change(act)
