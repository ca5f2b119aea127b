# SPDX-License-Identifier: Apache-2.0
"""Changing how an existing distributed validator is set up, and giving it a definition file."""

from __future__ import annotations

import re
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from desktop.components.choice import Check
from desktop.components.dress import label
from desktop.components.file_field import FileField
from desktop.components.segmented import SegmentedControl
from desktop.context import Context
from desktop.keys.dialog import KeyDialog
from desktop.obol.wizard.draft import CLIENTS
from desktop.words.translation import tr

if TYPE_CHECKING:
    from node_manager.obol.settings import DvSettings
    from node_manager.obol.status import DvStatus

URL = re.compile(r"https?://\S+")
VERSION = re.compile(r"v[0-9]+\.[0-9]+\.[0-9]+\S*")


class DvSettingsDialog(KeyDialog):
    """What may change while the cluster stays the same; it counts from the next start."""

    def __init__(
        self, context: Context, status: DvStatus, settings: DvSettings, parent: QWidget | None
    ) -> None:
        super().__init__(
            context,
            parent,
            tr("Settings of {name}").format(name=status.name),
            tr("They count from the next start. Where rewards go is the cluster's, not yours."),
            tr("Use them"),
        )
        self._cluster_id, self._settings = status.cluster_id, settings
        charon, client = settings.charon, settings.validator_client
        self.beacons = _lines(charon.beacon_node_endpoints)
        self.fallbacks = _lines(charon.fallback_beacon_node_endpoints)
        self.relays = _lines(charon.p2p_relays)
        self.client = SegmentedControl(
            tr("Validator client"), [(kind, kind.capitalize()) for kind in CLIENTS]
        )
        self.client.choose(client.kind)
        self.client.chosen.connect(self._on_client)
        self.record = label("", "note", wrap=True)
        self.record.hide()
        self.version = _line(charon.version)
        self.version.setPlaceholderText(tr("the current one"))
        self.program = _line(client.program)
        self.program.setPlaceholderText(client.kind)
        self.nickname = _line(charon.nickname)
        self.nickname.setMaxLength(32)
        self.builder = Check(tr("Blocks of builders (MEV) may be proposed"))
        self.builder.setChecked(charon.builder_api)
        self.note = label("", "note", tone="bad", wrap=True)
        for name, field in (
            (tr("Beacon nodes, an address a line"), self.beacons),
            (tr("Beacon nodes that stand in for them"), self.fallbacks),
            (tr("Relays, empty for charon's own choice"), self.relays),
            (tr("Version of charon"), self.version),
            (tr("Validator client"), self.client),
            (tr("Program of the validator client"), self.program),
            (tr("Name that the other operators see"), self.nickname),
        ):
            field.setAccessibleName(name)
            self.add_field(name, field)
            if field is self.client:
                self.body.addWidget(self.record)
        self.body.addWidget(self.builder)
        self.body.addWidget(self.note)
        for box in (self.beacons, self.fallbacks, self.relays):
            box.textChanged.connect(self.show_ready)
        self.version.textChanged.connect(self.show_ready)
        self.show_ready()

    def _on_client(self, kind: str) -> None:
        """A program belongs to its client; another client needs the record of the one before."""
        before = self._settings.validator_client
        other = kind != before.kind
        self.program.setText("" if other else before.program)
        self.program.setPlaceholderText(kind)
        words = tr(
            "{before} hands over the record of what it signed, and {after} takes it before it may"
            " sign. Both programs must be on this computer. Let {before} run nowhere else with"
            " these keys: two clients at once can be slashed."
        )
        self.record.setText(
            words.format(before=before.kind.capitalize(), after=kind.capitalize()) if other else ""
        )
        self.record.setVisible(other)
        self.fit()

    @property
    def trouble_now(self) -> str:
        """What cannot be as it was typed, empty when all can."""
        for box in (self.beacons, self.fallbacks, self.relays):
            wrong = next((one for one in listed(box) if not URL.fullmatch(one)), "")
            if wrong:
                return tr("This is no address: {text}").format(text=wrong)
        version = self.version.text().strip()
        if version and not VERSION.fullmatch(version):
            return tr("A version looks like v1.10.3.")
        return ""

    @property
    def ready(self) -> bool:
        return not self.trouble_now

    def show_ready(self) -> None:
        self.note.setText(self.trouble_now)
        self.note.setVisible(bool(self.trouble_now))
        super().show_ready()

    @property
    def changed(self) -> DvSettings:
        """The settings as they stand in the fields."""
        charon = self._settings.charon.model_copy(
            update={
                "beacon_node_endpoints": listed(self.beacons),
                "fallback_beacon_node_endpoints": listed(self.fallbacks),
                "p2p_relays": listed(self.relays),
                "version": self.version.text().strip(),
                "nickname": self.nickname.text().strip(),
                "builder_api": self.builder.isChecked(),
            }
        )
        client = self._settings.validator_client.model_copy(
            update={"kind": self.client.current, "program": self.program.text().strip()}
        )
        return self._settings.model_copy(update={"charon": charon, "validator_client": client})

    def ask(self) -> Future[Any]:
        return self.context.engine.dv_change_settings(self._cluster_id, self.changed)


class DvDefinitionDialog(KeyDialog):
    """A definition as a file instead of the Obol API's."""

    def __init__(self, context: Context, status: DvStatus, parent: QWidget | None) -> None:
        super().__init__(
            context,
            parent,
            tr("Use a definition file for {name}").format(name=status.name),
            tr(
                "It is checked like one of the Obol API; before the key ceremony you are shown"
                " where the money goes. One that nobody signed is taken as your own cluster."
            ),
            tr("Use it"),
        )
        self._cluster_id = status.cluster_id
        self.file = FileField("cluster-definition.json", tr("Definitions (*.json);;All files (*)"))
        self.add_field(tr("File"), self.file)
        self.file.changed.connect(self.show_ready)
        self.show_ready()

    @property
    def ready(self) -> bool:
        return self.file.path is not None and self.file.path.is_file()

    def ask(self) -> Future[Any]:
        return self.context.engine.dv_use_definition(self._cluster_id, self.file.path or Path())


def listed(box: QPlainTextEdit) -> tuple[str, ...]:
    """The addresses, one a line."""
    lines = (line.strip().rstrip("/") for line in box.toPlainText().splitlines())
    return tuple(line for line in lines if line)


def _lines(values: tuple[str, ...]) -> QPlainTextEdit:
    box = QPlainTextEdit("\n".join(values))
    box.setTabChangesFocus(True)
    box.setFixedHeight(58)
    return box


def _line(text: str) -> QLineEdit:
    return QLineEdit(text)
