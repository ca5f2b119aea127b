# SPDX-License-Identifier: Apache-2.0
"""Opening a backup to prove that it is this key's."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from desktop.context import Context
from desktop.keys.prove_form import ProveForm
from desktop.words.translation import tr

if TYPE_CHECKING:
    from node_manager.keys.secret import SecretBytes


class ProveDialog(ProveForm):
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
        self.file.edit.setText(path)

    def prove(self, file: Path, secret: SecretBytes) -> Future[Any]:
        return self.context.engine.verify_backup(self._node_id, file, secret)
