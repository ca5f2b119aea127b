# SPDX-License-Identifier: Apache-2.0
"""Asks once a day while the app runs, and calls the person once for a newer version."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from node_manager.alerts.alert import AlertKind
from node_manager.alerts.rules import Answer, Verdict
from node_manager.alerts.watch import AlertWatch
from node_manager.events import Broadcast, Event
from node_manager.explanation import Explanation
from node_manager.layout import Layout
from node_manager.networks.bundled import resources
from node_manager.tasks import TaskGroup

# What asks and verifies is loaded when it is needed: most starts end before that.
if TYPE_CHECKING:
    from node_manager.downloads.progress import OnProgress
    from node_manager.updates.desk import UpdateDesk
    from node_manager.updates.standing import Standing

FIRST_AFTER = 90.0
ROUND_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class UpdatesChanged(Event):
    """What is known of newer versions is to be read anew."""


class UpdateWatch:
    """A source of alerts. `wanted` tells whether the app shall ask by itself."""

    def __init__(
        self,
        layout: Layout,
        broadcast: Broadcast,
        alerts: AlertWatch,
        wanted: Callable[[], bool],
        *,
        first_after: float = FIRST_AFTER,
    ) -> None:
        self._layout, self._broadcast, self._alerts = layout, broadcast, alerts
        self._wanted, self._first_after = wanted, first_after
        self._desk: UpdateDesk | None = None
        self._standing: Standing | None = None
        self._told = ""
        self._tasks = TaskGroup()

    def start(self) -> None:
        """Begin, a while after the start of the app; a build without a source asks nobody."""
        if (resources() / "updates.json").exists():
            self._alerts.add(self)
            self._tasks.spawn(self._run(), name="updates")

    async def close(self) -> None:
        """End; harmless when it has ended."""
        await self._tasks.close()

    async def standing(self) -> Standing:
        """What is known now."""
        return await (await self.desk()).standing()

    async def check(self) -> Standing:
        """Ask now, because the person wants it or because it is due."""
        desk = await self.desk()
        standing = await desk.check()
        await self._take(desk, standing)
        self._broadcast.publish(UpdatesChanged())
        return standing

    async def download(self, on_progress: OnProgress) -> Path:
        """Fetch the newer version's file; see `UpdateDesk.download`."""
        return await (await self.desk()).download(on_progress)

    async def desk(self) -> UpdateDesk:
        """Who asks; loaded with the first question, off the loop."""
        if self._desk is None:
            kind = await asyncio.to_thread(_load)
            self._desk = self._desk or kind.of_this_build(self._layout)
        return self._desk

    def hear(self, event: Event) -> None:
        """No event of the engine is about the app's version."""

    def look(self) -> None:
        """Judge anew: the person may have switched it off."""
        standing = self._standing
        if standing is None:
            return
        newer = standing.newer
        told = newer is not None and newer.version == self._told
        self._alerts.judge(
            AlertKind.NEWER_VERSION,
            "",
            "",
            judged(standing) if self._wanted() else Verdict.WELL,
            told_before=told,
        )

    async def _take(self, desk: UpdateDesk, standing: Standing) -> None:
        before = self._standing.newer if self._standing is not None else None
        self._standing, newer = standing, standing.newer
        if before is not None and newer is not None and before.version != newer.version:
            # Another version than the one that the person was called for.
            self._alerts.judge(AlertKind.NEWER_VERSION, "", "", Verdict.WELL)
        self.look()
        if newer is not None and newer.version != self._told and self._wanted():
            self._told = newer.version
            await desk.told(newer.version)

    async def _run(self) -> None:
        await asyncio.sleep(self._first_after)
        while True:
            if self._wanted():
                desk = await self.desk()
                if self._standing is None:
                    self._told = (await desk.remembered()).told
                    await self._take(desk, await desk.standing())
                if await desk.is_due():
                    await self.check()
            await asyncio.sleep(ROUND_SECONDS)


def judged(standing: Standing) -> Answer:
    """What a person is called for."""
    newer = standing.newer
    if newer is None:
        return Verdict.WELL
    facts = {"version": newer.version, "own": standing.version}
    if standing.unsafe:
        return Explanation(
            "alert-unsafe-version",
            "Version {own} of the app is not held for safe any more.",
            "Version {version} is out and mends it.",
            "Download it in Settings, under Updates. Nothing is installed by itself.",
            facts,
        )
    return Explanation(
        "alert-newer-version",
        "Version {version} of the app is out.",
        "Version {own} runs here.",
        "Download it in Settings, under Updates. Nothing is installed by itself.",
        facts,
    )


def _load() -> type[UpdateDesk]:
    from node_manager.updates.desk import UpdateDesk

    return UpdateDesk
