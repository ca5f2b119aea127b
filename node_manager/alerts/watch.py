# SPDX-License-Identifier: Apache-2.0
"""Watches what the engine tells and raises and clears alerts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import structlog

from node_manager.alerts.alert import Alert, AlertCleared, AlertKind, AlertRaised
from node_manager.alerts.rules import RULES, Answer, Verdict
from node_manager.checks.result import CheckResult, CheckState
from node_manager.events import Broadcast, DoorChanged, Event, NodeChanged, NodeRemoved
from node_manager.explanation import Explanation
from node_manager.state import NodeStatus
from node_manager.tasks import TaskGroup

log = structlog.get_logger(__name__)

TICK_SECONDS = 5.0
REPEAT_SECONDS = 1800.0
"""What comes back within this time after it was told is raised without a call."""

HEARTBEAT_HOLD = 120.0
CLOCK_HOLD = 0.0
REFUSAL_SECONDS = 3600.0
"""A refusal of the guard is over when none came for an hour."""

Key = tuple[AlertKind, str]


@dataclass(slots=True)
class _Trouble:
    """One kind at one validator."""

    seen_at: float
    explanation: Explanation
    hold: float
    moniker: str
    told_before: bool = False
    alert: Alert | None = None
    notified: bool = False


@dataclass(slots=True)
class _Refusals:
    count: int
    last: str = ""
    at: float | None = None


class AlertSource(Protocol):
    """Whoever judges something else than a node, through `AlertWatch.judge`."""

    def hear(self, event: Event) -> None:
        """An event of the engine."""

    def look(self) -> None:
        """Judge anew."""


class AlertWatch:
    """Lives on the engine's loop. `silenced` tells the kinds nobody is called for."""

    def __init__(
        self,
        broadcast: Broadcast,
        silenced: Callable[[], Collection[str]] = tuple,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._broadcast, self._silenced, self._clock = broadcast, silenced, clock
        self._statuses: dict[str, NodeStatus] = {}
        self._troubles: dict[Key, _Trouble] = {}
        self._told_at: dict[Key, float] = {}
        self._refusals: dict[str, _Refusals] = {}
        self._heartbeat: DoorChanged | None = None
        self._unsubscribe: Callable[[], None] | None = None
        self._sources: list[AlertSource] = []
        self._tasks = TaskGroup()

    def start(self) -> None:
        """Listen, and look again every few seconds for what must last."""
        self._unsubscribe = self._broadcast.subscribe(self.hear)
        self._tasks.spawn(self._run(), name="alerts")

    async def close(self) -> None:
        """Stop listening; harmless when it is closed."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        await self._tasks.close()

    def add(self, source: AlertSource) -> None:
        """Let another source hear and judge."""
        self._sources.append(source)

    def now(self) -> float:
        """Unix time."""
        return self._clock()

    def stands(self, kind: AlertKind, subject: str) -> bool:
        """Whether this alert is raised now."""
        trouble = self._troubles.get((kind, subject))
        return trouble is not None and trouble.alert is not None

    def judge(
        self,
        kind: AlertKind,
        subject: str,
        name: str,
        answer: Answer,
        hold: float = 0.0,
        *,
        told_before: bool = False,
    ) -> None:
        """Take a source's judgement of the subject of this id.

        `told_before` means that the person was called for it in an earlier run: it is raised
        without a call.
        """
        self._apply((kind, subject), answer, hold, name, told_before=told_before)

    def forget(self, subject: str) -> None:
        """The subject is gone: what stood of it is over."""
        self._forget(subject)

    def active(self) -> list[Alert]:
        """The alerts that stand now, the urgent ones first, then the oldest."""
        standing = [one.alert for one in self._troubles.values() if one.alert is not None]
        return sorted(standing, key=lambda alert: (not alert.urgent, alert.since))

    def hear(self, event: Event) -> None:
        """Listener of the broadcast."""
        if isinstance(event, NodeChanged):
            self._statuses[event.status.node_id] = event.status
            self._judge(event.status)
        elif isinstance(event, NodeRemoved):
            self._forget(event.node_id)
        elif isinstance(event, DoorChanged) and event.door == "heartbeat":
            self._heartbeat = event
            self._judge_heartbeat()
        for source in self._sources:
            source.hear(event)

    def take_checks(self, node_id: str, results: Sequence[CheckResult]) -> None:
        """What the doctor found: the clock is only looked at there."""
        clock = next((result for result in results if result.id == "clock"), None)
        if clock is None or clock.state is CheckState.UNKNOWN:
            return
        well = clock.state is CheckState.OK
        answer: Answer = Verdict.WELL if well else clock.explanation
        self._apply((AlertKind.CLOCK_OFF, ""), answer, CLOCK_HOLD, self._moniker(node_id))

    def look(self) -> None:
        """Judge anew: figures grow old and trouble lasts without any event."""
        for status in list(self._statuses.values()):
            self._judge(status)
        self._judge_heartbeat()
        for source in self._sources:
            source.look()

    def _judge(self, status: NodeStatus) -> None:
        now = self._clock()
        for rule in RULES:
            key = (rule.kind, status.node_id)
            known = self._troubles.get(key)
            raised = known is not None and known.alert is not None
            self._apply(key, rule.judge(status, now, raised), rule.hold, status.moniker)
        self._judge_refusals(status, now)

    def _judge_refusals(self, status: NodeStatus, now: float) -> None:
        figures = status.signer.current(now)
        seen = self._refusals.get(status.node_id)
        if figures is not None:
            if seen is None or figures.refused < seen.count:
                # What was refused before the app looked has been told then, or is history.
                seen = self._refusals[status.node_id] = _Refusals(figures.refused)
            elif figures.refused > seen.count:
                seen.count, seen.last, seen.at = figures.refused, figures.refused_last, now
        recent = seen is not None and seen.at is not None and now - seen.at < REFUSAL_SECONDS
        answer: Answer = Verdict.WELL
        if recent and seen is not None:
            answer = Explanation(
                "alert-signing-refused",
                "The signer refused to sign.",
                "{reason}",
                "Make sure that this key runs nowhere else. Nothing was signed twice here.",
                {"reason": seen.last or "It was asked for what it has signed before."},
            )
        self._apply((AlertKind.SIGNING_REFUSED, status.node_id), answer, 0, status.moniker)

    def _judge_heartbeat(self) -> None:
        door = self._heartbeat
        if door is None:
            return
        answer: Answer = Verdict.WELL
        if door.state == "failed":
            answer = door.reason or Explanation(
                "alert-heartbeat",
                "The heartbeat is not accepted.",
                "The reason is not known.",
                "Look at the heartbeat's address in Settings. The validator goes on.",
            )
        self._apply((AlertKind.HEARTBEAT_REFUSED, ""), answer, HEARTBEAT_HOLD, "")

    def _apply(
        self, key: Key, answer: Answer, hold: float, moniker: str, *, told_before: bool = False
    ) -> None:
        trouble = self._troubles.get(key)
        if answer is Verdict.UNKNOWN:
            return
        if answer is Verdict.WELL:
            if trouble is not None:
                del self._troubles[key]
                self._clear(key, trouble)
            return
        assert isinstance(answer, Explanation)  # noqa: S101 (narrowing)
        now = self._clock()
        if trouble is None:
            trouble = self._troubles[key] = _Trouble(now, answer, hold, moniker, told_before)
        trouble.explanation = answer
        if trouble.alert is None and now - trouble.seen_at >= trouble.hold:
            self._raise(key, trouble, now)
        elif trouble.alert is not None and trouble.alert.explanation != answer:
            # The same trouble with other figures calls nobody again.
            trouble.alert = replace(trouble.alert, explanation=answer)

    def _raise(self, key: Key, trouble: _Trouble, now: float) -> None:
        kind, node_id = key
        trouble.alert = Alert(kind, node_id, trouble.moniker, trouble.explanation, now)
        lately = now - self._told_at.get(key, float("-inf")) < REPEAT_SECONDS
        told = lately or trouble.told_before
        trouble.notified = kind.value not in self._silenced() and not told
        if trouble.notified:
            self._told_at[key] = now
        log.info("alert raised", kind=kind.value, node=node_id, notify=trouble.notified)
        self._broadcast.publish(AlertRaised(trouble.alert, trouble.notified))

    def _clear(self, key: Key, trouble: _Trouble) -> None:
        if trouble.alert is not None:
            log.info("alert cleared", kind=key[0].value, node=key[1])
            self._broadcast.publish(AlertCleared(trouble.alert, trouble.notified, self._clock()))

    def _forget(self, node_id: str) -> None:
        self._statuses.pop(node_id, None)
        self._refusals.pop(node_id, None)
        for key in [key for key in self._troubles if key[1] == node_id]:
            self._clear(key, self._troubles.pop(key))

    def _moniker(self, node_id: str) -> str:
        status = self._statuses.get(node_id)
        return status.moniker if status is not None else ""

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self.look()
