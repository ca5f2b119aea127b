# SPDX-License-Identifier: Apache-2.0
"""Whether this computer falls asleep by itself, as its own settings tell.

Only read, never changed. Sources: systemctl(1), logind.conf(5), GNOME's schema
org.gnome.settings-daemon.plugins.power, pmset(1), "Powercfg command-line options" of Windows.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from node_manager.awake import Keeping
from node_manager.checks.result import CheckResult, CheckState, Mend, good
from node_manager.explanation import Explanation
from node_manager.runtime.short_command import run_short

SECONDS = 3.0
"""For one command of the system."""

GNOME = "org.gnome.settings-daemon.plugins.power"
GNOME_SESSIONS = {"GNOME", "Unity", "Budgie"}
LOGIND = ("org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager")
ASLEEP = {"suspend", "hibernate", "hybrid-sleep", "suspend-then-hibernate", "sleep", "poweroff"}
"""What logind or a desktop may do after a time without input, and that stops every program."""

Ask = Callable[..., Awaitable[str]]


@dataclass(frozen=True, slots=True)
class SleepReading:
    """After which time without input the computer falls asleep on mains power.

    Attributes:
        minutes: 0 for never, None for unknown.
        source: who tells it.
    """

    minutes: float | None = None
    source: str = ""


async def ask_system(*command: str) -> str:
    """What a command of the system prints; empty when there is no such or no answer."""
    try:
        _code, told = await run_short(list(command), SECONDS)
    except (OSError, TimeoutError):
        return ""
    return told


async def read_sleep(
    ask: Ask = ask_system,
    *,
    system: str = sys.platform,
    environment: Mapping[str, str] | None = None,
) -> SleepReading:
    """Ask this computer's system."""
    if system == "darwin":
        return _of_pmset(await ask("pmset", "-g"))
    if system == "win32":
        return _of_powercfg(
            await ask("powercfg", "/q", "SCHEME_CURRENT", "SUB_SLEEP", "STANDBYIDLE")
        )
    environment = os.environ if environment is None else environment
    masked = (await ask("systemctl", "is-enabled", "sleep.target", "suspend.target")).split()
    if masked == ["masked", "masked"]:
        return SleepReading(0, "systemd")
    desktop = environment.get("XDG_CURRENT_DESKTOP", "")
    if GNOME_SESSIONS & set(desktop.split(":")):
        return _of_gnome(
            await ask("gsettings", "get", GNOME, "sleep-inactive-ac-type"),
            await ask("gsettings", "get", GNOME, "sleep-inactive-ac-timeout"),
        )
    if desktop:
        return SleepReading()  # it has a clock of its own that nobody tells in one way
    return _of_logind(
        await ask("busctl", "get-property", *LOGIND, "IdleAction"),
        await ask("busctl", "get-property", *LOGIND, "IdleActionUSec"),
    )


def _of_gnome(kind: str, timeout: str) -> SleepReading:
    what, seconds = kind.strip().strip("'"), _last_number(timeout)
    if not what or seconds is None:
        return SleepReading()
    return SleepReading(seconds / 60 if what in ASLEEP else 0, "GNOME")


def _of_logind(action: str, timeout: str) -> SleepReading:
    found, microseconds = re.search(r'"([\w-]+)"', action), _last_number(timeout)
    if found is None or microseconds is None:
        return SleepReading()
    return SleepReading(microseconds / 60e6 if found[1] in ASLEEP else 0, "logind")


def _of_pmset(told: str) -> SleepReading:
    found = re.search(r"^\s*sleep\s+(\d+)", told, re.MULTILINE)
    return SleepReading() if found is None else SleepReading(float(found[1]), "pmset")


def _of_powercfg(told: str) -> SleepReading:
    """The last two values are those in force, on mains and on battery; words are translated."""
    values = re.findall(r"0x([0-9a-fA-F]{8})\b", told)
    return SleepReading() if len(values) < 5 else SleepReading(int(values[-2], 16) / 60, "powercfg")


def _last_number(text: str) -> int | None:
    words = text.split()
    return int(words[-1]) if words and words[-1].isdecimal() else None


def check_sleep(reading: SleepReading, keeping: Keeping) -> CheckResult:
    """What the reading means for a validator, with what the app does about it."""
    check, title = "sleep", "Sleep"
    if keeping.by:
        return good(
            check, title, "The app keeps it awake while a validator runs, by {by}.", by=keeping.by
        )
    if reading.minutes == 0:
        return good(
            check, title, "It does not fall asleep by itself, says {source}.", source=reading.source
        )
    if keeping.wanted and not keeping.at_work:
        return good(check, title, "Once a validator runs, the app tries to keep it awake.")
    todo = "Have the app keep it awake, or change the power settings of the system."
    mend: Mend | None = Mend.KEEP_AWAKE
    if keeping.wanted:
        todo = (
            "The app found no way to keep it awake. Look at the power settings of the system: it"
            " should not suspend while it is plugged in."
        )
        mend = None
    if reading.minutes is None:
        what = "Whether this computer falls asleep by itself is not known."
        told = Explanation("sleep-unknown", what, "Neither the system nor the desktop tells.", todo)
        return CheckResult(check, title, CheckState.UNKNOWN, told, mend)
    told = Explanation(
        "falls-asleep",
        "This computer falls asleep after {minutes} min without input, says {source}.",
        "Asleep it signs nothing, and blocks are missed.",
        todo,
        {"minutes": f"{reading.minutes:g}", "source": reading.source},
    )
    return CheckResult(check, title, CheckState.WARN, told, mend)
