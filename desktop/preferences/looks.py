# SPDX-License-Identifier: Apache-2.0
"""Appearance and language; starting and quitting."""

from __future__ import annotations

from PySide6.QtWidgets import QSizePolicy

from desktop.components.segmented import SegmentedControl
from desktop.look.theme import theme
from desktop.preferences.card import SettingsCard, choose
from desktop.words.translation import tr
from node_manager.settings import Settings


class LooksCard(SettingsCard):
    """How the window looks."""

    def __init__(self) -> None:
        super().__init__(tr("Appearance"))
        self.appearance = SegmentedControl(
            tr("Appearance"),
            [("system", tr("System")), ("light", tr("Light")), ("dark", tr("Dark"))],
        )
        self.appearance.chosen.connect(self._on_appearance)
        size = QSizePolicy.Policy.Maximum
        self.appearance.setSizePolicy(size, QSizePolicy.Policy.Preferred)
        self.add_row(tr("Colours"), self.appearance)
        self.language = self.choice(
            [("system", tr("As the system")), ("en", "English"), ("de", "Deutsch")],
            self._on_language,
        )
        self._note = self.add_row(
            tr("Language"), self.language, tr("It changes at the next start of the app.")
        )

    def show_settings(self, settings: Settings) -> None:
        """Put the settings into the controls."""
        self.appearance.choose(settings.window.appearance)
        choose(self.language, settings.window.language)

    def _on_appearance(self, key: str) -> None:
        theme().choose(key)

        def act(settings: Settings) -> None:
            settings.window.appearance = key  # type: ignore[assignment]

        self.change(act)

    def _on_language(self, key: str) -> None:
        def act(settings: Settings) -> None:
            settings.window.language = key

        self.change(act)


class StartCard(SettingsCard):
    """Starting and quitting."""

    def __init__(self) -> None:
        super().__init__(tr("Start and end"))
        name = tr("Start at login")
        self.at_login = self.check(name, self._on_login)
        self.at_login_note = self.add_row(
            name,
            self.at_login,
            tr("After a restart of the computer the validator comes back without you."),
        )
        name = tr("Start the validator with the app")
        self.start_nodes = self.check(name, self._on_start)
        self.add_row(name, self.start_nodes, tr("Those that you have stopped stay stopped."))
        name = tr("Keep the computer awake")
        self.keep_awake = self.check(name, self._on_awake)
        self.add_row(
            name,
            self.keep_awake,
            tr(
                "It does not fall asleep by itself while a validator runs and the app is open."
                " A closed lid still lets it sleep."
            ),
        )
        self.on_quit = self.choice(
            [
                ("ask", tr("Ask each time")),
                ("leave", tr("Leave it running")),
                ("stop", tr("Stop it")),
            ],
            self._on_quit,
        )
        self.add_row(
            tr("When the app quits, the validator"),
            self.on_quit,
            tr("Left running it goes on signing, but nothing restarts it and no alert comes."),
        )

    def show_settings(self, settings: Settings) -> None:
        """Put the settings into the controls."""
        self.start_nodes.setChecked(settings.window.start_nodes)
        self.keep_awake.setChecked(settings.window.keep_awake)
        choose(self.on_quit, settings.window.on_quit)

    def _on_login(self, wanted: bool) -> None:
        def act(settings: Settings) -> None:
            settings.window.start_at_login = wanted

        self.change(act)

    def _on_start(self, wanted: bool) -> None:
        def act(settings: Settings) -> None:
            settings.window.start_nodes = wanted

        self.change(act)

    def _on_awake(self, wanted: bool) -> None:
        def act(settings: Settings) -> None:
            settings.window.keep_awake = wanted

        self.change(act)

    def _on_quit(self, key: str) -> None:
        def act(settings: Settings) -> None:
            settings.window.on_quit = key  # type: ignore[assignment]

        self.change(act)
