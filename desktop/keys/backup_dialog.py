# SPDX-License-Identifier: Apache-2.0
"""Making a backup: where to, with which passphrase; then the proof."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from desktop.context import Context
from desktop.keys.backup_card import file_name
from desktop.keys.backup_form import BackupForm
from desktop.passphrases import passphrase_field, secret_of
from desktop.words.translation import tr
from node_manager.state import NodeStatus

if TYPE_CHECKING:
    from node_manager.keys.backup_proof import VerifiedBackup
    from node_manager.keys.secret import SecretBytes


class BackupDialog(BackupForm):
    """Writes one encrypted file and proves it by opening it."""

    def __init__(
        self,
        context: Context,
        status: NodeStatus,
        parent: QWidget | None,
        *,
        ask_key_passphrase: bool,
    ) -> None:
        opener = passphrase_field(tr("Passphrase of the key"))
        super().__init__(
            context,
            parent,
            tr("Back up the key of {name}").format(name=status.moniker),
            tr("One encrypted file with key and signing state. A drive of its own is best."),
            file_name(status.moniker),
            opener=opener if ask_key_passphrase else None,
        )
        self._node_id, self._ask_key = status.node_id, ask_key_passphrase
        self.key_passphrase = opener
        self.proof: VerifiedBackup | None = None

    def back_up(self, file: Path, secret: SecretBytes) -> Future[Any]:
        key = secret_of(self.key_passphrase) if self._ask_key else None
        return self.context.engine.back_up(self._node_id, file, secret, key)

    def on_done(self, result: object) -> None:
        self.proof = result  # type: ignore[assignment]
        self.accept()
