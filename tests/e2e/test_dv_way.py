# SPDX-License-Identifier: Apache-2.0
"""The whole way with a stand-in made of recordings: not charon; `dv_cluster` runs the real one."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from node_manager.history.recorder import HistoryRecorder, Span
from node_manager.keys.protection import Passphrase
from node_manager.obol.charon import failures
from node_manager.obol.keys import key_lock
from node_manager.obol.keys.keyfile import KEY_FILE
from node_manager.obol.manager import DvManager
from node_manager.obol.past import ClusterSource
from node_manager.obol.status import DvStage
from node_manager.state import StepState
from tests.e2e.dv_cluster import PASSPHRASE
from tests.helpers.dv_bench import KEYS, Bench, dv_bench, signed_cluster
from tests.helpers.dv_material import Cluster
from tests.helpers.obol_api import Fault

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(sys.platform == "win32", reason="charon is for Linux"),
]


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    return signed_cluster()


@pytest.fixture
async def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    async with dv_bench(tmp_path, monkeypatch) as one:
        yield one


async def test_from_the_enr_to_ready(bench: Bench, cluster: Cluster) -> None:
    await bench.create()
    past = HistoryRecorder(ClusterSource(bench.layout), bench.manager.broadcast)
    past.start()
    nobody = Cluster(cluster.enrs, threshold=2)
    bench.api.add(nobody.raw())
    await bench.node.start()
    invited = await bench.until(lambda status: bool(status.wait.invites))
    assert len(invited.wait.invites[0].missing) == 3
    for number in range(3):
        nobody.signed.add(number)
        bench.api.add(nobody.raw())
        left = 2 - number
        if left:
            await bench.until(
                lambda status, left=left: (
                    bool(status.wait.invites) and len(status.wait.invites[0].missing) == left
                )
            )
    verified = await bench.until(lambda status: status.cluster is not None)
    assert verified.cluster is not None
    assert verified.cluster.validators[0].withdrawal.lower().endswith("dead")
    ready = await bench.stage(DvStage.RUNNING)
    assert all(step.state is StepState.DONE for step in ready.steps)
    assert ready.figures.ready.current() is True
    told = await bench.until(lambda s: s.figures.duties_succeeded.current() is not None)
    assert told.figures.duties_succeeded.value == 19
    kept = (await past.read(bench.cluster_id, Span.DAY)).series
    await past.close()
    assert kept["peers_alive"] == (3.0,) and 0 < (kept["ping_2"][0] or 0) < 0.01
    assert [row.enr_ready and row.signed for row in told.operators] == [True] * 3
    flags = bench.calls("run")[0]["flags"]
    assert "private-key-file-lock" in flags
    folder = bench.node.folder
    assert (folder.charon / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert (folder.keystores / "keystore-0.txt").stat().st_mode & 0o777 == 0o400


async def test_no_ceremony_before_the_key_has_a_backup(bench: Bench, cluster: Cluster) -> None:
    await bench.create(backup=False)
    bench.api.add(cluster.raw())
    await bench.node.start()
    status = await bench.stage(DvStage.BACKUP)
    assert status.reason is not None and status.reason.code == "enr-backup-first"
    await asyncio.sleep(0.3)
    assert not bench.calls("dkg")
    await bench.node.back_up_key(bench.root / "later.json", Passphrase(PASSPHRASE))
    await bench.until(lambda status: status.stage is DvStage.STARTING)
    assert len(bench.calls("dkg")) == 1


async def test_a_published_lock_never_starts_a_second_ceremony(
    bench: Bench, cluster: Cluster
) -> None:
    await bench.create()
    raw = cluster.raw()
    bench.api.add(raw)
    bench.api.locks[raw["config_hash"]] = {"lock_hash": "0x00"}
    await bench.node.start()
    status = await bench.stage(DvStage.FAILED)
    assert status.reason is not None and status.reason.code == "cluster-lock-exists"
    assert not bench.calls("dkg")


async def test_a_forged_signature_starts_nothing(bench: Bench, cluster: Cluster) -> None:
    await bench.create()
    raw = cluster.raw()
    raw["operators"][1]["config_signature"] = raw["operators"][0]["config_signature"]
    bench.api.add(raw)
    await bench.node.start()
    status = await bench.until(
        lambda s: s.reason is not None and s.reason.code == "cluster-verification-refused"
    )
    assert any(check.state == "failed" for check in status.checks)
    bench.api.add(cluster.raw())
    await bench.stage(DvStage.DKG)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("midceremony-peer-lost-node2", "dkg-peer-lost"),
        ("midceremony-survivor-stuck-node0", "dkg-restarted"),
        ("midceremony-restarted-node1", "dkg-connection"),
        ("fail-key-lock-recent", "key-in-use"),
        ("fail-dirty-data-dir", "dkg-folder-not-clean"),
    ],
)
async def test_a_ceremony_that_can_heal_is_begun_anew_after_six_seconds(
    bench: Bench, cluster: Cluster, name: str, code: str
) -> None:
    bench.plan(dkg=[name, "ok-node0"])
    await bench.create()
    bench.api.add(cluster.raw())
    await bench.node.start()
    waiting = await bench.stage(DvStage.BACKOFF)
    assert waiting.reason is not None and waiting.reason.code == code
    assert waiting.next_try is not None
    assert waiting.next_try - time.time() > failures.KEY_LOCK_SECONDS - 1
    if code != "dkg-restarted":  # one waits in earnest for all of them
        return
    await bench.stage(DvStage.STARTING, 40)
    first, second = bench.calls("dkg")
    assert second["at"] - first["at"] >= failures.KEY_LOCK_SECONDS


@pytest.mark.parametrize(
    ("name", "line", "code"),
    [
        ("fail-wrong-key", None, "enr-not-in-cluster"),
        ("fail-no-key", None, "enr-key-gone"),
        (
            "versions",
            "mismatching charon version; expect=v1.10, got=v1.9",
            "charon-versions-differ",
        ),
        ("permission", "open x: permission denied", "charon-permission"),
    ],
)
async def test_a_ceremony_that_cannot_heal_is_not_repeated(
    bench: Bench, cluster: Cluster, name: str, line: str | None, code: str
) -> None:
    bench.plan(dkg=[name])
    if line is not None:
        bench.plan(raw={name: [failure(line)]})
    await bench.create()
    bench.api.add(cluster.raw())
    await bench.node.start()
    status = await bench.stage(DvStage.FAILED)
    assert status.reason is not None
    assert status.reason.facts["cause"] == code
    await asyncio.sleep(0.3)
    assert len(bench.calls("dkg")) == 1


async def test_waiting_for_peers_says_whom_it_misses_and_can_be_cancelled(
    bench: Bench, cluster: Cluster
) -> None:
    bench.plan(dkg=["wait-sigterm-node0", "ok-node0"])
    await bench.create()
    bench.api.add(cluster.raw())
    await bench.node.start()
    status = await bench.until(
        lambda s: s.ceremony is not None and sum(p.connected for p in s.ceremony.peers) == 2
    )
    assert status.ceremony is not None
    assert "jealous-money" in status.ceremony.note and "without end" in status.ceremony.note
    await bench.node.stop()
    assert bench.status.stage is DvStage.STOPPED
    assert not bench.node.folder.lock.exists()
    assert bench.node.folder.key.exists()


async def test_a_relays_refusal_is_respected_for_half_an_hour_also_after_a_restart(
    bench: Bench, cluster: Cluster
) -> None:
    refusal = "reservation error: status: RESERVATION_REFUSED reason: error opening relay circuit"
    bench.plan(run=["refused"], raw={"refused": [warning(refusal), failure("relay refused")]})
    await bench.create()
    bench.api.add(cluster.raw())
    await bench.node.start()
    status = await bench.until(
        lambda s: (
            s.stage is DvStage.BACKOFF and s.reason is not None and s.reason.code == "relay-refuses"
        ),
        40,
    )
    assert status.next_try is not None and status.next_try - time.time() > 29 * 60
    await asyncio.sleep(0.2)
    assert bench.node.record.not_before - time.time() > 29 * 60
    assert len(bench.calls("run")) == 1


@pytest.mark.parametrize(
    ("name", "code", "heals"),
    [
        ("fail-missing-lock", "lock-missing", False),
        ("fail-missing-key", "enr-key-gone", False),
        ("fail-wrong-key", "enr-not-in-cluster", False),
        ("fail-tampered-lock", "lock-changed", False),
        ("fail-garbage-lock", "lock-damaged", False),
        ("fail-wrong-network-bn", "beacon-other-network", False),
        ("fail-badflag", "charon-flag", False),
        ("fail-no-beacon", "beacon-none", False),
        ("fail-bad-beacon", "beacon-down", True),
        ("fail-port-vapi", "charon-port-taken", True),
        ("fail-port-mon", "charon-port-taken", True),
        ("fail-p2p-port-taken-by-other", "charon-port-taken", True),
        ("fail-dead-relay", "relays-dead", True),
        ("fail-right-after-dkg", "key-in-use", True),
        ("fail-twice-same-key", "key-in-use", True),
    ],
)
async def test_every_recorded_end_of_charon_is_told_in_words(
    bench: Bench, name: str, code: str, heals: bool
) -> None:
    bench.plan(run=[name], speed=100)
    await bench.create()
    bench.leave_keys()
    await bench.node.start()
    stage = DvStage.BACKOFF if heals else DvStage.FAILED
    status = await bench.stage(stage)
    assert status.reason is not None and status.reason.code == code
    what, _, todo = status.reason.filled()
    assert what and todo and "unknown" not in what


async def test_a_killed_charon_comes_back_and_never_within_six_seconds(bench: Bench) -> None:
    await bench.run()
    killed = time.time()
    os.kill(bench.node.pids()["charon"], signal.SIGKILL)
    await bench.stage(DvStage.BACKOFF)
    bench.history.clear()
    await bench.stage(DvStage.RUNNING)
    again = bench.calls("run")[1]["at"]
    assert again - killed >= key_lock.STALE_SECONDS - 1.5


async def test_what_runs_is_taken_over_by_the_next_run_of_the_app(bench: Bench) -> None:
    await bench.run()
    pid = bench.node.pids()["charon"]
    await bench.manager.close(stop_nodes=False)
    os.kill(pid, 0)
    later = DvManager(bench.layout, bench.manager.broadcast)
    bench.history.clear()
    await later.open()
    bench.manager = later
    await bench.stage(DvStage.RUNNING)
    assert bench.node.pids()["charon"] == pid
    assert len(bench.calls("run")) == 1


async def test_a_lock_that_was_changed_starts_nothing(bench: Bench) -> None:
    await bench.create()
    bench.leave_keys()
    lock = bench.node.folder.lock
    lock.chmod(0o600)
    raw = json.loads(lock.read_text())
    raw["cluster_definition"]["validators"][0]["withdrawal_address"] = "0x" + "22" * 20
    lock.write_text(json.dumps(raw))
    await bench.node.start()
    status = await bench.stage(DvStage.FAILED)
    assert status.reason is not None and status.reason.code == "cluster-verification-refused"
    assert not bench.calls("run")


async def test_a_lock_of_another_definition_than_was_checked_starts_nothing(
    bench: Bench, cluster: Cluster
) -> None:
    await bench.create()
    bench.leave_keys()
    other = Cluster(cluster.enrs, threshold=2, name="another").sign_all()
    bench.node.folder.definition.write_text(json.dumps(other.raw()))
    await bench.node.start()
    status = await bench.stage(DvStage.FAILED)
    assert status.reason is not None and status.reason.code == "cluster-verification-refused"
    assert not bench.calls("run")


async def test_another_operators_key_shares_start_nothing(bench: Bench) -> None:
    await bench.create()
    bench.leave_keys(1)
    await bench.node.start()
    status = await bench.stage(DvStage.FAILED)
    assert status.reason is not None and status.reason.code == "dkg-artefacts-wrong"
    assert not bench.calls("run")


async def test_leftovers_go_to_the_archive_and_the_key_never_does(
    bench: Bench, cluster: Cluster
) -> None:
    await bench.create()
    charon = bench.node.folder.charon
    (charon / "validator_keys").mkdir()
    (charon / "validator_keys" / "keystore-0.json").write_text("{}")
    (charon / "deposit-data.json").write_text("[]")
    bench.api.add(cluster.raw())
    await bench.node.start()
    await bench.stage(DvStage.STARTING)
    archived = {path.name for path in bench.node.folder.archive.rglob("*") if path.is_file()}
    assert archived == {"keystore-0.json", "deposit-data.json"}
    assert (charon / KEY_FILE).read_text() == KEYS[0].hex()


async def test_an_api_with_faults_only_delays(bench: Bench, cluster: Cluster) -> None:
    await bench.create()
    bench.api.add(cluster.raw())
    bench.api.faults.extend(
        [
            Fault(500),
            Fault(429, headers={"Retry-After": "1"}),
            Fault(200, body="<html>"),
            Fault(200, body='{"odd": 1}'),
            Fault(answers=True, delay=0.5),
        ]
    )
    began = time.monotonic()
    await bench.node.start()
    await bench.stage(DvStage.DKG)
    assert time.monotonic() - began > 1


def failure(text: str) -> str:
    return json.dumps({"level": "error", "msg": f"Application failed to start: {text}"})


def warning(text: str) -> str:
    return json.dumps({"level": "warn", "msg": text, "topic": "relay"})
