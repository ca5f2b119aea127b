# SPDX-License-Identifier: Apache-2.0
"""A distributed validator in words: its state, and what changes, each thing once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping

from node_manager.events import Event
from node_manager.figures import Figure
from node_manager.obol.cluster.verification import CheckState
from node_manager.obol.events import DvChanged
from node_manager.obol.status import DvStatus, OperatorRow
from node_manager.state import StepState


class Narrator:
    """Turns events into lines; repeats nothing that has not changed."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._told: dict[tuple[str, str], str] = {}

    def __call__(self, event: Event) -> None:
        """Tell what is new in `event`."""
        if not isinstance(event, DvChanged):
            return
        status = event.status
        for step in status.steps:
            if step.state is not StepState.WAITING:
                words = f"{step.step}: {step.note or step.state}"
                self._tell(status, f"step {step.step}", words)
        for invite in status.wait.invites:
            missing = "; ".join(invite.missing) or "nothing is missing"
            words = f"invited to {invite.name or invite.config_hash}: {missing}"
            self._tell(status, invite.config_hash, words)
        if status.cluster is not None:
            for row in status.cluster.validators:
                words = (
                    f"validator {row.number}: rewards to {row.fee_recipient},"
                    f" withdrawal to {row.withdrawal}"
                )
                self._tell(status, f"validator {row.number}", words)
        for check in status.checks:
            if check.state is not CheckState.OK:
                self._tell(status, check.id, f"{check.title}: {check.state}. {check.reason}")
        for alert in status.alerts:
            self._tell(status, alert.explanation.code, f"{alert.gravity}: {alert.explanation}")
        if status.version_note:
            self._tell(status, "versions", status.version_note)
        why = f" {status.reason}" if status.reason else ""
        self._tell(status, "stage", f"{status.stage.text}.{why}")

    def _tell(self, status: DvStatus, subject: str, words: str) -> None:
        key = (status.cluster_id, subject)
        if self._told.get(key) != words:
            self._told[key] = words
            self._say(f"{status.cluster_id}: {words}")


def lines(status: DvStatus, pids: Mapping[str, int] | None = None) -> Iterator[str]:
    """One distributed validator in words."""
    why = f" {status.reason}" if status.reason else ""
    yield f"{status.name} ({status.cluster_id}) on {status.network}"
    yield f"  state        {status.stage.text}.{why}"
    yield f"  operator     {status.operator_address}"
    yield f"  ENR          {status.enr or 'not made yet'}"
    yield f"  key backup   {'proved' if status.enr_backup_at else 'none yet'}"
    yield f"  charon       {status.charon_version or 'not installed yet'}"
    for image in status.images:
        yield f"  image        {image.name}: {image.reference}"
        yield f"               {image.digest}, pinned {_when(image.pinned_at)}"
    for name, pid in (pids or {}).items():
        yield f"  process      {name} ({pid})"
    if status.cluster is not None:
        cluster = status.cluster
        yield f"  cluster      {cluster.name} ({cluster.threshold} of {cluster.operators} nodes)"
        for one in cluster.validators[:20]:
            key = f" {one.public_key}" if one.public_key else ""
            yield f"  validator {one.number}{key}: rewards to {one.fee_recipient}"
            yield f"               withdrawal to {one.withdrawal}"
    for invite in status.wait.invites:
        yield f"  invite       {invite.name or invite.config_hash} {invite.trouble}".rstrip()
        for missing in invite.missing:
            yield f"               missing: {missing}"
    for row in status.operators:
        yield f"  operator {row.number}   {_operator(row)}"
    figures = status.figures
    yield f"  ready        {_shown(figures.ready)}"
    yield f"  duties       {_shown(figures.duties_succeeded)} succeeded,"
    yield f"               {_shown(figures.duties_failed)} failed"
    for alert in status.alerts:
        yield f"  {alert.gravity:<12} {alert.explanation}"


def _when(at: float | None) -> str:
    return "at an unknown time" if at is None else time.strftime("%Y-%m-%d", time.localtime(at))


def _operator(row: OperatorRow) -> str:
    words = [row.nickname or row.peer or row.address or "no address yet"]
    if row.ours:
        words.append("this node")
    words.append("signed" if row.signed else f"misses {', '.join(row.missing)}")
    if row.connected is not None:
        words.append("answers" if row.connected else "does not answer")
    ping = row.ping.current()
    if ping is not None:
        words.append(f"{ping * 1000:.0f} ms")
    if row.version:
        words.append(row.version)
    return ", ".join(words)


def _shown(figure: Figure[bool] | Figure[int]) -> str:
    value = figure.current()
    if value is None:
        return f"unknown. {figure.why}".rstrip(". ")
    words = ("yes" if value else "no") if isinstance(value, bool) else f"{value:,}"
    stale = ", stale" if figure.stale() else ""
    return f"{words} ({figure.source}, {figure.age() or 0:.0f} s ago{stale})"
