# SPDX-License-Identifier: Apache-2.0
"""Making a backup: where to, with which passphrase; then the proof."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from desktop.components.file_field import FileField
from desktop.context import Context
from desktop.keys.backup_card import file_name
from desktop.keys.dialog import KeyDialog
from desktop.passphrases import NewPassphrase, passphrase_field, secret_of
from desktop.words.translation import tr
from node_manager.state import NodeStatus

if TYPE_CHECKING:
    from node_manager.keys.backup_proof import VerifiedBackup


class BackupDialog(KeyDialog):
    """Writes one encrypted file and proves it by opening it."""

    def __init__(
        self,
        context: Context,
        status: NodeStatus,
        parent: QWidget | None,
        *,
        ask_key_passphrase: bool,
    ) -> None:
        super().__init__(
            context,
            parent,
            tr("Back up the key of {name}").format(name=status.moniker),
            tr("One encrypted file with key and signing state. A drive of its own is best."),
            tr("Back up"),
        )
        self._node_id = status.node_id
        self.proof: VerifiedBackup | None = None
        kinds = tr("Backups (*.ocvbackup);;All files (*)")
        self.file = FileField(tr("Backup file"), kinds, saving=True)
        self.file.edit.setText(str(Path.home() / file_name(status.moniker)))
        self.passphrase = NewPassphrase(tr("It opens this backup. Nobody can restore it."))
        self.key_passphrase = passphrase_field(tr("Passphrase of the key"))
        self._ask_key = ask_key_passphrase
        if ask_key_passphrase:
            self.add_field(tr("Passphrase of the key, to open it"), self.key_passphrase)
            self.key_passphrase.textChanged.connect(self.show_ready)
        self.add_field(tr("File"), self.file)
        self.body.addWidget(self.passphrase)
        self.file.changed.connect(self.show_ready)
        self.passphrase.changed.connect(self.show_ready)
        self.show_ready()

    @property
    def ready(self) -> bool:
        key_given = bool(self.key_passphrase.text()) or not self._ask_key
        return self.file.path is not None and self.passphrase.ready and key_given

    def ask(self) -> Future[Any]:
        file = self.file.path
        if file is None:
            raise RuntimeError("no file is chosen")
        key = secret_of(self.key_passphrase) if self._ask_key else None
        return self.context.engine.back_up(self._node_id, file, self.passphrase.take(), key)

    def on_done(self, result: object) -> None:
        self.proof = result  # type: ignore[assignment]
        self.accept()
