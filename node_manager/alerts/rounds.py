# SPDX-License-Identifier: Apache-2.0
"""The doctor's rounds: what only a check finds (the clock) is looked at now and then."""

from __future__ import annotations

import asyncio

import structlog

from node_manager.alerts.watch import AlertWatch
from node_manager.explanation import OneClickError
from node_manager.manager import Manager
from node_manager.tasks import TaskGroup

log = structlog.get_logger(__name__)

FIRST_AFTER = 120.0
ROUND_SECONDS = 1800.0


class DoctorRounds:
    """Examines each living validator every half hour and hands the findings to the alerts."""

    def __init__(self, manager: Manager, alerts: AlertWatch) -> None:
        self._manager, self._alerts = manager, alerts
        self._tasks = TaskGroup()

    def start(self) -> None:
        """Begin, a while after the start of the app."""
        self._tasks.spawn(self._run(), name="doctor's rounds")

    async def close(self) -> None:
        """End them; harmless when they have ended."""
        await self._tasks.close()

    async def once(self) -> None:
        """Examine each living validator."""
        for status in self._manager.statuses():
            if status.state.alive:
                try:
                    results = await self._manager.node(status.node_id).examine()
                except (OneClickError, OSError) as error:
                    log.info("not examined", node=status.node_id, reason=str(error))
                else:
                    self._alerts.take_checks(status.node_id, results)

    async def _run(self) -> None:
        await asyncio.sleep(FIRST_AFTER)
        while True:
            await self.once()
            await asyncio.sleep(ROUND_SECONDS)
