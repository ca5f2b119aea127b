# SPDX-License-Identifier: Apache-2.0
"""The one next thing to do about a distributed validator."""

from __future__ import annotations

from enum import StrEnum

from desktop.obol.naming import short_address
from desktop.obol.sentences import name_of_peer
from desktop.words.sentences import NextThing
from desktop.words.translation import explained, tr
from node_manager.obol.alerts import Gravity
from node_manager.obol.ceremony.dkg_progress import DkgPhase
from node_manager.obol.cluster.verification import CheckState
from node_manager.obol.status import DvStage, DvStatus


class DvAct(StrEnum):
    """What a button of the next thing does."""

    NONE = ""
    START = "start"
    COPY_ENR = "copy ENR"
    BACK_UP_KEY = "back up key"
    BACK_UP_FILES = "back up files"
    COPY_MESSAGE = "copy message"
    LAUNCHPAD = "launchpad"


def dv_next_thing(status: DvStatus) -> NextThing:
    """The most urgent thing: what failed, then the only copy of a key, then who is waited for."""
    stage = status.stage
    if stage is DvStage.FAILED:
        todo = explained(status.reason)[2] if status.reason is not None else ""
        return NextThing(DvAct.START, tr("Try again"), todo, tr("Try again"))
    if stage is DvStage.STOPPED:
        return NextThing(DvAct.START, tr("Start it"), tr("Stopped by you."), tr("Start"))
    if status.enr and status.enr_backup_at is None:
        why = tr("Lost before the DKG, the invitation is worthless; lost after it, the share is.")
        return NextThing(DvAct.BACK_UP_KEY, tr("Back up the ENR key"), why, tr("Back up…"))
    if stage is DvStage.CONFIRM:
        why = tr("Below: where rewards and withdrawals go, for good.")
        return NextThing(DvAct.NONE, tr("Compare the addresses"), why)
    made = status.cluster is not None and bool(status.cluster.lock_hash)
    if made and status.artefacts_backup_at is None:
        why = tr("Nobody can make this node's key shares again.")
        return NextThing(DvAct.BACK_UP_FILES, tr("Back up the key shares"), why, tr("Back up…"))
    if any(check.state is CheckState.FAILED for check in status.checks):
        why = tr("Nothing was started with it. Do not sign it again unread.")
        return NextThing(DvAct.NONE, tr("Ask the cluster's creator"), why)
    if stage is DvStage.WAITING:
        return _while_waiting(status)
    if message_for(status):
        who = ", ".join(missing_ones(status)[:2])
        return NextThing(
            DvAct.COPY_MESSAGE,
            tr("Tell {who}").format(who=who),
            tr("Not seen online yet."),
            tr("Copy message"),
        )
    for alert in status.alerts:
        todo = explained(alert.explanation)[2]
        if todo and alert.gravity is not Gravity.INFO:
            return NextThing(DvAct.NONE, todo)
    return NextThing(DvAct.NONE, tr("Nothing to do."))


def _while_waiting(status: DvStatus) -> NextThing:
    if not status.operators:
        why = tr("Your cluster needs it at the Launchpad.")
        return NextThing(DvAct.COPY_ENR, tr("Pass the ENR on"), why, tr("Copy ENR"))
    if any(row.ours and not row.signed for row in status.operators):
        why = tr("With the wallet of {address}.").format(
            address=short_address(status.operator_address)
        )
        title, go = tr("Sign at the Launchpad"), tr("Open the Launchpad")
        return NextThing(DvAct.LAUNCHPAD, title, why, go)
    missing = missing_ones(status)
    if not missing:
        return NextThing(DvAct.NONE, tr("Nothing to do."))
    who = ", ".join(missing[:2])
    return NextThing(
        DvAct.COPY_MESSAGE,
        tr("Tell {who}").format(who=who),
        tr("Has not signed yet."),
        tr("Copy message"),
    )


def missing_ones(status: DvStatus) -> list[str]:
    """Who is waited for now: those who have not signed, or were not met in the ceremony."""
    if status.stage is DvStage.WAITING:
        return [
            short_address(row.address) or tr("operator {n}").format(n=row.number)
            for row in status.operators
            if not row.signed
        ]
    view = status.ceremony
    if status.stage is DvStage.DKG and view is not None and view.phase is DkgPhase.WAITING:
        return [
            name_of_peer(status, peer.index, peer.name)
            for peer in view.peers
            if not (peer.connected or peer.ours)
        ]
    return []


def message_for(status: DvStatus) -> str:
    """What to write to those who are waited for; it holds nothing secret."""
    missing = missing_ones(status)
    if not missing:
        return ""
    cluster = status.cluster
    name = cluster.name if cluster is not None else status.name
    who = ", ".join(missing)
    if status.stage is DvStage.WAITING:
        return tr(
            "The cluster “{name}” on {network} waits for {who}: open the invitation at"
            " https://launchpad.obol.org and sign."
        ).format(name=name, network=status.network, who=who)
    return tr(
        "The key ceremony of the cluster “{name}” on {network} waits for {who}: start charon"
        " (dkg, {version}) and leave it running until all are connected."
    ).format(name=name, network=status.network, who=who, version=status.charon_version or "charon")
