# SPDX-License-Identifier: Apache-2.0
"""What a check found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from node_manager.explanation import Explanation, OneClickError


class CheckState(StrEnum):
    """How grave it is. UNKNOWN is for what could not be found out: neither good nor bad."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"


class Mend(StrEnum):
    """What the app can do about a finding, on a press of a button."""

    CHANGE_PORTS = "change-ports"
    CHOOSE_FOLDER = "choose-folder"
    CLOSE_FOLDER = "close-folder"
    INSTALL_PROGRAM = "install-program"
    PREPARE_AGAIN = "prepare-again"
    RESTART_NODE = "restart-node"
    UNLOCK_KEY = "unlock-key"
    MAKE_BACKUP = "make-backup"
    START_AT_LOGIN = "start-at-login"
    KEEP_AWAKE = "keep-awake"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One row of a check list.

    Attributes:
        id: stable name: "port-rpc", "disk".
        title: what was looked at, a few words.
        mend: what the app can do about it.
    """

    id: str
    title: str
    state: CheckState
    explanation: Explanation
    mend: Mend | None = None


class PreflightFailed(OneClickError):
    """A check stands in the way of the start."""

    code = "preflight-failed"
    what = "The node is not started. {problem}"
    why = "{cause}"
    todo = "{way}"


def good(check: str, title: str, what: str, **facts: object) -> CheckResult:
    """A check that found nothing wrong."""
    return CheckResult(check, title, CheckState.OK, Explanation(f"{check}-ok", what, facts=facts))


def not_known(check: str, title: str, what: str, why: str = "", **facts: object) -> CheckResult:
    """A check that could not tell."""
    told = Explanation(f"{check}-unknown", what, why, facts=facts)
    return CheckResult(check, title, CheckState.UNKNOWN, told)


def gravest_first(results: Iterable[CheckResult]) -> list[CheckResult]:
    """The findings in the order in which a person should read them."""
    order = [CheckState.FAIL, CheckState.WARN, CheckState.UNKNOWN, CheckState.OK]
    return sorted(results, key=lambda result: order.index(result.state))


def require(results: Iterable[CheckResult]) -> None:
    """Go on only when no check failed.

    Raises:
        PreflightFailed: with the first failure in words and the number of the others.
    """
    failed = [result for result in results if result.state is CheckState.FAIL]
    if failed:
        first, count = failed[0].explanation.filled(), len(failed) - 1
        others = f"{count} more checks failed; the doctor lists them." if count else ""
        if count == 1:
            others = "Another check failed; the doctor shows it."
        raise PreflightFailed(
            problem=first[0],
            cause=" ".join(filter(None, (first[1], others))),
            way=first[2],
            checks=[result.id for result in failed],
        )
