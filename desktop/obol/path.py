# SPDX-License-Identifier: Apache-2.0
"""The way from the ENR to a running distributed validator: done solid, to come dashed."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.components.dress import Card
from desktop.components.glyph_label import spoken
from desktop.look.glyphs import Glyph, paint_glyph
from desktop.look.theme import colour, font, theme
from desktop.look.tokens import Size
from desktop.words import wording
from desktop.words.translation import engine_words, tr
from node_manager.obol.ceremony.dkg_progress import DkgPhase
from node_manager.obol.cluster.verification import CheckState
from node_manager.obol.status import DvStage, DvStatus, DvStep
from node_manager.state import StepState

HEIGHT = 94


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop of the way."""

    name: str
    glyph: Glyph
    note: str


def stops(status: DvStatus, now: float) -> list[Stop]:
    """The five stops with how far each is."""
    states = {row.step: row for row in status.steps}
    return [
        _stop(status, states, tr("ENR"), (DvStep.ENR,), _enr_note(status, now)),
        _stop(status, states, tr("Invite"), (DvStep.INVITE,), _invite_note(status)),
        _stop(
            status,
            states,
            tr("Signatures"),
            (DvStep.SIGNATURES, DvStep.VERIFY),
            _signatures_note(status),
        ),
        _stop(status, states, tr("DKG"), (DvStep.DKG, DvStep.ARTEFACTS), _dkg_note(status)),
        _stop(status, states, tr("Running"), (DvStep.START, DvStep.READY), _run_note(status, now)),
    ]


def _stop(
    status: DvStatus, states: dict[DvStep, object], name: str, steps: tuple[DvStep, ...], note: str
) -> Stop:
    if DvStep.VERIFY in steps and any(one.state is CheckState.FAILED for one in status.checks):
        return Stop(name, Glyph.BAD, tr("refused"))
    if DvStep.DKG in steps and status.stage in (DvStage.CONFIRM, DvStage.BACKUP):
        return Stop(name, Glyph.WAITING, note)
    found = [getattr(states.get(step), "state", StepState.WAITING) for step in steps]
    if StepState.FAILED in found:
        return Stop(name, Glyph.BAD, note)
    if all(state is StepState.DONE for state in found):
        return Stop(name, Glyph.GOOD, note)
    if status.stage in (DvStage.STOPPED, DvStage.FAILED) and StepState.WORKING in found:
        return Stop(name, Glyph.STOPPED, note)
    if StepState.WORKING in found or StepState.DONE in found:
        return Stop(name, Glyph.WAITING if _waits(status) else Glyph.BUSY, note)
    return Stop(name, Glyph.COMING, note)


def _waits(status: DvStatus) -> bool:
    """Whether somebody else, or the person, is waited for."""
    if status.stage is DvStage.DKG:
        return status.ceremony is not None and status.ceremony.phase is DkgPhase.WAITING
    return status.stage in (DvStage.WAITING, DvStage.BACKUP, DvStage.CONFIRM, DvStage.BACKOFF)


def _enr_note(status: DvStatus, now: float) -> str:
    if not status.enr:
        return tr("not made yet")
    if status.enr_backup_at is None:
        return tr("no backup yet")
    return tr("backed up {time}").format(time=wording.clock(status.enr_backup_at, now))


def _invite_note(status: DvStatus) -> str:
    if status.cluster is not None:
        return status.cluster.name or tr("found")
    invites = status.wait.invites
    if not invites:
        return tr("after the ENR") if not status.enr else tr("none yet")
    if len(invites) == 1:
        return invites[0].name or tr("found")
    return tr("{count} found").format(count=len(invites))


def _signatures_note(status: DvStatus) -> str:
    if not status.operators:
        return tr("after the invite")
    signed = sum(row.signed for row in status.operators)
    checked = any(row.step is DvStep.VERIFY and row.state is StepState.DONE for row in status.steps)
    text = tr("{count} of {all} checked") if checked else tr("{count} of {all} signed")
    return text.format(count=signed, all=len(status.operators))


