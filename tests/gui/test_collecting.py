# SPDX-License-Identifier: Apache-2.0
"""Where garbage is looked for while the window lives."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from pytestqt.qtbot import QtBot

from desktop.collecting import Collector


class Tied:
    """Garbage that only a search finds: it names itself."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def collector(qtbot: QtBot) -> Iterator[Collector]:
    gc.enable()
    made = Collector(None)
    yield made
    made.close()


def test_what_another_thread_leaves_is_freed_on_qts(collector: Collector, qtbot: QtBot) -> None:
    freed_on: list[threading.Thread] = []

    def leave(count: int) -> None:
        for _ in range(count):
            weakref.finalize(Tied(), lambda: freed_on.append(threading.current_thread()))

    with ThreadPoolExecutor(1) as thread:
        thread.submit(leave, 20_000).result()
    assert freed_on == []

    qtbot.waitUntil(lambda: len(freed_on) == 20_000, timeout=15_000)

    assert set(freed_on) == {threading.current_thread()}


def test_what_the_start_made_is_not_looked_through_again(
    collector: Collector, qtbot: QtBot
) -> None:
    kept = Tied()
    qtbot.waitUntil(lambda: gc.get_freeze_count() > 0, timeout=15_000)
    assert not any(one is kept for one in gc.get_objects())
    collector.close()
    assert any(one is kept for one in gc.get_objects())
