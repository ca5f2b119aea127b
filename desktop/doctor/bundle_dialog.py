# SPDX-License-Identifier: Apache-2.0
"""A support bundle, shown file by file before it is saved."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QWidget,
)

from desktop.components.dialog import Dialog
from desktop.components.dress import button, label, put, row
from desktop.components.flow import flow
from desktop.look.theme import font, theme
from desktop.look.tokens import Size
from desktop.words import wording
from desktop.words.translation import explained, tr
from node_manager.checks.support_bundle import SupportBundle
from node_manager.explanation import OneClickError

SHOWN = 200_000
"""Characters of a file that the preview shows; the end of a log is what counts."""


class BundleDialog(Dialog):
    """What would be saved, and where to.

    Signals:
        saved: the explanation of what failed, None when it is saved; from the saving thread.
    """

    saved = Signal(object)

    def __init__(self, parent: QWidget | None, bundle: SupportBundle) -> None:
        super().__init__(parent, tr("Support bundle"), 860, least_height=560)
        self._bundle = bundle
        self.files = QListWidget()
        self.files.setAccessibleName(tr("Files of the bundle"))
        self.files.setFixedWidth(theme().px(230))
        for file in bundle.files:
            item = QListWidgetItem(f"{file.name}  ·  {wording.size(file.size)}")
            self.files.addItem(item)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setFont(font(Size.SMALL, fixed=True))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setAccessibleName(tr("Content of the chosen file"))
        self.files.currentRowChanged.connect(self._show)
        self._note = label("", "note", wrap=True)
        self.save_button = button(tr("Save…"), self._ask, kind="primary")
        self.close_button = button(tr("Cancel"), self.reject)
        told = tr(
            "This is all that is saved: {count} files, {size}. Keys, passphrases and tokens are not"
            " in it; names of secrets read (hidden). Nothing is sent anywhere."
        ).format(count=wording.number(len(bundle.files)), size=wording.size(bundle.size))
        layout = self.column
        layout.setSpacing(10)
        layout.addWidget(label(tr("Support bundle"), "title"))
        layout.addWidget(label(told, "second", wrap=True))
        layout.addLayout(row(self.files, self.text, gap=12), 1)
        layout.addWidget(self._note)
        layout.addLayout(flow(None, self.close_button, self.save_button, gap=10))
        self.saved.connect(self._on_saved, Qt.ConnectionType.QueuedConnection)
        self.files.setCurrentRow(0)

    def _show(self, place: int) -> None:
        if 0 <= place < len(self._bundle.files):
            self.text.setPlainText(self._bundle.files[place].text[-SHOWN:])

    def _ask(self) -> None:
        dialog = QFileDialog(self, tr("Save the support bundle"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("zip")
        dialog.selectFile(f"oneclick-support-{time.strftime('%Y-%m-%d')}.zip")
        dialog.fileSelected.connect(lambda name: self.save_to(Path(name)))
        dialog.open()

    def save_to(self, path: Path) -> None:
        """Save the bundle; the dialog then says where."""
        self._path = path

        def saving() -> None:
            try:
                self._bundle.save(path)
            except OneClickError as error:
                self.saved.emit(error.explanation)
            else:
                self.saved.emit(None)

        threading.Thread(target=saving, name="save bundle", daemon=True).start()

    def _on_saved(self, trouble: object) -> None:
        if trouble is None:
            put(self._note, "tone", "good")
            self._note.setText(tr("Saved as {path}.").format(path=self._path))
            self.close_button.setText(tr("Close"))
        else:
            put(self._note, "tone", "bad")
            self._note.setText(" ".join(filter(None, explained(trouble))))  # type: ignore[arg-type]