def _dkg_note(status: DvStatus) -> str:
    if status.cluster is not None and status.cluster.lock_hash:
        return tr("keys made")
    if status.stage is DvStage.FAILED and status.ceremony is not None:
        return tr("failed")
    if status.stage is DvStage.BACKUP:
        return tr("after the backup")
    view = status.ceremony
    if view is None or status.stage is not DvStage.DKG:
        return tr("after your word") if status.stage is DvStage.CONFIRM else tr("after signatures")
    if view.phase in (DkgPhase.WAITING, DkgPhase.CEREMONY) and view.peers:
        there = sum(peer.connected or peer.ours for peer in view.peers)
        return tr("{count} of {all} connected").format(count=there, all=len(view.peers))
    return engine_words(str(view.phase))


def _run_note(status: DvStatus, now: float) -> str:
    if status.stage is DvStage.RUNNING:
        ready = status.figures.ready.current(now)
        words = {True: tr("ready"), False: tr("not ready"), None: tr("unknown")}
        return words[ready]
    if status.stage is DvStage.STARTING:
        return tr("starting")
    made = status.cluster is not None and bool(status.cluster.lock_hash)
    return tr("not running") if made else tr("after the DKG")


class PathCard(Card):
    """The way in a card."""

    def __init__(self) -> None:
        super().__init__(margins=(0, 0, 0, 0), gap=0)
        self.path = Path()
        self.body.addWidget(self.path)

    def show_status(self, status: DvStatus, now: float) -> None:
        """Show how far it is."""
        self.path.show_stops(stops(status, now))


class Path(QWidget):
    """Paints the stops; arrow keys move from one to the next for a screen reader."""

    spoken_role = "Graphic"

    def __init__(self) -> None:
        super().__init__()
        self.stops: list[Stop] = []
        self._at = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def show_stops(self, stops: list[Stop]) -> None:
        """Show these, if they are others."""
        if stops == self.stops:
            return
        self.stops = stops
        self._name()
        self.update()

    def _name(self) -> None:
        told = [f"{one.name}: {spoken(one.glyph)}, {one.note}" for one in self.stops]
        self.setAccessibleName(tr("The way") + ". " + "; ".join(told))
        if self.stops:
            self.setAccessibleDescription(told[self._at % len(told)])

    def sizeHint(self) -> QSize:
        return QSize(480, theme().px(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(320, theme().px(HEIGHT))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}.get(Qt.Key(event.key()))
        if step is None or not self.stops:
            super().keyPressEvent(event)
            return
        self._at = min(len(self.stops) - 1, max(0, self._at + step))
        self._name()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self.stops:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        px = theme().px
        width = self.width() / len(self.stops)
        mark, middle = px(22), px(28)
        for at, stop in enumerate(self.stops):
            centre = width * (at + 0.5)
            if at + 1 < len(self.stops):
                self._line(painter, centre + mark, width * (at + 1.5) - mark, middle, stop)
            box = QRectF(centre - mark / 2, middle - mark / 2, mark, mark)
            paint_glyph(painter, stop.glyph, box)
            painter.setFont(font(Size.BODY, 600 if stop.glyph is not Glyph.COMING else 500))
            painter.setPen(colour("t2" if stop.glyph is Glyph.COMING else "t1"))
            self._text(painter, centre, width, px(47), stop.name)
            painter.setFont(font(Size.SMALL))
            current = stop.glyph in (Glyph.WAITING, Glyph.BUSY)
            ink = {Glyph.BAD: "bad"}.get(stop.glyph, "acc" if current else "t2")
            painter.setPen(colour(ink))
            self._text(painter, centre, width, px(64), stop.note)
            if self.hasFocus() and at == self._at:
                painter.setPen(QPen(colour("focus"), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(box.adjusted(-3, -3, 3, 3))

    def _line(self, painter: QPainter, start: float, end: float, y: int, stop: Stop) -> None:
        done = stop.glyph is Glyph.GOOD
        pen = QPen(colour("goodfill" if done else "ctl"), 2 if done else 1.5)
        if not done:
            pen.setDashPattern([3.2, 3.2])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawLine(QPointF(start, y), QPointF(end, y))

    def _text(self, painter: QPainter, centre: float, width: float, top: int, text: str) -> None:
        room = width - 8
        cut = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(room))
        box = QRectF(centre - room / 2, top, room, theme().px(18))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, cut)
