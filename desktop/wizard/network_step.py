# SPDX-License-Identifier: Apache-2.0
"""Which network this computer shall serve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLineEdit

from desktop.components.dress import Card, button, clear, label, take_out
from desktop.components.error_panel import ErrorPanel
from desktop.components.flow import flow
from desktop.context import Context
from desktop.look.theme import theme
from desktop.machine import Machine, this_machine
from desktop.obol.wizard.card import DistributedCard, card_name
from desktop.obol.wizard.draft import NETWORKS
from desktop.wizard.draft import Draft
from desktop.wizard.network_card import NetworkCard
from desktop.wizard.runs import is_contained
from desktop.wizard.step import Step
from desktop.words import wording
from desktop.words.translation import tr

if TYPE_CHECKING:
    from node_manager.networks.profile import Profile
    from node_manager.runtime.docker.engine import EngineState

NARROW = 560
"""A step narrower than this, at the usual size of text, has one card in a row."""


class NetworkStep(Step):
    """Cards of the featured networks, and the import of another one.

    Signals:
        backup_wanted: the person has a backup and wants to begin with it.
    """

    backup_wanted = Signal()

    def __init__(self, context: Context, draft: Draft) -> None:
        super().__init__(context, draft, tr("Which network should this computer serve?"), "")
        self.cards: dict[str, NetworkCard] = {}
        self.dv_cards: dict[str, DistributedCard] = {}
        self._machine: Machine | None = None
        self._grid = QGridLayout()
        self._grid.setSpacing(14)
        self._cards: list[Card] = []
        self._columns = 2
        self._arrange()
        self.content.addLayout(self._grid)
        self.source = QLineEdit()
        self.source.setPlaceholderText(tr("chain.json, folder or address"))
        self.source.setAccessibleName(tr("Another chain: file, folder or address"))
        self.source.setMinimumWidth(260)
        self.add = button(tr("Add"), self._on_add)
        self.add.setEnabled(False)
        self.source.textChanged.connect(lambda text: self.add.setEnabled(bool(text.strip())))
        self.source.returnPressed.connect(self._on_add)
        another = Card(margins=(18, 10, 18, 10))
        name = label(tr("Another chain"), "heading")
        name.setBuddy(self.source)
        words = label(tr("by its entry of the chain registry"), "second", wrap=True)
        another.body.addLayout(flow(name, 6, words, 8, self.source, self.add))
        self.trouble = ErrorPanel()
        another.body.addWidget(self.trouble)
        self.content.addWidget(another)
        self.content.addStretch(1)

    @property
    def ready(self) -> bool:
        return self.draft.profile is not None or bool(self.draft.dv.network)

    @property
    def go_on(self) -> str:
        if self.draft.dv.network:
            return tr("Continue with {network}").format(network=card_name(self.draft.dv.network))
        if self.draft.profile is None:
            return ""
        return tr("Continue with {network}").format(network=self.draft.profile.display_name)

    @property
    def note(self) -> str:
        return tr("Needs come from the network's profile. Nothing is installed yet.")

    def enter(self) -> None:
        if not self.cards:
            adapter = self.context.adapter
            adapter.when(adapter.engine.profiles(), self, self._on_profiles, self.trouble.explain)

    def _on_profiles(self, profiles: Sequence[Profile]) -> None:
        machine = this_machine(self.context.layout.data)
        self._machine = self.draft.machine = machine
        facts = [tr("{count} cores").format(count=machine.cores or tr("unknown"))]
        if machine.memory is not None:
            facts.append(tr("{size} memory").format(size=wording.size(machine.memory)))
        if machine.disk_free is not None:
            facts.append(tr("{size} free on disk").format(size=wording.size(machine.disk_free)))
        facts.append(machine.system)
        self.line.setText(tr("This computer:") + "  " + "  ·  ".join(facts))
        clear(self._grid)
        self.cards.clear()
        self._cards = []
        offered = [profile for profile in profiles if profile.featured] or list(profiles)
        self.dv_cards = {network: DistributedCard(network) for network in NETWORKS}
        for shared in self.dv_cards.values():
            shared.picked.connect(self.pick_distributed)
        # Where money is at stake comes last: nobody should begin there by mistake.
        offered.sort(key=lambda profile: profile.network_type == "mainnet")
        for profile in offered:
            card = NetworkCard(profile, machine)
            card.picked.connect(self.pick)
            self.cards[profile.id] = card
        cards: list[NetworkCard | DistributedCard] = [*self.cards.values(), *self.dv_cards.values()]
        cards.sort(key=lambda one: one.at_stake)
        for one in cards:
            self._put_last(one)
        self.readiness.emit()
        self._ask_docker()

    def _ask_docker(self) -> None:
        """Ask whether Docker answers, if a network runs in it."""
        if any(is_contained(card.profile) for card in self.cards.values()):
            adapter = self.context.adapter
            adapter.when(
                adapter.engine.container_engine(), self, self._on_docker, lambda _reason: None
            )

    def _on_docker(self, state: EngineState) -> None:
        self.draft.docker = state
        for card in self.cards.values():
            card.show_docker(state)

    def _put_last(self, card: Card) -> None:
        self._cards.append(card)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        columns = 1 if self.viewport().width() / theme().scale < NARROW else 2
        if columns != self._columns:
            self._columns = columns
            self._arrange()

    def _arrange(self) -> None:
        take_out(self._grid)
        for place, card in enumerate(self._cards):
            self._grid.addWidget(card, place // self._columns, place % self._columns)
        for column in range(2):
            self._grid.setColumnStretch(column, int(column < self._columns))

    def pick_distributed(self, network: str) -> None:
        """Choose a validator that operators share."""
        self._mark(shared=network)
        self.draft.profile = None
        self.draft.dv.network = network
        self.readiness.emit()

    def _mark(self, *, chain: str = "", shared: str = "") -> None:
        for card in self.cards.values():
            card.radio.setAutoExclusive(False)
            card.show_chosen(chosen=card.profile.id == chain)
        for other in self.dv_cards.values():
            other.show_chosen(chosen=other.network == shared)

    def pick(self, identity: str) -> None:
        """Choose a network."""
        self._mark(chain=identity)
        self.draft.dv.network = ""
        self.draft.profile = self.cards[identity].profile
        self.draft.answers.clear()
        self.readiness.emit()

    def _on_add(self) -> None:
        source = self.source.text().strip()
        if not source:
            return
        self.trouble.explain(None)
        adapter = self.context.adapter
        adapter.when(
            adapter.engine.import_profile(source), self, self._on_added, self.trouble.explain
        )

    def _on_added(self, profile: Profile) -> None:
        if self._machine is not None and profile.id not in self.cards:
            card = NetworkCard(profile, self._machine)
            card.picked.connect(self.pick)
            self.cards[profile.id] = card
            self._put_last(card)
            card.show_docker(self.draft.docker)
            self._ask_docker()
        self.source.clear()
        self.pick(profile.id)
