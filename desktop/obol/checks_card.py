# SPDX-License-Identifier: Apache-2.0
"""What was checked of the cluster, and the addresses that get its money."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from desktop.components.choice import Check as Tick
from desktop.components.dress import Card, button, clear, column, label, row, rule, take_out
from desktop.components.flow import flow
from desktop.components.folded import Folded
from desktop.components.glyph_label import GlyphLabel
from desktop.look.glyphs import Glyph
from desktop.look.theme import theme
from desktop.words.translation import engine_words, tr
from node_manager.obol.cluster.verification import Check, CheckState
from node_manager.obol.status import ClusterFacts, DvStage, DvStatus, ValidatorRow

GLYPHS = {
    CheckState.OK: Glyph.GOOD,
    CheckState.FAILED: Glyph.BAD,
    CheckState.UNKNOWN: Glyph.UNKNOWN,
}

LATER = (
    "Lock hash",
    "Signature of the lock by all key shares",
    "Signatures of the lock by the nodes",
)
"""What is checked once the DKG has written the lock."""

COLUMNS, LEAST_COLUMN = 3, 190
"""Columns of checks, and the pixels of the concept that one needs."""

_NUMBERED = re.compile(r"\s*\b(by|of) operator \d+|\s*\d+")


def lines_of(status: DvStatus) -> list[tuple[Glyph, str, str]]:
    """Glyph, words, reason: what was checked, then what follows after the DKG."""
    found = [
        (GLYPHS[one.state], title, engine_words(one.reason))
        for title, one in _grouped(status.checks)
    ]
    if status.cluster is not None and not status.cluster.lock_hash:
        after = tr("{name} – after the DKG")
        found += [(Glyph.COMING, after.format(name=engine_words(name)), "") for name in LATER]
    return found


def _grouped(checks: tuple[Check, ...]) -> list[tuple[str, Check]]:
    """Equal checks of all operators in one line while they are right; a wrong one by itself."""
    groups: dict[str, list[Check]] = {}
    for check in checks:
        groups.setdefault(re.sub(r"-?\d+", "#", check.id), []).append(check)
    lines: list[tuple[str, Check]] = []
    for key, members in groups.items():
        right = [one for one in members if one.state is CheckState.OK]
        if len(members) > 1 and len(right) == len(members):
            title = _NUMBERED.sub("", engine_words(members[0].title)).strip()
            count = tr("{count} of {all}").format(count=len(right), all=len(members))
            lines.append((f"{title}: {count}", members[0]))
        elif key:
            lines += [(engine_words(one.title), one) for one in members]
    return lines


class ChecksCard(Card):
    """Each check in a line, three columns; below them hash and addresses."""

    def __init__(self) -> None:
        super().__init__(gap=8)
        self._count = label("", "note")
        head = flow(label(tr("Cluster verification"), "heading"), None, self._count)
        self.body.addLayout(head)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(18)
        self._grid.setVerticalSpacing(8)
        self.body.addLayout(self._grid)
        self._facts = QGridLayout()
        self._facts.setHorizontalSpacing(12)
        self._facts.setVerticalSpacing(6)
        self._facts.setColumnMinimumWidth(0, 100)
        self._facts.setColumnStretch(1, 1)
        self._rule = rule()
        self.body.addWidget(self._rule)
        self.body.addLayout(self._facts)
        self.lines: list[tuple[Glyph, str, str]] = []
        self._holders: list[QWidget] = []
        self._columns = 0
        self._cluster: ClusterFacts | None = None
        self.setAccessibleName(tr("Cluster verification"))

    def show_status(self, status: DvStatus) -> None:
        """Show the checks; hidden before there is one."""
        lines = lines_of(status)
        self.setVisible(bool(status.checks))
        if lines != self.lines:
            self.lines = lines
            self._fill()
        if status.cluster != self._cluster:
            self._cluster = status.cluster
            self._fill_facts()

    def _fill(self) -> None:
        clear(self._grid)
        bad = sum(glyph is Glyph.BAD for glyph, _words, _reason in self.lines)
        later = sum(glyph is Glyph.COMING for glyph, _words, _reason in self.lines)
        unknown = sum(glyph is Glyph.UNKNOWN for glyph, _words, _reason in self.lines)
        done = len(self.lines) - later - unknown
        parts = [tr("{count} checked here").format(count=done)]
        if bad:
            parts.append(tr("{count} wrong").format(count=bad))
        if unknown:
            parts.append(tr("{count} unknown").format(count=unknown))
        if later:
            parts.append(tr("{count} follow after the DKG").format(count=later))
        self._count.setText(", ".join(parts))
        self._holders = []
        for glyph, words, reason in self.lines:
            text = f"{words}. {reason}" if glyph in (Glyph.BAD, Glyph.UNKNOWN) and reason else words
            tone = {Glyph.BAD: "bad", Glyph.COMING: "t2"}.get(glyph, "")
            shown = label(text, "body", tone=tone, wrap=True)
            line = row(GlyphLabel(glyph, 14), 0, shown, gap=8)
            line.setStretch(2, 1)
            holder = QWidget()
            holder.setLayout(line)
            self._holders.append(holder)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Lay the checks into as many columns as there is room for."""
        room = int(self.width() / theme().scale)
        columns = max(1, min(COLUMNS, room // LEAST_COLUMN))
        if (columns, self._grid.count()) == (self._columns, len(self._holders)):
            return
        self._columns = columns
        take_out(self._grid)
        high = max(1, -(-len(self._holders) // columns))
        for at, holder in enumerate(self._holders):
            self._grid.addWidget(holder, at % high, at // high, Qt.AlignmentFlag.AlignTop)
        for place in range(COLUMNS):
            self._grid.setColumnStretch(place, int(place < columns))

    def _fill_facts(self) -> None:
        clear(self._facts)
        cluster = self._cluster
        self._rule.setVisible(cluster is not None)
        if cluster is None:
            return
        rows = [(tr("Config hash"), cluster.config_hash), *address_rows(cluster.validators)]
        if cluster.lock_hash:
            rows.append((tr("Lock hash"), cluster.lock_hash))
        for at, (name, value) in enumerate(rows):
            self._facts.addWidget(label(name, "second"), at, 0, Qt.AlignmentFlag.AlignTop)
            self._facts.addWidget(_selectable(value), at, 1)


def address_rows(validators: tuple[ValidatorRow, ...]) -> list[tuple[str, str]]:
    """Where the money goes: once for all validators, or a line for each that differs."""
    kinds: dict[tuple[str, str], list[int]] = {}
    for one in validators:
        kinds.setdefault((one.fee_recipient, one.withdrawal), []).append(one.number)
    rows = []
    for (fee, withdrawal), numbers in kinds.items():
        which = ""
        if len(kinds) > 1:
            which = " (" + ", ".join(f"#{number}" for number in numbers[:8]) + ")"
        rows.append((tr("Rewards go to") + which, fee))
        rows.append((tr("Withdrawals go to") + which, withdrawal))
    return rows


def _selectable(text: str) -> QWidget:
    return Folded(text, "mono", selectable=True)


class ConfirmCard(Card):
    """The two addresses in full, and the person's word on them before the key ceremony.

    Signals:
        confirmed: the person compared them.
    """

    confirmed = Signal()

    def __init__(self) -> None:
        super().__init__(gap=8)
        self.body.addWidget(label(tr("Where the money goes"), "heading"))
        words = tr(
            "The key ceremony binds the validators to these addresses for good. Compare them with"
            " what your group agreed, by another way than the one by which the invitation came."
        )
        self.body.addWidget(label(words, "second", wrap=True))
        self._rows = QVBoxLayout()
        self._rows.setSpacing(8)
        self.body.addLayout(self._rows)
        self.compared = Tick(tr("I compared each address with what my group agreed"))
        self.begin = button(tr("Begin the key ceremony"), self.confirmed.emit, kind="primary")
        self.begin.setEnabled(False)
        self.compared.toggled.connect(self.begin.setEnabled)
        foot = flow(self.compared, None, self.begin)
        self.body.addLayout(foot)
        self._told: tuple[str, tuple[ValidatorRow, ...]] = ("", ())

    def show_status(self, status: DvStatus) -> None:
        """Show the addresses while the person's word is waited for."""
        cluster = status.cluster
        self.setVisible(status.stage is DvStage.CONFIRM and cluster is not None)
        if cluster is None or (cluster.definition_hash, cluster.validators) == self._told:
            return
        self._told = (cluster.definition_hash, cluster.validators)
        self.compared.setChecked(False)
        clear(self._rows)
        for name, value in address_rows(cluster.validators):
            self._rows.addLayout(column(label(name, "label"), _selectable(value), gap=2))
