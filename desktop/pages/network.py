# SPDX-License-Identifier: Apache-2.0
"""Peers, ports, the RPC in use, and networks to add."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHeaderView, QLineEdit, QTableView

from desktop.components.chain_data import ChainDataCard
from desktop.components.dress import Card, button, label, row
from desktop.components.error_panel import ErrorPanel
from desktop.components.figure_tile import FigureTile, Tiles, spread
from desktop.components.flow import flow
from desktop.components.ports_card import PortsCard
from desktop.context import Context
from desktop.engine.client import PeerRow
from desktop.look.theme import theme
from desktop.look.tokens import Space
from desktop.pages.overview_tiles import show_peers
from desktop.pages.page import Page
from desktop.words import wording
from desktop.words.translation import tr
from node_manager.explanation import Explanation
from node_manager.state import NodeStatus

if TYPE_CHECKING:
    from node_manager.checks.listening import Listening

Index = QModelIndex | QPersistentModelIndex

PERIOD = 5.0
"""Seconds between two readings of the peers while the page is open."""

TIGHT = 480
"""Content narrower than this, at the usual size of text, has two tiles in a row."""

ROWS = 10
"""Rows of the peers' table that are shown without scrolling in it."""


class PeerModel(QAbstractTableModel):
    """Connected peers, a row each."""

    def __init__(self) -> None:
        super().__init__()
        self._peers: list[PeerRow] = []

    def show_peers(self, peers: Sequence[PeerRow]) -> None:
        """Show these peers, in a steady order."""
        ordered = sorted(peers, key=lambda peer: (not peer.outbound, peer.moniker, peer.node_id))
        if ordered != self._peers:
            self.beginResetModel()
            self._peers = ordered
            self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._peers)

    def columnCount(self, _parent: Index | None = None) -> int:
        return 4

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return (tr("Name"), tr("Address"), tr("Direction"), tr("Node id"))[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        peer = self._peers[index.row()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{peer.node_id}@{peer.address}"
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        way = tr("out: dialled by this node") if peer.outbound else tr("in: dialled this node")
        return (peer.moniker or tr("unknown"), peer.address, way, peer.node_id)[index.column()]


class NetworkPage(Page):
    """How this node is connected."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, tr("Network"))
        self._asked_at = 0.0
        self._of = ""
        self._listening: Listening | None = None
        self._peers_now: Sequence[PeerRow] | None = None
        self.tiles = [
            FigureTile(tr("Peers")),
            FigureTile(tr("Network height")),
            FigureTile(tr("Block time")),
        ]
        spread(list(self.tiles))
        self._tile_row = Tiles(self.tiles, columns=3, gap=Space.TILES)
        self.content.addWidget(self._tile_row)
        self.peers = PeerModel()
        self._table = QTableView()
        self._table.setModel(self.peers)
        self._table.setAccessibleName(tr("Peers"))
        self._table.verticalHeader().hide()
        self._table.setShowGrid(False)
        self._table.setAlternatingRowColors(True)
        self._table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self._table.setWordWrap(False)
        # Tab leads on to the next control; arrow keys go through the cells.
        self._table.setTabKeyNavigation(False)
        header = self._table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        self._none = label("", "second", wrap=True)
        self._none.setContentsMargins(16, 4, 16, 14)
        table = Card(margins=(1, 10, 1, 1), gap=6)
        self._count = label("", "source")
        heading = row(14, label(tr("Peers"), "heading"), None, self._count, 16, gap=0)
        table.body.addLayout(heading)
        table.body.addWidget(self._table)
        table.body.addWidget(self._none)
        self.content.addWidget(table)
        self.ports = PortsCard()
        self.content.addWidget(self.ports)
        self.chain_data = ChainDataCard(context, self)
        self.content.addWidget(self.chain_data)
        self._add_import()
        self.content.addStretch(1)

    def _add_import(self) -> None:
        self.source = QLineEdit()
        self.source.setPlaceholderText(tr("chain.json, folder or address"))
        self.source.setAccessibleName(tr("Another chain: file, folder or address"))
        self.add = button(tr("Add"), self._on_add)
        self.add.setEnabled(False)
        self.source.textChanged.connect(lambda text: self.add.setEnabled(bool(text.strip())))
        self.source.returnPressed.connect(self._on_add)
        self.trouble = ErrorPanel()
        self._added = label("", "note", wrap=True)
        card = Card(gap=8)
        card.body.addWidget(label(tr("Add a network"), "heading"))
        card.body.addWidget(
            label(
                tr("By its entry of the chain registry: file, folder or address."),
                "note",
                wrap=True,
            )
        )
        card.body.addLayout(flow(self.source, self.add))
        card.body.addWidget(self._added)
        card.body.addWidget(self.trouble)
        self._added.hide()
        self.content.addWidget(card)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = (self.viewport().width() - 2 * Space.PAGE) / theme().scale
        self._tile_row.arrange(columns=2 if room < TIGHT else 3)

    def render_status(self, status: NodeStatus, now: float) -> None:
        self.show_subtitle(f"{status.moniker} · {status.chain_id}")
        peers, height, block = self.tiles
        show_peers(peers, status, now)
        net = status.network_height.current(now)
        text = None if net is None else wording.number(net)
        height.show_figure(status.network_height, text, "", now)
        seconds = status.block_seconds.current(now)
        text = None
        if seconds is not None:
            text = tr("{number} s").format(number=wording.decimal(seconds, 2))
        block.show_figure(status.block_seconds, text, tr("median of the last blocks"), now)
        if self._of != status.node_id:
            self._listening, self._peers_now = None, None
        self.ports.show_status(status, self._listening, self._peers_now, now)
        self.chain_data.show_status(status)
        self._ask_peers(status, now)

    def _ask_peers(self, status: NodeStatus, now: float) -> None:
        if not status.state.alive:
            self._listening = self._peers_now = None
            self._show_peers((), tr("The node does not run."))
            return
        same = self._of == status.node_id
        if not self.context.adapter.is_open or (same and now - self._asked_at < PERIOD):
            return
        self._asked_at, self._of = now, status.node_id
        adapter = self.context.adapter
        adapter.when(
            adapter.engine.peers(status.node_id),
            self,
            self._on_peers,
            self._on_unknown,
        )
        adapter.when(
            adapter.engine.listening(status.node_id),
            self,
            self._on_listening,
            lambda _reason: self._on_listening(None),
        )

    def _on_peers(self, peers: Sequence[PeerRow]) -> None:
        self._peers_now = peers
        self._show_ports()
        self._show_peers(peers, tr("It is connected to nobody."))

    def _on_listening(self, listening: Listening | None) -> None:
        self._listening = listening
        self._show_ports()

    def _show_ports(self) -> None:
        if self.status is not None:
            self.ports.show_status(self.status, self._listening, self._peers_now, time.time())

    def _on_unknown(self, reason: Explanation) -> None:
        from desktop.words.translation import explained

        self._peers_now = None
        what, why, _todo = explained(reason)
        self._show_peers((), " ".join(filter(None, (tr("Unknown."), what, why))))

    def _show_peers(self, peers: Sequence[PeerRow], none: str) -> None:
        self.peers.show_peers(peers)
        self._table.setVisible(bool(peers))
        self._none.setVisible(not peers)
        self._none.setText(none)
        out = sum(peer.outbound for peer in peers)
        text = tr("{out} out, {inside} in").format(out=out, inside=len(peers) - out)
        self._count.setText(text if peers else "")
        rows = min(ROWS, len(peers))
        lines = sum(self._table.rowHeight(row) for row in range(rows))
        head = self._table.horizontalHeader().sizeHint().height()
        self._table.setFixedHeight(max(theme().px(32), head) + lines + 4)

    def _on_add(self) -> None:
        source = self.source.text().strip()
        if not source:
            return
        self.trouble.explain(None)
        self._added.hide()
        adapter = self.context.adapter
        adapter.when(
            adapter.engine.import_profile(source), self, self._on_added, self.trouble.explain
        )

    def _on_added(self, profile: Any) -> None:
        self.source.clear()
        self._added.setText(
            tr("{name} is added. It can be chosen for the next validator.").format(
                name=profile.display_name
            )
        )
        self._added.show()
