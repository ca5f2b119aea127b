# SPDX-License-Identifier: Apache-2.0
"""The one seam between the engine and the widgets: events become signals, a frame at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import shiboken6
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from node_manager.explanation import Explanation, OneClickError

# What comes with the engine is imported with it: the window's first picture needs none of it.
if TYPE_CHECKING:
    from concurrent.futures import Future

    from desktop.engine.client import EngineClient
    from desktop.history import History
    from node_manager.events import DoorChanged, Event
    from node_manager.obol.status import DvStatus
    from node_manager.state import NodeStatus

T = TypeVar("T")

FRAME_MILLISECONDS = 16


class EngineAdapter(QObject):
    """Carries engine events to the GUI thread and answers of commands to their widgets.

    Of several changes of one node or door within a frame only the last is told.

    Signals:
        node_changed: a `NodeStatus`.
        node_removed: the id of a node.
        cluster_changed: a `DvStatus`.
        cluster_removed: the id of a distributed validator.
        door_changed: a `DoorChanged`.
        opened: the engine is open; `statuses` and `doors` are filled.
        failed: the engine cannot be opened; the `Explanation`, kept in `not_opened`.
        trouble: an `Explanation` that no page claimed.
        told: any other event of the engine: alerts, websites that ask.
    """

    node_changed = Signal(object)
    node_removed = Signal(str)
    cluster_changed = Signal(object)
    cluster_removed = Signal(str)
    door_changed = Signal(object)
    opened = Signal()
    failed = Signal(object)
    trouble = Signal(object)
    told = Signal(object)
    _woken = Signal()
    _answered = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.statuses: dict[str, NodeStatus] = {}
        self.clusters: dict[str, DvStatus] = {}
        self.doors: dict[str, DoorChanged] = {}
        self.histories: dict[str, History] = {}
        self.is_open = False
        self.not_opened: Explanation | None = None
        self._engine: EngineClient | None = None
        self._pending: dict[tuple[str, str], Event] = {}
        self._lock = threading.Lock()
        self._frame = QTimer(self)
        self._frame.setSingleShot(True)
        self._frame.setInterval(FRAME_MILLISECONDS)
        self._frame.timeout.connect(self._flush)
        self._woken.connect(self._frame.start, Qt.ConnectionType.QueuedConnection)
        self._answered.connect(self._on_answer, Qt.ConnectionType.QueuedConnection)

    @property
    def engine(self) -> EngineClient:
        """The engine.

        Raises:
            RuntimeError: the engine is not there yet; see `is_open`.
        """
        if self._engine is None:
            raise RuntimeError("the engine is not there yet")
        return self._engine

    def attach(self, engine: EngineClient) -> None:
        """Open `engine` and follow it."""
        self._engine = engine
        self.when(
            engine.open(self.receive), self, lambda _nothing: self._on_open(), self.tell_not_opened
        )

    def tell_not_opened(self, why: Explanation) -> None:
        """The engine cannot be opened: the window stays, and says so."""
        self.not_opened = why
        self.failed.emit(why)

    def receive(self, event: Event) -> None:
        """Take an event, in whatever thread the engine has."""
        with self._lock:
            asleep = not self._pending
            self._pending[_topic(event)] = event
        if asleep and shiboken6.isValid(self):
            self._woken.emit()

    def when(
        self,
        future: Future[T],
        owner: QObject,
        done: Callable[[T], None] | None = None,
        failed: Callable[[Explanation], None] | None = None,
    ) -> None:
        """Call `done` or `failed` in the GUI thread, unless `owner` is gone by then."""

        def answered(finished: Future[T]) -> None:
            if shiboken6.isValid(self):
                self._answered.emit((finished, owner, done, failed))

        future.add_done_callback(answered)

    def _on_answer(
        self,
        answer: tuple[
            Future[Any],
            QObject,
            Callable[[Any], None] | None,
            Callable[[Explanation], None] | None,
        ],
    ) -> None:
        from concurrent.futures import CancelledError

        future, owner, done, failed = answer
        if not shiboken6.isValid(owner) or future.cancelled():
            return
        error = future.exception()
        if error is None:
            if done is not None:
                done(future.result())
        elif not isinstance(error, CancelledError):
            (failed or self.trouble.emit)(explanation_of(error))

    def _on_open(self) -> None:
        def with_doors(doors: Any) -> None:
            for door in doors:
                self.doors.setdefault(door.door, door)
            self.is_open = True
            self.opened.emit()

        def with_clusters(clusters: Any) -> None:
            for cluster in clusters:
                self.clusters[cluster.cluster_id] = cluster
            self.when(self.engine.doors(), self, with_doors)

        def with_statuses(statuses: Any) -> None:
            for status in statuses:
                self._take(status)
            self.when(self.engine.dv_statuses(), self, with_clusters)

        self.when(self.engine.statuses(), self, with_statuses)

    def _flush(self) -> None:
        from node_manager.events import DoorChanged, NodeChanged, NodeRemoved

        with self._lock:
            events, self._pending = self._pending, {}
        for event in events.values():
            if isinstance(event, NodeChanged):
                self._take(event.status)
                self.node_changed.emit(event.status)
            elif isinstance(event, NodeRemoved):
                self.statuses.pop(event.node_id, None)
                self.histories.pop(event.node_id, None)
                self.node_removed.emit(event.node_id)
            elif isinstance(event, DoorChanged):
                self.doors[event.door] = event
                self.door_changed.emit(event)
            elif cluster_id := _cluster_of(event):
                self._tell_cluster(cluster_id, getattr(event, "status", None))
            else:
                self.told.emit(event)

    def _tell_cluster(self, cluster_id: str, status: DvStatus | None) -> None:
        if status is None:
            self.clusters.pop(cluster_id, None)
            self.cluster_removed.emit(cluster_id)
        else:
            self.clusters[cluster_id] = status
            self.cluster_changed.emit(status)

    def _take(self, status: NodeStatus) -> None:
        from desktop.history import History

        self.statuses[status.node_id] = status
        self.histories.setdefault(status.node_id, History()).add(status, time.time())


def _topic(event: Event) -> tuple[str, str]:
    """What an event is about: a later one on the same topic replaces it."""
    from node_manager.events import DoorChanged, NodeChanged, NodeRemoved

    if isinstance(event, NodeChanged):
        return "node", event.status.node_id
    if isinstance(event, NodeRemoved):
        return "node", event.node_id
    if isinstance(event, DoorChanged):
        return "door", event.door
    if cluster_id := _cluster_of(event):
        return "cluster", cluster_id
    if (alert := getattr(event, "alert", None)) is not None:
        return f"alert {alert.kind}", alert.node_id
    # What one website asks must not take the place of another's question.
    return type(event).__name__, str(getattr(event, "origin", ""))


def _cluster_of(event: Event) -> str:
    """The distributed validator that an event is about; asked without loading what those need."""
    named = getattr(event, "cluster_id", "")
    return str(named or getattr(getattr(event, "status", None), "cluster_id", ""))


def explanation_of(error: BaseException) -> Explanation:
    """The explanation of an error; one that nobody foresaw names its kind and goes to the log."""
    if isinstance(error, OneClickError):
        return error.explanation
    import structlog

    structlog.get_logger(__name__).error("unforeseen error", exc_info=error)
    return Explanation(
        code="unforeseen",
        what="This did not work.",
        why="The reason was not foreseen: {kind}: {text}.",
        todo="Try again; if it happens again, save a support bundle and report it.",
        facts={"kind": type(error).__name__, "text": str(error) or "no text"},
    )
