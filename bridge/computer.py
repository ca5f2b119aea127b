# SPDX-License-Identifier: Apache-2.0
"""What the doctor sees of the computer around the validators, and what is done about it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from node_manager.checks.computer import check_login
from node_manager.checks.result import CheckResult, Mend
from node_manager.checks.sleep import check_sleep, read_sleep
from node_manager.runtime.own_command import own_command
from node_manager.runtime.platform.autostart import Autostart
from node_manager.settings import Settings

if TYPE_CHECKING:
    from bridge.engine import Engine

MENDS = frozenset({Mend.START_AT_LOGIN, Mend.KEEP_AWAKE})
"""What is mended for the computer, whichever validator is looked at."""


async def starts_at_login() -> bool:
    """Whether the session starts this very program."""
    return await asyncio.to_thread(Autostart(own_command()).enabled)


async def set_start_at_login(wanted: bool) -> None:
    """Start with the session from now on, or no longer.

    Raises:
        AutostartNotChanged: the system refused.
    """
    autostart = Autostart(own_command())
    await asyncio.to_thread(autostart.enable if wanted else autostart.disable)


async def examine_computer(engine: Engine) -> list[CheckResult]:
    """Whether the app comes back with the session, and whether the computer stays awake."""
    keeping = await engine.awake.settle()
    starts, reading = await asyncio.gather(starts_at_login(), read_sleep())
    return [check_login(starts), check_sleep(reading, keeping)]


async def mend_computer(engine: Engine, mend: Mend) -> None:
    """Do one of `MENDS`; the settings tell it from then on.

    Raises:
        AutostartNotChanged: the system refused.
        OneClickError, OSError: the settings are as they were.
    """
    if mend is Mend.START_AT_LOGIN:
        await set_start_at_login(True)

    def act(settings: Settings) -> None:
        if mend is Mend.START_AT_LOGIN:
            settings.window.start_at_login = True
        else:
            settings.window.keep_awake = True

    await engine.alter_settings(act)
