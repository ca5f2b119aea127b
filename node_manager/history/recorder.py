# SPDX-License-Identifier: Apache-2.0
"""Keeps the figures of every validator: listens to the broadcast, writes beside the loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import structlog

from node_manager.events import Broadcast, Event, NodeChanged, NodeRemoved
from node_manager.history.metrics import METRICS, NAMES, Fold
from node_manager.history.ring import RingFile, RingShape, Row
from node_manager.layout import Layout
from node_manager.state import NodeStatus
from node_manager.tasks import TaskGroup

log = structlog.get_logger(__name__)

FLUSH_SECONDS = 30.0
"""A crash loses at most so much of the history."""


class Span(StrEnum):
    """How far back one looks."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"

    @property
    def seconds(self) -> int:
        """Its length."""
        return {Span.HOUR: 3600, Span.DAY: 86_400, Span.WEEK: 604_800}[self]


SHAPES = {
    Span.HOUR: RingShape(seconds=15, rows=242),
    Span.DAY: RingShape(seconds=300, rows=290),
    Span.WEEK: RingShape(seconds=1800, rows=338),
}
"""About 80 KB a validator in all."""


@dataclass(frozen=True, slots=True)
class Past:
    """The figures of one validator over a span.

    Attributes:
        seconds: of one period.
        times: the middle of each period that was recorded, Unix time; a period that is missing
            was not observed.
        series: by the name of the metric, a value or None for each of `times`.
    """

    span: Span
    seconds: int
    times: tuple[float, ...] = ()
    series: dict[str, tuple[float | None, ...]] = field(default_factory=dict)

    def points(self, name: str) -> list[tuple[float, float | None]]:
        """Time and value of one metric."""
        values = self.series.get(name)
        return list(zip(self.times, values, strict=True)) if values else []


class _Bucket:
    """One period that is being filled."""

    def __init__(self, row: Row) -> None:
        self.row = row

    def add(self, values: tuple[float | None, ...]) -> None:
        count = self.row.count + 1
        folded = tuple(
            _fold(metric.fold, before, value, count)
            for metric, before, value in zip(METRICS, self.row.values, values, strict=True)
        )
        self.row = Row(self.row.period, count, folded)


class _Kept:
    """One validator in one span: the file, and the rows that are not in it yet."""

    def __init__(self, file: RingFile, shape: RingShape) -> None:
        self.file, self.shape = file, shape
        self.unsaved: dict[int, _Bucket] = {}
        self.begun = False

    def add(self, at: float, values: tuple[float | None, ...]) -> None:
        period = int(at // self.shape.seconds)
        if period not in self.unsaved:
            self.unsaved[period] = _Bucket(Row(period, 0, (None,) * len(METRICS)))
        self.unsaved[period].add(values)

    def take_up(self, stored: list[Row]) -> None:
        """At the first time: what an earlier run wrote of the same period counts."""
        for row in stored:
            if row.period in self.unsaved:
                bucket = self.unsaved[row.period]
                bucket.row = _merged(row, bucket.row)
        self.begun = True

    def forget(self, rows: list[Row]) -> None:
        """What is written and over needs no memory; the newest period goes on."""
        newest = max(self.unsaved, default=0)
        for row in rows:
            if row.period < newest:
                self.unsaved.pop(row.period, None)


class HistoryRecorder:
    """Records from `start` to `close`; reading works at any time. Lives on one loop."""

    def __init__(
        self, layout: Layout, broadcast: Broadcast, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._layout, self._broadcast, self._clock = layout, broadcast, clock
        self._kept: dict[str, dict[Span, _Kept]] = {}
        self._tasks: TaskGroup | None = None
        self._unsubscribe: Callable[[], None] | None = None
        self._writing = asyncio.Lock()
        self._troubled = False

    def start(self) -> None:
        """Listen, and write now and then."""
        self._unsubscribe = self._broadcast.subscribe(self.hear)
        self._tasks = TaskGroup()
        self._tasks.spawn(self._run(), name="history")

    async def close(self) -> None:
        """Write what is left; harmless when it is closed."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        if self._tasks is not None:
            await self._tasks.close()
            self._tasks = None
            await self.flush()

    def hear(self, event: Event) -> None:
        """Listener of the broadcast; called on the engine's loop."""
        if isinstance(event, NodeRemoved):
            self._kept.pop(event.node_id, None)
        elif isinstance(event, NodeChanged) and event.status.state.alive:
            self._take(event.status)

    def _take(self, status: NodeStatus) -> None:
        now = self._clock()
        values = tuple(_number(metric.read(status, now)) for metric in METRICS)
        if any(value is not None for value in values):
            for kept in self._of(status.node_id).values():
                kept.add(now, values)

    def _of(self, node_id: str) -> dict[Span, _Kept]:
        if node_id not in self._kept:
            folder = self._layout.node(node_id).root / "history"
            self._kept[node_id] = {
                span: _Kept(RingFile(folder / f"{span.value}.ring", shape, len(METRICS)), shape)
                for span, shape in SHAPES.items()
            }
        return self._kept[node_id]

    async def flush(self) -> None:
        """Write what is not on disk yet; a disk that refuses is told once, in the log."""
        async with self._writing:
            now = self._clock()
            for kept in [one for spans in list(self._kept.values()) for one in spans.values()]:
                if not kept.unsaved:
                    continue
                try:
                    if not kept.begun:
                        kept.take_up(await asyncio.to_thread(kept.file.read, now))
                    rows = [bucket.row for bucket in kept.unsaved.values()]
                    await asyncio.to_thread(kept.file.write, rows)
                except OSError as error:
                    if not self._troubled:
                        self._troubled = True
                        log.warning("history not written", reason=error.strerror or str(error))
                    continue
                self._troubled = False
                kept.forget(rows)

    async def read(self, node_id: str, span: Span) -> Past:
        """What is known of a validator over the last hour, day or week.

        Raises:
            OSError: the file is there and cannot be read.
        """
        await self.flush()
        now = self._clock()
        kept = self._of(node_id)[span]
        rows = await asyncio.to_thread(kept.file.read, now)
        seconds = kept.shape.seconds
        since = now - span.seconds - seconds
        rows = [row for row in rows if row.period * seconds >= since]
        return Past(
            span,
            seconds,
            tuple((row.period + 0.5) * seconds for row in rows),
            {name: tuple(row.values[column] for row in rows) for column, name in enumerate(NAMES)},
        )

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await self.flush()


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)


def _fold(fold: Fold, before: float | None, value: float | None, count: int) -> float | None:
    if value is None:
        return before
    if before is None or fold is Fold.LAST:
        return value
    if fold is Fold.GREATEST:
        return max(before, value)
    return before + (value - before) / count


def _merged(stored: Row | None, row: Row) -> Row:
    """A period that two runs of the app have seen."""
    if stored is None:
        return row
    count = stored.count + row.count
    values = tuple(
        _weighed(metric.fold, old, new, row.count / count)
        for metric, old, new in zip(METRICS, stored.values, row.values, strict=True)
    )
    return Row(row.period, count, values)


def _weighed(fold: Fold, old: float | None, new: float | None, share: float) -> float | None:
    if old is None or new is None:
        return old if new is None else new
    if fold is Fold.MEAN:
        return old + (new - old) * share
    return new if fold is Fold.LAST else max(old, new)
