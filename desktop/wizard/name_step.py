# SPDX-License-Identifier: Apache-2.0
"""The validator's public name, the place of its data, and what the network does not publish."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QLineEdit, QVBoxLayout, QWidget

from desktop.components.dress import Card, button, clear, label, put, row, tag
from desktop.components.flow import flow
from desktop.components.segmented import SegmentedControl
from desktop.context import Context
from desktop.machine import free_bytes
from desktop.wizard.draft import Draft
from desktop.wizard.step import Step
from desktop.words import wording
from desktop.words.translation import engine_words, tr

MONIKER_BYTES = 70
"""Limit of the chain (cosmos-sdk x/staking, MaxMonikerLength)."""

GIGA = 1e9


class NameStep(Step):
    """Moniker and data folder; below them, questions about facts that nobody published."""

    def __init__(self, context: Context, draft: Draft) -> None:
        super().__init__(
            context,
            draft,
            tr("What should others call it?"),
            tr("The name is public. It can be changed on the chain later."),
        )
        self.moniker = QLineEdit()
        self.moniker.setAccessibleName(tr("Name of the validator"))
        self.moniker.setPlaceholderText(tr("for example: north-sea-1"))
        self._moniker_note = label("", "note", wrap=True)
        named = Card(gap=5)
        name = label(tr("&Name"), "label")
        name.setBuddy(self.moniker)
        for part in (name, self.moniker, self._moniker_note):
            named.body.addWidget(part)
        self.folder = QLineEdit()
        self.folder.setAccessibleName(tr("Folder of the chain's data"))
        self._folder_note = label("", "note", wrap=True)
        placed = Card(gap=5)
        place = label(tr("&Folder of the chain's data"), "label")
        place.setBuddy(self.folder)
        choose = button(tr("Choose…"), self._on_choose, name=tr("Choose the data folder…"))
        placed.body.addWidget(place)
        placed.body.addLayout(row(self.folder, choose))
        placed.body.addWidget(self._folder_note)
        self._questions = Card(gap=5)
        self._question_part = QVBoxLayout()
        self._question_part.setSpacing(4)
        hint = tag(tr("ask the network's team"), "warn")
        heading = flow(label(tr("Not published"), "heading"), None, hint)
        self._questions.body.addLayout(heading)
        self._questions.body.addLayout(self._question_part)
        self.answers: dict[str, QLineEdit] = {}
        self._needed: set[str] = set()
        self.begin = SegmentedControl(
            tr("How the chain is fetched"),
            [("first", tr("From the first block")), ("snapshot", tr("From a snapshot"))],
        )
        self.begin.chosen.connect(lambda _key: self._show_begin())
        self._begin_note = label("", "note", wrap=True)
        self._begin = Card(gap=5)
        self._begin.body.addWidget(label(tr("How the chain is fetched"), "label"))
        self._begin.body.addLayout(row(self.begin, None))
        self._begin.body.addWidget(self._begin_note)
        self._begin.hide()
        for card in (named, placed, self._begin, self._questions):
            self.content.addWidget(card)
        self.content.addStretch(1)
        self.moniker.textChanged.connect(self._on_typed)
        self.folder.textChanged.connect(self._on_typed)
        self._asked_of = ""

    @property
    def ready(self) -> bool:
        answered = all(self.answers[field].text().strip() for field in self._needed)
        return not self._moniker_fault() and not self._folder_fault() and answered

    @property
    def note(self) -> str:
        return tr("Nothing is installed yet.")

    def enter(self) -> None:
        if not self.folder.text():
            self.folder.setText(str(self.context.layout.nodes))
        profile = self.draft.profile
        if profile is not None and profile.id != self._asked_of:
            self._asked_of = profile.id
            self._ask()
            self.begin.choose("first")
            self._show_begin()
        self.moniker.setFocus()
        self._on_typed()

    def leave(self) -> None:
        self.draft.moniker = self.moniker.text().strip()
        chosen = Path(self.folder.text().strip()).expanduser()
        self.draft.data_folder = None if chosen == self.context.layout.nodes else chosen
        self.draft.state_sync = self._offered > 1 and self.begin.current == "snapshot"
        self.draft.answers = {
            field: edit.text().strip()
            for field, edit in self.answers.items()
            if edit.text().strip()
        }

    def _ask(self) -> None:
        clear(self._question_part)
        self.answers.clear()
        missing = self.draft.profile.missing() if self.draft.profile is not None else []
        self._needed = {fact.field for fact in missing if fact.needed}
        for fact in missing:
            edit = QLineEdit()
            edit.setAccessibleName(engine_words(fact.label))
            edit.textChanged.connect(self._on_typed)
            name = label(engine_words(fact.label), "label", wrap=True)
            name.setBuddy(edit)
            holder = QWidget()
            inner = QVBoxLayout(holder)
            inner.setContentsMargins(0, 6, 0, 0)
            inner.setSpacing(4)
            for part in (name, edit, label(engine_words(fact.why), "note", wrap=True)):
                inner.addWidget(part)
            self._question_part.addWidget(holder)
            self.answers[fact.field] = edit
        self._questions.setVisible(bool(missing))

    @property
    def _offered(self) -> int:
        profile = self.draft.profile
        return len(profile.state_sync_servers) if profile is not None else 0

    def _show_begin(self) -> None:
        """A choice only where the network names servers that can be held against each other."""
        self._begin.setVisible(self._offered > 1)
        if self.begin.current == "snapshot":
            text = tr(
                "It begins near the newest block, with a state from {count} servers of the network"
                " that are held against each other. Older blocks are not kept here."
            ).format(count=self._offered)
        else:
            text = tr("Every block is fetched and checked here, which can take hours or days.")
        self._begin_note.setText(text)

    def _moniker_fault(self) -> str:
        text = self.moniker.text().strip()
        if not text:
            return tr("It needs a name.")
        if len(text.encode()) > MONIKER_BYTES:
            return tr("It is longer than {count} bytes.").format(count=MONIKER_BYTES)
        return ""

    def _folder_fault(self) -> str:
        text = self.folder.text().strip()
        if not text:
            return tr("It needs a folder.")
        if not Path(text).expanduser().is_absolute():
            return tr("The folder needs its whole path.")
        return ""

    def _on_typed(self) -> None:
        fault = self._moniker_fault()
        shown = fault if self.moniker.text() else ""
        self._moniker_note.setText(shown or tr("Up to {count} bytes.").format(count=MONIKER_BYTES))
        put(self._moniker_note, "tone", "bad" if shown else "")
        self._show_space()
        self.readiness.emit()

    def _show_space(self) -> None:
        fault = self._folder_fault()
        if fault:
            self._folder_note.setText(fault)
            put(self._folder_note, "tone", "bad")
            return
        free = free_bytes(Path(self.folder.text().strip()).expanduser())
        need = self.draft.profile.needs.disk_gb if self.draft.profile is not None else None
        text = tr("Free space unknown.")
        if free is not None:
            text = tr("{size} free.").format(size=wording.size(free))
        short = free is not None and need is not None and free < need * GIGA
        if need is not None:
            text += " " + tr("The network asks for {size}.").format(size=wording.size(need * GIGA))
        else:
            text += " " + tr("How much the network needs is not said.")
        text += " " + tr("The key stays in the app's own folder.")
        self._folder_note.setText(text)
        put(self._folder_note, "tone", "warn" if short else "")

    def _on_choose(self) -> None:
        chosen = QFileDialog.getExistingDirectory(
            self, tr("Folder of the chain's data"), self.folder.text()
        )
        if chosen:
            self.folder.setText(chosen)
