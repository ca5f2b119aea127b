# SPDX-License-Identifier: Apache-2.0
"""The engine with its doors on one asyncio loop: nodes, bridge, heartbeat, orchestrator."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from filelock import FileLock, Timeout

from bridge.alert_webhook import AlertWebhook
from bridge.doors import Doors
from bridge.settings_check import check_settings
from node_manager import moving
from node_manager import settings as settings_file
from node_manager.alerts.past import PastAlerts
from node_manager.alerts.rounds import DoctorRounds
from node_manager.alerts.watch import AlertWatch
from node_manager.awake import Awake
from node_manager.durable import make_private_folder, write_durably
from node_manager.errors import AnotherInstance
from node_manager.events import Broadcast
from node_manager.history.recorder import HistoryRecorder
from node_manager.history.source import NodeSource
from node_manager.layout import Layout
from node_manager.manager import Manager
from node_manager.settings import Settings
from node_manager.updates.watch import UpdateWatch

if TYPE_CHECKING:
    from node_manager.obol.manager import DvManager

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """What one start of the app wants.

    Attributes:
        layout: the folders.
        doors: whether the bridge, heartbeat and orchestrator open.
        start_nodes: whether nodes that should run are started; None leaves it to the settings.
    """

    layout: Layout
    doors: bool = True
    start_nodes: bool | None = None


class Engine:
    """Opens in order (lock, nodes, doors) and closes in reverse."""

    def __init__(self, options: EngineOptions) -> None:
        self.layout = options.layout
        self.broadcast = Broadcast()
        self.settings = Settings()
        self.manager = Manager(self.layout, self.broadcast)
        self.history = HistoryRecorder(NodeSource(self.layout), self.broadcast)
        self.alerts = AlertWatch(self.broadcast, lambda: self.settings.alerts.silenced)
        self.past_alerts = PastAlerts(self.layout.data / "alerts.json", self.broadcast)
        self.webhook = AlertWebhook(self.broadcast, lambda: self.settings.alerts.webhook)
        self.awake = Awake(
            self.broadcast, lambda: self.settings.window.keep_awake, self._validator_at_work
        )
        self._rounds = DoctorRounds(self.manager, self.alerts)
        self.updates = UpdateWatch(
            self.layout, self.broadcast, self.alerts, lambda: self.settings.updates.check
        )
        self.ended = asyncio.Event()
        """Set when somebody asked through a door that the app ends."""
        self.stop_nodes_at_end = False
        self._options = options
        self._lock = InstanceLock(self.layout.run)
        self._doors: Doors | None = None
        self._distributed: DvManager | None = None
        self._dv_history: HistoryRecorder | None = None
        self._closed = False
        self._changing = asyncio.Lock()

    async def open(self) -> None:
        """Take the data folder, take over what runs, open the doors.

        A door that does not open (port taken) is told by its DoorChanged event and by the
        log; the validators run all the same.

        Raises:
            AnotherInstance: another instance has this data folder.
            FolderMoved: the data folder was moved away.
            SettingsUnreadable: the settings file is damaged.
        """
        make_private_folder(self.layout.data)
        self._lock.take()
        try:
            await asyncio.to_thread(moving.settle, self.layout)
            self.settings = await asyncio.to_thread(settings_file.load, self.layout.settings)
            wanted = self._options.start_nodes
            start = self.settings.window.start_nodes if wanted is None else wanted
            self._doors = Doors(
                self.manager, self.layout, self.broadcast, self.settings, self._asked_to_end
            )
            await self._doors.open_control()
            self.history.start()
            self.past_alerts.start()
            self.alerts.start()
            self.webhook.start()
            self._rounds.start()
            self.updates.start()
            self.awake.start()
            await self.manager.open(start_wanted=start)
            if await asyncio.to_thread(has_clusters, self.layout):
                await self._open_distributed(start_wanted=start)
            if self._options.doors:
                await self._doors.open_public()
        except BaseException:
            await self.close(stop_nodes=False)
            raise

    async def close(self, *, stop_nodes: bool) -> None:
        """Close the doors, stop the nodes or leave them running, give the folder free.

        Harmless when it is closed: after a move the folder belongs to nobody here.
        """
        if self._closed:
            return
        self._closed = True
        if self._doors is not None:
            await self._doors.close()
            self._doors = None
        await self._rounds.close()
        await self.updates.close()
        if self._distributed is not None:
            await self._distributed.close(stop_nodes=stop_nodes)
        await self.manager.close(stop_nodes=stop_nodes)
        await self.awake.close()
        await self.webhook.close()
        await self.alerts.close()
        await self.past_alerts.close()
        await self.history.close()
        if self._dv_history is not None:
            await self._dv_history.close()
        self._lock.give_back()

    async def move_data(self, target: Path, report: moving.Report) -> Layout:
        """Stop everything, move the data folder; the app is to be started anew afterwards.

        Raises:
            MoveRefused: nothing was changed but that everything is stopped.
            MoveFailed: the old folder counts and is whole.
            OneClickError: what an earlier run left may still sign; nothing was moved.
        """
        if self._distributed is not None:
            await self._distributed.vacate()
        await self.close(stop_nodes=True)
        self._lock.take()
        try:
            return await asyncio.to_thread(moving.move_data, self.layout, target, report)
        finally:
            self._lock.give_back()

    async def distributed(self) -> DvManager:
        """The distributed validators; what they need is loaded with the first of them."""
        if self._distributed is None:
            await self._open_distributed(start_wanted=False)
        assert self._distributed is not None  # noqa: S101 (narrowing)
        return self._distributed

    @property
    def distributed_now(self) -> DvManager | None:
        """The distributed validators, None while this computer has none."""
        return self._distributed

    async def _open_distributed(self, *, start_wanted: bool) -> None:
        # BLS and Ethereum signatures are not loaded in an app without a cluster
        from node_manager.obol.alert_source import DvAlerts
        from node_manager.obol.manager import DvManager
        from node_manager.obol.past import ClusterSource

        self.alerts.add(DvAlerts(self.alerts))
        self._dv_history = HistoryRecorder(ClusterSource(self.layout), self.broadcast)
        self._dv_history.start()
        manager = DvManager(self.layout, self.broadcast)
        self._distributed = manager
        await manager.open(start_wanted=start_wanted)

    async def dv_history(self) -> HistoryRecorder:
        """The figures of the distributed validators."""
        await self.distributed()
        assert self._dv_history is not None  # noqa: S101 (narrowing)
        return self._dv_history

    @property
    def doors(self) -> Doors:
        """The open doors."""
        if self._doors is None:
            raise RuntimeError("the engine is not open")
        return self._doors

    async def change_settings(self, changed: Settings) -> None:
        """Store new settings and let the doors follow them.

        Raises:
            SettingRefused: they would not work; the old ones stand.
            OSError: they could not be written; the old ones stand.
        """
        async with self._changing:
            await self._take_settings(changed)

    async def alter_settings(self, act: Callable[[Settings], None]) -> None:
        """Have `act` change the settings in force; raises as `change_settings`.

        Two at once do not undo each other.
        """
        async with self._changing:
            changed = self.settings.model_copy(deep=True)
            act(changed)
            await self._take_settings(changed)

    async def _take_settings(self, changed: Settings) -> None:
        ports = {port for node in self.manager.nodes() for port in node.ports}
        await check_settings(self.settings, changed, ports)
        await asyncio.to_thread(settings_file.save, self.layout.settings, changed)
        self.settings = changed
        self.awake.follow()
        if self._doors is not None and self._options.doors:
            await self._doors.follow_settings(changed)

    def _validator_at_work(self) -> bool:
        distributed = self._distributed
        return any(not status.state.at_rest for status in self.manager.statuses()) or (
            distributed is not None and any(one.stage.at_work for one in distributed.statuses())
        )

    def _asked_to_end(self, stop_nodes: bool) -> None:
        self.ask_to_end(stop_nodes=stop_nodes)

    def ask_to_end(self, *, stop_nodes: bool | None = None) -> None:
        """End the app soon; None leaves what happens to the nodes as it was decided."""
        if stop_nodes is not None:
            self.stop_nodes_at_end = stop_nodes
        self.ended.set()


def has_clusters(layout: Layout) -> bool:
    """Whether this computer has a distributed validator."""
    return any((layout.data / "clusters").glob("*/cluster.json"))


class InstanceLock:
    """One app a data folder; says who has it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = FileLock(folder / "engine.lock")
        self._owner = folder / "engine.pid"

    def take(self) -> None:
        """Take the folder.

        Raises:
            AnotherInstance: somebody has it.
        """
        make_private_folder(self._folder)
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            pid = self._owner.read_text() if self._owner.exists() else "unknown"
            raise AnotherInstance(pid=pid, folder=self._folder.parent) from error
        write_durably(self._owner, str(os.getpid()))

    def give_back(self) -> None:
        """Give the folder free; harmless when it was not taken."""
        if self._lock.is_locked:
            self._owner.unlink(missing_ok=True)
            self._lock.release()
