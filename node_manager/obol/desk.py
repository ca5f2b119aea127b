# SPDX-License-Identifier: Apache-2.0
"""What is known and remembered of one distributed validator, and the telling of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

from node_manager.events import Broadcast
from node_manager.explanation import Explanation
from node_manager.layout import Layout
from node_manager.obol import portrait
from node_manager.obol.events import DvChanged
from node_manager.obol.folder import cluster_folder
from node_manager.obol.record import DvRecord, save_record
from node_manager.obol.settings import DvSettings
from node_manager.obol.status import DvStage, DvStatus
from node_manager.obol.steps import Steps


class Desk:
    """Record and status of one distributed validator.

    Attributes:
        times: Unix times of what happened: "signed", "dkg", "lock", "charon", "vc".
        backed_up: set once the ENR key has a proven backup.
        confirmed: set when the person has confirmed the addresses of a definition.
    """

    def __init__(self, layout: Layout, record: DvRecord, broadcast: Broadcast) -> None:
        self.layout = layout
        self.folder = cluster_folder(layout, record.id)
        self.record = record
        self.times: dict[str, float] = {}
        self.steps = Steps(lambda: self.show(steps=self.steps.listed))
        self.backed_up = asyncio.Event()
        self.confirmed = asyncio.Event()
        self._saving = asyncio.Lock()
        self._saves: set[asyncio.Future[None]] = set()
        self._broadcast = broadcast
        charon = record.settings.charon
        self.status = DvStatus(
            cluster_id=record.id,
            name=record.name,
            stage=DvStage.STOPPED,
            since=time.time(),
            network=record.settings.network,
            operator_address=charon.operator_address,
            enr=record.enr,
            enr_backup_at=record.enr_backup_at,
            artefacts_backup_at=record.artefacts_backup_at,
            charon_version=record.charon_version,
            client=record.settings.validator_client.kind,
            launchpad=portrait.launchpad_steps(charon.dkg_sidecar.api_endpoint),
            steps=self.steps.listed,
        )
        if record.enr_backup_at is not None:
            self.backed_up.set()

    @property
    def settings(self) -> DvSettings:
        """How it is set up."""
        return self.record.settings

    async def remember(self, **changes: object) -> None:
        """Change the record, durably.

        Raises:
            OSError: the old record stands on disk.
        """
        record = self.record.model_copy(update=changes)
        if record != self.record:
            self.record = record
            saving = asyncio.ensure_future(self._save())
            self._saves.add(saving)
            saving.add_done_callback(self._saves.discard)
            # whoever waits may be cancelled: what was decided is written all the same
            await asyncio.shield(saving)

    async def _save(self) -> None:
        async with self._saving:  # one after another: the newest is written last
            await asyncio.to_thread(save_record, self.folder.record, self.record)

    async def settle(self) -> None:
        """Wait until everything that was remembered is on disk."""
        if self._saves:
            await asyncio.wait(self._saves)

    def enter(
        self,
        stage: DvStage,
        reason: Explanation | None = None,
        *,
        next_try: float | None = None,
        **changes: object,
    ) -> None:
        """It is in this stage now."""
        since = self.status.since if stage is self.status.stage else time.time()
        self.show(stage=stage, since=since, reason=reason, next_try=next_try, **changes)

    def show(self, **changes: object) -> None:
        """Change the status and tell it, when it is another one."""
        changed: Callable[..., DvStatus] = replace
        status = changed(self.status, **changes)
        if status != self.status:
            self.status = status
            self.publish()

    def publish(self) -> None:
        """Tell everybody the status."""
        self._broadcast.publish(DvChanged(self.status))
