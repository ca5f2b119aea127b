# SPDX-License-Identifier: Apache-2.0
"""What a look at running processes means for the status of a distributed validator."""

from __future__ import annotations

from node_manager.explanation import Explanation
from node_manager.obol import portrait
from node_manager.obol.alerts import Alert, Gravity, alerts
from node_manager.obol.charon.failures import relay_refusal
from node_manager.obol.desk import Desk
from node_manager.obol.running import RunView
from node_manager.obol.status import DvStage, DvStatus, DvStep
from node_manager.runtime.supervisor import Phase


def tell_run(desk: Desk, view: RunView) -> None:
    """Bring the status up to date."""
    if desk.status.stage in {DvStage.STOPPING, DvStage.STOPPED}:
        return
    reading = view.health
    stage, reason, next_try = stage_of(view, desk.status)
    if view.charon.phase is Phase.UP:
        desk.times.setdefault("charon", view.charon.since)
    if view.client is not None and view.client.phase is Phase.UP:
        desk.times.setdefault("vc", view.client.since)
    if stage is DvStage.RUNNING:
        desk.steps.done(DvStep.START)
        desk.steps.done(DvStep.READY)
    elif view.charon.phase is Phase.UP:
        desk.steps.done(DvStep.START)
        desk.steps.begin(DvStep.READY, str(reading.reason) if reading else "")
    simulated = desk.settings.charon.simnet_beacon_mock
    desk.enter(
        stage,
        reason,
        next_try=next_try,
        beacons=view.beacons,
        figures=portrait.figures(view),
        operators=portrait.with_metrics(desk.status.operators, reading),
        failed_duties=reading.metrics.failed if reading and reading.metrics else (),
        alerts=(
            *([] if view.key_trouble is None else [Alert(Gravity.CRITICAL, view.key_trouble)]),
            *(alerts(reading, simulated=simulated) if reading else ()),
        ),
    )


def stage_of(view: RunView, status: DvStatus) -> tuple[DvStage, Explanation | None, float | None]:
    """Stage, why, and the Unix time of the next try."""
    charon, client = view.charon, view.client
    if charon.phase is Phase.FAILED:
        return _unless_healing(charon.reason, status)
    if charon.phase is Phase.BACKOFF:
        return DvStage.BACKOFF, charon.reason, charon.next_start
    if client is not None and client.phase is Phase.FAILED:
        return DvStage.FAILED, client.reason, None
    if client is not None and client.phase is Phase.BACKOFF:
        return DvStage.BACKOFF, client.reason, client.next_start
    if charon.phase is Phase.STARTING and view.refused_until is not None:
        return DvStage.BACKOFF, relay_refusal().explanation, view.refused_until
    if charon.phase is not Phase.UP:
        if charon.phase is Phase.STOPPED and status.stage is DvStage.BACKOFF:
            return DvStage.BACKOFF, status.reason, status.next_try
        return DvStage.STARTING, None, None
    reading = view.health
    if reading is not None and reading.ready:
        return DvStage.RUNNING, None, None
    if reading is not None and status.stage is DvStage.RUNNING:
        return DvStage.RUNNING, reading.reason, None  # it runs, and is not ready: that is said
    return DvStage.STARTING, reading.reason if reading else None, None


def _unless_healing(
    reason: Explanation | None, status: DvStatus
) -> tuple[DvStage, Explanation | None, float | None]:
    """A start that is tried again by itself shows when; see `Journey`."""
    if status.stage is DvStage.BACKOFF and status.next_try is not None:
        return DvStage.BACKOFF, status.reason, status.next_try
    return DvStage.FAILED, reason, None
