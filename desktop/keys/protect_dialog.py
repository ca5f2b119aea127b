# SPDX-License-Identifier: Apache-2.0
"""Another protection of the key on disk: keyring or passphrase."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from PySide6.QtWidgets import QButtonGroup, QWidget

from desktop.components.choice import Radio, tab_to_chosen
from desktop.components.dress import label
from desktop.context import Context
from desktop.engine.client import Protection
from desktop.keys.dialog import KeyDialog
from desktop.passphrases import NewPassphrase, passphrase_field, secret_of
from desktop.words.translation import tr


class ProtectDialog(KeyDialog):
    """Encrypts the key file anew; older backups keep their own passphrase."""

    def __init__(
        self, context: Context, node_id: str, current: Protection, parent: QWidget | None
    ) -> None:
        super().__init__(
            context,
            parent,
            tr("Protect the key"),
            tr("The key file is encrypted anew. Backups keep the passphrase they were made with."),
            tr("Protect"),
        )
        self._node_id, self._current = node_id, current
        self.old = passphrase_field(tr("Present passphrase"))
        if current == "passphrase":
            self.add_field(tr("Present passphrase"), self.old)
        self.keyring = Radio(tr("System keyring"))
        self.by_passphrase = Radio(tr("Passphrase"))
        ways = QButtonGroup(self)
        ways.addButton(self.keyring)
        ways.addButton(self.by_passphrase)
        tab_to_chosen(ways)
        self.by_passphrase.setChecked(True)
        self.keyring.setEnabled(current == "passphrase")
        self.passphrase = NewPassphrase()
        self.body.addWidget(self.keyring)
        self.body.addWidget(label(tr("Opened with your login."), "note"))
        self.body.addWidget(self.by_passphrase)
        self.body.addWidget(self.passphrase)
        self.keyring.toggled.connect(self._on_choice)
        self.passphrase.changed.connect(self.show_ready)
        self.old.textChanged.connect(self.show_ready)
        self.show_ready()

    def _on_choice(self) -> None:
        self.passphrase.setVisible(self.by_passphrase.isChecked())
        self.show_ready()
        self.fit()

    @property
    def ready(self) -> bool:
        opened = bool(self.old.text()) or self._current == "keyring"
        return opened and (self.keyring.isChecked() or self.passphrase.ready)

    def ask(self) -> Future[Any]:
        chosen: Protection = "keyring" if self.keyring.isChecked() else "passphrase"
        old = secret_of(self.old) if self._current == "passphrase" else None
        new = self.passphrase.take() if chosen == "passphrase" else None
        return self.context.engine.change_protection(self._node_id, chosen, old, new)
