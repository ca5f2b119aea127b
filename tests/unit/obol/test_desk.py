# SPDX-License-Identifier: Apache-2.0
"""What is remembered is on disk in the order in which it was decided, whoever gives up waiting."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from node_manager.events import Broadcast
from node_manager.layout import Layout
from node_manager.obol import desk as desk_module
from node_manager.obol.desk import Desk
from node_manager.obol.record import DvRecord, load_record, save_record
from node_manager.obol.settings import read_settings


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    settings = read_settings({"charon": {"operatorAddress": "0x" + "12" * 20}})
    record = DvRecord(id="one", name="One", created_at=1.0, settings=settings)
    layout = Layout(data=tmp_path / "data", cache=tmp_path / "cache")
    return Desk(layout, record, Broadcast())


async def test_the_newest_is_written_last_also_when_an_older_write_dawdles(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses = [0.2, 0.0]

    def dawdle(file: Path, record: DvRecord) -> None:
        time.sleep(pauses.pop(0))
        save_record(file, record)

    monkeypatch.setattr(desk_module, "save_record", dawdle)
    await asyncio.gather(desk.remember(not_before=5.0), desk.remember(confirmed="0x12"))
    found = load_record(desk.folder.record)
    assert (found.not_before, found.confirmed) == (5.0, "0x12")


async def test_who_gives_up_waiting_does_not_undo_the_decision(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dawdle(file: Path, record: DvRecord) -> None:
        time.sleep(0.1)
        save_record(file, record)

    monkeypatch.setattr(desk_module, "save_record", dawdle)
    waiting = asyncio.create_task(desk.remember(verified_lock="ab"))
    await asyncio.sleep(0.02)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await desk.settle()
    assert load_record(desk.folder.record).verified_lock == "ab"
