# SPDX-License-Identifier: Apache-2.0
"""The consensus key: what is public of it, its backup, and the guard against signing twice."""

from __future__ import annotations

import time

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from desktop.acts import NodeActs
from desktop.components.dress import Card, button, column, label, put, row, take_out
from desktop.components.flow import flow
from desktop.components.glyph_label import GlyphLabel
from desktop.context import Context
from desktop.engine.client import KeyFacts
from desktop.keys.backup_card import BackupCard
from desktop.keys.guard_card import GuardCard
from desktop.keys.key_card import KeyCard
from desktop.look.glyphs import Glyph
from desktop.look.icons import icon
from desktop.look.theme import theme
from desktop.look.tokens import Space
from desktop.pages.page import Page
from desktop.words.translation import tr
from desktop.words.wording import ago
from node_manager.explanation import Explanation
from node_manager.state import NodeStatus

NARROW = 760
"""Content narrower than this puts the guard below the key."""


class KeysPage(Page):
    """Back up is the primary act until a backup is proved; then it is a plain one."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, tr("Keys"))
        self.facts: KeyFacts | None = None
        self._asked_for = ("", 0.0)
        self._refusals_of = ("", 0)
        self._acts = NodeActs(context, self)
        self._glyph = GlyphLabel(Glyph.WARN, 24, disc=44)
        self._title = label("", "sentence", wrap=True)
        self._line = label("", "second", wrap=True)
        self.back_up = button(tr("Back up key…"), self.begin_backup, symbol="backup")
        put(self.back_up, "measure", "large")
        top = Card(margins=(20, 20, 20, 20))
        words = column(None, self._title, self._line, None, gap=2)
        head = flow(row(self._glyph, 16, words, gap=0), 16, self.back_up, gap=0)
        head.setStretch(0, 1)
        top.body.addLayout(head)
        self.key = KeyCard()
        self.key.protect_asked.connect(self._on_protect)
        self.key.unlock_asked.connect(self._on_unlock)
        self.key.lock_asked.connect(self._on_lock)
        self.backup = BackupCard()
        self.backup.prove_asked.connect(self._on_prove)
        self.backup.sheet_asked.connect(self._on_sheet)
        self.guard = GuardCard()
        self.guard.log_asked.connect(lambda: context.wishes.page.emit("logs"))
        restore = Card(margins=(18, 14, 18, 14))
        self.restore = button(tr("Restore from a backup…"), self._on_restore, symbol="restore")
        about = label(
            tr("Sets up another validator from it. The app watches the chain before it signs."),
            "note",
            wrap=True,
        )
        lines = column(label(tr("Restore"), "heading"), about, gap=1)
        restore_row = flow(lines, 12, self.restore, gap=0)
        restore_row.setStretch(0, 1)
        restore.body.addLayout(restore_row)
        self._left = QWidget()
        self._left.setLayout(column(self.key, self.backup, restore, None, gap=Space.BETWEEN))
        self._grid = QGridLayout()
        self._grid.setSpacing(Space.BETWEEN)
        self._narrow: bool | None = None
        self._lay_out(narrow=False)
        self.content.addWidget(top)
        self.content.addLayout(self._grid)
        self.content.addStretch(1)

    def _lay_out(self, *, narrow: bool) -> None:
        if narrow is self._narrow:
            return
        self._narrow = narrow
        take_out(self._grid)
        self._grid.addWidget(self._left, 0, 0)
        self._grid.addWidget(self.guard, *((1, 0) if narrow else (0, 1)))
        self._grid.setColumnStretch(0, 54)
        self._grid.setColumnStretch(1, 0 if narrow else 35)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = (self.viewport().width() - 2 * Space.PAGE) / theme().scale
        self._lay_out(narrow=room < NARROW)

    def render_status(self, status: NodeStatus, now: float) -> None:
        self.show_subtitle(f"{status.moniker} · {status.chain_id}")
        self._ask(status)
        self._show_head(status, now)
        self.key.show_status(status, self.facts, now)
        self.backup.show_proof(self.facts.proof if self.facts else None, status, now)
        self.guard.show_status(status, now)
        self._ask_refusals(status)
        self.back_up.setEnabled(self.facts is not None)

    def _ask(self, status: NodeStatus) -> None:
        """Ask for the key's facts when another node is shown or its backup was proved."""
        wanted = (status.node_id, status.backup_verified_at or 0.0)
        if wanted == self._asked_for or not self.context.adapter.is_open:
            return
        if wanted[0] != self._asked_for[0]:
            self.facts = None
        self._asked_for = wanted
        self._read_facts()

    def _ask_refusals(self, status: NodeStatus) -> None:
        """Read the signer's log when another node is shown or its count of refusals has changed."""
        figures = status.signer.value
        wanted = (status.node_id, -1 if figures is None else figures.refused)
        adapter = self.context.adapter
        if wanted == self._refusals_of or not adapter.is_open:
            return
        self._refusals_of = wanted
        adapter.when(
            adapter.engine.refusals(status.node_id),
            self,
            lambda refused: self.guard.show_refusals(refused, time.time()),
            lambda _why: None,
        )

    def _read_facts(self) -> None:
        if self.status is not None:
            adapter = self.context.adapter
            answer = adapter.engine.key_facts(self.status.node_id)
            adapter.when(answer, self, self._on_facts, self._on_no_facts)

    def _on_facts(self, facts: KeyFacts) -> None:
        self.facts = facts
        self.render_now()

    def _on_no_facts(self, reason: Explanation) -> None:
        self.facts = None
        self.key.explain(reason)

    def _show_head(self, status: NodeStatus, now: float) -> None:
        at = status.backup_verified_at
        if status.consensus_pubkey is None:
            words = (Glyph.COMING, tr("There is no key yet."), tr("It is made in the first run."))
        elif at is None:
            words = (
                Glyph.WARN,
                tr("This key has no backup."),
                tr(
                    "If this disk fails, the validator is lost: there is no second copy of its key."
                ),
            )
        else:
            age = ago(max(0.0, now - at))
            words = (
                Glyph.GOOD,
                tr("Backed up, and the backup was opened to prove it."),
                tr(
                    "Proved {age}. Keep the passphrase apart from the file:"
                    " without it nobody can open it."
                ).format(age=age),
            )
        glyph, title, line = words
        self._glyph.show_glyph(glyph)
        self._title.setText(title)
        self._line.setText(line)
        put(self.back_up, "kind", "primary" if at is None else "plain")
        self.back_up.setIcon(icon("backup", "on_acc" if at is None else "t1"))
        text = tr("Back up key…") if at is None else tr("Back up again…")
        self.back_up.setText(f" {text}")
        self.back_up.setAccessibleName(text)

    def begin_backup(self) -> None:
        """Open the backup of the key of the node that is shown."""
        from desktop.keys.backup_dialog import BackupDialog

        if self.status is not None:
            needs_passphrase = self.facts is not None and self.facts.protection == "passphrase"
            dialog = BackupDialog(
                self.context, self.status, self, ask_key_passphrase=needs_passphrase
            )
            dialog.finished.connect(lambda _result: self._read_facts())
            dialog.open()

    def _on_prove(self) -> None:
        from desktop.keys.prove_dialog import ProveDialog

        if self.status is not None:
            path = self.facts.proof.path if self.facts and self.facts.proof else ""
            dialog = ProveDialog(self.context, self.status.node_id, path, self)
            dialog.finished.connect(lambda _result: self._read_facts())
            dialog.open()

    def _on_protect(self) -> None:
        from desktop.keys.protect_dialog import ProtectDialog

        if self.status is not None and self.facts is not None:
            dialog = ProtectDialog(self.context, self.status.node_id, self.facts.protection, self)
            dialog.finished.connect(lambda _result: self._read_facts())
            dialog.open()

    def _on_unlock(self) -> None:
        if self.status is not None:
            self._acts.unlock(self.status.node_id)

    def _on_lock(self) -> None:
        if self.status is not None:
            self._acts.ask_and_lock(self.status)

    def _on_restore(self) -> None:
        self.context.wishes.restore.emit()

    def _on_sheet(self) -> None:
        from desktop.keys.sheet import save_sheet

        if self.facts is not None and self.facts.proof is not None:
            save_sheet(self.context, self.facts.proof.path, self)
