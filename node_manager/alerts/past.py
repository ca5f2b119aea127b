# SPDX-License-Identifier: Apache-2.0
"""The alerts that are over, the last two hundred of them, in `alerts.json`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from node_manager.alerts.alert import Alert, AlertCleared, AlertKind
from node_manager.durable import make_private_folder, write_durably
from node_manager.events import Broadcast, Event
from node_manager.explanation import Explanation
from node_manager.tasks import TaskGroup

log = structlog.get_logger(__name__)

KEPT = 200
SETTLE_SECONDS = 2.0
"""What ends together is written together."""


class PastAlert(BaseModel):
    """An alert from beginning to end, with its sentences as they were when it ended.

    Attributes:
        since, until: Unix times.
        notified: whether a person was called; a silenced kind is kept all the same.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: AlertKind
    node_id: str
    moniker: str
    what: str
    why: str = ""
    todo: str = ""
    facts: dict[str, str | int | float] = {}
    since: float
    until: float
    notified: bool

    @property
    def explanation(self) -> Explanation:
        """Its sentences, to be translated."""
        return Explanation(self.kind.value, self.what, self.why, self.todo, self.facts)


class _File(BaseModel):
    version: int = 1
    alerts: list[PastAlert] = []


class PastAlerts:
    """Listens from `start` to `close` and keeps what ends; lives on the engine's loop."""

    def __init__(self, path: Path, broadcast: Broadcast) -> None:
        self._path, self._broadcast = path, broadcast
        self._alerts: list[PastAlert] = []
        self._loaded = self._unwritten = False
        self._reading = asyncio.Lock()
        self._tasks = TaskGroup()
        self._stop_listening: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Listen."""
        self._stop_listening = self._broadcast.subscribe(self._hear)

    async def close(self) -> None:
        """Write what is not on disk yet; harmless when it is closed."""
        self._stop_listening()
        await self._tasks.close()
        await self._write()

    async def read(self) -> list[PastAlert]:
        """What is kept, the newest first."""
        await self._load()
        return sorted(self._alerts, key=lambda alert: -alert.until)

    def _hear(self, event: Event) -> None:
        if isinstance(event, AlertCleared):
            self._alerts.append(_past(event.alert, event.at, notified=event.notify))
            if not self._unwritten:
                self._unwritten = True
                self._tasks.spawn(self._write_soon(), name="past alerts")

    async def _write_soon(self) -> None:
        await asyncio.sleep(SETTLE_SECONDS)
        await self._write()

    async def _write(self) -> None:
        if not self._unwritten:
            return
        await self._load()
        self._unwritten = False
        self._alerts = self._alerts[-KEPT:]
        text = _File(alerts=self._alerts).model_dump_json(indent=1)
        try:
            await asyncio.to_thread(make_private_folder, self._path.parent)
            await asyncio.to_thread(write_durably, self._path, text)
        except OSError as error:
            log.warning("past alerts not written", reason=error.strerror or str(error))

    async def _load(self) -> None:
        async with self._reading:
            if self._loaded:
                return
            try:
                text = await asyncio.to_thread(self._path.read_bytes)
                self._alerts = [*_File.model_validate_json(text).alerts, *self._alerts]
            except FileNotFoundError:
                pass
            except (OSError, ValidationError) as error:
                # What is over is not worth stopping for; the next one begins the file anew.
                log.info("past alerts not readable", reason=str(error))
            self._loaded = True


def _past(alert: Alert, until: float, *, notified: bool) -> PastAlert:
    told = alert.explanation
    facts = {
        name: fact if isinstance(fact, int | float | str) else str(fact)
        for name, fact in told.facts.items()
    }
    return PastAlert(
        kind=alert.kind,
        node_id=alert.node_id,
        moniker=alert.moniker,
        what=told.what,
        why=told.why,
        todo=told.todo,
        facts=facts,
        since=alert.since,
        until=until,
        notified=notified,
    )
