# SPDX-License-Identifier: Apache-2.0
"""Heartbeat, and the bridge with the websites that are paired with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.components.dress import button, clear, column, label, row, rule
from desktop.preferences.card import Address, SettingsCard
from desktop.preferences.number import Number
from desktop.preferences.origins import Origins, SiteList
from desktop.words import wording
from desktop.words.translation import engine_words, explained, tr
from node_manager.settings import Settings

if TYPE_CHECKING:
    from bridge.server.pairing_store import Pairing
    from node_manager.events import DoorChanged


def state_words(door: DoorChanged | None, now: float) -> str:
    """How a door is, and since when."""
    if door is None:
        return tr("Its state is not known.")
    words = engine_words(door.note)
    if door.state == "failed" and door.reason is not None:
        words = " ".join(filter(None, explained(door.reason)))
    if door.at is not None:
        words = f"{words}, {wording.ago(max(0.0, now - door.at))}"
    return words


class HeartbeatCard(SettingsCard):
    """Where this computer says that it lives."""

    def __init__(self) -> None:
        super().__init__(tr("Heartbeat"))
        name = tr("Say that the validator lives")
        self.enabled = self.check(name, self._on_enabled)
        self.state = self.add_row(name, self.enabled, " ")
        self.url = Address(tr("Address of the orchestrator"), "http://127.0.0.1:8000", tr("Use it"))
        self.url.taken.connect(self._on_url)
        self.add_row(
            tr("Address of the orchestrator"),
            self.url,
            tr("Public key, height, uptime and ports are sent; the private key never."),
        )
        self.seconds = Number(tr("Every"), (5, 3600), tr("Use it"), tr("seconds"))
        self.seconds.taken.connect(self._on_seconds)
        self.add_row(
            tr("Every"),
            self.seconds,
            tr("From 5 seconds to an hour; a long silence may be taken for a failure."),
        )

    def show_settings(self, settings: Settings) -> None:
        """Put the settings into the controls."""
        self.enabled.setChecked(settings.heartbeat.enabled)
        self.url.show_text(settings.heartbeat.url)
        self.seconds.show_number(round(settings.heartbeat.seconds))

    def show_state(self, doors: Mapping[str, DoorChanged], now: float) -> None:
        """Say how it is."""
        self.state.setText(state_words(doors.get("heartbeat"), now))

    def _on_enabled(self, wanted: bool) -> None:
        def act(settings: Settings) -> None:
            settings.heartbeat.enabled = wanted

        self.change(act)

    def _on_url(self, url: str) -> None:
        def act(settings: Settings) -> None:
            settings.heartbeat.url = url

        self.change(act)

    def _on_seconds(self, seconds: int) -> None:
        def act(settings: Settings) -> None:
            settings.heartbeat.seconds = float(seconds)

        self.change(act)


def scope_words(scopes: Sequence[str]) -> str:
    """What a website may do."""
    words = {
        "read": tr("read the public key and the state"),
        "logs": tr("read the logs"),
        "control": tr("start and stop the validator"),
    }
    return ", ".join(words.get(str(scope), str(scope)) for scope in scopes)


class BridgeCard(SettingsCard):
    """The door for websites.

    Signals:
        revoked: the id of a pairing that shall end.
    """

    revoked = Signal(str)

    def __init__(self) -> None:
        super().__init__(tr("Websites"))
        name = tr("Let websites ask this app")
        self.enabled = self.check(name, self._on_enabled)
        self.state = self.add_row(name, self.enabled, " ")
        self.port = Number(tr("Port of the bridge"), (1024, 65535), tr("Use it"))
        self.port.taken.connect(self._on_port)
        self.add_row(
            tr("Port of the bridge"),
            self.port,
            tr(
                "It moves at once, and connected websites lose their line. Websites look at 15000:"
                " another port is found only by those that are told."
            ),
        )
        name = tr("Figures for a monitor")
        self.metrics = self.check(name, self._on_metrics)
        self.add_row(
            name, self.metrics, tr("Answers GET /metrics for Prometheus, on this computer only.")
        )
        self.origins = Origins(self.metrics)
        self.origins.added.connect(self._on_origin)
        self.origins.removed.connect(self._on_origin_removed)
        self.add_row(
            tr("Allowed without pairing"),
            self.origins,
            tr("These websites may read the public key and the state without asking."),
        )
        self.blocked = SiteList(
            self.origins.address.button, tr("Let it ask"), tr("Let {site} ask again")
        )
        self.add_row(
            tr("May not ask any more"),
            self.blocked,
            tr("You answered these websites with: Don’t ask again."),
        )
        self.body.addWidget(rule())
        self._sites = QWidget()
        self._list = QVBoxLayout(self._sites)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(6)
        self.none = label("", "note")
        self.buttons: list[QWidget] = []
        self.body.addLayout(self._framed())
        self.show_pairings(())

    def _framed(self) -> QVBoxLayout:
        heading = label(tr("Paired websites"), "name")
        framed = column(8, heading, self.none, 4, self._sites, 10, gap=2)
        framed.setContentsMargins(16, 0, 14, 0)
        return framed

    def show_settings(self, settings: Settings) -> None:
        """Put the settings into the controls."""
        self.enabled.setChecked(settings.bridge.enabled)
        self.port.show_number(settings.bridge.port)
        self.metrics.setChecked(settings.bridge.metrics)
        self.origins.show_origins(settings.bridge.origins)

    def show_state(self, doors: Mapping[str, DoorChanged], now: float) -> None:
        """Say how it is."""
        self.state.setText(state_words(doors.get("bridge"), now))

    def show_pairings(self, pairings: Sequence[Pairing]) -> None:
        """List the websites that are paired."""
        clear(self._list)
        self.buttons = []
        self.none.setText("" if pairings else tr("none: no website has been allowed."))
        self.none.setVisible(not pairings)
        for pairing in pairings:
            since = datetime.fromtimestamp(pairing.created_at).astimezone().isoformat()
            note = tr("may {scopes} · since {date}").format(
                scopes=scope_words(pairing.scopes), date=wording.date(since)
            )
            if not pairing.durable:
                note += " · " + tr("until the app ends")
            end = button(
                tr("Revoke"),
                lambda pairing_id=pairing.id: self.revoked.emit(pairing_id),
                kind="small",
                name=tr("Revoke {site}").format(site=pairing.origin),
            )
            words = column(label(pairing.origin, "body"), label(note, "note", wrap=True), gap=0)
            line = QWidget()
            line.setLayout(row(words, 12, end, gap=0))
            self._list.addWidget(line)
            before = self.buttons[-1] if self.buttons else self._last_control()
            self.setTabOrder(before, end)
            self.buttons.append(end)

    def _last_control(self) -> QWidget:
        return self.blocked.buttons[-1] if self.blocked.buttons else self.origins.address.button

    def _on_enabled(self, wanted: bool) -> None:
        def act(settings: Settings) -> None:
            settings.bridge.enabled = wanted

        self.change(act)

    def _on_port(self, port: int) -> None:
        def act(settings: Settings) -> None:
            settings.bridge.port = port

        self.change(act)

    def _on_metrics(self, wanted: bool) -> None:
        def act(settings: Settings) -> None:
            settings.bridge.metrics = wanted

        self.change(act)

    def _on_origin(self, origin: str) -> None:
        def act(settings: Settings) -> None:
            settings.bridge.origins = list(dict.fromkeys([*settings.bridge.origins, origin]))

        self.change(act)

    def _on_origin_removed(self, origin: str) -> None:
        def act(settings: Settings) -> None:
            settings.bridge.origins = [one for one in settings.bridge.origins if one != origin]

        self.change(act)
