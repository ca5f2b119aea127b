# SPDX-License-Identifier: Apache-2.0
"""The passphrase of a locked key, asked for and handed to the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLineEdit, QWidget

from desktop.components.dialog import Dialog
from desktop.components.dress import button, label
from desktop.components.error_panel import ErrorPanel
from desktop.components.flow import flow
from desktop.words.translation import tr

if TYPE_CHECKING:
    from desktop.context import Context
    from node_manager.explanation import Explanation


class UnlockDialog(Dialog):
    """Stays open with the reason when the passphrase is refused."""

    def __init__(self, context: Context, node_id: str, parent: QWidget | None) -> None:
        super().__init__(parent, tr("Unlock the key"), 460)
        self._context, self._node_id = context, node_id
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setAccessibleName(tr("Passphrase"))
        name = label(tr("&Passphrase"), "label")
        name.setBuddy(self.field)
        self.trouble = ErrorPanel()
        self.unlock = button(tr("Unlock"), self._on_unlock, kind="primary")
        self.unlock.setDefault(True)
        self.unlock.setEnabled(False)
        self.field.textChanged.connect(lambda text: self.unlock.setEnabled(bool(text)))
        layout = self.column
        layout.addWidget(label(tr("Unlock the key"), "title"))
        layout.addWidget(
            label(tr("The signer holds it in memory until it ends."), "second", wrap=True)
        )
        for part in (name, self.field, self.trouble):
            layout.addWidget(part)
        layout.addSpacing(8)
        layout.addLayout(flow(None, button(tr("Cancel"), self.reject), self.unlock, gap=10))

    def _on_unlock(self) -> None:
        from desktop.passphrases import secret_of

        self.unlock.setEnabled(False)
        self._context.adapter.when(
            self._context.engine.unlock(self._node_id, secret_of(self.field)),
            self,
            lambda _nothing: self.accept(),
            self._on_refused,
        )

    def _on_refused(self, reason: Explanation) -> None:
        self.trouble.explain(reason)
        self.fit()
        self.field.setFocus()
