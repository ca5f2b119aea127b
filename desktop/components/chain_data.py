# SPDX-License-Identifier: Apache-2.0
"""The chain data of one node: how a fresh one begins, and the removal that keeps the key."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop.components.ask import Ask
from desktop.components.choice import Check
from desktop.components.dress import Card, button, label
from desktop.components.error_panel import ErrorPanel
from desktop.components.flow import flow
from desktop.context import Context
from desktop.words import wording
from desktop.words.translation import tr
from node_manager.explanation import Explanation
from node_manager.networks.profile import Profile
from node_manager.state import NodeStatus


class ChainDataCard(Card):
    """State sync as the network offers it, and "Reset chain data…"."""

    def __init__(self, context: Context, page: QWidget) -> None:
        super().__init__(gap=10)
        self._context, self._page = context, page
        self._status: NodeStatus | None = None
        self._offers: dict[str, int] = {}
        self._asked_for = ""
        self.body.addWidget(label(tr("Chain data"), "heading"))
        self.sync = label("", "body", wrap=True)
        self.body.addWidget(self.sync)
        self.by_snapshot = Check(tr("Begin with a snapshot after the reset (state sync)"))
        self.reset = button(tr("Reset chain data…"), self._on_reset)
        self.body.addLayout(flow(self.by_snapshot, None, self.reset))
        self.note = label("", "note", wrap=True)
        self.body.addWidget(self.note)
        self.trouble = ErrorPanel()
        self.body.addWidget(self.trouble)

    def show_status(self, status: NodeStatus) -> None:
        """Follow one validator."""
        if self._status is not None and self._status.node_id != status.node_id:
            self.trouble.explain(None)
        self._status = status
        stopped = status.state.at_rest
        self.reset.setEnabled(stopped)
        self.reset.setToolTip("" if stopped else tr("Stop the validator first."))
        self._ask_offer(status.network)
        self._show_offer(status.network)

    def _ask_offer(self, network: str) -> None:
        adapter = self._context.adapter
        if not adapter.is_open or self._asked_for == network:
            return
        self._asked_for = network
        adapter.when(
            adapter.engine.profiles(), self, self._take_offers, lambda _reason: self._offers.clear()
        )

    def _take_offers(self, profiles: list[Profile]) -> None:
        self._offers = {profile.id: len(profile.state_sync_servers) for profile in profiles}
        self._show_offer(self._asked_for)

    def _show_offer(self, network: str) -> None:
        count = self._offers.get(network)
        offered = count is not None and count > 1
        if count is None:
            text = tr("Whether the network offers state sync is unknown.")
        elif offered:
            text = tr("State sync: offered by {count} servers of the network.").format(count=count)
        else:
            text = tr(
                "State sync: not offered. The profile names {count} servers, and two are needed"
                " to be held against each other."
            ).format(count=count)
        self.sync.setText(text)
        self.by_snapshot.setEnabled(offered)
        if not offered:
            self.by_snapshot.setChecked(False)

    def _on_reset(self) -> None:
        status = self._status
        if status is None:
            return
        ask = Ask(
            self._page,
            tr("Reset the chain data of {name}?").format(name=status.moniker),
            tr(
                "The blocks and states on this computer are deleted and fetched anew, which can"
                " take hours or days. Blocks are missed until then; a long wait can jail the"
                " validator. The key, the signing record and the settings stay."
            ),
            yes=tr("Delete and fetch anew"),
        )
        ask.accepted.connect(lambda: self._reset(status.node_id))
        ask.open()

    def _reset(self, node_id: str) -> None:
        self.trouble.explain(None)
        self.note.setText(tr("The chain data are being removed."))
        adapter = self._context.adapter
        adapter.when(
            adapter.engine.reset_chain_data(node_id, self.by_snapshot.isChecked()),
            self,
            self._on_done,
            self._on_trouble,
        )

    def _on_done(self, freed: int) -> None:
        self.note.setText(
            tr("{size} were removed. The next start fetches the chain anew.").format(
                size=wording.size(freed)
            )
        )

    def _on_trouble(self, reason: Explanation) -> None:
        self.note.setText("")
        self.trouble.explain(reason)
