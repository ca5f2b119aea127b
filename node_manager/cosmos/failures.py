# SPDX-License-Identifier: Apache-2.0
"""Naming what is wrong with a node: from its log while it lives, by its last words when it ends."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass

import structlog

from node_manager.cosmos.known import (
    BY_CODE,
    DATA_OF_OTHER_CHAIN,
    KNOWN_FAILURES,
    Effect,
    KnownFailure,
)
from node_manager.cosmos.known.kinds import PROGRESS, STARTED
from node_manager.cosmos.log_lines import LogLine, parse_line
from node_manager.cosmos.upgrades import UpgradePlan, is_due
from node_manager.explanation import Explanation

log = structlog.get_logger(__name__)

_WORTH_READING = re.compile(
    "|".join(
        f"(?:{re.escape(text)})" for text in ("ERR", '"error"', "panic", "fatal", "SignerList")
    )
)
SIGKILL, SIGSEGV = 9, 11


@dataclass(frozen=True, slots=True)
class Finding:
    """A named failure of a live node.

    Attributes:
        first: Unix time of the first line that told it.
        last: Unix time of the last one.
        count: lines that told it.
    """

    failure: KnownFailure
    explanation: Explanation
    first: float
    last: float
    count: int = 1


class LogDiagnosis:
    """Reads a live node's log, line by line, and keeps what is wrong now.

    What an earlier run of the process said is forgotten when the next one begins. To learn the
    state of a node that ran before, feed the last lines of its log first.
    """

    def __init__(self, chain_id: str = "") -> None:
        """`chain_id` lets it tell a foreign peer from data of another chain."""
        self._chain_id = chain_id
        self._found: dict[str, Finding] = {}
        self._told: dict[str, int] = {}
        self._height = 0

    def feed(self, line: str, now: float | None = None) -> Explanation | None:
        """Take one line; returns the explanation when it names something new."""
        if not _WORTH_READING.search(line):
            # A syncing node writes thousands of lines that say nothing bad.
            if self._found and STARTED in line:
                self._found.clear()
            if not (self._found and PROGRESS in line):
                return None
        parsed = parse_line(line)
        self._clear(parsed)
        if (hit := identify(parsed)) is None:
            return None
        failure, match = hit
        failure = self._sharpen(failure, match)
        moment = time.time() if now is None else now
        known = self._found.get(failure.code)
        explanation = failure.explain(match)
        first = moment if known is None else known.first
        count = 1 if known is None else known.count + 1
        self._found[failure.code] = Finding(failure, explanation, first, moment, count)
        return explanation if known is None else None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong now, the gravest first."""
        order = list(Effect)
        return tuple(
            sorted(self._found.values(), key=lambda f: (order.index(f.failure.effect), f.first))
        )

    @property
    def halted(self) -> Explanation | None:
        """Why the live node makes no more blocks; None while the log does not say so.

        A special cause is named before the plain "consensus failure" that follows from it.
        """
        halting = [f for f in self._found.values() if f.failure.effect is Effect.HALTS]
        if not halting:
            return None
        return min(halting, key=lambda f: KNOWN_FAILURES.index(f.failure)).explanation

    @property
    def hindered(self) -> Explanation | None:
        """The gravest trouble of a node that goes on."""
        for finding in self.findings:
            if finding.failure.effect is Effect.HINDERS:
                return finding.explanation
        return None

    def reached(self, height: int) -> None:
        """The node's height was read: what its growth disproves is forgotten.

        The block that a node cannot take in is stored, and counted, before it fails: growth is
        what comes after the first height that was read since the last words about a failure.
        """
        told = {code: finding.count for code, finding in self._found.items()}
        if told != self._told:
            self._told, self._height = told, height
        elif self._found and height > self._height:
            self._clear(LogLine("info", PROGRESS))

    def _clear(self, line: LogLine) -> None:
        for code, finding in tuple(self._found.items()):
            words = finding.failure.cleared_by
            if words and words in line.text:
                del self._found[code]

    def _sharpen(self, failure: KnownFailure, match: re.Match[str]) -> KnownFailure:
        foreign = failure.code == "peer-other-network" and self._chain_id
        if foreign and match["expected"] != self._chain_id:
            return DATA_OF_OTHER_CHAIN
        return failure


UNKNOWN_EXIT = Explanation(
    "node-ended",
    "The node ended with code {exit_code}.",
    "Its last line: {said}",
    "The app starts it again. If it happens again, keep the last log lines for whoever helps.",
)


_GRADES = {Effect.HINDERS: 0, Effect.HALTS: 1, Effect.ENDS: 1}

KILLED = Explanation(
    "node-killed",
    "The node was killed.",
    "Somebody ended it by force, or the system did because memory ran out.",
    "The app starts it again. If it happens again, look at the memory of this computer.",
)


def identify(line: LogLine) -> tuple[KnownFailure, re.Match[str]] | None:
    """The first known failure whose words are in the line."""
    for failure in KNOWN_FAILURES:
        if failure.level and line.level and failure.level != line.level:
            continue
        if (match := failure.pattern.search(line.text)) is not None:
            return failure, match
    return None


def diagnose_exit(
    code: int | None,
    lines: Iterable[str],
    *,
    upgrade: UpgradePlan | None = None,
    height: int | None = None,
) -> Explanation:
    """Why a node's process ended that nobody asked to end.

    Args:
        code: its exit code, negative for a signal, None when unknown (an adopted process).
        lines: the last lines of its log, stdout and stderr, oldest first; those of earlier runs
            may stand before them.
        upgrade: what `upgrade-info.json` says.
        height: the node's newest block, None when unknown.
    """
    last = ""
    best: tuple[int, Explanation, str] | None = None
    for raw in lines:
        line = parse_line(raw)
        if not line.text:
            continue
        last = line.text
        if STARTED in last or (best is not None and best[2] and best[2] in last):
            best = None
        hit = identify(line)
        if hit is None or hit[0].effect is Effect.PASSES:
            continue
        failure, match = hit
        grade = _GRADES[failure.effect]
        if best is None or grade >= best[0]:
            best = (grade, failure.explain(match, exit_code=code), failure.cleared_by)
    if best is not None and best[0] > 0:
        return best[1]
    if upgrade is not None and is_due(upgrade, height) and height is not None:
        return BY_CODE["upgrade-needed"].explain(name=upgrade.name, height=upgrade.height)
    if best is not None:
        return best[1]
    if code == -SIGKILL:
        return KILLED
    return Explanation(
        UNKNOWN_EXIT.code,
        UNKNOWN_EXIT.what,
        UNKNOWN_EXIT.why,
        UNKNOWN_EXIT.todo,
        {"exit_code": "unknown" if code is None else code, "said": last or "nothing"},
    )


def retry_helps(code: str) -> bool:
    """Whether starting again without any change can mend the failure `code`.

    True for what has no name: a crash is met by a restart with growing pauses.
    """
    failure = BY_CODE.get(code)
    return failure is None or failure.retry
