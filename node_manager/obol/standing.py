# SPDX-License-Identifier: Apache-2.0
"""How a distributed validator stands, read from the disk, the processes and charon's port alone.

For commands beside a running app, and for a look without starting anything.
"""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass, replace
from typing import Any

import psutil

from node_manager.explanation import OneClickError
from node_manager.obol import portrait
from node_manager.obol.alerts import alerts
from node_manager.obol.charon.health import HealthReader, HealthReading
from node_manager.obol.cluster.documents import Lock, read_definition, read_lock
from node_manager.obol.folder import ClusterFolder
from node_manager.obol.images.pins import pinned
from node_manager.obol.record import DvRecord
from node_manager.obol.running import RunView
from node_manager.obol.status import DvStage, DvStatus, ImageRow
from node_manager.runtime.record import read_record
from node_manager.runtime.supervisor import Phase, Supervision

CHILDREN = {"dkg": "dkg-process.json", "charon": "charon-process.json", "vc": "vc-process.json"}


@dataclass(frozen=True, slots=True)
class Standing:
    """What was found; `pids` are the children that live, by name."""

    status: DvStatus
    pids: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        """As JSON values; explanations as templates and facts."""
        told: dict[str, Any] = asdict(self.status)
        return {"pids": self.pids, **_plain(told)}


async def read_standing(folder: ClusterFolder, record: DvRecord, status: DvStatus) -> Standing:
    """Look at one."""
    pids = await asyncio.to_thread(living, folder)
    status = await asyncio.to_thread(with_documents, folder, record, status)
    contained = await asyncio.to_thread((folder.run / "charon-container.json").exists)
    if "charon" in pids or contained:
        async with HealthReader(record.settings.charon.monitoring_address) as reader:
            reading = await reader.read()
        # a container's record outlives it: only what answers runs
        if "charon" in pids or reading.alive is not None:
            status = _with_health(status, reading, record)
    elif "dkg" in pids:
        status = replace(status, stage=DvStage.DKG)
    return Standing(status, pids)


def living(folder: ClusterFolder) -> dict[str, int]:
    """The children that live now, by name. Blocks for the system."""
    found = {}
    for name, file in CHILDREN.items():
        record = read_record(folder.run / file)
        if record is not None and record.pid is not None and psutil.pid_exists(record.pid):
            found[name] = record.pid
    return found


def images_of(folder: ClusterFolder) -> tuple[ImageRow, ...]:
    """What runs in containers. Blocks for the disk.

    Raises:
        ImagePinsUnreadable: it is unknown.
    """
    return tuple(
        ImageRow(name, one.reference, one.digest, one.pinned_at)
        for name, one in pinned(folder.run).items()
    )


def with_documents(folder: ClusterFolder, record: DvRecord, status: DvStatus) -> DvStatus:
    """`status` with the cluster of the lock, else of the definition. Blocks for the disk."""
    lock: Lock | None = None
    try:
        status = replace(status, images=images_of(folder))
        if folder.lock.exists():
            lock = read_lock(folder.lock)
            definition = lock.definition
        elif folder.definition.exists():
            definition = read_definition(folder.definition)
        else:
            return status
    except OneClickError as error:
        return replace(status, reason=error.explanation)
    charon = record.settings.charon
    return replace(
        status,
        cluster=portrait.cluster_facts(definition, lock),
        operators=portrait.rows_of(
            definition, charon.operator_address, record.enr, record.settings.network
        ),
    )


def _with_health(status: DvStatus, reading: HealthReading, record: DvRecord) -> DvStatus:
    view = RunView(Supervision(Phase.UP, reading.at), None, reading, ())
    return replace(
        status,
        stage=DvStage.RUNNING if reading.ready else DvStage.STARTING,
        reason=reading.reason,
        figures=portrait.figures(view),
        operators=portrait.with_metrics(status.operators, reading),
        failed_duties=reading.metrics.failed if reading.metrics else (),
        alerts=tuple(alerts(reading, simulated=record.settings.charon.simnet_beacon_mock)),
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value if isinstance(value, (str, int, float, bool)) or value is None else str(value)
