# SPDX-License-Identifier: Apache-2.0
"""Keeps the figures of every validator: listens to the broadcast, writes beside the loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import structlog

from node_manager.events import Broadcast, Event
from node_manager.history.metrics import Fold, Metric
from node_manager.history.ring import RingFile, RingShape, Row
from node_manager.history.source import Source
from node_manager.tasks import TaskGroup

Metrics = tuple[Metric[Any], ...]

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
"""About 80 KB a validator of a chain in all."""


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

    def add(self, metrics: Metrics, values: tuple[float | None, ...]) -> None:
        count = self.row.count + 1
        folded = tuple(
            _fold(metric.fold, before, value, count)
            for metric, before, value in zip(metrics, self.row.values, values, strict=True)
        )
        self.row = Row(self.row.period, count, folded)


class _Kept:
    """One validator in one span: the file, and the rows that are not in it yet."""

    def __init__(self, folder: Path, span: Span, metrics: Metrics) -> None:
        self.shape, self.metrics, self.home = SHAPES[span], metrics, folder.parent
        self.file = RingFile(folder / f"{span.value}.ring", self.shape, len(metrics))
        self.unsaved: dict[int, _Bucket] = {}
        self.begun = False

    def add(self, at: float, values: tuple[float | None, ...]) -> None:
        period = int(at // self.shape.seconds)
        if period not in self.unsaved:
            self.unsaved[period] = _Bucket(Row(period, 0, (None,) * len(self.metrics)))
        self.unsaved[period].add(self.metrics, values)

    def take_up(self, stored: list[Row]) -> None:
        """At the first time: what an earlier run wrote of the same period counts."""
        for row in stored:
            if row.period in self.unsaved:
                bucket = self.unsaved[row.period]
                bucket.row = _merged(self.metrics, row, bucket.row)
        self.begun = True

    def forget(self, rows: list[Row]) -> None:
        """What is written and over needs no memory; the newest period goes on."""
        newest = max(self.unsaved, default=0)
        for row in rows:
            if row.period < newest:
                self.unsaved.pop(row.period, None)


class _Owner:
    """One validator in every span, and where its counters stood."""

    def __init__(self, folder: Path, metrics: Metrics) -> None:
        self.metrics = metrics
        self.spans = {span: _Kept(folder, span, metrics) for span in Span}
        self._counted: dict[str, float] = {}

    def take(self, now: float, status: Any) -> None:
        read = ((metric, _number(metric.read(status, now))) for metric in self.metrics)
        values = tuple(
            self._growth(metric.name, value) if metric.fold is Fold.GROWTH else value
            for metric, value in read
        )
        if any(value is not None for value in values):
            for kept in self.spans.values():
                kept.add(now, values)

    def _growth(self, name: str, counter: float | None) -> float | None:
        """None at the first look: nobody knows how much of it was before."""
        if counter is None:
            return None
        before = self._counted.get(name)
        self._counted[name] = counter
        if before is None:
            return None
        return counter - before if counter >= before else counter


class HistoryRecorder:
    """Records from `start` to `close`; reading works at any time. Lives on one loop."""

    def __init__(
        self, source: Source, broadcast: Broadcast, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._source, self._broadcast, self._clock = source, broadcast, clock
        self._owners: dict[str, _Owner] = {}
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
        told = self._source.told(event)
        if told is None:
            return
        if told.status is None:
            self._owners.pop(told.owner, None)
        elif (owner := self._of(told.owner)) is not None:
            owner.take(self._clock(), told.status)

    def _of(self, name: str) -> _Owner | None:
        metrics = self._source.metrics(name)
        known = self._owners.get(name)
        if not metrics or (known is not None and known.metrics == metrics):
            return known
        self._owners[name] = _Owner(self._source.folder(name), metrics)
        return self._owners[name]

    async def flush(self) -> None:
        """Write what is not on disk yet; a disk that refuses is told once, in the log."""
        async with self._writing:
            now = self._clock()
            owners = list(self._owners.values())
            for kept in [one for owner in owners for one in owner.spans.values()]:
                if not kept.unsaved:
                    continue
                try:
                    if not await asyncio.to_thread(kept.home.is_dir):
                        continue  # it was removed a moment ago, and must not come back
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

    async def read(self, owner: str, span: Span) -> Past:
        """What is known of a validator over the last hour, day or week.

        Raises:
            OSError: the file is there and cannot be read.
        """
        await self.flush()
        now, known = self._clock(), self._of(owner)
        seconds = SHAPES[span].seconds
        if known is None:
            return Past(span, seconds)
        rows = await asyncio.to_thread(known.spans[span].file.read, now)
        since = now - span.seconds - seconds
        rows = [row for row in rows if row.period * seconds >= since]
        return Past(
            span,
            seconds,
            tuple((row.period + 0.5) * seconds for row in rows),
            {
                metric.name: tuple(row.values[column] for row in rows)
                for column, metric in enumerate(known.metrics)
            },
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
    if fold is Fold.GROWTH:
        return before + value
    return before + (value - before) / count


def _merged(metrics: Metrics, stored: Row, row: Row) -> Row:
    """A period that two runs of the app have seen."""
    count = stored.count + row.count
    values = tuple(
        _weighed(metric.fold, old, new, row.count / count)
        for metric, old, new in zip(metrics, stored.values, row.values, strict=True)
    )
    return Row(row.period, count, values)


def _weighed(fold: Fold, old: float | None, new: float | None, share: float) -> float | None:
    if old is None or new is None:
        return old if new is None else new
    match fold:
        case Fold.MEAN:
            return old + (new - old) * share
        case Fold.LAST:
            return new
        case Fold.GROWTH:
            return old + new
        case Fold.GREATEST:
            return max(old, new)
