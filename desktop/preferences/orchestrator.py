# SPDX-License-Identifier: Apache-2.0
"""The orchestrator that comes with the app: on or off, and its port."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from desktop.preferences.card import SettingsCard
from desktop.preferences.doors import state_words
from desktop.preferences.number import Number
from desktop.words.translation import tr
from node_manager.settings import Settings

if TYPE_CHECKING:
    from node_manager.events import DoorChanged


class OrchestratorCard(SettingsCard):
    """The bundled orchestrator."""

    def __init__(self) -> None:
        super().__init__(tr("Orchestrator"))
        name = tr("Run the built-in orchestrator")
        self.embedded = self.check(name, self._on_embedded)
        self.state = self.add_row(name, self.embedded, " ")
        self.port = Number(tr("Port of the orchestrator"), (1024, 65535), tr("Use it"))
        self.port.taken.connect(self._on_port)
        self.add_row(
            tr("Port of the orchestrator"),
            self.port,
            tr("It moves at once. A heartbeat that goes to it follows."),
        )

    def show_settings(self, settings: Settings) -> None:
        """Put the settings into the controls."""
        self.embedded.setChecked(settings.orchestrator.embedded)
        self.port.show_number(settings.orchestrator.port)

    def show_state(self, doors: Mapping[str, DoorChanged], now: float) -> None:
        """Say how it is."""
        self.state.setText(state_words(doors.get("orchestrator"), now))

    def _on_embedded(self, wanted: bool) -> None:
        def act(settings: Settings) -> None:
            settings.orchestrator.embedded = wanted

        self.change(act)

    def _on_port(self, port: int) -> None:
        def act(settings: Settings) -> None:
            for host in ("127.0.0.1", "localhost"):
                own = f"http://{host}:{settings.orchestrator.port}"
                if settings.heartbeat.url.rstrip("/") == own:
                    settings.heartbeat.url = f"http://{host}:{port}"
            settings.orchestrator.port = port

        self.change(act)
