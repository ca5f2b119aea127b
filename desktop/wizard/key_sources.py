# SPDX-License-Identifier: Apache-2.0
"""A key that comes from elsewhere: a backup of this app, or CometBFT's two files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from desktop.components.choice import Check
from desktop.components.dress import label, put
from desktop.components.file_field import BackupField, FileField
from desktop.context import Context
from desktop.passphrases import passphrase_field, secret_of
from desktop.words import wording
from desktop.words.translation import explained, tr

if TYPE_CHECKING:
    from node_manager.explanation import Explanation
    from node_manager.node.plan import BackupFile, CometFiles


class _Source(QWidget):
    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(5)
        self.machine_off = Check(tr("The computer that had this key is off for good"))
        self.machine_off.toggled.connect(self.changed)

    def _add_field(self, name: str, field: QWidget) -> None:
        heading = label(name, "label", wrap=True)
        heading.setBuddy(field)
        self._layout.addWidget(heading)
        self._layout.addWidget(field)

    def _add_warning(self) -> None:
        self._layout.addWidget(self.machine_off)
        self._layout.addWidget(
            label(
                tr(
                    "One key on two computers signs twice: the chain takes part of the bond and"
                    " shuts the validator out for good. The app watches the chain before it signs."
                ),
                "note",
                wrap=True,
            )
        )


class BackupSource(_Source):
    """A backup file of this app and its passphrase."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.file = BackupField()
        self._header = label("", "note", wrap=True)
        self.passphrase = passphrase_field(tr("Passphrase of the backup"))
        self._add_field(tr("Backup file"), self.file)
        self._layout.addWidget(self._header)
        self._add_field(tr("Passphrase of the backup"), self.passphrase)
        self._add_warning()
        self.file.changed.connect(self._on_file)
        self.passphrase.textChanged.connect(self.changed)

    @property
    def ready(self) -> bool:
        """Whether file, passphrase and the person's word are there."""
        path = self.file.path
        return (
            path is not None
            and path.is_file()
            and bool(self.passphrase.text())
            and self.machine_off.isChecked()
        )

    @property
    def says(self) -> str:
        """What the chosen file says of itself."""
        return self._header.text()

    def take(self) -> BackupFile:
        """The source for the plan."""
        from node_manager.node.plan import BackupFile

        if self.file.path is None:
            raise RuntimeError("no backup is chosen")
        return BackupFile(self.file.path, secret_of(self.passphrase), self.machine_off.isChecked())

    def _on_file(self) -> None:
        self.changed.emit()
        path = self.file.path
        self._header.setText("")
        if path is not None and path.is_file():
            adapter = self._context.adapter
            adapter.when(adapter.engine.read_backup(path), self, self._on_header, self._on_refused)

    def _on_header(self, header: Any) -> None:
        put(self._header, "tone", "")
        self._header.setText(
            tr("It says of itself: {chain}, made {at}, key {address}.").format(
                chain=header.chain_id, at=header.created_at, address=header.address
            )
        )

    def _on_refused(self, reason: Explanation) -> None:
        put(self._header, "tone", "bad")
        self._header.setText(" ".join(filter(None, explained(reason))))


class CometSource(_Source):
    """`priv_validator_key.json` with `priv_validator_state.json`."""

    def __init__(self) -> None:
        super().__init__()
        self.key = FileField("priv_validator_key.json", "JSON (*.json);;* (*)")
        self.state = FileField("priv_validator_state.json", "JSON (*.json);;* (*)")
        self.start_height = QLineEdit()
        self.start_height.setAccessibleName(tr("Sign only from this height on"))
        self._note = label("", "note", wrap=True)
        self._add_field("priv_validator_key.json", self.key)
        self._add_field("priv_validator_state.json", self.state)
        self._add_field(
            tr("Or, if the state is lost: sign only from this height on"), self.start_height
        )
        self._layout.addWidget(self._note)
        self._add_warning()
        for field in (self.key, self.state):
            field.changed.connect(self._on_changed)
        self.start_height.textChanged.connect(self._on_changed)
        self._on_changed()

    @property
    def ready(self) -> bool:
        """Whether the key, its state or a height, and the person's word are there."""
        key, state = self.key.path, self.state.path
        with_state = state is not None and state.is_file()
        return (
            key is not None
            and key.is_file()
            and (with_state or self._height() is not None)
            and self.machine_off.isChecked()
        )

    def take(self) -> CometFiles:
        """The source for the plan."""
        from node_manager.node.plan import CometFiles

        if self.key.path is None:
            raise RuntimeError("no key file is chosen")
        state = self.state.path
        height = None if state is not None else self._height()
        return CometFiles(self.key.path, state, height, self.machine_off.isChecked())

    def _height(self) -> int | None:
        text = self.start_height.text().strip().replace(",", "")
        return int(text) if text.isdecimal() and int(text) > 0 else None

    def _on_changed(self) -> None:
        height = self._height()
        text = tr("The state says what the key has signed; without it, signing twice is possible.")
        if self.state.path is None and height is not None:
            text = tr("It will not sign below height {height}.").format(
                height=wording.number(height)
            )
        self._note.setText(text)
        self.changed.emit()
