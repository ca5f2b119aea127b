# SPDX-License-Identifier: Apache-2.0
"""What an answer of the Obol API means for the status of a distributed validator."""

from __future__ import annotations

import time

from node_manager.explanation import Explanation
from node_manager.obol import portrait
from node_manager.obol.cluster.invites import Invite
from node_manager.obol.cluster.waiting import Round
from node_manager.obol.desk import Desk
from node_manager.obol.status import DvStage, DvStep, Wait


def tell_round(desk: Desk, asked: Round) -> None:
    """Show what an asking of the API brought."""
    best = _best(asked.invites)
    if best is not None:
        desk.steps.done(DvStep.INVITE, best.name or best.config_hash[:12])
        signed = sum(one.signed for one in best.operators)
        note = f"{signed} of {len(best.operators)} operators"
        if best.fully_signed:
            desk.steps.done(DvStep.SIGNATURES, note)
            desk.times.setdefault("signed", time.time())
        else:
            desk.steps.begin(DvStep.SIGNATURES, note)
    desk.show(
        wait=Wait(asked.invites, asked.unreadable, asked.asked_at, asked.next_at, asked.trouble),
        operators=portrait.operator_rows(best, desk.record.enr) if best else (),
        reason=asked.trouble or (_not_ours(best) if best else None),
    )
    if desk.status.stage is DvStage.VERIFYING:
        desk.enter(DvStage.WAITING)


def _best(invites: tuple[Invite, ...]) -> Invite | None:
    """The invite that is shown: the ready one, else one without trouble, else any."""
    ready = [one for one in invites if one.ready]
    fine = [one for one in invites if not one.trouble]
    return next(iter([*ready, *fine, *invites]), None)


def _not_ours(invite: Invite) -> Explanation | None:
    if not invite.trouble:
        return None
    return Explanation(
        "invite-not-ours",
        "The cluster {name} is not gone on with.",
        "{trouble}",
        "Nothing is started for it. Other invitations are still waited for.",
        {"name": invite.name or invite.config_hash, "trouble": invite.trouble},
    )
