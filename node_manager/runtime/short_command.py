# SPDX-License-Identifier: Apache-2.0
"""Running a command that ends by itself within a time, and never leaving it behind."""

from __future__ import annotations

import asyncio
from pathlib import Path

from node_manager.runtime.own_command import child_environment
from node_manager.runtime.platform.host import this_host


async def run_short(
    argv: list[str], seconds: float, *, cwd: Path | None = None, with_stderr: bool = False
) -> tuple[int, str]:
    """Exit code and what it printed.

    Raises:
        OSError: it cannot be started.
        TimeoutError: it did not end in time and was killed.
    """
    process = await asyncio.create_subprocess_exec(
        *argv,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT if with_stderr else asyncio.subprocess.DEVNULL,
        env=child_environment(),
        cwd=cwd,
        creationflags=this_host().spawn_options().creationflags,
    )
    try:
        told, _ = await asyncio.wait_for(process.communicate(), seconds)
    finally:
        if process.returncode is None:
            process.kill()
            await asyncio.shield(process.wait())
    return process.returncode or 0, told.decode("utf-8", "replace")
