# SPDX-License-Identifier: Apache-2.0
"""The state of a validator as one sentence, and the one next thing to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from desktop.look.glyphs import Glyph
from desktop.words import wording
from desktop.words.translation import engine_words, explained, tr
from node_manager.explanation import Explanation
from node_manager.signer.errors import REPAIRABLE
from node_manager.state import NodeState, NodeStatus, Step, StepState

MISSED_IN_A_ROW = 5
"""Blocks missed in a row from which "signing" would no longer be true."""

TAKEN_PORT = frozenset({"port-taken", "port-forbidden"})
"""Codes of a port that the node cannot have (`checks.ports`, `cosmos.failures`)."""

NO_DOWNLOAD = frozenset(
    {
        "checksum-wrong", "url-refused", "not-published", "access-refused", "server-trouble",
        "connection-failed", "truncated", "stalled", "too-large",
    }
)  # fmt: skip
"""Codes of a download that did not bring the published file (`downloads.errors`)."""

LOCAL = "localnet"
"""The network whose tokens have no worth: registering comes before the key's backup there."""

MISSED_SHARE = 0.1
"""Share of the last blocks from which missing is worth a warning."""


class Act(StrEnum):
    """What a button of the next thing does."""

    NONE = ""
    START = "start"
    RETRY = "retry"
    UNLOCK = "unlock"
    BACKUP = "backup"
    LOGS = "logs"
    DOCTOR = "doctor"
    KEYS = "keys"
    REPAIR = "repair"
    PORTS = "ports"
    REGISTER = "register"
    UNJAIL = "unjail"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One state in words.

    Attributes:
        short: for lists and the tray: "signing", "not signing".
        cause: whether `line` names a cause and takes the colour of the glyph.
    """

    glyph: Glyph
    title: str
    line: str
    short: str
    cause: bool = False


@dataclass(frozen=True, slots=True)
class NextThing:
    """The most urgent thing to do; without a button where there is none."""

    act: StrEnum
    title: str
    reason: str = ""
    button: str = ""


def sentence(status: NodeStatus, now: float) -> Sentence:
    """What this validator does, as true as the figures are fresh."""
    match status.state:
        case NodeState.STOPPED:
            return _stopped(status, now)
        case NodeState.PREPARING:
            return _preparing(status)
        case NodeState.STARTING:
            return Sentence(
                Glyph.BUSY,
                tr("Starting."),
                tr("It waits for the node's first answer."),
                tr("starting"),
            )
        case NodeState.STOPPING:
            return Sentence(
                Glyph.BUSY,
                tr("Stopping."),
                tr("First the node ends, then the signer."),
                tr("stopping"),
            )
        case NodeState.BACKOFF:
            return _failed(
                status, Glyph.WARN, tr("The node ended. It is started again."), tr("restarting")
            )
        case NodeState.FAILED:
            title = tr("Not running since {time}.").format(time=wording.clock(status.since, now))
            return _failed(status, Glyph.BAD, title, tr("failed"))
        case NodeState.UPGRADING:
            title = tr("Upgrading to {name}.").format(name=status.upgrade_name or tr("unknown"))
            return Sentence(
                Glyph.BUSY, title, tr("The new program is put in place."), tr("upgrading")
            )
        case NodeState.SYNCING:
            return _syncing(status, now)
        case NodeState.RUNNING:
            return _running(status, now)


def _stopped(status: NodeStatus, now: float) -> Sentence:
    title = tr("Stopped.")
    if status.since:
        title = tr("Stopped since {time}.").format(time=wording.clock(status.since, now))
    chain = status.chain
    if chain.jailed.value:
        line = tr("It is jailed; no more blocks are counted as missed.")
    elif chain.registered.value:
        line = tr("Blocks are being missed.")
    elif chain.registered.value is False:
        line = tr("It is not registered, so no block can be missed.")
    else:
        line = tr("Whether blocks are being missed is unknown.")
    return Sentence(Glyph.STOPPED, title, line, tr("stopped"))


def _preparing(status: NodeStatus) -> Sentence:
    working = next((step for step in status.steps if step.state is StepState.WORKING), None)
    if working is None:
        return Sentence(
            Glyph.BUSY, tr("Preparing."), tr("Nothing is at risk meanwhile."), tr("preparing")
        )
    title = tr("Preparing: {step}.").format(step=step_name(working.step))
    line = engine_words(working.note) or tr("Nothing is at risk meanwhile.")
    return Sentence(Glyph.BUSY, title, line, tr("preparing"))


def _failed(status: NodeStatus, glyph: Glyph, title: str, short: str) -> Sentence:
    if status.reason is None:
        return Sentence(glyph, title, tr("The reason is unknown; the log may say it."), short)
    what, why, _todo = explained(status.reason)
    return Sentence(glyph, title, " ".join(filter(None, (what, why))), short, cause=True)


def _unanswered(status: NodeStatus, now: float) -> Sentence:
    age = status.height.age(now)
    if age is None:
        title = tr("State unknown: the node has not answered yet.")
    else:
        title = tr("State unknown: the node has not answered for {age}.").format(
            age=wording.duration(age)
        )
    line = status.height.why or tr("Its process is there. The log may say why it is silent.")
    return Sentence(Glyph.UNKNOWN, title, engine_words(line), tr("unknown"))


def _syncing(status: NodeStatus, now: float) -> Sentence:
    if status.height.current(now) is None:
        return _unanswered(status, now)
    left = status.seconds_left.current(now)
    if left is None:
        title = tr("Syncing. The time left is unknown.")
    else:
        title = tr("Syncing. About {time} until it can sign.").format(time=wording.duration(left))
    line = tr("It reads and checks every block since the first. Nothing is at risk meanwhile.")
    if status.reason is not None:
        what, why, _todo = explained(status.reason)
        return Sentence(
            Glyph.WARN, title, " ".join(filter(None, (what, why))), tr("syncing"), cause=True
        )
    return Sentence(Glyph.BUSY, title, line, tr("syncing"))


def missed_in_a_row(status: NodeStatus) -> int:
    """Blocks missed without a break up to the newest one."""
    count = 0
    for mark in reversed(status.blocks):
        if mark.kind != "missed":
            break
        count += 1
    return count


def _running(status: NodeStatus, now: float) -> Sentence:
    chain = status.chain
    if status.height.current(now) is None:
        return _unanswered(status, now)
    if chain.tombstoned.value:
        return Sentence(
            Glyph.BAD,
            tr("Shut out for good."),
            tr("The chain holds evidence that this key signed twice. It can never sign again."),
            tr("shut out"),
            cause=True,
        )
    if chain.jailed.value:
        return _jailed(status, now)
    signer = status.signer.value
    if signer is not None and signer.locked:
        return Sentence(
            Glyph.WAITING,
            tr("Not signing. The key is locked."),
            tr("The node follows the network; the signer waits for your passphrase."),
            tr("locked"),
        )
    if status.reason is not None:
        glyph = Glyph.BAD if missed_in_a_row(status) >= MISSED_IN_A_ROW else Glyph.WARN
        return _failed(status, glyph, _signing_title(status), _signing_short(status))
    if chain.registered.value is False:
        return Sentence(
            Glyph.WAITING,
            tr("In step. Waiting to be registered."),
            tr("The network asks only registered validators to sign."),
            tr("in step"),
        )
    if chain.status.value not in (None, "active") and chain.registered.value:
        return Sentence(
            Glyph.WAITING,
            tr("In step, but not in the active set."),
            tr("The network asks it to sign once its voting power ranks high enough."),
            tr("not active"),
        )
    return _signing(status, now)


def _jailed(status: NodeStatus, now: float) -> Sentence:
    until = status.chain.jailed_until.value
    line = tr("When it may be released is unknown.")
    if until is not None:
        line = tr("It may be released by its operator now.")
        if until > now:
            line = tr("It may be released by its operator after {time}.").format(
                time=wording.clock(until, now)
            )
    return Sentence(
        Glyph.BAD, tr("Jailed for missing too many blocks."), line, tr("jailed"), cause=True
    )


def _counted(status: NodeStatus) -> tuple[int, int]:
    """Missed blocks and all blocks whose kind is known."""
    kinds = [mark.kind for mark in status.blocks]
    return kinds.count("missed"), len(kinds) - kinds.count("unknown")


def _signing_title(status: NodeStatus) -> str:
    row = missed_in_a_row(status)
    missed, count = _counted(status)
    if row >= MISSED_IN_A_ROW:
        return tr("Not signing. {count} blocks missed in a row.").format(count=wording.number(row))
    if not count:
        return tr("In step. Whether it signs is unknown.")
    text = tr("Signing. {missed} of the last {count} blocks missed.")
    if missed > MISSED_SHARE * count:
        text = tr("Signing, but {missed} of the last {count} blocks missed.")
    if not missed:
        text = tr("Signing. None of the last {count} blocks missed.")
    return text.format(missed=wording.number(missed), count=wording.number(count))


def _signing_short(status: NodeStatus) -> str:
    if missed_in_a_row(status) >= MISSED_IN_A_ROW:
        return tr("not signing")
    return tr("signing") if _counted(status)[1] else tr("in step")


def _signing(status: NodeStatus, now: float) -> Sentence:
    missed, count = _counted(status)
    title, short = _signing_title(status), _signing_short(status)
    if not count:
        return Sentence(
            Glyph.UNKNOWN, title, tr("No block has shown a vote of this validator yet."), short
        )
    newest = next((mark for mark in reversed(status.blocks) if mark.kind != "unknown"), None)
    if missed_in_a_row(status) >= MISSED_IN_A_ROW:
        line = tr("The node is in step; its votes do not reach the chain.")
        return Sentence(Glyph.BAD, title, line, short, cause=True)
    line = tr("In step with the network.")
    if newest is not None and newest.kind != "missed":
        line = tr("In step with the network. Newest block signed {age}.").format(
            age=wording.ago(max(0.0, now - newest.time))
        )
    glyph = Glyph.WARN if missed > MISSED_SHARE * count else Glyph.GOOD
    if status.height.stale(now) and glyph is Glyph.GOOD:
        glyph = Glyph.UNKNOWN
        line = tr("The last answer of the node is {age} old.").format(
            age=wording.duration(status.height.age(now) or 0)
        )
    return Sentence(glyph, title, line, short)


def next_thing(status: NodeStatus, now: float, to_mend: int = 0) -> NextThing:
    """The most urgent thing: broken, jailed, locked, backup, upgrade due, doctor."""
    state = status.state
    signer = status.signer.value
    if state is NodeState.FAILED:
        return _after_failure(status)
    if status.reason is not None and state in (NodeState.RUNNING, NodeState.SYNCING):
        _what, _why, todo = explained(status.reason)
        return NextThing(Act.LOGS, todo or tr("Look into the log"), "", tr("Show the log"))
    if status.chain.jailed.value and not status.chain.tombstoned.value:
        return _out_of_jail(status, now)
    if state is NodeState.STOPPED:
        return NextThing(
            Act.START, tr("Start the validator"), tr("It signs only while it runs."), tr("Start")
        )
    if signer is not None and signer.locked:
        return NextThing(
            Act.UNLOCK, tr("Unlock the key"), tr("It cannot sign until then."), tr("Unlock…")
        )
    silent = state in (NodeState.RUNNING, NodeState.SYNCING) and status.height.current(now) is None
    if silent:
        return NextThing(
            Act.LOGS,
            tr("Look into the log"),
            tr("It may say why the node is silent."),
            tr("Show the log"),
        )
    registering = state is NodeState.RUNNING and status.chain.registered.value is False
    if registering and status.network == LOCAL:
        return _register()
    if status.backup_verified_at is None and status.consensus_pubkey is not None:
        reason = tr("There is no copy of it yet.")
        if state is NodeState.SYNCING:
            reason = tr("There is time for it now.")
        return NextThing(Act.BACKUP, tr("Make a backup of your key"), reason, tr("Back up…"))
    if registering:
        return _register()
    if to_mend:
        title = tr("Mend 1 thing") if to_mend == 1 else tr("Mend {count} things")
        return NextThing(
            Act.DOCTOR,
            title.format(count=to_mend),
            tr("The doctor says what they are."),
            tr("Show"),
        )
    return NextThing(Act.NONE, tr("Nothing to do."))


def _register() -> NextThing:
    return NextThing(
        Act.REGISTER,
        tr("Become a validator"),
        tr("It signs once its stake is locked on chain."),
        tr("Register…"),
    )


def _out_of_jail(status: NodeStatus, now: float) -> NextThing:
    if status.state is NodeState.STOPPED:
        reason = tr("It has to be in step before it is released.")
        return NextThing(Act.START, tr("Start the validator"), reason, tr("Start"))
    title = tr("Release it with its operator account")
    until = status.chain.jailed_until.value
    if until is not None and until > now:
        reason = tr("The chain allows it after {time}.")
        return NextThing(Act.NONE, title, reason.format(time=wording.clock(until, now)))
    if status.state is not NodeState.RUNNING:
        return NextThing(Act.NONE, title, tr("It has to be in step before it is released."))
    return NextThing(Act.UNJAIL, title, tr("It misses rewards until then."), tr("Unjail…"))


def _after_failure(status: NodeStatus) -> NextThing:
    if status.reason is None:
        return NextThing(
            Act.RETRY, tr("Start it again"), tr("The reason is unknown."), tr("Start again")
        )
    _what, _why, todo = explained(status.reason)
    if status.reason.code in REPAIRABLE:
        return NextThing(Act.REPAIR, todo, "", tr("Repair the record…"))
    if wants_ports(status.reason):
        return NextThing(Act.PORTS, todo, "", tr("Choose free ports"))
    return NextThing(Act.RETRY, todo or tr("Start it again"), "", tr("Start again"))


def wants_ports(reason: Explanation) -> bool:
    """Whether other ports are a way out of this failure."""
    checks = reason.facts.get("checks", ())
    return reason.code in TAKEN_PORT or (
        isinstance(checks, list | tuple) and any(str(one).startswith("port-") for one in checks)
    )


def wants_file(reason: Explanation) -> bool:
    """Whether a file of this computer can take the place of the download that failed."""
    return reason.code in NO_DOWNLOAD


def step_name(step: Step) -> str:
    """The name of a step of the first run."""
    return {
        Step.DOWNLOAD: tr("Download"),
        Step.VERIFY: tr("Verify"),
        Step.PREPARE: tr("Prepare"),
        Step.GENESIS: tr("Genesis"),
        Step.KEY: tr("Key"),
        Step.START: tr("Start"),
        Step.SYNC: tr("Sync"),
    }[step]
