# SPDX-License-Identifier: Apache-2.0
"""The step of the ENR key: where it comes from, and its backup."""

from __future__ import annotations

from pathlib import Path

from desktop.components.choice import Check as Tick
from desktop.components.dress import Card, label
from desktop.components.file_field import BackupField, FileField
from desktop.components.segmented import SegmentedControl
from desktop.context import Context
from desktop.obol.backup_dialog import backup_name
from desktop.passphrases import NewPassphrase, passphrase_field, secret_of
from desktop.wizard.draft import Draft
from desktop.wizard.step import Step
from desktop.words.translation import tr


class EnrStep(Step):
    """The ENR key: made here, taken over or put back; its backup comes before anything else."""

    def __init__(self, context: Context, draft: Draft) -> None:
        super().__init__(
            context,
            draft,
            tr("Where should the backup of the ENR key go?"),
            tr("The cluster knows this node by that key alone. It is backed up before it is used."),
        )
        self.origin = SegmentedControl(
            tr("Where the key comes from"),
            [
                ("new", tr("New key")),
                ("file", tr("From charon")),
                ("backup", tr("From a backup")),
            ],
        )
        self.origin.chosen.connect(self._on_origin)
        self.source = FileField("charon-enr-private-key")
        origin = Card(gap=8)
        origin.body.addWidget(label(tr("Key"), "heading"))
        origin.body.addWidget(self.origin)
        origin.body.addWidget(self.source)
        self.file = BackupField(saving=True)
        self.passphrase = NewPassphrase(tr("It opens this backup. Nobody can restore it."))
        self.backup = Card(gap=6)
        self.backup.body.addWidget(label(tr("Backup"), "heading"))
        self.backup.body.addWidget(self.file)
        self.backup.body.addWidget(self.passphrase)
        self.saved = BackupField()
        self.words = passphrase_field(tr("Passphrase of the backup"))
        self.alone = Tick(tr("The other computer is off for good: only this one runs the node"))
        self.restore = Card(gap=6)
        for restoring in (
            label(tr("The backup to put back"), "heading"),
            label(
                tr(
                    "Of the ENR key, or of the key shares. Two computers with the keys of one node"
                    " sign against each other and can be slashed."
                ),
                "second",
                wrap=True,
            ),
            label(tr("Backup file"), "label"),
            self.saved,
            label(tr("Passphrase of the backup"), "label"),
            self.words,
            self.alone,
        ):
            self.restore.body.addWidget(restoring)
        for card in (origin, self.backup, self.restore):
            self.content.addWidget(card)
        self.content.addStretch(1)
        for part in (self.source, self.file, self.passphrase, self.saved):
            part.changed.connect(self.readiness)
        self.words.textChanged.connect(self.readiness)
        self.alone.toggled.connect(self.readiness)
        self._on_origin("new")

    @property
    def ready(self) -> bool:
        source = self.source.path
        if self.origin.current == "backup":
            saved = self.saved.path
            given = saved is not None and saved.is_file() and bool(self.words.text())
            return given and self.alone.isChecked()
        there = self.origin.current == "new" or (source is not None and source.exists())
        return there and self.file.path is not None and self.passphrase.ready

    @property
    def note(self) -> str:
        return tr("The key is made or taken over in the last step.")

    def enter(self) -> None:
        if self.file.path is None:
            name = backup_name(self.draft.dv.name, everything=False)
            self.file.edit.setText(str(Path.home() / name))

    def leave(self) -> None:
        draft = self.draft.dv
        draft.key_source = self.source.path if self.origin.current == "file" else None
        draft.restore = draft.backup = None
        if self.origin.current == "backup":
            draft.restore = self.saved.path
            draft.passphrase = secret_of(self.words)
            return
        draft.backup = self.file.path
        draft.passphrase = self.passphrase.take()

    def _on_origin(self, key: str) -> None:
        self.source.setVisible(key == "file")
        self.backup.setVisible(key != "backup")
        self.restore.setVisible(key == "backup")
        self.readiness.emit()
