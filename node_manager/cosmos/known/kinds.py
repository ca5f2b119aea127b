# SPDX-License-Identifier: Apache-2.0
"""What a known failure is: the words by which it is known, and the words for a person."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from node_manager.explanation import Explanation


class Effect(StrEnum):
    """What a failure does to a node.

    HALTS: the process stays and makes no more blocks. ENDS: the process ends. HINDERS: it
    goes on, and something does not work until it is mended. PASSES: it mended itself.
    """

    HALTS = "halts"
    ENDS = "ends"
    HINDERS = "hinders"
    PASSES = "passes"


@dataclass(frozen=True, slots=True)
class KnownFailure:
    """A failure with its words for a person.

    Attributes:
        pattern: found in the text of a log line; its named groups are the facts.
        level: only lines of this level count; empty for any.
        retry: whether starting again without any change can help.
        cleared_by: a line with this text ends it.
    """

    code: str
    effect: Effect
    pattern: re.Pattern[str]
    what: str
    why: str
    todo: str
    retry: bool = False
    level: str = ""
    cleared_by: str = ""

    def explain(self, match: re.Match[str] | None = None, **facts: object) -> Explanation:
        """The explanation, with the facts the line gave."""
        found = {k: v for k, v in match.groupdict().items() if v is not None} if match else {}
        return Explanation(self.code, self.what, self.why, self.todo, {**found, **facts})


STARTED = "starting node with ABCI"
"""A run of the process begins: what stands before is of an earlier one."""

PROGRESS = "committed state"

SAID = r'.*?\berr="?(?P<said>.*?)"?(?: module=\S+.*)?$'
"""The error of a record: the formats and versions put other fields before or after it."""

SIGNER_BACK = "SignerListener: Connected"


def known(
    code: str,
    effect: Effect,
    pattern: str,
    what: str,
    why: str,
    todo: str,
    *,
    retry: bool = False,
    level: str = "",
    cleared_by: str | None = None,
) -> KnownFailure:
    """A row of the table; unless it says otherwise, the next block disproves one that halts.

    Raises:
        re.error: the pattern is not a regular expression.
    """
    if cleared_by is None:
        cleared_by = PROGRESS if effect is Effect.HALTS else ""
    return KnownFailure(
        code, effect, re.compile(pattern), what, why, todo, retry, level, cleared_by
    )
