# SPDX-License-Identifier: Apache-2.0
"""Making a backup of a distributed validator: the ENR key, or every file of charon's."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from desktop.components.file_field import FileField
from desktop.context import Context
from desktop.keys.dialog import KeyDialog
from desktop.keys.prove_form import ProveForm
from desktop.passphrases import NewPassphrase
from desktop.words.translation import tr

if TYPE_CHECKING:
    from node_manager.keys.secret import SecretBytes
    from node_manager.obol.status import DvStatus


def backup_name(name: str, *, everything: bool) -> str:
    """A file name that says what is in it."""
    stem = "".join(letter if letter.isalnum() else "-" for letter in name).strip("-") or "cluster"
    return f"{stem}-{'cluster' if everything else 'enr'}.ocvbackup"


class DvBackupDialog(KeyDialog):
    """Writes one encrypted file; the engine proves it by opening it."""

    def __init__(
        self, context: Context, status: DvStatus, parent: QWidget | None, *, everything: bool
    ) -> None:
        title = tr("Back up the ENR key of {name}")
        line = tr("One encrypted file with the key that the cluster knows this node by.")
        if everything:
            title = tr("Back up the key shares of {name}")
            line = tr("One encrypted file: ENR key, key shares, lock. A drive of its own is best.")
        super().__init__(context, parent, title.format(name=status.name), line, tr("Back up"))
        self._cluster_id, self._everything = status.cluster_id, everything
        self.file = FileField(
            tr("Backup file"), tr("Backups (*.ocvbackup);;All files (*)"), saving=True
        )
        self.file.edit.setText(str(Path.home() / backup_name(status.name, everything=everything)))
        self.passphrase = NewPassphrase(tr("It opens this backup. Nobody can restore it."))
        self.add_field(tr("File"), self.file)
        self.body.addWidget(self.passphrase)
        self.file.changed.connect(self.show_ready)
        self.passphrase.changed.connect(self.show_ready)
        self.show_ready()

    @property
    def ready(self) -> bool:
        return self.file.path is not None and self.passphrase.ready

    def ask(self) -> Future[Any]:
        file = self.file.path
        if file is None:
            raise RuntimeError("no file is chosen")
        engine, secret = self.context.engine, self.passphrase.take()
        return engine.dv_back_up(self._cluster_id, file, secret, self._everything)


class DvProveDialog(ProveForm):
    """Opens a backup of the ENR key and holds it against the key."""

    def __init__(self, context: Context, status: DvStatus, parent: QWidget | None) -> None:
        super().__init__(
            context,
            parent,
            tr("Prove a backup of the ENR key"),
            tr("It is opened and compared with the key of this node. Nothing is changed."),
            tr("Open it"),
        )
        self._cluster_id = status.cluster_id

    def prove(self, file: Path, secret: SecretBytes) -> Future[Any]:
        return self.context.engine.dv_prove_backup(self._cluster_id, file, secret)
