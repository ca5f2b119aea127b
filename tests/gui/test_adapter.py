# SPDX-License-Identifier: Apache-2.0
"""Events of the engine's thread reach widgets a frame at a time; gone widgets are left alone."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace

import pytest
import shiboken6
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from desktop.engine.adapter import EngineAdapter
from node_manager.errors import UnknownNode
from node_manager.events import DoorChanged, NodeChanged, NodeRemoved
from node_manager.explanation import Explanation
from node_manager.state import NodeStatus
from tests.helpers import samples
from tests.helpers.fake_engine import FakeEngine


@pytest.fixture
def adapter(qtbot: QtBot) -> EngineAdapter:
    return EngineAdapter()


def test_a_burst_within_a_frame_is_told_once_with_the_newest(
    adapter: EngineAdapter, qtbot: QtBot
) -> None:
    engine = FakeEngine([samples.signing()])
    with qtbot.waitSignal(adapter.opened):
        adapter.attach(engine)
    told: list[NodeStatus] = []
    adapter.node_changed.connect(told.append)
    for pid in range(1000):
        engine.publish(NodeChanged(replace(samples.signing(), pid=pid)))
    qtbot.waitUntil(lambda: bool(told) and told[-1].pid == 999)
    assert len(told) < 100


def test_nodes_and_doors_do_not_replace_one_another(adapter: EngineAdapter, qtbot: QtBot) -> None:
    engine = FakeEngine()
    with qtbot.waitSignal(adapter.opened):
        adapter.attach(engine)
    other = replace(samples.signing(), node_id="other")
    for event in (
        NodeChanged(samples.signing()),
        NodeChanged(other),
        DoorChanged("bridge", "ok", "", None),
        DoorChanged("heartbeat", "ok", "", None),
    ):
        engine.publish(event)
    qtbot.waitUntil(lambda: len(adapter.statuses) == 2 and len(adapter.doors) == 2)


def test_a_removed_node_is_forgotten(adapter: EngineAdapter, qtbot: QtBot) -> None:
    engine = FakeEngine([samples.signing()])
    with qtbot.waitSignal(adapter.opened):
        adapter.attach(engine)
    with qtbot.waitSignal(adapter.node_removed):
        engine.publish(NodeRemoved(samples.signing().node_id))
    assert not adapter.statuses


def test_an_answer_for_a_widget_that_is_gone_goes_nowhere(
    adapter: EngineAdapter, qtbot: QtBot
) -> None:
    owner, future, reached = QObject(), Future[int](), []
    adapter.when(future, owner, reached.append)
    shiboken6.delete(owner)
    future.set_result(1)
    qtbot.wait(40)
    assert not reached


def test_a_refusal_reaches_who_asked(adapter: EngineAdapter, qtbot: QtBot) -> None:
    owner, reasons = QObject(), list[Explanation]()
    future: Future[None] = Future()
    adapter.when(future, owner, None, reasons.append)
    future.set_exception(UnknownNode(node_id="x"))
    qtbot.waitUntil(lambda: bool(reasons))
    assert reasons[0].code == UnknownNode.code


@pytest.mark.logs("unforeseen error")
def test_an_unforeseen_error_is_explained_and_logged(adapter: EngineAdapter, qtbot: QtBot) -> None:
    owner, future = QObject(), Future[None]()
    with qtbot.waitSignal(adapter.trouble) as told:
        adapter.when(future, owner)
        future.set_exception(ValueError("odd"))
    assert told.args is not None
    assert "ValueError: odd" in str(told.args[0])


def test_an_engine_that_does_not_open_is_told(adapter: EngineAdapter, qtbot: QtBot) -> None:
    engine = FakeEngine()
    engine.failures["open"] = UnknownNode(node_id="x")
    with qtbot.waitSignal(adapter.failed):
        adapter.attach(engine)
    assert not adapter.is_open
