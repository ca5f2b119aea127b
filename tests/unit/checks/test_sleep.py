# SPDX-License-Identifier: Apache-2.0
"""Whether the computer sleeps is what its own settings tell; what they do not tell is unknown."""

from __future__ import annotations

import sys

import pytest

from node_manager.awake import Keeping
from node_manager.checks.result import CheckState, Mend
from node_manager.checks.sleep import SleepReading, ask_system, check_sleep, read_sleep

GNOME = {"XDG_CURRENT_DESKTOP": "ubuntu:GNOME"}
OFF = Keeping(wanted=False, at_work=True)
FAILED = Keeping(wanted=True, at_work=True)

PMSET = """System-wide power settings:
Currently in use:
 standby              1
 Sleep On Power Button 1
 displaysleep         10
 sleep                {minutes} (sleep prevented by powerd)
 tcpkeepalive         1
"""
"""Written after the manual of `pmset`, not recorded: no such computer was at hand."""

POWERCFG = """GUID des Energieschemas: 381b4222-f694-41f0-9685-ff5bb260df2e  (Ausbalanciert)
    GUID der Energieeinstellung: 29f6c1db-86da-48c5-9fdb-f2b67b1f44da  (Deaktivierung nach)
      Mindestwert: 0x00000000
      Maximalwert: 0xffffffff
      Inkrement: 0x00000001
      Einheiten: Sekunden
    Index der aktuellen Wechselstromeinstellung: 0x{mains}
    Index der aktuellen Gleichstromeinstellung: 0x00000384
"""
"""Written after the documents of `powercfg /q`, in German; not recorded: as above."""


class System:
    """Answers as a system's commands do; `answers` by a word of the command."""

    def __init__(self, **answers: str) -> None:
        self.answers = answers

    async def __call__(self, *command: str) -> str:
        words = [word.replace("-", "_") for word in command]
        found = [answer for word, answer in self.answers.items() if word in words]
        return found[0] if found else ""


@pytest.mark.parametrize(
    ("answers", "system", "environment", "expected"),
    [
        ({"systemctl": "masked\nmasked\n"}, "linux", GNOME, SleepReading(0, "systemd")),
        (
            {
                "systemctl": "static\nstatic\n",
                "sleep_inactive_ac_type": "'suspend'\n",
                "sleep_inactive_ac_timeout": "1200\n",
            },
            "linux",
            GNOME,
            SleepReading(20, "GNOME"),
        ),
        (
            {"sleep_inactive_ac_type": "'nothing'\n", "sleep_inactive_ac_timeout": "3600\n"},
            "linux",
            GNOME,
            SleepReading(0, "GNOME"),
        ),
        (
            {"IdleAction": 's "ignore"\n', "IdleActionUSec": "t 1800000000\n"},
            "linux",
            {},
            SleepReading(0, "logind"),
        ),
        (
            {"IdleAction": 's "suspend"\n', "IdleActionUSec": "t 1800000000\n"},
            "linux",
            {},
            SleepReading(30, "logind"),
        ),
        ({"pmset": PMSET.format(minutes=1)}, "darwin", {}, SleepReading(1, "pmset")),
        ({"pmset": PMSET.format(minutes=0)}, "darwin", {}, SleepReading(0, "pmset")),
        (
            {"powercfg": POWERCFG.format(mains="00000708")},
            "win32",
            {},
            SleepReading(30, "powercfg"),
        ),
        ({"powercfg": POWERCFG.format(mains="00000000")}, "win32", {}, SleepReading(0, "powercfg")),
    ],
)
async def test_the_time_until_sleep_is_what_the_system_tells(
    answers: dict[str, str], system: str, environment: dict[str, str], expected: SleepReading
) -> None:
    told = await read_sleep(System(**answers), system=system, environment=environment)
    assert told == expected


@pytest.mark.parametrize(
    ("answers", "system", "environment"),
    [
        ({}, "linux", {}),
        ({}, "linux", GNOME),
        ({"sleep_inactive_ac_type": "No such schema\n"}, "linux", GNOME),
        # Its own clock decides, not logind's.
        (
            {"IdleAction": 's "ignore"', "IdleActionUSec": "t 1"},
            "linux",
            {"XDG_CURRENT_DESKTOP": "KDE"},
        ),
        ({"pmset": "pmset: command failed"}, "darwin", {}),
        ({"powercfg": "Der Vorgang ist fehlgeschlagen: 0x80070005"}, "win32", {}),
    ],
)
async def test_what_nobody_tells_is_unknown(
    answers: dict[str, str], system: str, environment: dict[str, str]
) -> None:
    told = await read_sleep(System(**answers), system=system, environment=environment)
    assert told.minutes is None


async def test_a_command_that_is_not_there_or_fails_to_start_tells_nothing() -> None:
    assert await ask_system("oneclick-no-such-command") == ""


@pytest.mark.skipif(sys.platform == "win32", reason="its echo is no program")
async def test_a_command_of_the_system_is_really_asked() -> None:
    assert (await ask_system("echo", "masked")).split() == ["masked"]


@pytest.mark.parametrize(
    ("reading", "keeping", "state", "mend", "words"),
    [
        (SleepReading(20, "GNOME"), Keeping(True, True, "caffeinate"), CheckState.OK, None, "kept"),
        (SleepReading(0, "systemd"), OFF, CheckState.OK, None, "systemd"),
        (SleepReading(20, "GNOME"), Keeping(True, False), CheckState.OK, None, "tries"),
        (SleepReading(20, "GNOME"), OFF, CheckState.WARN, Mend.KEEP_AWAKE, "after 20 min"),
        (SleepReading(20, "GNOME"), FAILED, CheckState.WARN, None, "no way to keep it awake"),
        (SleepReading(), OFF, CheckState.UNKNOWN, Mend.KEEP_AWAKE, "not known"),
        (SleepReading(), FAILED, CheckState.UNKNOWN, None, "power settings of the system"),
    ],
)
def test_what_it_means_for_a_validator(
    reading: SleepReading, keeping: Keeping, state: CheckState, mend: Mend | None, words: str
) -> None:
    found = check_sleep(reading, keeping)
    assert (found.state, found.mend) == (state, mend)
    assert words.replace("kept", "keeps it awake") in str(found.explanation)
