# SPDX-License-Identifier: Apache-2.0
"""The app asks by itself once a day, and calls its person once for a version."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from node_manager.alerts.alert import AlertCleared, AlertKind, AlertRaised
from node_manager.alerts.watch import AlertWatch
from node_manager.events import Broadcast, Event
from node_manager.layout import Layout
from node_manager.updates import source as source_of_build
from node_manager.updates import watch as watching
from node_manager.updates.watch import UpdatesChanged, UpdateWatch
from tests.helpers.update_material import NOON, document, source
from tests.unit.downloads.file_server import FileServer


class Run:
    """One run of the app, from its start to its end."""

    def __init__(self, layout: Layout) -> None:
        self.told: list[Event] = []
        self.wanted, self.silenced = True, list[str]()
        broadcast = Broadcast()
        broadcast.subscribe(self.told.append)
        self.alerts = AlertWatch(broadcast, lambda: self.silenced)
        self.watch = UpdateWatch(
            layout, broadcast, self.alerts, lambda: self.wanted, first_after=0.0
        )

    def calls(self) -> list[bool]:
        """Whether the person was called, for each time that an alert was raised."""
        return [event.notify for event in self.told if isinstance(event, AlertRaised)]

    async def until(self, seen: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not seen():
                await asyncio.sleep(0.01)


@pytest.fixture
def build(server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A build that names the server."""
    (tmp_path / "resources").mkdir()
    file = tmp_path / "resources" / "updates.json"
    file.write_text(source(server.url()).model_dump_json())
    monkeypatch.setattr(source_of_build, "source_file", lambda: file)
    monkeypatch.setattr(watching, "resources", lambda: file.parent)
    return file


async def test_a_newer_version_calls_once_and_stands(build: Path, layout: Layout) -> None:
    run = Run(layout)
    run.watch.start()
    await run.until(run.calls)
    await run.watch.check()
    run.watch.look()
    await run.watch.close()
    assert run.calls() == [True]
    (alert,) = run.alerts.active()
    assert alert.kind is AlertKind.NEWER_VERSION
    assert not alert.urgent
    assert "Version 0.2.0 of the app is out." in str(alert.explanation)
    assert any(isinstance(event, UpdatesChanged) for event in run.told)


async def test_the_next_start_does_not_call_for_it_again(
    build: Path, layout: Layout, server: FileServer
) -> None:
    for called in (True, False):
        run = Run(layout)
        run.watch.start()
        await run.until(run.calls)
        await asyncio.sleep(0.1)
        await run.watch.close()
        assert run.calls() == [called]
    assert len(server.asked) == 1, "once a day, whatever the starts"


async def test_yet_a_newer_one_calls_again(build: Path, layout: Layout, server: FileServer) -> None:
    first = Run(layout)
    await first.watch.check()
    server.content = document("0.3.0", date=NOON + timedelta(days=1))
    later = Run(layout)
    await later.watch.check()
    assert later.calls() == [True]
    server.content = document("0.4.0", date=NOON + timedelta(days=2))
    await later.watch.check()
    assert "0.4.0" in str(later.alerts.active()[0].explanation)


async def test_it_can_be_silenced(build: Path, layout: Layout) -> None:
    run = Run(layout)
    run.silenced = ["newer-version"]
    await run.watch.check()
    assert run.calls() == [False]


async def test_a_version_that_is_not_safe_any_more_says_so(
    build: Path, layout: Layout, server: FileServer
) -> None:
    server.content = document(minimum="0.1.1")
    run = Run(layout)
    await run.watch.check()
    assert "not held for safe any more" in str(run.alerts.active()[0].explanation)


async def test_switched_off_it_asks_nobody_and_what_stood_is_over(
    build: Path, layout: Layout, server: FileServer
) -> None:
    run = Run(layout)
    run.wanted = False
    run.watch.start()
    await asyncio.sleep(0.1)
    await run.watch.close()
    assert server.asked == []
    run.wanted = True
    await run.watch.check()
    run.wanted = False
    run.watch.look()
    assert [type(event) for event in run.told][-1] is AlertCleared
    assert run.alerts.active() == []


async def test_a_checkout_starts_nothing(layout: Layout) -> None:
    run = Run(layout)
    run.watch.start()
    run.alerts.look()
    await run.watch.close()
    assert run.told == []


def test_nothing_of_it_is_loaded_with_the_engine() -> None:
    told = subprocess.run(
        [
            sys.executable, "-c",
            "import json, sys, bridge.engine; print(json.dumps(sorted(sys.modules)))",
        ],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    loaded = {name for name in json.loads(told.stdout) if name.startswith("node_manager.updates")}
    assert loaded == {"node_manager.updates", "node_manager.updates.watch"}
