# SPDX-License-Identifier: Apache-2.0
"""The keys of a distributed validator: the ENR, its backup, the shares' backup, public keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from desktop.components.dress import Card, button, clear, label, put, row
from desktop.components.flow import flow
from desktop.components.folded import Folded
from desktop.components.glyph_label import GlyphLabel
from desktop.context import Context
from desktop.look.glyphs import Glyph
from desktop.obol.acts import DvActs
from desktop.obol.backup_dialog import DvProveDialog
from desktop.obol.cards import facts_grid
from desktop.obol.enr_card import EnrCard
from desktop.pages.dv_page import DvPage
from desktop.words import wording
from desktop.words.translation import tr

if TYPE_CHECKING:
    from node_manager.obol.status import DvStatus, ValidatorRow


class ObolKeysPage(DvPage):
    """What must not be lost, and whether it is backed up."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, tr("Keys"))
        self._acts = DvActs(context, self)
        self.key_backup = BackupCard(
            tr("Backup of the ENR key"),
            tr("The cluster knows this node by this key. It cannot be made again."),
        )
        self.key_backup.act.clicked.connect(lambda: self._back_up(everything=False))
        self.prove = button(tr("Prove a backup…"), self._on_prove)
        self.key_backup.foot.insertWidget(1, self.prove)
        self.files_backup = BackupCard(
            tr("Backup of the key shares"),
            tr("ENR key, key shares and lock in one encrypted file, once the DKG has made them."),
        )
        self.files_backup.act.clicked.connect(lambda: self._back_up(everything=True))
        self.enr = EnrCard(with_steps=False)
        self._keys = Card(gap=8)
        self._keys.body.addWidget(label(tr("Validators"), "heading"))
        self._grid = facts_grid()
        self._keys.body.addLayout(self._grid)
        self._shown_keys: tuple[ValidatorRow, ...] = ()
        for part in (self.key_backup, self.files_backup, self.enr, self._keys):
            self.content.addWidget(part)
        self.content.addStretch(1)
        self.setTabOrder(self.prove, self.key_backup.act)

    def render_cluster(self, status: DvStatus, now: float) -> None:
        self.show_subtitle(f"{status.name} · {status.network}")
        made = status.cluster is not None and bool(status.cluster.lock_hash)
        self.key_backup.show_proof(status.enr_backup_at, now, needed=bool(status.enr))
        self.files_backup.show_proof(
            status.artefacts_backup_at, now, needed=made and status.enr_backup_at is not None
        )
        self.files_backup.act.setEnabled(made)
        self.enr.show_status(status)
        validators = status.cluster.validators if status.cluster is not None else ()
        known = tuple(one for one in validators if one.public_key)
        self._keys.setVisible(bool(known))
        if known != self._shown_keys:
            self._shown_keys = known
            clear(self._grid)
            for at, one in enumerate(known):
                name = tr("Validator {number}").format(number=one.number)
                value = Folded(one.public_key, "mono", selectable=True)
                self._grid.addWidget(label(name, "second"), at, 0, Qt.AlignmentFlag.AlignTop)
                self._grid.addWidget(value, at, 1)

    def _back_up(self, *, everything: bool) -> None:
        if self.shown is not None:
            self._acts.back_up(self.shown, everything=everything)

    def _on_prove(self) -> None:
        if self.shown is not None:
            DvProveDialog(self.context, self.shown, self).open()


class BackupCard(Card):
    """Whether there is a proved backup, and the button to make one."""

    def __init__(self, title: str, line: str) -> None:
        super().__init__(gap=8)
        self.glyph = GlyphLabel(Glyph.UNKNOWN, 16)
        self.words = label("", "body", wrap=True)
        self.act = button(tr("Back up…"))
        self.body.addWidget(label(title, "heading"))
        self.body.addWidget(label(line, "second", wrap=True))
        self.foot = flow(None, self.act, gap=10)
        line_of = flow(row(self.glyph, self.words, gap=8), self.foot, gap=8)
        line_of.setStretch(0, 1)
        self.body.addLayout(line_of)

    def show_proof(self, at: float | None, now: float, *, needed: bool) -> None:
        """Show when it was proved; "never" for what has not happened."""
        if at is not None:
            self.glyph.show_glyph(Glyph.GOOD)
            text = tr("Proved by opening it, {time}.").format(time=wording.clock(at, now))
        else:
            self.glyph.show_glyph(Glyph.WARN if needed else Glyph.COMING)
            text = tr("Never backed up.")
        self.words.setText(text)
        put(self.act, "kind", "primary" if needed and at is None else "plain")
