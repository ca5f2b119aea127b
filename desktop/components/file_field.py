# SPDX-License-Identifier: Apache-2.0
"""A path to type or to choose."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QLineEdit, QWidget

from desktop.components.dress import button
from desktop.components.flow import flow
from desktop.words.translation import tr


class FileField(QWidget):
    """A line with a button beside it; `saving` asks for a new file.

    Signals:
        changed: the path is another one.
    """

    changed = Signal()

    def __init__(self, name: str, kinds: str = "", *, saving: bool = False) -> None:
        super().__init__()
        self._name, self._kinds, self._saving = name, kinds, saving
        self.edit = QLineEdit()
        self.edit.setAccessibleName(name)
        self.edit.textChanged.connect(self.changed)
        choose = button(tr("Choose…"), self._on_choose, name=f"{tr('Choose…')} {name}")
        self.setLayout(flow(self.edit, choose))
        self.setFocusProxy(self.edit)

    @property
    def path(self) -> Path | None:
        """The path, None while there is none."""
        text = self.edit.text().strip()
        return Path(text).expanduser() if text else None

    def _on_choose(self) -> None:
        choose = QFileDialog.getSaveFileName if self._saving else QFileDialog.getOpenFileName
        chosen, _kind = choose(self, self._name, self.edit.text(), self._kinds)
        if chosen:
            self.edit.setText(chosen)


class BackupField(FileField):
    """The same for a backup that this app makes."""

    def __init__(self, *, saving: bool = False) -> None:
        kinds = tr("Backups (*.ocvbackup);;All files (*)")
        super().__init__(tr("Backup file"), kinds, saving=saving)
