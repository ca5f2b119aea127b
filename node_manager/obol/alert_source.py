# SPDX-License-Identifier: Apache-2.0
"""The distributed validators' part of the alerts: hears their status, judges by the rules."""

from __future__ import annotations

from dataclasses import dataclass, field

from node_manager.alerts.watch import AlertWatch
from node_manager.events import Event
from node_manager.obol.alert_rules import DV_RULES, DutyCount
from node_manager.obol.events import DvChanged, DvRemoved
from node_manager.obol.status import DvStatus


@dataclass(slots=True)
class _Known:
    status: DvStatus
    duties: DutyCount = field(default_factory=DutyCount)


class DvAlerts:
    """A source of alerts; `AlertWatch.add` takes it."""

    def __init__(self, watch: AlertWatch) -> None:
        self._watch = watch
        self._known: dict[str, _Known] = {}

    def hear(self, event: Event) -> None:
        """Take in what is told of a distributed validator."""
        if isinstance(event, DvRemoved):
            self._known.pop(event.cluster_id, None)
            self._watch.forget(event.cluster_id)
        elif isinstance(event, DvChanged):
            status = event.status
            known = self._known.setdefault(status.cluster_id, _Known(status))
            known.status = status
            done, failed = status.figures.duties_succeeded, status.figures.duties_failed
            if done.value is not None and failed.value is not None and failed.at is not None:
                known.duties.add(failed.at, done.value, failed.value)
            self._judge(known)

    def look(self) -> None:
        """Judge anew: figures grow old and trouble lasts without any event."""
        for known in self._known.values():
            self._judge(known)

    def _judge(self, known: _Known) -> None:
        status, now = known.status, self._watch.now()
        for rule in DV_RULES:
            raised = self._watch.stands(rule.kind, status.cluster_id)
            answer = rule.judge(status, known.duties, now, raised)
            self._watch.judge(rule.kind, status.cluster_id, status.name, answer, rule.hold)
