# SPDX-License-Identifier: Apache-2.0
"""What a person can choose; each change is stored at once, or it is said why not."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from desktop.components.trouble_bar import TroubleCard
from desktop.context import Context
from desktop.pages.page import Page
from desktop.preferences.alerts import AlertsCard
from desktop.preferences.card import Change, SettingsCard
from desktop.preferences.data import DataCard, ask_and_move
from desktop.preferences.doors import BridgeCard, HeartbeatCard
from desktop.preferences.looks import LooksCard, StartCard
from desktop.preferences.orchestrator import OrchestratorCard
from desktop.preferences.updates import UpdatesCard
from desktop.words.translation import tr
from node_manager.explanation import Explanation
from node_manager.settings import Settings
from node_manager.state import NodeStatus

PLACE_MILLISECONDS = 1000
"""A part that is asked for keeps its place so long: what is above it comes with the answers."""


class SettingsPage(Page):
    """All settings; they belong to the app, not to one validator."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, tr("Settings"))
        self.settings: Settings | None = None
        self._part: QWidget | None = None
        self.trouble = TroubleCard()
        self.looks, self.start = LooksCard(), StartCard()
        self.heartbeat, self.bridge = HeartbeatCard(), BridgeCard()
        self.orchestrator = OrchestratorCard()
        self.alerts = AlertsCard()
        self.data = DataCard(context.layout)
        self.updates = UpdatesCard(context)
        self._cards: list[SettingsCard] = [
            self.looks, self.start, self.heartbeat, self.bridge, self.orchestrator, self.alerts,
            self.data, self.updates,
        ]  # fmt: skip
        self.content.addWidget(self.trouble)
        for card in self._cards:
            card.changed.connect(self._on_change)
            self.content.addWidget(card)
            # What is not known yet is not shown as if it were off.
            card.setVisible(card in (self.data, self.updates))
        self.content.addStretch(1)
        self.verticalScrollBar().rangeChanged.connect(lambda *_range: self._bring_part())
        self.bridge.revoked.connect(self._on_revoked)
        self.bridge.blocked.removed.connect(self._on_let_ask)
        self.alerts.trial_asked.connect(self._on_trial)
        self.data.move_asked.connect(self._on_move)
        context.adapter.door_changed.connect(lambda _door: self._show_doors())
        context.adapter.told.connect(self._on_told)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._read()

    def render_status(self, status: NodeStatus, now: float) -> None:
        self._show_doors()
        if self.settings is None:
            self._read()

    def render_now(self) -> None:
        super().render_now()
        # It is the app's, not a validator's: there may be none.
        self.updates.render_ages(time.time())

    def show_part(self, name: str) -> None:
        cards: dict[str, QWidget] = {
            "data": self.data, "heartbeat": self.heartbeat, "updates": self.updates,
        }  # fmt: skip
        self._part = cards.get(name)
        QTimer.singleShot(PLACE_MILLISECONDS, self, self._let_part_go)
        self._bring_part()

    def _bring_part(self) -> None:
        if self._part is not None:
            self.verticalScrollBar().setValue(self._part.y())

    def _let_part_go(self) -> None:
        self._part = None

    def _read(self) -> None:
        adapter = self.context.adapter
        if not adapter.is_open:
            return
        engine = self.context.engine
        adapter.when(engine.settings(), self, self._show, self.trouble.explain)
        adapter.when(engine.starts_at_login(), self, self.start.at_login.setChecked)
        self.updates.read()
        self._read_pairings()

    def _read_pairings(self) -> None:
        adapter = self.context.adapter
        adapter.when(
            self.context.engine.pairings(), self, self.bridge.show_pairings, lambda _why: None
        )
        adapter.when(
            self.context.engine.blocked_sites(),
            self,
            self.bridge.blocked.show_origins,
            lambda _why: None,
        )

    def _show(self, settings: Settings) -> None:
        self.settings = settings
        for card in self._cards:
            card.show()
            card.fill(settings)
        self._show_doors()

    def _show_doors(self) -> None:
        now = time.time()
        self.heartbeat.show_state(self.context.adapter.doors, now)
        self.bridge.show_state(self.context.adapter.doors, now)
        self.orchestrator.show_state(self.context.adapter.doors, now)

    def _on_change(self, change: Change) -> None:
        before = self.settings
        if before is None:
            return
        changed = before.model_copy(deep=True)
        change(changed)
        if changed == before:
            return
        self.settings = changed
        self.trouble.explain(None)
        adapter, engine = self.context.adapter, self.context.engine
        adapter.when(engine.change_settings(changed), self, self._stored, self._refused(before))
        if changed.window.start_at_login != before.window.start_at_login:
            wanted = changed.window.start_at_login
            adapter.when(
                engine.set_start_at_login(wanted), self, None, self._login_refused(not wanted)
            )

    def _stored(self, _nothing: object) -> None:
        if self.settings is not None:
            for card in self._cards:
                card.fill(self.settings)
            self.context.wishes.settings_changed.emit(self.settings)

    def _refused(self, before: Settings) -> Callable[[Explanation], None]:
        def told(reason: Explanation) -> None:
            self._show(before)
            self.trouble.explain(reason)
            self.ensureWidgetVisible(self.trouble)

        return told

    def _login_refused(self, was: bool) -> Callable[[Explanation], None]:
        def told(reason: Explanation) -> None:
            self.start.at_login.setChecked(was)
            self.trouble.explain(reason)

        return told

    def _on_revoked(self, pairing_id: str) -> None:
        self.context.adapter.when(
            self.context.engine.revoke_pairing(pairing_id),
            self,
            lambda _nothing: self._read_pairings(),
            self.trouble.explain,
        )

    def _on_let_ask(self, origin: str) -> None:
        self.context.adapter.when(
            self.context.engine.let_site_ask(origin),
            self,
            lambda _nothing: self._read_pairings(),
            self.trouble.explain,
        )

    def _on_trial(self) -> None:
        self.context.adapter.when(
            self.context.engine.try_webhook(),
            self,
            lambda _nothing: self.alerts.show_trial(None),
            self.alerts.show_trial,
        )

    def _on_move(self, target: Path) -> None:
        self.move_dialog = ask_and_move(self.context, target, self)
        self.move_dialog.moved.connect(self.context.wishes.restart)

    def _on_told(self, event: Any) -> None:
        if not self.isVisible():
            return
        match type(event).__name__:
            case "PairingsChanged":
                self._read_pairings()
            case "UpdatesChanged":
                self.updates.read()
