# SPDX-License-Identifier: Apache-2.0
"""The state of a distributed validator as one sentence."""

from __future__ import annotations

from desktop.look.glyphs import Glyph
from desktop.obol.naming import both_signed, operators_word, short_address
from desktop.words import wording
from desktop.words.sentences import Sentence
from desktop.words.translation import engine_words, explained, tr
from node_manager.explanation import Explanation
from node_manager.obol.alerts import Gravity
from node_manager.obol.ceremony.dkg_progress import DkgPhase
from node_manager.obol.cluster.verification import CheckState
from node_manager.obol.status import DvStage, DvStatus

NOT_JUDGED_YET = frozenset({"not-ready-yet", "charon-silent"})
"""Reasons for which charon is not ready only because it has just started."""


def dv_sentence(status: DvStatus, now: float) -> Sentence:
    """What this distributed validator does, as true as the figures are fresh."""
    match status.stage:
        case DvStage.STOPPED:
            return _stopped(status, now)
        case DvStage.ENR:
            line = tr("The ENR names this node to the other operators' nodes.")
            return Sentence(Glyph.BUSY, tr("Making this node's identity."), line, tr("preparing"))
        case DvStage.WAITING:
            return _waiting(status)
        case DvStage.VERIFYING:
            return _verifying(status)
        case DvStage.BACKUP:
            line = tr("The DKG begins by itself once the ENR key has a proved backup.")
            title = tr("Waiting for the backup of the ENR key.")
            return Sentence(Glyph.WAITING, title, line, tr("waiting for a backup"))
        case DvStage.CONFIRM:
            line = tr("No check has failed. The DKG begins when you have compared them.")
            title = tr("Waiting for your word on the addresses.")
            return Sentence(Glyph.WAITING, title, line, tr("waiting for you"))
        case DvStage.DKG:
            return _ceremony(status)
        case DvStage.STARTING:
            if status.reason is not None:
                return _with_cause(status.reason, Glyph.BUSY, tr("Starting."), tr("starting"))
            line = tr("First charon, then the validator client.")
            return Sentence(Glyph.BUSY, tr("Starting."), line, tr("starting"))
        case DvStage.STOPPING:
            line = tr("First the validator client ends, then charon.")
            return Sentence(Glyph.BUSY, tr("Stopping."), line, tr("stopping"))
        case DvStage.BACKOFF:
            return _backoff(status, now)
        case DvStage.FAILED:
            title = tr("Not running since {time}.").format(time=wording.clock(status.since, now))
            return _with_cause(status.reason, Glyph.BAD, title, tr("failed"))
        case DvStage.RUNNING:
            return _running(status, now)


def _stopped(status: DvStatus, now: float) -> Sentence:
    title = tr("Stopped at {time}.").format(time=wording.clock(status.since, now))
    line = tr("It does not look for its cluster. The ENR key stays.")
    if status.cluster is not None and status.cluster.lock_hash:
        line = tr("Its share of the duties is missed while it is stopped. The keys stay.")
    return Sentence(Glyph.STOPPED, title, line, tr("stopped"))


def _waiting(status: DvStatus) -> Sentence:
    short = tr("waiting for the cluster")
    if status.wait.trouble is not None:
        what, why, _todo = explained(status.wait.trouble)
        line = f"{why} {tr('It is asked again by itself.')}"
        return Sentence(Glyph.WARN, what, line, short, cause=True)
    if any(check.state is CheckState.FAILED for check in status.checks):
        return _refused(status)
    if status.reason is not None:
        return _with_cause(status.reason, Glyph.WARN, tr("Waiting for the cluster."), short)
    if not status.operators:
        line = tr("Give the ENR to your cluster at the Launchpad. The app asks for it by itself.")
        return Sentence(Glyph.WAITING, tr("Waiting for an invitation."), line, short)
    missing = [row for row in status.operators if not row.signed]
    signed = both_signed(len(status.operators) - len(missing), len(status.operators))
    ours = next((row for row in missing if row.ours), None)
    if ours is not None:
        title = tr("Your signature is missing. {signed}").format(signed=signed)
        line = tr("Open the invitation at the Launchpad and sign: {missing}.").format(
            missing=", ".join(map(engine_words, ours.missing))
        )
        return Sentence(Glyph.WAITING, title, line, tr("waiting for you"))
    if not missing:
        title = tr("Everybody has signed.")
        return Sentence(Glyph.BUSY, title, tr("The definition is fetched and checked."), short)
    title = tr("Waiting for {operators}. {signed}").format(
        operators=operators_word(len(missing)), signed=signed
    )
    line = "  ".join(
        tr("{operator} has not given {missing}.").format(
            operator=short_address(row.address) or tr("Operator {n}").format(n=row.number),
            missing=", ".join(map(engine_words, row.missing)),
        )
        for row in missing[:2]
    )
    return Sentence(Glyph.WAITING, title, line, tr("waiting for signatures"))


