# SPDX-License-Identifier: Apache-2.0
"""On which ports the node listens, whether anybody has come in, and where the heights are from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel

from desktop.components.dress import Card, label
from desktop.engine.client import PeerRow
from desktop.words import wording
from desktop.words.translation import engine_words, tr
from node_manager.checks.listening import is_public
from node_manager.state import NodeStatus

if TYPE_CHECKING:
    from node_manager.checks.listening import Listening

EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 (compared with, not listened on)


class PortsCard(Card):
    """Facts of one node's doors; what the system does not tell reads unknown."""

    def __init__(self) -> None:
        super().__init__(gap=10)
        self.body.addWidget(label(tr("Ports and reachability"), "heading"))
        self._grid = QGridLayout()
        self._grid.setVerticalSpacing(8)
        self._grid.setHorizontalSpacing(16)
        self._grid.setColumnMinimumWidth(0, 150)
        self._grid.setColumnStretch(1, 1)
        self.body.addLayout(self._grid)
        self.values: dict[str, QLabel] = {}
        for key, name in (
            ("p2p", tr("Peers (p2p)")),
            ("reached", tr("Reached by peers")),
            ("rpc", tr("RPC of the node")),
            ("rest", tr("REST of the node")),
            ("grpc", tr("gRPC of the node")),
            ("source", tr("Network height from")),
        ):
            value = label("", "body", wrap=True)
            line = len(self.values)
            self._grid.addWidget(label(name, "second"), line, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(value, line, 1)
            self.values[key] = value

    def show_status(
        self,
        status: NodeStatus,
        listening: Listening | None,
        peers: Sequence[PeerRow] | None,
        now: float,
    ) -> None:
        """Show one node; `peers` is None while they are not known."""
        alive = status.state.alive
        ports = {
            "p2p": status.p2p_port,
            "rpc": status.rpc_port,
            "rest": status.rest_port,
            "grpc": status.grpc_port,
        }
        for key, port in ports.items():
            self.values[key].setText(_port_words(port, listening, alive=alive))
        self.values["reached"].setText(self._reached(status, peers, now))
        source = engine_words(status.network_height.source) or tr("unknown")
        self.values["source"].setText(source)

    def _reached(self, status: NodeStatus, peers: Sequence[PeerRow] | None, now: float) -> str:
        inbound = [peer for peer in peers or () if not peer.outbound]
        far = [peer for peer in inbound if is_public(peer.address)]
        if far:
            count = wording.peers(len(far))
            return tr("yes: {peers} came in from the internet").format(peers=count)
        seen = status.reached_at
        if seen is not None:
            return tr("yes, {age}; nobody from the internet is in now").format(
                age=wording.ago(now - seen)
            )
        if not status.state.alive:
            return tr("unknown: the node does not run")
        if peers is None:
            return tr("unknown: the node has not told its peers")
        if inbound:
            return tr("from this network: {peers} came in; from the internet it is unknown").format(
                peers=wording.peers(len(inbound))
            )
        return tr("unknown: nobody has dialled in yet; peers that it dials are enough to sign")


def _port_words(port: int | None, listening: Listening | None, *, alive: bool) -> str:
    if port is None:
        return tr("unknown")
    if not alive:
        return tr("{port}; the node does not run").format(port=port)
    if listening is None:
        return tr("{port}; whether it listens there is unknown").format(port=port)
    addresses = listening.get(port)
    if not addresses:
        return tr("{port}; nothing listens there").format(port=port)
    if addresses & EVERYWHERE:
        return tr("{port}, open on every address of this computer").format(port=port)
    if all(one in ("::1",) or one.startswith("127.") for one in addresses):
        return tr("{port}, on this computer only").format(port=port)
    return tr("{port}, on {addresses}").format(port=port, addresses=", ".join(sorted(addresses)))
