# SPDX-License-Identifier: Apache-2.0
"""A backup file and its passphrase, asked to prove the backup."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from desktop.components.file_field import BackupField
from desktop.context import Context
from desktop.keys.dialog import KeyDialog
from desktop.passphrases import passphrase_field, secret_of
from desktop.words.translation import tr

if TYPE_CHECKING:
    from node_manager.keys.secret import SecretBytes


class ProveForm(KeyDialog):
    """Hands the file and the passphrase to `prove` once both are there."""

    def __init__(
        self, context: Context, parent: QWidget | None, title: str, line: str, verb: str
    ) -> None:
        super().__init__(context, parent, title, line, verb)
        self.file = BackupField()
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
        return self.prove(file, secret_of(self.passphrase))

    def prove(self, file: Path, secret: SecretBytes) -> Future[Any]:
        """Ask the engine."""
        raise NotImplementedError
