# SPDX-License-Identifier: Apache-2.0
"""Why the signer does not start or does not sign, in sentences, and the exit code of each."""

from __future__ import annotations

from typing import ClassVar

from node_manager.explanation import Explanation, OneClickError


class SignerError(OneClickError):
    """Root of the signer's errors.

    Attributes:
        exit_code: what the signer's process ends with when this stops it.
    """

    code = "signer.failed"
    what = "The signer stopped."
    why = "{why}"
    todo = "The signer's log says more. Nothing was signed that must not be."
    exit_code: ClassVar[int] = 70


class PlanRefused(SignerError):
    """What arrived on stdin is not a plan and a key."""

    code = "signer.plan"
    what = "The signer did not start: it was given an incomplete order."
    why = "{why}"
    todo = "Start the validator again. If it happens again, report it with the signer's log."
    exit_code = 71


class WrongKey(SignerError):
    """The key on stdin is not the one the plan names."""

    code = "signer.wrong-key"
    what = "The signer did not start: the key is not the one of this validator."
    why = "The validator's public key is {expected}, the unlocked key has another one."
    todo = "Restore the key of this validator from its backup."
    exit_code = 72


class AlreadySigning(SignerError):
    """Another signer on this computer holds this key."""

    code = "signer.locked"
    what = "Another signer on this computer already uses this key."
    why = "Two signers with one key sign twice, and a chain punishes that for ever. Lock: {lock}"
    todo = "Stop the other validator with this key; there must be only one."
    exit_code = 73


class JournalMissing(SignerError):
    """There is no record of what was signed."""

    code = "signer.journal-missing"
    what = "The record of what this key has signed is missing, so nothing is signed."
    why = "Without the record {path} the signer cannot know what it must not sign again."
    todo = (
        "Put the record back from the newest backup, or let the app start a new one above the"
        " network's height."
    )
    exit_code = 74


class JournalTorn(SignerError):
    """The record is cut, changed or half-written."""

    code = "signer.journal-torn"
    what = "The record of what this key has signed is damaged, so nothing is signed."
    why = "In {path}: {why}. The newest part that can be read says height {height}."
    todo = (
        "Let the app repair it: it signs again above the network's height, which cannot repeat"
        " anything that was signed before."
    )
    exit_code = 75


class JournalForeign(SignerError):
    """The record belongs to another key or chain."""

    code = "signer.journal-foreign"
    what = "The record of what was signed belongs to another key or network."
    why = "{path} is of {found}, this validator is {expected}."
    todo = "Put the right record back from a backup; do not delete this one."
    exit_code = 76


class JournalOld(SignerError):
    """The chain shows newer signatures of this key than the record knows."""

    code = "signer.journal-old"
    what = "The record of what this key has signed is an old copy, so nothing is signed."
    why = "It ends at height {height}; the network shows a signature of this key at {seen}."
    todo = (
        "Make sure that no other computer signs with this key, then let the app raise the record"
        " above the network's height."
    )
    exit_code = 77


class JournalLower(SignerError):
    """Somebody asked to lower the record."""

    code = "signer.journal-lower"
    what = "The signing record is never lowered."
    why = "It stands at {recorded}; the new one is at {given}."
    todo = "Keep the newer record: with it, nothing can be signed twice."
    exit_code = 78


class JournalUnwritable(SignerError):
    """The record cannot be made durable."""

    code = "signer.journal-unwritable"
    what = "The record of what is signed cannot be written, so nothing is signed."
    why = "{path}: {why}"
    todo = "Check the disk, then start the validator again."
    exit_code = 79


class JournalExists(SignerError):
    """A record is there already; creating never replaces one."""

    code = "signer.journal-exists"
    what = "There is already a record of what this key has signed."
    why = "{path} exists and is never replaced by a new one."
    todo = "Keep it. To go on above a greater height, raise it."
    exit_code = 80


class SignerUnreachable(SignerError):
    """The signer's control socket does not answer."""

    code = "signer.unreachable"
    what = "The signer does not answer."
    why = "{why}"
    todo = "Start the validator again; its signer starts first."
    exit_code = 81


class DoppelgangerSeen(SignerError):
    """Somebody signs with this key right now."""

    code = "signer.doppelganger"
    what = "Another computer signs with this key right now, so this one does not."
    why = "The network shows a signature of {address} at height {height}."
    todo = (
        "Stop the other validator for good, then start here again. Both at once sign twice: the"
        " chain takes a part of the stake and bars the validator for ever."
    )
    exit_code = 82


class DoppelgangerUnknown(SignerError):
    """The chain could not be watched, so nobody knows whether the key is in use."""

    code = "signer.doppelganger-unknown"
    what = "It is not known whether another computer signs with this key, so this one does not."
    why = "{why}"
    todo = "Check the connection to the network, then start the validator again."
    exit_code = 83


REPAIRABLE = frozenset({JournalMissing.code, JournalTorn.code, JournalOld.code})
"""Codes of the refusals that a raised record ends."""

EXIT_STOPPED = 0
"""The signer was asked to stop."""

_KINDS: list[type[SignerError]] = [SignerError, *SignerError.__subclasses__()]
_BY_EXIT_CODE = {kind.exit_code: kind for kind in _KINDS}


def explain_exit(exit_code: int, facts: dict[str, object] | None = None) -> Explanation | None:
    """The sentence behind the exit code of a signer's process, None for one it never gives.

    The facts are those of the last line of its log (`signlog.read_last_words`).
    """
    kind = _BY_EXIT_CODE.get(exit_code)
    return None if kind is None else kind(**(facts or {})).explanation
