# SPDX-License-Identifier: Apache-2.0
"""From definition, invites, ceremony and health to what is shown of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from node_manager.figures import Figure, read, unknown
from node_manager.obol.ceremony.dkg_progress import DkgPeer
from node_manager.obol.charon.health import METRICS_SECONDS, HealthReading
from node_manager.obol.charon.metrics import CharonMetrics, PeerReading
from node_manager.obol.cluster.documents import Definition, Lock
from node_manager.obol.cluster.ethereum import network_of
from node_manager.obol.cluster.invites import Invite, read_invite
from node_manager.obol.running import LOOK_SECONDS, RunView
from node_manager.obol.status import ClusterFacts, DvFigures, OperatorRow, ValidatorRow
from node_manager.runtime.process import ProcessUsage

SOURCE = "charon"
NO_RUN: Figure[bool] = unknown("charon does not run.", SOURCE)


def launchpad_steps(api_endpoint: str) -> tuple[str, ...]:
    """What the person does at the Launchpad while the app waits."""
    launchpad = "https://launchpad.obol.org"
    return (
        f"Open {launchpad} on any computer with the wallet of your operator address.",
        "Open the invitation link that the cluster's creator sent you, or create the cluster.",
        "Paste this node's ENR where it is asked for.",
        "Sign the cluster's configuration and the ENR with that wallet.",
        f"The app asks {api_endpoint} for the cluster and goes on when everybody has signed.",
    )


def cluster_facts(definition: Definition, lock: Lock | None = None) -> ClusterFacts:
    """What everybody signed, with the addresses that get the money."""
    validators = lock.distributed_validators if lock else []
    keys = [f"0x{one.distributed_public_key.hex()}" for one in validators]
    known = network_of(definition.fork_version)
    return ClusterFacts(
        name=definition.name,
        config_hash=f"0x{definition.config_hash.hex()}",
        definition_hash=f"0x{definition.definition_hash.hex()}",
        version=definition.version,
        network=known.name if known else f"0x{definition.fork_version.hex()}",
        threshold=definition.threshold,
        operators=len(definition.operators),
        validators=tuple(
            ValidatorRow(
                number,
                one.fee_recipient_address,
                one.withdrawal_address,
                keys[number - 1] if number <= len(keys) else "",
            )
            for number, one in enumerate(definition.validators, 1)
        ),
        lock_hash=f"0x{lock.lock_hash.hex()}" if lock else "",
    )


def operator_rows(invite: Invite, our_enr: str) -> tuple[OperatorRow, ...]:
    """The operators' table from what was signed."""
    return tuple(
        OperatorRow(
            number=one.number,
            address=one.address,
            ours=one.enr == our_enr if one.enr else one.ours,
            enr_ready=one.enr_ready,
            signed=one.signed,
            missing=one.missing,
            enr=one.enr,
        )
        for one in invite.operators
    )


def rows_of(
    definition: Definition, address: str, enr: str, network: str
) -> tuple[OperatorRow, ...]:
    """The operators' table of a definition."""
    return operator_rows(read_invite(definition, address, enr, network=network), enr)


def with_peers(rows: Sequence[OperatorRow], peers: Sequence[DkgPeer]) -> tuple[OperatorRow, ...]:
    """The table with what the ceremony knows."""
    found = {peer.index: peer for peer in peers if peer.index is not None}
    return tuple(
        replace(row, peer=found[row.number - 1].name, connected=found[row.number - 1].connected)
        if row.number - 1 in found
        else row
        for row in rows
    )


def with_metrics(
    rows: Sequence[OperatorRow], reading: HealthReading | None
) -> tuple[OperatorRow, ...]:
    """The table with what charon measures of each node."""
    if reading is None or reading.metrics is None:
        return tuple(replace(row, connected=None, ping=Figure()) for row in rows)
    found = {peer.index: peer for peer in reading.metrics.peers}
    return tuple(
        _with(row, found[row.number - 1], reading.metrics_at) if row.number - 1 in found else row
        for row in rows
    )


def _with(row: OperatorRow, peer: PeerReading, at: float | None) -> OperatorRow:
    share = None
    if peer.expected and peer.participated is not None:
        share = peer.participated / peer.expected
    return replace(
        row,
        peer=peer.name,
        nickname=peer.nickname,
        connected=True if row.ours else peer.alive,
        version=peer.version,
        ping=Figure(peer.ping, SOURCE, at, METRICS_SECONDS),
        clock_offset=Figure(peer.clock_offset, SOURCE, at, METRICS_SECONDS),
        participation=Figure(share, SOURCE, at, METRICS_SECONDS),
        participated=Figure(peer.participated, SOURCE, at, METRICS_SECONDS),
        expected=Figure(peer.expected, SOURCE, at, METRICS_SECONDS),
    )


def figures(view: RunView) -> DvFigures:
    """The figures of a running cluster."""
    reading = view.health
    charon, client = view.charon_usage, view.client_usage
    found = DvFigures(
        data_bytes=view.disk.taken if view.disk else Figure(),
        disk_free=view.disk.free if view.disk else Figure(),
        charon_memory=_memory(charon),
        charon_cpu=_cpu(charon),
        client_memory=_memory(client),
        client_cpu=_cpu(client),
    )
    if reading is None:
        why = "charon does not run."
        return replace(found, alive=unknown(why, SOURCE), ready=unknown(why, SOURCE))
    found = replace(
        found,
        alive=Figure(reading.alive, SOURCE, reading.at, LOOK_SECONDS),
        ready=Figure(reading.ready, SOURCE, reading.at, LOOK_SECONDS),
    )
    if reading.metrics is None:
        return found
    return _measured(found, reading.metrics, reading.metrics_at)


def _measured(found: DvFigures, metrics: CharonMetrics, at: float | None) -> DvFigures:
    def number(value: int | None) -> Figure[int]:
        return Figure(value, SOURCE, at, METRICS_SECONDS)

    others = [peer for peer in metrics.peers if not peer.ours]
    known = [peer for peer in others if peer.alive is not None]
    return replace(
        found,
        slot=number(metrics.slot),
        peers_alive=number(sum(bool(peer.alive) for peer in known) if known else None),
        duties_succeeded=number(metrics.duties_succeeded),
        duties_failed=number(metrics.duties_failed),
        beacon_peers=number(metrics.beacon_peers),
        beacon_latency=Figure(metrics.beacon_latency, SOURCE, at, METRICS_SECONDS),
        using_fallback=Figure(metrics.using_fallback, SOURCE, at, METRICS_SECONDS),
        validators_active=number(metrics.validators_active),
        balance_gwei=number(sum(metrics.balance_gwei.values()) if metrics.balance_gwei else None),
        client=Figure(metrics.client or None, SOURCE, at, METRICS_SECONDS),
        client_submitted=number(sum(metrics.submitted.values())),
        charon_version=Figure(metrics.version or None, SOURCE, at, METRICS_SECONDS),
    )


def _memory(usage: ProcessUsage | None) -> Figure[int]:
    if usage is None:
        return Figure()
    return read(usage.memory, "computer", period=LOOK_SECONDS)


def _cpu(usage: ProcessUsage | None) -> Figure[float]:
    if usage is None or usage.cpu is None:
        return Figure()
    return read(usage.cpu, "computer", period=LOOK_SECONDS)
