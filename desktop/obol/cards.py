# SPDX-License-Identifier: Apache-2.0
"""Cards of a distributed validator: invitations, alerts, duties, beacon nodes."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from desktop.components.dress import Card, button, clear, column, label, row
from desktop.components.figure_tile import FigureTile, Tiles, spread
from desktop.components.flow import flow
from desktop.components.glyph_label import GlyphLabel
from desktop.look.glyphs import Glyph
from desktop.look.tokens import Space
from desktop.obol.naming import both_signed, short_address
from desktop.words import wording
from desktop.words.translation import engine_words, explained, tr
from node_manager.obol.alerts import Gravity
from node_manager.obol.cluster.invites import Invite
from node_manager.obol.status import DvStage, DvStatus

Line = tuple[Glyph, str, str]

_GRAVITY = {
    Gravity.CRITICAL: Glyph.BAD,
    Gravity.WARNING: Glyph.WARN,
    Gravity.INFO: Glyph.WAITING,
}


class LinesCard(Card):
    """A heading and lines of glyph, words and a second line; hidden without lines."""

    def __init__(self, title: str) -> None:
        super().__init__(gap=8)
        self.right = label("", "source")
        self.head = flow(label(title, "heading"), None, self.right, gap=10)
        self.body.addLayout(self.head)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(9)
        self.body.addLayout(self._lines)
        self.lines: list[Line] = []
        self.setAccessibleName(title)

    def show_lines(self, lines: list[Line]) -> None:
        """Show these, if they are others."""
        self.setVisible(bool(lines))
        if lines == self.lines:
            return
        self.lines = lines
        clear(self._lines)
        for glyph, words, more in lines:
            said = column(label(words, "body", wrap=True), gap=1)
            if more:
                said.addWidget(label(more, "note", wrap=True))
            mark = GlyphLabel(glyph, 16)
            line = row(mark, 2, said)
            line.setAlignment(mark, Qt.AlignmentFlag.AlignTop)
            line.setStretch(2, 1)
            holder = QWidget()
            holder.setLayout(line)
            self._lines.addWidget(holder)


class InvitesCard(LinesCard):
    """Every cluster that names this operator, and what is missing from whom.

    Signals:
        asked: the Obol API shall be asked now.
    """

    asked = Signal()

    def __init__(self) -> None:
        super().__init__(tr("Invitations"))
        self.ask_now = button(tr("Ask now"), self.asked.emit, kind="small", symbol="again")
        self.head.addWidget(self.ask_now)

    def show_status(self, status: DvStatus, now: float) -> None:
        """Show what the last asking brought."""
        waiting = status.stage in (DvStage.WAITING, DvStage.VERIFYING)
        lines = [invite_line(one, now) for one in status.wait.invites]
        lines += [(Glyph.UNKNOWN, text, "") for text in status.wait.unreadable]
        if not lines and not status.operators:
            words = tr("none. The Obol API knows no cluster with your operator address.")
            if status.wait.asked_at is None:
                words = tr("unknown. The Obol API has not answered yet.")
            lines = [(Glyph.WAITING, words, status.operator_address)]
        self.show_lines(lines if waiting else [])
        asked = status.wait.asked_at
        parts = [tr("asked {age}").format(age=wording.ago(None if asked is None else now - asked))]
        if status.wait.next_at is not None and status.wait.next_at > now:
            left = wording.duration(status.wait.next_at - now)
            parts.append(tr("again in {time}").format(time=left))
        self.right.setText(" · ".join(parts))


def invite_line(invite: Invite, _now: float) -> Line:
    """One invitation: its name, who has signed, what is missing from whom."""
    signed = sum(one.signed for one in invite.operators)
    name = invite.name or short_address(invite.config_hash)
    words = f"{name}  ·  {invite.network}  ·  {both_signed(signed, len(invite.operators))}"
    if invite.trouble:
        return Glyph.WARN, words, engine_words(invite.trouble)
    missing = [
        tr("{operator} misses {what}").format(
            operator=tr("You")
            if one.ours
            else short_address(one.address) or tr("Operator {n}").format(n=one.number),
            what=", ".join(map(engine_words, one.missing)),
        )
        for one in invite.operators
        if one.missing
    ]
    if not missing:
        return Glyph.GOOD, words, tr("Nothing is missing.")
    return Glyph.WAITING, words, "\n".join(missing)


class AlertsCard(LinesCard):
    """What somebody should know, the gravest first."""

    def __init__(self) -> None:
        super().__init__(tr("Alerts"))

    def show_status(self, status: DvStatus) -> None:
        """Show what stands now."""
        lines: list[Line] = []
        for alert in status.alerts:
            what, why, todo = explained(alert.explanation)
            lines.append((_GRAVITY[alert.gravity], what, " ".join(filter(None, (why, todo)))))
        self.show_lines(lines)


class FailedDutiesCard(LinesCard):
    """Duties that failed, by kind and reason."""

    def __init__(self) -> None:
        super().__init__(tr("Failed duties"))

    def show_status(self, status: DvStatus) -> None:
        """Show them, the most frequent first."""
        failed = sorted(status.failed_duties, key=lambda one: -one.count)
        text = tr("{count} × {duty}")
        self.show_lines(
            [
                (
                    Glyph.WARN,
                    text.format(count=wording.number(one.count), duty=engine_words(one.duty)),
                    engine_words(one.reason) or tr("Charon names no reason."),
                )
                for one in failed
                if one.count
            ]
        )


class BeaconsCard(LinesCard):
    """The beacon nodes as they answered before the start."""

    def __init__(self) -> None:
        super().__init__(tr("Beacon nodes"))
        self.right.setText(tr("asked before the start"))

    def show_status(self, status: DvStatus) -> None:
        """Show each."""
        lines: list[Line] = []
        for one in status.beacons:
            name = f"{one.url}{tr(' (fallback)') if one.fallback else ''}"
            if one.trouble is not None:
                what, why, _todo = explained(one.trouble)
                lines.append((Glyph.BAD, name, f"{what} {why}".strip()))
                continue
            parts = [one.network or tr("network unknown"), one.version or tr("version unknown")]
            lines.append((Glyph.GOOD, name, " · ".join(parts)))
        self.show_lines(lines)


class DutyTiles(Tiles):
    """Duties, peers, beacon node, validators."""

    def __init__(self) -> None:
        names = (tr("Duties done"), tr("Operators' nodes"), tr("Beacon node"), tr("Validators"))
        self.tiles = [FigureTile(name) for name in names]
        spread(list(self.tiles))
        super().__init__(self.tiles, columns=4, gap=Space.TILES)
        self.setMinimumHeight(104)

    def show_status(self, status: DvStatus, now: float) -> None:
        """Show what charon tells; hidden while it does not run."""
        self.setVisible(status.stage in (DvStage.RUNNING, DvStage.STARTING))
        figures = status.figures
        done, failed = figures.duties_succeeded.current(now), figures.duties_failed.current(now)
        lost = tr("failures unknown")
        if failed is not None:
            lost = tr("{count} failed").format(count=wording.number(failed) if failed else "0")
        duties, peers, beacon, active = self.tiles
        duties.show_figure(
            figures.duties_succeeded, None if done is None else wording.number(done), lost, now
        )
        alive = figures.peers_alive.current(now)
        cluster = status.cluster
        others = None if cluster is None else cluster.operators - 1
        value = None
        if alive is not None:
            value = str(alive) if others is None else tr("{n} of {all}").format(n=alive, all=others)
        needs = (
            tr("{count} of {all} must sign").format(count=cluster.threshold, all=cluster.operators)
            if cluster is not None
            else ""
        )
        peers.show_figure(figures.peers_alive, value, needs, now)
        count = figures.beacon_peers.current(now)
        fallback = figures.using_fallback.current(now)
        context = tr("the fallback is in use") if fallback else ""
        beacon.show_figure(
            figures.beacon_peers, None if count is None else wording.peers(count), context, now
        )
        on = figures.validators_active.current(now)
        all_of = len(cluster.validators) if cluster is not None else None
        text = None
        if on is not None:
            text = str(on) if all_of is None else tr("{n} of {all}").format(n=on, all=all_of)
        gwei = figures.balance_gwei.current(now)
        held = (
            tr("active")
            if gwei is None
            else tr("active, {amount} ETH").format(amount=wording.decimal(gwei / 1e9, 4))
        )
        active.show_figure(figures.validators_active, text, held, now)


def facts_grid() -> QGridLayout:
    """A grid of names and values."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(6)
    grid.setColumnMinimumWidth(0, 120)
    grid.setColumnStretch(1, 1)
    return grid
