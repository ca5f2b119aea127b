# SPDX-License-Identifier: Apache-2.0
"""The window with its real engine and bridge: idle connections hold neither of them up."""

from __future__ import annotations

import socket
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from bridge.engine import EngineOptions
from bridge.server.server import MAX_CONNECTIONS
from desktop.context import Context
from desktop.engine.adapter import EngineAdapter
from desktop.engine.link import EngineLink
from desktop.window import MainWindow
from node_manager.layout import Layout
from node_manager.settings import Settings, save
from tests.helpers.app import free_port

IDLE = 1000
ASKED = 20
SOON_SECONDS = 3.0
"""Generous, for a machine that has other work; a bridge that is held up does not answer at all."""


@pytest.fixture
def port(look: None, qtbot: QtBot, layout: Layout) -> Iterator[int]:
    """The bridge's port of an app with its window."""
    settings = Settings()
    settings.bridge.port = free_port()
    settings.orchestrator.embedded = settings.heartbeat.enabled = False
    save(layout.settings, settings)
    link = EngineLink(layout, EngineOptions(layout))
    window = MainWindow(context := Context(EngineAdapter(), layout, "0.1.0"))
    window.may_close = True
    qtbot.addWidget(window)
    window.show()
    with qtbot.waitSignal(context.adapter.opened):
        context.adapter.attach(link)
    yield settings.bridge.port
    window.close()
    link.quit(stop_nodes=True).result(60)


def idle_and_ask(port: int) -> tuple[list[float], int]:
    """Hold idle connections, ask meanwhile: seconds of each answer, and how many are left open."""
    held = [socket.create_connection(("127.0.0.1", port)) for _ in range(IDLE)]
    try:
        took = []
        for _ in range(ASKED):
            begin = time.perf_counter()
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/status", timeout=10) as answer:
                assert answer.status == 200
            took.append(time.perf_counter() - begin)
        return took, sum(is_open(one) for one in held)
    finally:
        for one in held:
            one.close()


def is_open(connection: socket.socket) -> bool:
    """Whether the other side has not closed it."""
    connection.setblocking(False)
    try:
        return connection.recv(1) != b""
    except BlockingIOError:
        return True
    except ConnectionError:
        return False


def test_a_thousand_idle_connections_hold_up_neither_bridge_nor_window(
    port: int, qtbot: QtBot
) -> None:
    ticks: list[float] = []
    timer = QTimer()
    timer.timeout.connect(lambda: ticks.append(time.perf_counter()))
    timer.start(5)
    with ThreadPoolExecutor(1) as thread:
        asking = thread.submit(idle_and_ask, port)
        qtbot.waitUntil(asking.done, timeout=60_000)
    timer.stop()
    took, left = asking.result()
    assert max(took) < SOON_SECONDS
    assert max(after - before for before, after in pairwise(ticks)) < SOON_SECONDS
    assert left <= MAX_CONNECTIONS
