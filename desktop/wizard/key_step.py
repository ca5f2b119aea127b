# SPDX-License-Identifier: Apache-2.0
"""Where the key comes from, and how it is protected on this computer."""

from __future__ import annotations

from PySide6.QtWidgets import QButtonGroup, QWidget

from desktop.components.choice import Radio, tab_to_chosen
from desktop.components.dress import Card, label
from desktop.components.segmented import SegmentedControl
from desktop.context import Context
from desktop.passphrases import NewPassphrase
from desktop.wizard.draft import Draft
from desktop.wizard.key_sources import BackupSource, CometSource
from desktop.wizard.step import Step
from desktop.words.translation import tr


class KeyStep(Step):
    """A new key, a backup, or CometBFT's files; then keyring or passphrase."""

    def __init__(self, context: Context, draft: Draft) -> None:
        super().__init__(
            context,
            draft,
            tr("How should the key be protected?"),
            tr("It signs blocks. On disk it is encrypted, and only the signer opens it."),
        )
        self.origin = SegmentedControl(
            tr("Where the key comes from"),
            [
                ("new", tr("New key")),
                ("backup", tr("From a backup")),
                ("comet", tr("From another node")),
            ],
        )
        self.origin.chosen.connect(self._on_origin)
        self.backup, self.comet = BackupSource(context), CometSource()
        made_here = label(
            tr("It is made here from the computer's random source when you set the validator up."),
            "second",
            wrap=True,
        )
        self._sources: dict[str, QWidget] = {
            "new": made_here,
            "backup": self.backup,
            "comet": self.comet,
        }
        origin = Card(gap=10)
        origin.body.addWidget(label(tr("Key"), "heading"))
        origin.body.addWidget(self.origin)
        for source in self._sources.values():
            origin.body.addWidget(source)
        self.keyring = Radio(tr("System keyring"))
        self.by_passphrase = Radio(tr("Passphrase"))
        ways = QButtonGroup(self)
        ways.addButton(self.keyring)
        ways.addButton(self.by_passphrase)
        tab_to_chosen(ways)
        self._keyring_note = label("", "note", wrap=True)
        self.passphrase = NewPassphrase()
        protected = Card(gap=6)
        protected.body.addWidget(label(tr("Protection"), "heading"))
        for part in (
            self.keyring,
            self._keyring_note,
            self.by_passphrase,
            label(
                tr("Safer if others use this account; asked for at each start of the signer."),
                "note",
                wrap=True,
            ),
            self.passphrase,
        ):
            protected.body.addWidget(part)
        self.content.addWidget(origin)
        self.content.addWidget(protected)
        self.content.addStretch(1)
        self._say_keyring(usable=True)
        self.keyring.setChecked(True)
        self.keyring.toggled.connect(self._on_protection)
        self.passphrase.changed.connect(self.readiness)
        self.backup.changed.connect(self.readiness)
        self.comet.changed.connect(self.readiness)
        self._on_origin("new")
        self._on_protection()

    @property
    def ready(self) -> bool:
        source = self._source()
        protected = self.keyring.isChecked() or self.passphrase.ready
        return protected and (source is None or source.ready)

    @property
    def note(self) -> str:
        return tr("The key is made or taken over in the last step.")

    def enter(self) -> None:
        self.origin.choose(self.draft.key_origin)
        self._on_origin(self.draft.key_origin)
        adapter = self.context.adapter
        adapter.when(adapter.engine.usual_protection(), self, self._on_usual)

    def leave(self) -> None:
        source = self._source()
        self.draft.key_source = None if source is None else source.take()
        self.draft.protection = "keyring" if self.keyring.isChecked() else "passphrase"
        self.draft.passphrase = None if self.keyring.isChecked() else self.passphrase.take()

    def _source(self) -> BackupSource | CometSource | None:
        sources: dict[str, BackupSource | CometSource] = {
            "backup": self.backup,
            "comet": self.comet,
        }
        return sources.get(self.origin.current)

    def _on_origin(self, key: str) -> None:
        self.draft.key_origin = key  # type: ignore[assignment]
        for name, source in self._sources.items():
            source.setVisible(name == key)
        self.readiness.emit()

    def _on_usual(self, usual: str) -> None:
        self._say_keyring(usable=usual == "keyring")
        if usual != "keyring":
            self.by_passphrase.setChecked(True)

    def _say_keyring(self, *, usable: bool) -> None:
        self.keyring.setEnabled(usable)
        text = tr("Opened with your login. Only a backup then needs a passphrase.")
        if not usable:
            text = tr("This computer has no keyring that keeps a secret. A passphrase it is.")
        self._keyring_note.setText(text)

    def _on_protection(self) -> None:
        self.passphrase.setVisible(self.by_passphrase.isChecked())
        self.readiness.emit()
