# SPDX-License-Identifier: Apache-2.0
"""The alerts that are over, the last two hundred of them, and those that stand: `alerts.json`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from node_manager.alerts.alert import Alert, AlertCleared, AlertKind, AlertRaised
from node_manager.durable import make_private_folder, write_durably
from node_manager.events import Broadcast, Event
from node_manager.explanation import Explanation
from node_manager.tasks import TaskGroup

log = structlog.get_logger(__name__)

KEPT = 200
SETTLE_SECONDS = 2.0
"""What ends together is written together."""

SEEN_SECONDS = 300.0
"""While something stands, the file says at least so often that it still does."""

Key = tuple[AlertKind, str]


class PastAlert(BaseModel):
    """An alert from beginning to end, with its sentences as they were when it ended.

    Attributes:
        since, until: Unix times.
        end_known: whether it ended at `until`; if not, it stood then and was seen no more,
            because the app ended.
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
    end_known: bool = True
    notified: bool

    @property
    def explanation(self) -> Explanation:
        """Its sentences, to be translated."""
        return Explanation(self.kind.value, self.what, self.why, self.todo, self.facts)


class _File(BaseModel):
    version: int = 1
    alerts: list[PastAlert] = []
    standing: list[PastAlert] = []


class PastAlerts:
    """Listens from `start` to `close` and keeps what ends; lives on the engine's loop.

    What stands when the app ends is kept too. If the next run finds it again, it goes on; if
    not, it is over, at a time that nobody knows.
    """

    def __init__(
        self, path: Path, broadcast: Broadcast, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._path, self._broadcast, self._clock = path, broadcast, clock
        self._alerts: list[PastAlert] = []
        self._standing: dict[Key, PastAlert] = {}
        self._left: dict[Key, PastAlert] = {}
        self._loaded = self._unwritten = self._closed = False
        self._reading = asyncio.Lock()
        self._tasks = TaskGroup()
        self._stop_listening: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Listen."""
        self._stop_listening = self._broadcast.subscribe(self._hear)
        self._tasks.spawn(self._keep_seen(), name="standing alerts")

    async def close(self) -> None:
        """Write what is not on disk yet; harmless when it is closed."""
        self._stop_listening()
        await self._tasks.close()
        if not self._closed:
            self._closed = True
            await self._load()
            self._unwritten |= bool(self._left or self._standing)
            self._alerts += self._left.values()
            self._left.clear()
            await self._write()

    async def read(self) -> list[PastAlert]:
        """What is kept, the newest first."""
        await self._load()
        return sorted([*self._alerts, *self._left.values()], key=lambda alert: -alert.until)

    def _hear(self, event: Event) -> None:
        if isinstance(event, AlertRaised):
            alert = event.alert
            self._stands(_past(alert, alert.since, notified=event.notify, end_known=False))
        elif isinstance(event, AlertCleared):
            over = _past(event.alert, event.at, notified=event.notify)
            began = self._standing.pop(_key(over), over).since
            self._alerts.append(over.model_copy(update={"since": began}))
        else:
            return
        if not self._unwritten:
            self._unwritten = True
            self._tasks.spawn(self._write_soon(), name="past alerts")

    def _stands(self, alert: PastAlert) -> None:
        """Take an alert that stands; one that the last run left goes on from when it began."""
        before = self._left.pop(_key(alert), alert)
        began = min(before.since, alert.since)
        self._standing[_key(alert)] = alert.model_copy(update={"since": began})

    async def _keep_seen(self) -> None:
        while True:
            await asyncio.sleep(SEEN_SECONDS)
            if self._standing:
                self._unwritten = True
                await self._write()

    async def _write_soon(self) -> None:
        await asyncio.sleep(SETTLE_SECONDS)
        await self._write()

    async def _write(self) -> None:
        if not self._unwritten:
            return
        await self._load()
        self._unwritten = False
        self._alerts = self._alerts[-KEPT:]
        seen = {"until": self._clock()}
        standing = [one.model_copy(update=seen) for one in self._standing.values()]
        kept = [*self._left.values(), *standing][-KEPT:]
        text = _File(alerts=self._alerts, standing=kept).model_dump_json(indent=1)
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
                file = _File.model_validate_json(text)
                self._alerts = [*file.alerts, *self._alerts]
                self._left = {_key(one): one for one in file.standing}
                for found in [*self._standing.values()]:
                    self._stands(found)
            except FileNotFoundError:
                pass
            except (OSError, ValidationError) as error:
                # What is over is not worth stopping for; the next one begins the file anew.
                log.info("past alerts not readable", reason=str(error))
            self._loaded = True


def _key(alert: PastAlert) -> Key:
    return alert.kind, alert.node_id


def _past(alert: Alert, until: float, *, notified: bool, end_known: bool = True) -> PastAlert:
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
        end_known=end_known,
        notified=notified,
    )
