# SPDX-License-Identifier: Apache-2.0
"""The backup and its four proofs, listed before and after."""

from __future__ import annotations

import time
from pathlib import PurePath
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout

from desktop.components.dress import Card, button, label, put, row
from desktop.components.flow import flow
from desktop.components.glyph_label import GlyphLabel
from desktop.look.glyphs import Glyph
from desktop.words import wording
from desktop.words.translation import tr
from node_manager.state import NodeStatus

if TYPE_CHECKING:
    from node_manager.keys.backup_proof import VerifiedBackup


class BackupCard(Card):
    """Read back, opened, same key, signing state inside.

    Signals:
        prove_asked: a backup shall be opened again.
        sheet_asked: the sheet to print is wanted.
    """

    prove_asked = Signal()
    sheet_asked = Signal()

    def __init__(self) -> None:
        super().__init__(margins=(18, 14, 18, 16), gap=8)
        self._age = label("", "source")
        self.body.addLayout(row(label(tr("Backup"), "heading"), None, self._age))
        self._intro = label("", "second", wrap=True)
        self.body.addWidget(self._intro)
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(8)
        grid.setColumnMinimumWidth(1, 210)
        grid.setColumnStretch(2, 1)
        self._proofs = []
        names = (
            tr("Read back from the drive"),
            tr("Opened with your passphrase"),
            tr("Public key is the same"),
            tr("Signing state is inside"),
        )
        for line, name in enumerate(names):
            glyph, said = GlyphLabel(Glyph.COMING, 14), label("", "source", wrap=True)
            grid.addWidget(glyph, line, 0)
            grid.addWidget(label(name, wrap=True), line, 1)
            grid.addWidget(said, line, 2)
            self._proofs.append((glyph, said))
        self.body.addLayout(grid)
        self.prove = button(tr("Prove it again…"), self.prove_asked.emit, symbol="shield")
        self.sheet = button(tr("Sheet to print…"), self.sheet_asked.emit, symbol="print")
        self.body.addSpacing(2)
        self.body.addLayout(flow(self.prove, self.sheet, None, gap=10))

    def show_proof(self, proof: VerifiedBackup | None, status: NodeStatus, now: float) -> None:
        """Show the last proof, or what a proof will be."""
        self.sheet.setVisible(proof is not None)
        text = tr("Prove a backup…") if proof is None else tr("Prove it again…")
        self.prove.setText(f" {text}")
        self.prove.setAccessibleName(text)
        if proof is None:
            self._age.setText(tr("never made") if status.backup_verified_at is None else "")
            put(self._intro, "kind", "second")
            self._intro.setText(
                tr("One encrypted file holds key and signing state. The app then proves it:")
            )
            for glyph, said in self._proofs:
                glyph.show_glyph(Glyph.COMING)
                said.setText(tr("to do"))
            return
        age = wording.ago(max(0.0, now - proof.verified_at))
        self._age.setText(tr("proved {age}").format(age=age))
        put(self._intro, "kind", "mono")
        self._intro.setText(PurePath(proof.path).name)
        self._intro.setToolTip(proof.path)
        said_of = (
            tr("SHA-256 {start}…").format(start=proof.sha256[:12]),
            tr("not with the copy in memory"),
            f"{proof.address[:8]}…{proof.address[-4:]}",
            tr("height {height}").format(height=wording.number(proof.height)),
        )
        for (glyph, said), text in zip(self._proofs, said_of, strict=True):
            glyph.show_glyph(Glyph.GOOD)
            said.setText(text)
        self._proofs[0][1].setToolTip(f"SHA-256 {proof.sha256}")


def file_name(moniker: str, at: float | None = None) -> str:
    """A name for a new backup: the moniker's safe part and the day."""
    stem = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in moniker)
    day = time.strftime("%Y-%m-%d", time.localtime(at))
    return f"{stem.strip('-') or 'validator'}-{day}.ocvbackup"
