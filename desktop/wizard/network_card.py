# SPDX-License-Identifier: Apache-2.0
"""A network to choose: what it is, what it needs, what this computer has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from desktop.components.choice import Radio
from desktop.components.dress import Card, label, put, row, rule, tag
from desktop.components.flow import flow
from desktop.components.glyph_label import GlyphLabel
from desktop.look.glyphs import Glyph
from desktop.machine import Machine
from desktop.wizard.runs import is_contained, runs_words
from desktop.words import wording
from desktop.words.translation import engine_words, tr

if TYPE_CHECKING:
    from node_manager.networks.profile import Profile
    from node_manager.runtime.docker.engine import EngineState

GIGA = 1e9


class NetworkCard(Card):
    """Chosen by a click anywhere on it, by Space or by its radio button.

    Signals:
        picked: the profile's id.
    """

    picked = Signal(str)

    def __init__(self, profile: Profile, machine: Machine) -> None:
        super().__init__(margins=(17, 14, 17, 12), gap=4)
        self.profile = profile
        self.at_stake = profile.network_type == "mainnet"
        self.radio = Radio(profile.display_name)
        about = engine_words(profile.description)
        self.radio.setAccessibleDescription(about)
        font = self.radio.font()
        font.setWeight(font.Weight.DemiBold)
        self.radio.setFont(font)
        self.radio.clicked.connect(lambda: self.picked.emit(profile.id))
        words, tone = _kind(profile)
        self.body.addLayout(flow(self.radio, None, tag(words, tone)))
        self.body.addWidget(label(_first_sentence(about), "second", wrap=True))
        self.body.addSpacing(2)
        self.too_small = not self._add_needs(profile, machine)
        self._runs_glyph = GlyphLabel(Glyph.UNKNOWN, 14)
        self.runs = label("", "note", wrap=True)
        self.contained = QWidget()
        line = row(self._runs_glyph, self.runs, gap=8)
        line.setAlignment(self._runs_glyph, Qt.AlignmentFlag.AlignTop)
        line.setContentsMargins(0, 4, 0, 0)
        self.contained.setLayout(line)
        self.contained.setVisible(is_contained(profile))
        self.body.addWidget(self.contained)
        self.show_docker(None)
        self.body.addStretch(1)
        self.body.addSpacing(6)
        self.body.addWidget(rule())
        self.body.addSpacing(2)
        text = profile.chain_id
        if not _has_program(profile) and profile.is_local:
            text = tr("Not started yet. Start it with: oneclick-validator localnet up")
        elif not _has_program(profile):
            text = tr("No program is published for this computer.")
        elif self.too_small:
            text = tr("This computer is too small for it.")
        self.body.addWidget(label(text, "note", wrap=True))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"{profile.display_name}, {words}")

    def _add_needs(self, profile: Profile, machine: Machine) -> bool:
        """Add the table; whether this computer is large enough, as far as is known."""
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(7)
        grid.setColumnMinimumWidth(0, 80)
        grid.setColumnMinimumWidth(1, 80)
        grid.setColumnStretch(3, 1)
        grid.addWidget(label(tr("needs"), "source"), 0, 1)
        grid.addWidget(label(tr("this computer"), "source"), 0, 2, 1, 2)
        needs = profile.needs
        gigabytes = (
            (tr("Memory"), needs.memory_gb, machine.memory),
            (tr("Disk"), needs.disk_gb, machine.disk_free),
        )
        fits = _add_need(
            grid,
            1,
            tr("Cores"),
            None if needs.cores is None else str(needs.cores),
            None if machine.cores is None else str(machine.cores),
            None if None in (needs.cores, machine.cores) else machine.cores >= needs.cores,  # type: ignore[operator]
        )
        for line, (name, need, has) in enumerate(gigabytes, start=2):
            text = None if has is None else wording.size(has)
            if has is not None and name == tr("Disk"):
                text = tr("{size} free").format(size=text)
            fits &= _add_need(
                grid,
                line,
                name,
                None if need is None else _gigabytes(need),
                text,
                None if need is None or has is None else has >= need * GIGA,
            )
        self.body.addLayout(grid)
        if needs.source:
            self.body.addSpacing(2)
            self.body.addWidget(label(engine_words(needs.source), "source", wrap=True))
        return fits

    def show_docker(self, engine: EngineState | None) -> None:
        """Say how it runs, with what Docker answered; None while that is not known."""
        glyph, words = runs_words(self.profile, engine)
        self._runs_glyph.show_glyph(glyph)
        self.runs.setText(words)

    def show_chosen(self, *, chosen: bool) -> None:
        """Show whether it is the chosen one."""
        self.radio.setChecked(chosen)
        put(self, "tone", "chosen" if chosen else "")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(self.profile.id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self.picked.emit(self.profile.id)
        else:
            super().keyPressEvent(event)


def _add_need(
    grid: QGridLayout, line: int, name: str, need: str | None, has: str | None, fits: bool | None
) -> bool:
    glyph = {True: Glyph.GOOD, False: Glyph.BAD, None: Glyph.UNKNOWN}[fits]
    text = tr("not measured") if has is None else has
    if fits is False:
        text = tr("only {size}").format(size=text)
    grid.addWidget(label(name, "note"), line, 0)
    grid.addWidget(label(tr("not said") if need is None else need, "note", tone="t1"), line, 1)
    grid.addWidget(GlyphLabel(glyph, 14), line, 2)
    grid.addWidget(label(text, "note", tone="bad" if fits is False else ""), line, 3)
    return fits is not False


def _gigabytes(need: float) -> str:
    """A whole number as the profile says it: 2 GB, not 2.0 GB."""
    return f"{wording.number(int(need))} GB" if need == int(need) else wording.size(need * GIGA)


def _kind(profile: Profile) -> tuple[str, str]:
    """What is at stake on a network, in a word or two, and the tone of its tag."""
    if profile.is_local:
        return tr("no risk"), "t2"
    if profile.network_type == "mainnet":
        return tr("real money"), "t2"
    if profile.network_type in ("testnet", "devnet"):
        return tr("test coins"), "acc"
    return tr("worth unknown"), "t2"


def _has_program(profile: Profile) -> bool:
    return profile.target in profile.targets


def _first_sentence(text: str) -> str:
    head, stop, _rest = text.partition(". ")
    return head + stop.strip() if stop else text
