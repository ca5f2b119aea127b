# SPDX-License-Identifier: Apache-2.0
"""The status of one node as everybody sees it: kept, derived from what is read, told."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import structlog

from node_manager.events import Broadcast, NodeChanged
from node_manager.explanation import Explanation
from node_manager.figures import Figure, unknown
from node_manager.keys.backup_proof import last_verified
from node_manager.keys.errors import KeysError
from node_manager.node.custody import Custody
from node_manager.node.observation import Picture
from node_manager.node.record import NodeRecord, Ports
from node_manager.node.steps import Steps
from node_manager.node.verdict import state_of, sync_step
from node_manager.runtime.child import Child
from node_manager.state import BlockMark, NodeState, NodeStatus, SignerFigures

log = structlog.get_logger(__name__)


class Portrait:
    """Holds the newest `NodeStatus` and publishes each change.

    Attributes:
        picture: what was read last of the running node.
    """

    def __init__(
        self, record: NodeRecord, custody: Custody, steps: Steps, broadcast: Broadcast
    ) -> None:
        self._custody = custody
        self._steps = steps
        self._broadcast = broadcast
        self.picture = Picture()
        self.status = NodeStatus(
            node_id=record.id,
            network=record.network,
            chain_id=record.chain_id,
            moniker=record.moniker,
            version=record.program_version,
            since=time.time(),
            steps=steps.rows(),
            rpc_port=record.ports.rpc,
            p2p_port=record.ports.p2p,
            rest_port=record.ports.rest,
            grpc_port=record.ports.grpc,
        )
        self._read_key()

    def publish(self) -> None:
        """Tell everybody the present status."""
        self.status = replace(self.status, steps=self._steps.rows())
        self._broadcast.publish(NodeChanged(self.status))

    def enter(self, state: NodeState, reason: Explanation | None = None) -> None:
        """The node is in `state` now."""
        if not state.alive and state is not NodeState.STOPPING:
            self.picture = Picture()
        self._enter(state, reason)
        self.publish()

    def tell(self, reason: Explanation) -> None:
        """What the person should know of the present state."""
        self.status = replace(self.status, reason=reason)
        self.publish()

    def show(self, process: Child | None, up: bool, signer_trouble: Explanation | None) -> None:
        """Put the picture into the status; while the process is up it decides the state."""
        picture = self.picture
        reading, planned = picture.reading, picture.next_upgrade
        self.status = replace(
            self.status,
            pid=process.pid if process else None,
            started_at=process.started_at if process else None,
            height=reading.height,
            network_height=reading.network_height,
            catching_up=reading.catching_up,
            peers_out=reading.peers_out,
            peers_in=reading.peers_in,
            reached=reading.reached,
            reached_at=reading.reached_at,
            seconds_left=reading.seconds_left,
            blocks_per_second=reading.blocks_per_second,
            block_seconds=reading.block_seconds,
            blocks=reading.blocks,
            signer=_with_missed(picture.signer, reading.blocks),
            compared=picture.compared,
            chain=picture.standing,
            usage=picture.usage,
            upgrade_name=planned.name if planned else "",
            upgrade_height=planned.height if planned else None,
        )
        if up:
            state = state_of(reading, self.status.state)
            self._enter(state, picture.halted or picture.trouble or signer_trouble)
            sync_step(self._steps, self.status)
        self.publish()

    def set_program(self, program: str, version: str) -> None:
        """Which program it runs."""
        self.status = replace(self.status, program=program, version=version)

    def set_ports(self, ports: Ports) -> None:
        """Which ports it has from the next start on."""
        self.status = replace(
            self.status,
            rpc_port=ports.rpc,
            p2p_port=ports.p2p,
            rest_port=ports.rest,
            grpc_port=ports.grpc,
        )

    def set_token(self, name: str, decimals: int | None) -> None:
        """How the network's staking token is written."""
        self.status = replace(self.status, token=name, token_decimals=decimals)

    def refresh_backup(self) -> None:
        """Read again which backup was proved."""
        self._read_key()
        self.publish()

    def _read_key(self) -> None:
        try:
            key = self._custody.info().public_key
        except KeysError as error:
            log.error("key not readable", node=self.status.node_id, reason=str(error))
            return
        proof = last_verified(self._custody.folder, key.address)
        self.status = replace(
            self.status,
            consensus_pubkey=key.raw,
            consensus_address=key.address,
            backup_verified_at=proof.verified_at if proof else None,
        )

    def _enter(self, state: NodeState, reason: Explanation | None) -> None:
        if state is not self.status.state:
            log.info("state", node=self.status.node_id, state=state.value, reason=str(reason or ""))
            self.status = replace(self.status, since=time.time())
        self.status = replace(self.status, state=state, reason=reason)
        if not state.alive and state is not NodeState.STOPPING:
            why = f"The node is {state.value}."
            self.status = replace(
                self.status,
                pid=None,
                started_at=None,
                height=replace(self.status.height, why=why),
                signer=unknown(why, "signer"),
                compared=unknown(why),
            )


def _with_missed(
    signer: Figure[SignerFigures], blocks: Sequence[BlockMark]
) -> Figure[SignerFigures]:
    """What the signer says, with the blocks in which the chain lacks its vote."""
    known = [mark for mark in blocks if mark.kind != "unknown"]
    if signer.value is None or not known:
        return signer
    missed = sum(mark.kind == "missed" for mark in known)
    return replace(signer, value=replace(signer.value, missed=missed))
