# SPDX-License-Identifier: Apache-2.0
"""Whether the network has a program for this computer, and whether it can run."""

from __future__ import annotations

from pathlib import Path

from node_manager.checks.result import CheckResult, CheckState, Mend, good
from node_manager.cosmos.errors import CosmosError
from node_manager.cosmos.program import Program
from node_manager.explanation import Explanation, OneClickError
from node_manager.runtime.errors import RuntimeTrouble


def check_platform(target: str, offered: tuple[str, ...]) -> CheckResult:
    """Whether the network publishes a program for `target` ("linux/amd64")."""
    check, title = "platform", "Platform"
    if target in offered:
        return good(check, title, "There is a program for {target}.", target=target)
    told = Explanation(
        "platform-not-offered",
        "The network publishes no program for this computer ({target}).",
        "It offers {offered}.",
        "Use one of those systems, or import a profile that names a program for this one.",
        {"target": target, "offered": ", ".join(offered) or "none at all"},
    )
    return CheckResult(check, title, CheckState.FAIL, told)


async def check_program(binary: Path | None) -> CheckResult:
    """Whether the installed program answers; None for one that is yet to be installed."""
    check, title = "program", "Node program"
    if binary is None:
        return good(check, title, "It is fetched and checked before the start.")
    try:
        version = await Program(binary).version()
    except (CosmosError, RuntimeTrouble) as error:
        return failed_program(error)
    return good(
        check,
        title,
        "{name} {version} runs on this computer.",
        name=version.server_name or version.name,
        version=version.version,
    )


def failed_program(error: OneClickError) -> CheckResult:
    """The program does not run, in the words of `error`."""
    return CheckResult(
        "program", "Node program", CheckState.FAIL, error.explanation, Mend.INSTALL_PROGRAM
    )