def _verifying(status: DvStatus) -> Sentence:
    if any(check.state is CheckState.FAILED for check in status.checks):
        return _refused(status)
    line = tr("Hashes are recomputed and every signature is checked on this computer.")
    return Sentence(Glyph.BUSY, tr("Checking what was signed."), line, tr("checking"))


def _refused(status: DvStatus) -> Sentence:
    failed = next(check for check in status.checks if check.state is CheckState.FAILED)
    title = tr("The cluster is refused: {check}.").format(check=engine_words(failed.title))
    line = engine_words(failed.reason) or (explained(status.reason)[1] if status.reason else "")
    return Sentence(Glyph.BAD, title, line, tr("refused"), cause=True)


def _ceremony(status: DvStatus) -> Sentence:
    view, short = status.ceremony, tr("waiting for DKG")
    if view is None or view.phase in (DkgPhase.STARTING, DkgPhase.RELAYS):
        line = tr("Charon reaches the relays through which the nodes find each other.")
        return Sentence(Glyph.BUSY, tr("Starting the key ceremony."), line, short)
    missing = [peer for peer in view.peers if not (peer.connected or peer.ours)]
    if view.phase is DkgPhase.WAITING and missing:
        connected = tr("{count} of {all} connected.").format(
            count=len(view.peers) - len(missing), all=len(view.peers)
        )
        title = tr("Waiting for {operators}. {connected}").format(
            operators=operators_word(len(missing)), connected=connected
        )
        who = ", ".join(name_of_peer(status, peer.index, peer.name) for peer in missing[:2])
        line = tr("The DKG starts by itself when {who} connects. It has no time limit.")
        if len(missing) > 1:
            line = tr("The DKG starts by itself when all are there. It has no time limit.")
        return Sentence(Glyph.WAITING, title, line.format(who=who), short)
    if view.phase is DkgPhase.DONE:
        line = tr("What the ceremony wrote is checked next.")
        return Sentence(Glyph.BUSY, tr("The keys are made."), line, tr("checking"))
    line = tr("Each operator gets a share; nobody ever holds the whole key.")
    return Sentence(Glyph.BUSY, tr("Making the keys together."), line, tr("DKG under way"))


def name_of_peer(status: DvStatus, index: int | None, name: str) -> str:
    """The operator behind a node of the ceremony: the short address, else charon's name."""
    for row in status.operators:
        if index is not None and row.number == index + 1 and row.address:
            return short_address(row.address)
    return name


def _backoff(status: DvStatus, now: float) -> Sentence:
    said = _with_cause(status.reason, Glyph.WARN, tr("Waiting before the next try."), tr("waits"))
    if status.next_try is None:
        return said
    left = wording.duration(max(0.0, status.next_try - now))
    line = f"{said.line} {tr('The next try is in {time}.').format(time=left)}".strip()
    return Sentence(said.glyph, said.title, line, tr("trying again"), cause=True)


def _running(status: DvStatus, now: float) -> Sentence:
    figures = status.figures
    ready = figures.ready.current(now)
    if ready is None:
        age = figures.ready.age(now)
        title = tr("State unknown: charon has not answered yet.")
        if age is not None:
            title = tr("State unknown: charon has not answered for {time}.").format(
                time=wording.duration(age)
            )
        return Sentence(Glyph.UNKNOWN, title, figures.ready.why, tr("unknown"))
    if not ready:
        if status.reason is not None and status.reason.code in NOT_JUDGED_YET:
            return _with_cause(status.reason, Glyph.BUSY, tr("Not ready yet."), tr("starting"))
        return _with_cause(status.reason, Glyph.BAD, tr("Not attesting."), tr("not attesting"))
    line = _duties(status, now)
    grave = [alert for alert in status.alerts if alert.gravity is not Gravity.INFO]
    if grave:
        first = explained(grave[0].explanation)[0]
        return Sentence(Glyph.WARN, tr("Running, but mend this."), first, tr("running"), cause=True)
    return Sentence(Glyph.GOOD, tr("Ready for its duties."), line, tr("running"))


def _duties(status: DvStatus, now: float) -> str:
    done, failed = (
        figure.current(now)
        for figure in (status.figures.duties_succeeded, status.figures.duties_failed)
    )
    if done is None or failed is None:
        return tr("Charon has not counted a duty since it started.")
    return tr("{done} duties done, {failed} failed since charon started.").format(
        done=wording.number(done), failed=wording.number(failed) if failed else tr("none")
    )


def _with_cause(reason: Explanation | None, glyph: Glyph, title: str, short: str) -> Sentence:
    if reason is None:
        return Sentence(glyph, title, tr("The reason is unknown."), short, cause=True)
    what, why, _todo = explained(reason)
    shown = title if glyph is Glyph.BAD and title != what else what
    line = f"{what.rstrip('.')}. {why}" if shown == title else why
    return Sentence(glyph, shown, line.strip(), short, cause=glyph is not Glyph.BUSY)
