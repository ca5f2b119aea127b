# SPDX-License-Identifier: Apache-2.0
"""A relay that refuses this node is left alone for half an hour, whoever restarts what."""

from __future__ import annotations

import asyncio
import json
import sys
import time

import pytest

from node_manager.obol.charon import failures
from node_manager.obol.status import DvStage, DvStatus
from tests.helpers.dv_bench import Bench, signed_cluster
from tests.unit.obol.recorded import CHARON

pytestmark = [
    pytest.mark.timeout(60),
    pytest.mark.skipif(sys.platform == "win32", reason="charon is for Linux"),
]
REFUSAL = "reservation error: status: RESERVATION_REFUSED reason: error opening relay circuit"
HALF_AN_HOUR = 30 * 60


def said(text: str) -> str:
    return json.dumps({"level": "warn", "msg": text, "topic": "relay"})


def refused(status: DvStatus) -> bool:
    return (
        status.stage is DvStage.BACKOFF
        and status.reason is not None
        and status.reason.code == "relay-refuses"
    )


def minutes_left(status: DvStatus) -> float:
    assert status.next_try is not None
    return (status.next_try - time.time()) / 60


@pytest.fixture
async def lonely(bench: Bench) -> Bench:
    """charon runs, the relay refuses it, and no peer answers."""
    text = (CHARON / "metrics" / "two-of-four-node0.txt").read_text("utf-8")
    alone = bench.root / "alone.txt"
    alone.write_text(
        "\n".join(
            line.replace("} 1", "} 0") if line.startswith("p2p_ping_success") else line
            for line in text.splitlines()
        )
        + "\n"
    )
    bench.plan(
        run=["refused"],
        raw={"refused": [said(REFUSAL)]},
        raw_stays=True,
        readyz=["quorum peers not connected"],
        metrics=str(alone.with_suffix("")),
    )
    await bench.create()
    bench.leave_keys()
    return bench


async def test_a_charon_that_nobody_reaches_is_stopped_for_half_an_hour(lonely: Bench) -> None:
    await lonely.node.start()
    status = await lonely.until(refused)
    assert 29 < minutes_left(status) <= 30
    await lonely.comes(lambda: lonely.node.record.not_before > 0)
    assert not lonely.node.pids()
    assert len(lonely.calls("run")) == 1


async def test_a_charon_whose_peers_answer_runs_on(lonely: Bench) -> None:
    lonely.plan(metrics="two-of-four-node0")
    await lonely.node.start()
    await lonely.until(lambda status: status.figures.peers_alive.current() == 1)
    await asyncio.sleep(0.6)
    assert lonely.node.pids()
    assert not any(refused(status) for status in lonely.history)


async def test_a_ready_charon_is_not_stopped_for_a_refusal(lonely: Bench) -> None:
    lonely.plan(readyz=["ok"])
    await lonely.node.start()
    await lonely.stage(DvStage.RUNNING)
    await asyncio.sleep(0.6)
    assert lonely.node.pids()


async def test_a_restart_of_the_app_does_not_shorten_it(lonely: Bench) -> None:
    await lonely.node.start()
    await lonely.comes(lambda: lonely.node.record.not_before > 0)
    await lonely.manager.close(stop_nodes=False)
    lonely.over_again()
    await lonely.manager.open()
    status = await lonely.until(refused)
    assert 29 < minutes_left(status) <= 30
    assert len(lonely.calls("run")) == 1


async def test_stopping_and_starting_does_not_shorten_it(lonely: Bench) -> None:
    await lonely.node.start()
    await lonely.comes(lambda: lonely.node.record.not_before > 0)
    await lonely.node.stop()
    assert lonely.status.stage is DvStage.STOPPED
    lonely.history.clear()
    await lonely.node.start()
    await lonely.until(refused)
    assert len(lonely.calls("run")) == 1


async def test_after_it_charon_is_started_again(
    lonely: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lonely.node.start()
    await lonely.comes(lambda: lonely.node.record.not_before > 0)
    await lonely.node.stop()
    lonely.plan(run=["ok-node0"], readyz=["ok"])
    over_at = time.time() + 1
    await lonely.node._desk.remember(not_before=over_at)
    lonely.history.clear()
    await lonely.node.start()
    await lonely.stage(DvStage.RUNNING)
    assert lonely.calls("run")[1]["at"] >= over_at


async def test_a_refused_ceremony_waits_as_long_also_over_a_restart(bench: Bench) -> None:
    recorded = (CHARON / "dkg" / "wait-sigterm-node0.stderr.jsonl").read_text().splitlines()
    before = [line for line in recorded if "Connected to peer" not in line]
    until = next(at for at, line in enumerate(before) if "Waiting to connect" in line)
    hash_line = [line for line in before[:until] if "definition_hash" not in line]
    bench.plan(dkg=["refused"], raw={"refused": [*hash_line, said(REFUSAL)]}, raw_stays=True)
    await bench.create()
    bench.api.add(signed_cluster().raw())
    await bench.node.start()
    status = await bench.until(refused)
    assert 29 < minutes_left(status) <= 30
    await bench.comes(lambda: bench.node.record.not_before > 0)
    await bench.manager.close(stop_nodes=True)
    bench.over_again()
    await bench.manager.open(start_wanted=False)
    await bench.node.start(until=DvStage.STARTING)
    assert 29 < minutes_left(await bench.until(refused)) <= 30
    assert len(bench.calls("dkg")) == 1


def test_the_remembered_refusal_says_how_long() -> None:
    told = failures.relay_refusal()
    assert told.delay == HALF_AN_HOUR and "30 minutes" in str(told.explanation)
