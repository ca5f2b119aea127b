# SPDX-License-Identifier: Apache-2.0
"""Passphrases on their way from a field to the engine, and how strong a new one is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from desktop.components.bars import Bar
from desktop.components.dress import label, put
from desktop.words.translation import engine_words, tr

if TYPE_CHECKING:
    from node_manager.keys.secret import SecretBytes

JUDGE_AFTER_MILLISECONDS = 120
_FILLS = ("badfill", "badfill", "warnfill", "goodfill", "goodfill")


def secret_of(field: QLineEdit) -> SecretBytes:
    """Take the passphrase out of `field`, which is empty afterwards."""
    from node_manager.keys.secret import SecretBytes

    secret = SecretBytes(bytearray(field.text().encode()))
    field.clear()
    return secret


def passphrase_field(name: str) -> QLineEdit:
    """A field whose text is hidden."""
    field = QLineEdit()
    field.setEchoMode(QLineEdit.EchoMode.Password)
    field.setAccessibleName(name)
    return field


class NewPassphrase(QWidget):
    """A new passphrase, typed twice, with its strength.

    Signals:
        changed: whether it may be used now.
    """

    changed = Signal()

    def __init__(self, note: str = "") -> None:
        super().__init__()
        self.first = passphrase_field(tr("New passphrase"))
        self.second = passphrase_field(tr("Once more"))
        self._bar = Bar(6, tr("Strength"))
        self._words = label("", "note", wrap=True)
        self._score = 0
        self.acceptable = False
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for text, field in ((tr("Passphrase"), self.first), (tr("Once more"), self.second)):
            name = label(text, "label")
            name.setBuddy(field)
            layout.addWidget(name)
            layout.addWidget(field)
            layout.addSpacing(4)
        layout.addWidget(self._bar)
        layout.addWidget(self._words)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(JUDGE_AFTER_MILLISECONDS)
        self._timer.timeout.connect(self.judge)
        for field in (self.first, self.second):
            field.textChanged.connect(self._on_typed)
        usual = tr("It is asked for when the key is unlocked. Nobody can restore it.")
        self._note = note or usual
        self._say(self._note, "")

    @property
    def ready(self) -> bool:
        """Whether both are the same and strong enough."""
        return self.acceptable and self.first.text() == self.second.text()

    def take(self) -> SecretBytes:
        """The passphrase; the fields are empty afterwards."""
        self.second.clear()
        return secret_of(self.first)

    def _on_typed(self) -> None:
        self.acceptable = False
        self._timer.start()
        self.changed.emit()

    def judge(self) -> None:
        """Judge what is typed now."""
        text = self.first.text()
        if not text:
            self._bar.show_share(None)
            self._say(self._note, "")
            return
        from node_manager.keys.passphrase import strength

        judged = strength(text)
        self.acceptable = judged.acceptable
        self._bar.show_share((judged.score + 1) / 5, _FILLS[judged.score])
        words = " ".join(filter(None, (engine_words(judged.words), engine_words(judged.hint))))
        if judged.acceptable and self.second.text() and text != self.second.text():
            self._say(tr("The two differ."), "bad")
        else:
            self._say(words, "" if judged.acceptable else "bad")
        self.changed.emit()

    def _say(self, words: str, tone: str) -> None:
        self._words.setText(words)
        put(self._words, "tone", tone)
