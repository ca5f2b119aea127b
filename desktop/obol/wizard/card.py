# SPDX-License-Identifier: Apache-2.0
"""A network on which operators share a validator, as a card to choose."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent

from desktop.components.choice import Radio
from desktop.components.dress import Card, label, put, rule, tag
from desktop.components.flow import flow
from desktop.obol.wizard.draft import NETWORKS
from desktop.words.translation import tr


class DistributedCard(Card):
    """Chosen by a click anywhere on it, by Space or by its radio button.

    Signals:
        picked: the network.
    """

    picked = Signal(str)

    def __init__(self, network: str) -> None:
        super().__init__(margins=(17, 14, 17, 12), gap=4)
        self.network = network
        self.at_stake = network == "mainnet"
        self.radio = Radio(card_name(network))
        font = self.radio.font()
        font.setWeight(font.Weight.DemiBold)
        self.radio.setFont(font)
        self.radio.clicked.connect(lambda: self.picked.emit(network))
        words = tr("real money") if self.at_stake else tr("test coins")
        self.body.addLayout(flow(self.radio, None, tag(words, "t2" if self.at_stake else "acc")))
        about = tr("A distributed validator: several operators hold shares of one Ethereum key.")
        self.body.addWidget(label(about, "second", wrap=True))
        needs = tr("You need a wallet address, a beacon node and a validator client.")
        self.body.addWidget(label(needs, "second", wrap=True))
        self.body.addStretch(1)
        self.body.addSpacing(6)
        self.body.addWidget(rule())
        self.body.addSpacing(2)
        self.body.addWidget(
            label(tr("charon by Obol  ·  {n}").format(n=network), "note", wrap=True)
        )
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"{card_name(network)}, {words}")

    def show_chosen(self, *, chosen: bool) -> None:
        """Show whether it is the chosen one."""
        # Radio buttons of another parent are no group with this one.
        self.radio.setAutoExclusive(False)
        self.radio.setChecked(chosen)
        put(self, "tone", "chosen" if chosen else "")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(self.network)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self.picked.emit(self.network)
        else:
            super().keyPressEvent(event)


def card_name(network: str) -> str:
    """Obol on Hoodi."""
    return tr("Obol on {network}").format(network=NETWORKS.get(network, network))
