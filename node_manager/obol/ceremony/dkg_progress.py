# SPDX-License-Identifier: Apache-2.0
"""How far a key ceremony is, from charon's log lines.

`Connected to peer X of N` leaves this node out, can repeat, and a peer that leaves is mostly not
told: peers are counted by name, never by the number in the line.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from node_manager.obol.charon.log import CharonLine, parse_line


class DkgPhase(StrEnum):
    """Where the ceremony is."""

    STARTING = "starting"
    RELAYS = "reaching relays"
    WAITING = "waiting for peers"
    CEREMONY = "making keys"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class DkgPeer:
    """One node of the cluster: its name, its place in the definition, and whether it was met."""

    name: str
    index: int | None
    ours: bool = False
    connected: bool = False


@dataclass(slots=True)
class DkgProgress:
    """Reads the lines of one run; `feed` returns whether something changed.

    Attributes:
        failure: the line that says why charon ends, None while it lives.
        restarted_peer: a peer that began anew in the middle, empty for none.
    """

    phase: DkgPhase = DkgPhase.STARTING
    peers: dict[str, DkgPeer] = field(default_factory=dict)
    version: str = ""
    definition_hash: str = ""
    failure: CharonLine | None = None
    restarted_peer: str = ""
    relay_trouble: str = ""
    ceremony_began_at: float | None = None
    lines: list[CharonLine] = field(default_factory=list)

    def feed(self, text: str) -> bool:
        """Take in a line."""
        line = parse_line(text)
        if line is None:
            return False
        self.lines.append(line)
        del self.lines[:-200]
        before = (self.phase, dict(self.peers), self.restarted_peer, self.relay_trouble)
        self._read(line)
        return before != (self.phase, self.peers, self.restarted_peer, self.relay_trouble)

    @property
    def listed(self) -> list[DkgPeer]:
        """The nodes in the definition's order."""
        return sorted(self.peers.values(), key=lambda peer: (peer.index is None, peer.index or 0))

    @property
    def missing(self) -> list[DkgPeer]:
        """The nodes that were not met yet."""
        return [peer for peer in self.listed if not peer.connected and not peer.ours]

    def _read(self, line: CharonLine) -> None:
        message = line.message
        if line.failure:
            self.phase, self.failure = DkgPhase.FAILED, line
        elif message == "Charon DKG starting":
            self.version = line.fact("version")
        elif message == "Cluster definition loaded from disk":
            self.definition_hash = line.fact("definition_hash")
        elif message == "Peer summary":
            self._summary(line)
        elif message == "Starting local P2P networking peer":
            self.phase = DkgPhase.RELAYS
        elif message.startswith("Failure querying relay"):
            self.relay_trouble = message
        elif message == "Resolved new relay":
            self.relay_trouble = ""
        elif message.startswith("Waiting to connect to all peers"):
            self.phase = DkgPhase.WAITING
        elif message.startswith("Connected to peer "):
            self._connected(line.fact("peer"), True)
        elif message == "Disconnected from peer":
            self._connected(line.fact("peer"), False)
        elif message.startswith("All peers connected"):
            self.phase, self.ceremony_began_at = DkgPhase.CEREMONY, line.at
            for name in self.peers:
                self._connected(name, True)
        elif "peer reported step is behind the last known step" in message:
            if self.phase is DkgPhase.CEREMONY:
                self.restarted_peer = line.fact("peer")
        elif message.startswith("Successfully completed DKG ceremony"):
            self.phase = DkgPhase.DONE

    def _summary(self, line: CharonLine) -> None:
        name, index = line.fact("peer"), line.fields.get("index")
        self.peers[name] = DkgPeer(
            name, index if isinstance(index, int) else None, ours=bool(line.fact("you"))
        )

    def _connected(self, name: str, connected: bool) -> None:
        if name:
            peer = self.peers.get(name, DkgPeer(name, None))
            self.peers[name] = replace(peer, connected=connected or peer.ours)
