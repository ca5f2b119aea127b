# SPDX-License-Identifier: Apache-2.0
"""What is public of the key, how it is protected, who holds it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QGridLayout, QSizePolicy, QToolButton

from desktop.components.dress import Card, button, icon_button, label, row
from desktop.components.elided import Elided
from desktop.components.error_panel import ErrorPanel
from desktop.components.flow import flow
from desktop.components.glyph_label import GlyphLabel
from desktop.engine.client import KeyFacts
from desktop.look.glyphs import Glyph
from desktop.words import wording
from desktop.words.translation import tr
from node_manager.explanation import Explanation
from node_manager.state import NodeStatus

CUT = 40
"""Characters of a key or address that are shown; the middle is cut, copying takes all."""


class KeyCard(Card):
    """Public key, address, type, protection, signer.

    Signals:
        protect_asked: another protection is wanted.
        unlock_asked: the key shall be opened.
        lock_asked: the key shall be closed.
    """

    protect_asked = Signal()
    unlock_asked = Signal()
    lock_asked = Signal()

    def __init__(self) -> None:
        super().__init__(margins=(18, 14, 18, 16), gap=10)
        self.body.addWidget(label(tr("Consensus key"), "heading"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        grid.setColumnMinimumWidth(0, 116)
        grid.setColumnStretch(1, 1)
        self._public, self._address = _fixed(), _fixed()
        self._copies = {"key": "", "address": ""}
        self._copy_buttons: dict[str, QToolButton] = {}
        for line, (name, value, what) in enumerate(
            ((tr("Public key"), self._public, "key"), (tr("Address"), self._address, "address"))
        ):
            copy = icon_button(
                "copy",
                tr("Copy {what}").format(what=name),
                partial(self._copy, what),
                ink="acc",
            )
            self._copy_buttons[what] = copy
            grid.addWidget(label(name, "second"), line, 0)
            grid.addLayout(row(value, copy, None, gap=4), line, 1)
        self._type = label("", "body", wrap=True)
        self._protection, self._signer = label("", "body", wrap=True), label("", "body", wrap=True)
        self._protection_glyph = GlyphLabel(Glyph.UNKNOWN, 14)
        self._signer_glyph = GlyphLabel(Glyph.UNKNOWN, 14)
        grid.addWidget(label(tr("Type"), "second"), 2, 0)
        grid.addWidget(self._type, 2, 1)
        for line, name, glyph, value in (
            (3, tr("Protection"), self._protection_glyph, self._protection),
            (4, tr("Signer"), self._signer_glyph, self._signer),
        ):
            grid.addWidget(label(name, "second"), line, 0)
            pair = row(glyph, value, gap=8)
            pair.setStretch(1, 1)
            grid.addLayout(pair, line, 1)
        for line in range(5):
            grid.setRowMinimumHeight(line, 26)
        self.body.addLayout(grid)
        self._trouble = ErrorPanel()
        self.body.addWidget(self._trouble)
        self.protect = button("", self.protect_asked.emit)
        self.unlock = button(tr("Unlock…"), self.unlock_asked.emit)
        self.lock = button(tr("Lock now…"), self.lock_asked.emit)
        self.lock.setToolTip(tr("Stops the validator; the next start asks for the passphrase."))
        self.body.addLayout(flow(self.protect, self.unlock, self.lock, None, gap=10))

    def explain(self, reason: Explanation | None) -> None:
        """Show why the key cannot be read."""
        self._trouble.explain(reason)

    def show_status(self, status: NodeStatus, facts: KeyFacts | None, now: float) -> None:
        """Show the facts of a key, None while they are not known."""
        unknown = tr("unknown")
        self._put("key", self._public, facts.public_key if facts else "")
        self._put("address", self._address, facts.address if facts else "")
        self._type.setText(unknown)
        self.protect.setEnabled(facts is not None)
        if facts is not None:
            self._trouble.explain(None)
            made = {
                "created": tr("ed25519, made on this computer on {date}"),
                "imported": tr("ed25519, taken over from another node on {date}"),
                "restored": tr("ed25519, restored from a backup on {date}"),
            }.get(facts.origin, "ed25519, {date}")
            self._type.setText(made.format(date=wording.date(facts.created_at)))
        by_passphrase = facts is not None and facts.protection == "passphrase"
        words = tr("Encrypted on disk; opened by the system keyring")
        if by_passphrase:
            words = tr("Encrypted on disk; opened by your passphrase")
        self._protection.setText(words if facts else unknown)
        self._protection_glyph.show_glyph(Glyph.GOOD if facts else Glyph.UNKNOWN)
        text = tr("Change the passphrase…") if by_passphrase else tr("Protect by passphrase…")
        self.protect.setText(text)
        self.protect.setAccessibleName(text)
        # What the keyring opens by itself cannot be kept shut.
        self.lock.setVisible(by_passphrase)
        self._show_signer(status, now)

    def _copy(self, what: str) -> None:
        QApplication.clipboard().setText(self._copies[what])

    def _put(self, what: str, shown: Elided, text: str) -> None:
        self._copies[what] = text
        self._copy_buttons[what].setVisible(bool(text))
        cut = text if len(text) <= CUT else f"{text[: CUT - 9]}…{text[-8:]}"
        shown.show_text(cut or tr("unknown"), text)
        shown.setAccessibleDescription(text)

    def _show_signer(self, status: NodeStatus, now: float) -> None:
        figures = status.signer.current(now)
        self.unlock.setVisible(figures is not None and figures.locked)
        if figures is None:
            glyph, words = Glyph.UNKNOWN, tr("not running, or it does not answer")
        elif figures.locked:
            glyph, words = Glyph.WAITING, tr("Locked: waits for your passphrase")
        elif not figures.connected:
            glyph, words = Glyph.WARN, tr("Unlocked; the node is not connected to it")
        else:
            glyph, words = Glyph.GOOD, tr("Unlocked, one process holds it")
        self._signer_glyph.show_glyph(glyph)
        self._signer.setText(words)


def _fixed() -> Elided:
    result = Elided("mono", middle=True)
    result.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    result.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
    return result
