# SPDX-License-Identifier: Apache-2.0
"""A new backup file and its passphrase, asked to make the backup."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QLineEdit, QWidget

from desktop.components.file_field import BackupField
from desktop.context import Context
from desktop.keys.dialog import KeyDialog
from desktop.passphrases import NewPassphrase
from desktop.words.translation import tr

if TYPE_CHECKING:
    from node_manager.keys.secret import SecretBytes


class BackupForm(KeyDialog):
    """Hands the file and the passphrase to `back_up` once both are there.

    `opener` takes the passphrase of the key itself, where it needs one to be read.
    """

    def __init__(
        self,
        context: Context,
        parent: QWidget | None,
        title: str,
        line: str,
        name: str,
        *,
        opener: QLineEdit | None = None,
    ) -> None:
        super().__init__(context, parent, title, line, tr("Back up"))
        self._opener = opener
        self.file = BackupField(saving=True)
        self.file.edit.setText(str(Path.home() / name))
        self.passphrase = NewPassphrase(tr("It opens this backup. Nobody can restore it."))
        if opener is not None:
            self.add_field(tr("Passphrase of the key, to open it"), opener)
            opener.textChanged.connect(self.show_ready)
        self.add_field(tr("File"), self.file)
        self.body.addWidget(self.passphrase)
        self.file.changed.connect(self.show_ready)
        self.passphrase.changed.connect(self.show_ready)
        self.show_ready()

    @property
    def ready(self) -> bool:
        key_given = self._opener is None or bool(self._opener.text())
        return self.file.path is not None and self.passphrase.ready and key_given

    def ask(self) -> Future[Any]:
        file = self.file.path
        if file is None:
            raise RuntimeError("no file is chosen")
        return self.back_up(file, self.passphrase.take())

    def back_up(self, file: Path, secret: SecretBytes) -> Future[Any]:
        """Ask the engine."""
        raise NotImplementedError
