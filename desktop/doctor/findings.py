# SPDX-License-Identifier: Apache-2.0
"""What the doctor found, in words: counts, glyphs, and the act that each finding offers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desktop.look.glyphs import Glyph
from desktop.words import wording
from desktop.words.translation import engine_words, explained, tr
from node_manager.checks.result import CheckResult, CheckState, Mend

GLYPHS = {
    CheckState.OK: Glyph.GOOD,
    CheckState.WARN: Glyph.WARN,
    CheckState.FAIL: Glyph.BAD,
    CheckState.UNKNOWN: Glyph.UNKNOWN,
}

SAFE = frozenset({Mend.CLOSE_FOLDER, Mend.START_AT_LOGIN, Mend.KEEP_AWAKE})
"""What can be undone and costs nothing: done without a decision."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The sentence over the findings."""

    glyph: Glyph
    title: str
    line: str
    to_mend: int
    safe: tuple[CheckResult, ...]


def summary(results: Sequence[CheckResult]) -> Summary:
    """Count and word what was found."""
    failed = sum(result.state is CheckState.FAIL for result in results)
    warned = sum(result.state is CheckState.WARN for result in results)
    unknown = sum(result.state is CheckState.UNKNOWN for result in results)
    fine = len(results) - failed - warned - unknown
    to_mend = failed + warned
    if not results:
        return Summary(Glyph.UNKNOWN, tr("Not checked yet."), "", 0, ())
    parts = [_things(to_mend)] if to_mend else []
    if unknown:
        parts.append(tr("{count} not known").format(count=wording.number(unknown)))
    parts.append(tr("{count} fine").format(count=wording.number(fine)))
    if failed:
        glyph, line = Glyph.BAD, tr("What is broken hinders the validator, or will.")
    elif warned:
        glyph, line = Glyph.WARN, tr("Nothing stops the validator now. These could, later.")
    elif unknown:
        glyph, line = Glyph.UNKNOWN, tr("Nothing bad was found, but not everything is known.")
    else:
        glyph, line = Glyph.GOOD, tr("Nothing to do.")
    safe = tuple(one for one in results if one.mend in SAFE and one.state is not CheckState.OK)
    return Summary(glyph, ", ".join(parts) + ".", line, to_mend, safe)


def _things(count: int) -> str:
    if count == 1:
        return tr("1 thing to mend")
    return tr("{count} things to mend").format(count=wording.number(count))


def act_of(mend: Mend | None) -> str:
    """The words of the button; empty where the app has no act for it."""
    if mend is None:
        return ""
    return {
        Mend.CHOOSE_FOLDER: tr("Move the folder…"),
        Mend.CHANGE_PORTS: tr("Choose free ports"),
        Mend.CLOSE_FOLDER: tr("Close it to others"),
        Mend.INSTALL_PROGRAM: tr("Download again"),
        Mend.PREPARE_AGAIN: tr("Prepare again"),
        Mend.RESTART_NODE: tr("Restart…"),
        Mend.UNLOCK_KEY: tr("Unlock…"),
        Mend.MAKE_BACKUP: tr("Back up…"),
        Mend.START_AT_LOGIN: tr("Turn on"),
        Mend.KEEP_AWAKE: tr("Keep awake"),
    }.get(mend, "")


def title_of(result: CheckResult) -> str:
    """What was looked at."""
    return engine_words(result.title)


def words_of(result: CheckResult) -> str:
    """What was found, with the reason where something is to be done, and what that is.

    Where one press does it without a decision, the button says what.
    """
    what, why, todo = explained(result.explanation)
    if result.state is CheckState.OK:
        return what
    if result.mend in SAFE:
        todo = ""
    return " ".join(filter(None, (what, why, todo)))
