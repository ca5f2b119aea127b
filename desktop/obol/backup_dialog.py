# SPDX-License-Identifier: Apache-2.0
"""Making a backup of a distributed validator: the ENR key, or every file of charon's."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from desktop.context import Context
from desktop.keys.backup_form import BackupForm
from desktop.keys.prove_form import ProveForm
from desktop.words.translation import tr

if TYPE_CHECKING:
    from node_manager.keys.secret import SecretBytes
    from node_manager.obol.status import DvStatus


def backup_name(name: str, *, everything: bool) -> str:
    """A file name that says what is in it."""
    stem = "".join(letter if letter.isalnum() else "-" for letter in name).strip("-") or "cluster"
    return f"{stem}-{'cluster' if everything else 'enr'}.ocvbackup"


class DvBackupDialog(BackupForm):
    """Writes one encrypted file; the engine proves it by opening it."""

    def __init__(
        self, context: Context, status: DvStatus, parent: QWidget | None, *, everything: bool
    ) -> None:
        title = tr("Back up the ENR key of {name}")
        line = tr("One encrypted file with the key that the cluster knows this node by.")
        if everything:
            title = tr("Back up the key shares of {name}")
            line = tr("One encrypted file: ENR key, key shares, lock. A drive of its own is best.")
        name = backup_name(status.name, everything=everything)
        super().__init__(context, parent, title.format(name=status.name), line, name)
        self._cluster_id, self._everything = status.cluster_id, everything

    def back_up(self, file: Path, secret: SecretBytes) -> Future[Any]:
        return self.context.engine.dv_back_up(self._cluster_id, file, secret, self._everything)


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
