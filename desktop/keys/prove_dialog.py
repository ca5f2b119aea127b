# SPDX-License-Identifier: Apache-2.0
"""Opening a backup to prove that it is this key's."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from PySide6.QtWidgets import QWidget

from desktop.components.file_field import FileField
from desktop.context import Context
from desktop.keys.dialog import KeyDialog
from desktop.passphrases import passphrase_field, secret_of
from desktop.translation import tr


class ProveDialog(KeyDialog):
    """Reads the file from the drive, opens it, compares key and signing state."""

    def __init__(self, context: Context, node_id: str, path: str, parent: QWidget | None) -> None:
        super().__init__(
            context,
            parent,
            tr("Prove a backup"),
            tr("It is read from the drive, opened, and compared with this validator's key."),
            tr("Prove it"),
        )
        self._node_id = node_id
        self.file = FileField(tr("Backup file"), tr("Backups (*.ocvbackup);;All files (*)"))
        self.file.edit.setText(path)
        self.passphrase = passphrase_field(tr("Passphrase of the backup"))
        self.add_field(tr("File"), self.file)
        self.add_field(tr("Passphrase of the backup"), self.passphrase)
        self.file.changed.connect(self.show_ready)
        self.passphrase.textChanged.connect(self.show_ready)
        self.show_ready()

    @property
    def ready(self) -> bool:
        return self.file.path is not None and bool(self.passphrase.text())

    def ask(self) -> Future[Any]:
        file = self.file.path
        if file is None:
            raise RuntimeError("no file is chosen")
        return self.context.engine.verify_backup(self._node_id, file, secret_of(self.passphrase))
