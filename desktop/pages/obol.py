# SPDX-License-Identifier: Apache-2.0
"""A distributed validator at a glance: one sentence, one next thing, the way, the proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu

from desktop.components.dress import Card, button, label
from desktop.components.error_panel import ErrorPanel
from desktop.components.more_button import MoreButton
from desktop.components.state_sentence import StateSentence
from desktop.context import Context
from desktop.look.theme import theme
from desktop.look.tokens import Space
from desktop.obol.acts import DvActs
from desktop.obol.cards import AlertsCard, BeaconsCard, DutyTiles, FailedDutiesCard, InvitesCard
from desktop.obol.checks_card import ChecksCard, ConfirmCard
from desktop.obol.enr_card import EnrCard
from desktop.obol.images_card import ImagesCard
from desktop.obol.next_thing import DvAct, dv_next_thing
from desktop.obol.operators import OperatorsCard
from desktop.obol.path import PathCard
from desktop.obol.sentences import dv_sentence
from desktop.pages.dv_page import DvPage
from desktop.validators import at_rest
from desktop.words.translation import engine_words, tr
from node_manager.obol.status import DvStage

if TYPE_CHECKING:
    from node_manager.obol.status import DvStatus

BEFORE_KEYS = (DvStage.WAITING, DvStage.VERIFYING, DvStage.BACKUP, DvStage.CONFIRM)

TIGHT = 640
"""Content narrower than this puts the next thing below the sentence."""


class ObolPage(DvPage):
    """From the ENR to attesting."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, tr("Overview"))
        self._acts = DvActs(context, self)
        self.toggle = button("", self._on_toggle)
        self._more = MoreButton()
        self._add_acts(self._more.acts)
        self.head.addWidget(self.toggle)
        self.head.addSpacing(4)
        self.head.addWidget(self._more)
        self.sentence = StateSentence()
        self.sentence.acted.connect(self._on_act)
        self.path = PathCard()
        self.trouble = ErrorPanel()
        self._trouble_card = Card()
        self._trouble_card.body.addWidget(self.trouble)
        self.confirm = ConfirmCard()
        self.confirm.confirmed.connect(self._on_confirmed)
        self.alerts = AlertsCard()
        self.tiles = DutyTiles()
        self.enr = EnrCard(with_steps=True)
        self.invites = InvitesCard()
        self.invites.asked.connect(self._on_ask)
        self.operators = OperatorsCard()
        self.failed = FailedDutiesCard()
        self.checks = ChecksCard()
        self.beacons = BeaconsCard()
        self.images = ImagesCard()
        self.version = label("", "note", wrap=True)
        for part in (
            self.sentence,
            self.path,
            self._trouble_card,
            self.confirm,
            self.alerts,
            self.tiles,
            self.enr,
            self.invites,
            self.operators,
            self.failed,
            self.checks,
            self.beacons,
            self.images,
            self.version,
        ):
            self.content.addWidget(part)
        self.content.addStretch(1)

    def _add_acts(self, menu: QMenu) -> None:
        menu.addAction(tr("Back up the ENR key…"), lambda: self._back_up(everything=False))
        self._back_up_all = menu.addAction(
            tr("Back up the key shares…"), lambda: self._back_up(everything=True)
        )
        menu.addAction(tr("Copy ENR"), lambda: self._on_act(DvAct.COPY_ENR))
        self._settings = menu.addAction(tr("Settings…"), self._on_settings)
        self._definition = menu.addAction(tr("Use a definition file…"), self._on_definition)
        self._anew = menu.addAction(tr("Look for the cluster anew…"), self._on_anew)
        menu.addAction(tr("Show the log"), lambda: self.context.wishes.page.emit("logs"))
        self._remove = menu.addAction(tr("Remove…"), self._on_remove)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = (self.viewport().width() - 2 * Space.PAGE) / theme().scale
        self.sentence.arrange(tight=room < TIGHT)
        self.tiles.arrange(columns=2 if room < TIGHT else 4)

    def render_cluster(self, status: DvStatus, now: float) -> None:
        self.title.setText(status.name)
        self.show_subtitle("  ·  ".join(filter(None, _facts(status))))
        stopped = at_rest(status)
        self.toggle.setText(tr("Start") if stopped else tr("Stop…"))
        self.toggle.setAccessibleName(tr("Start the validator") if stopped else tr("Stop…"))
        self.toggle.setEnabled(status.stage is not DvStage.STOPPING)
        self._remove.setEnabled(stopped)
        made = status.cluster is not None and bool(status.cluster.lock_hash)
        self._back_up_all.setEnabled(made)
        self._settings.setEnabled(stopped)
        self._settings.setText(tr("Settings…") if stopped else tr("Settings… (stop it first)"))
        waits = stopped or status.stage in BEFORE_KEYS
        self._definition.setEnabled(waits and not made)
        self._anew.setEnabled(waits and not made and status.cluster is not None)
        self.sentence.show_sentence(dv_sentence(status, now))
        self.sentence.show_next(dv_next_thing(status))
        self.path.show_status(status, now)
        failed = status.stage is DvStage.FAILED and status.reason is not None
        self._trouble_card.setVisible(failed)
        self.trouble.explain(status.reason if failed else None)
        self.confirm.show_status(status)
        self.alerts.show_status(status)
        self.tiles.show_status(status, now)
        self.enr.setVisible(not status.operators and status.cluster is None)
        self.enr.show_status(status)
        self.invites.show_status(status, now)
        self.operators.show_status(status, now)
        self.failed.show_status(status)
        self.checks.show_status(status)
        self.beacons.show_status(status)
        self.images.show_status(status, now)
        self.version.setText(engine_words(status.version_note))
        self.version.setVisible(bool(status.version_note) and not made)

    def _on_toggle(self) -> None:
        status = self.shown
        if status is None:
            return
        if at_rest(status):
            self._acts.start(status.cluster_id)
        else:
            self._acts.ask_and_stop(status)

    def _on_act(self, act: DvAct) -> None:
        if self.shown is not None:
            self._acts.act(act, self.shown)

    def _on_ask(self) -> None:
        if self.shown is not None:
            self._acts.ask_now(self.shown.cluster_id)

    def _on_confirmed(self) -> None:
        if self.shown is not None:
            self._acts.confirm(self.shown)

    def _on_settings(self) -> None:
        if self.shown is not None:
            self._acts.change_settings(self.shown)

    def _on_definition(self) -> None:
        if self.shown is not None:
            self._acts.use_definition(self.shown)

    def _on_anew(self) -> None:
        if self.shown is not None:
            self._acts.ask_and_look_anew(self.shown)

    def _on_remove(self) -> None:
        if self.shown is not None:
            self._acts.ask_and_remove(self.shown)

    def _back_up(self, *, everything: bool) -> None:
        if self.shown is not None:
            self._acts.back_up(self.shown, everything=everything)


def _facts(status: DvStatus) -> list[str]:
    cluster = status.cluster
    facts = [status.network]
    if cluster is not None:
        must = tr("{count} of {all} must sign")
        facts.append(tr("“{name}”").format(name=cluster.name) if cluster.name else "")
        facts.append(must.format(count=cluster.threshold, all=cluster.operators))
    if status.charon_version:
        facts.append(f"charon {status.charon_version.removeprefix('v')}")
    facts.append(status.client.capitalize())
    return facts
