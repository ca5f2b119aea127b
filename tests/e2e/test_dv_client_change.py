# SPDX-License-Identifier: Apache-2.0
"""Another validator client: never beside the one before, and never without its record."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from node_manager.obol.clients.errors import RecordNotCarried
from node_manager.obol.clients.signing_record import holder
from node_manager.obol.errors import StillRunning
from node_manager.obol.settings import DvSettings
from node_manager.obol.status import DvStage
from tests.helpers import vc_standin
from tests.helpers.dv_bench import Bench, dv_bench

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(sys.platform == "win32", reason="charon is for Linux"),
]


@pytest.fixture
async def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    programs = tmp_path / "clients"
    for kind in ("lighthouse", "teku"):
        vc_standin.install(programs, kind)
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)
    async with dv_bench(tmp_path, monkeypatch) as one:
        one.settings["charon"]["simnetValidatorMock"] = False
        await one.create()
        one.leave_keys()
        yield one


def told(bench: Bench, what: str) -> list[dict[str, Any]]:
    return [one for one in vc_standin.journal(bench.root / "clients") if one["what"] == what]


def with_client(bench: Bench, kind: str) -> DvSettings:
    settings = bench.node.settings
    client = settings.validator_client.model_copy(update={"kind": kind})
    return settings.model_copy(update={"validator_client": client})


async def rest(bench: Bench) -> None:
    """Stop it; charon's key lock is taken away, so that the next start need not wait for it."""
    await bench.node.stop()
    bench.node.folder.key_lock.unlink(missing_ok=True)


async def runs(bench: Bench, kind: str, count: int = 1) -> None:
    """Wait until this client has started for the `count`-th time and signed something."""

    def signs() -> bool:
        started = [one for one in told(bench, "start") if one["kind"] == kind]
        record = bench.node.folder.client / kind / "slots.json"
        return len(started) == count and len(record.read_text()) > 12

    await bench.comes(signs)


def never_both(bench: Bench) -> None:
    """Each client ended before the next one began, and that one knew all that was signed."""
    signed: list[int] = []
    running = ""
    for one in vc_standin.journal(bench.root / "clients"):
        if one["what"] == "start":
            assert not running, f"{one['kind']} began beside {running}"
            assert set(signed) <= set(one["knows"])
            running = one["kind"]
        elif one["what"] == "end":
            assert running == one["kind"]
            running, signed = "", one["signed"]


async def test_the_client_is_changed_only_at_rest_and_takes_the_record_along(bench: Bench) -> None:
    await bench.node.start()
    await runs(bench, "lighthouse")
    with pytest.raises(StillRunning):
        await bench.node.change_settings(with_client(bench, "teku"))
    await rest(bench)
    await bench.node.change_settings(with_client(bench, "teku"))
    assert bench.status.client == "teku"
    await bench.node.start()
    await runs(bench, "teku")
    await rest(bench)
    await bench.node.change_settings(with_client(bench, "lighthouse"))
    await bench.node.start()
    await runs(bench, "lighthouse", 2)
    await rest(bench)
    assert len(told(bench, "start")) == len(told(bench, "end")) == 3
    never_both(bench)


async def test_a_start_in_the_middle_of_the_change_waits_for_it(bench: Bench) -> None:
    await bench.node.start()
    await runs(bench, "lighthouse")
    await rest(bench)
    changing = asyncio.create_task(bench.node.change_settings(with_client(bench, "teku")))
    await asyncio.sleep(0.01)
    await bench.node.start()
    await changing
    await runs(bench, "teku")
    await rest(bench)
    assert [one["kind"] for one in told(bench, "start")] == ["lighthouse", "teku"]
    never_both(bench)


async def test_a_client_that_an_earlier_run_of_the_app_left_is_ended_first(bench: Bench) -> None:
    await bench.node.start()
    await runs(bench, "lighthouse")
    await bench.manager.close(stop_nodes=False)
    assert not told(bench, "end")
    bench.over_again()
    await bench.manager.open(start_wanted=False)
    await bench.node.change_settings(with_client(bench, "teku"))
    assert len(told(bench, "end")) == 1
    await bench.node.start()
    await runs(bench, "teku")
    await rest(bench)
    never_both(bench)


@pytest.mark.parametrize("act", ["export", "import"])
async def test_without_the_record_the_client_stays(bench: Bench, act: str) -> None:
    await bench.node.start()
    await runs(bench, "lighthouse")
    await rest(bench)
    (bench.root / "clients" / f"{act}-fails").touch()
    with pytest.raises(RecordNotCarried, match="malformed"):
        await bench.node.change_settings(with_client(bench, "teku"))
    assert bench.status.client == bench.node.settings.validator_client.kind == "lighthouse"
    assert holder(bench.node.folder) == "lighthouse"


async def test_a_record_edited_by_hand_starts_no_other_client(bench: Bench) -> None:
    await bench.node.start()
    await runs(bench, "lighthouse")
    await bench.manager.close(stop_nodes=False)
    file = bench.node.folder.record
    record = json.loads(file.read_text())
    record["settings"]["validatorClient"]["kind"] = "teku"
    file.write_text(json.dumps(record))
    bench.over_again()
    await bench.manager.open()
    status = await bench.stage(DvStage.FAILED)
    assert status.reason is not None and status.reason.code == "vc-record-not-carried"
    assert len(told(bench, "end")) == 1
    assert [one["kind"] for one in told(bench, "start")] == ["lighthouse"]


async def test_a_client_that_never_signed_is_changed_without_its_program(bench: Bench) -> None:
    os.remove(bench.root / "clients" / "lighthouse")
    await bench.node.change_settings(with_client(bench, "teku"))
    await bench.node.start()
    await runs(bench, "teku")
    assert not told(bench, "export")
