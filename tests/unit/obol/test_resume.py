# SPDX-License-Identifier: Apache-2.0
"""Killed anywhere between two steps, it goes on, and no cluster gets keys twice."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from node_manager.obol.ceremony import artefacts
from node_manager.obol.keys.keyfile import KEY_FILE
from node_manager.obol.status import DvStage
from tests.helpers.dv_bench import KEYS, Bench, signed_cluster

pytestmark = [
    pytest.mark.timeout(60),
    pytest.mark.skipif(sys.platform == "win32", reason="charon is for Linux"),
]


async def killed(bench: Bench) -> None:
    """The app is gone without a word, and started again: it goes on with what was wanted."""
    record = bench.node.folder.record
    await bench.manager.close(stop_nodes=True)
    record.write_text(json.dumps(json.loads(record.read_text()) | {"wanted": True}))
    bench.over_again()
    await bench.manager.open()


async def test_killed_between_ceremony_and_run_it_runs_with_the_lock_it_has(bench: Bench) -> None:
    await bench.create(ask=True)
    definition = signed_cluster().raw()
    bench.api.add(definition)
    await bench.node.start(until=DvStage.STARTING)
    waits = await bench.stage(DvStage.CONFIRM)
    assert waits.cluster is not None
    await bench.node.confirm(waits.cluster.definition_hash)
    await bench.node.stop()
    bench.leave_keys()  # the ceremony's last act before the app was killed
    lock = bench.node.folder.lock.read_bytes()
    await killed(bench)
    await bench.stage(DvStage.RUNNING)
    assert not bench.calls("dkg")
    assert len(bench.calls("run")) == 1
    assert bench.node.folder.lock.read_bytes() == lock


async def test_a_ceremony_that_outlived_the_app_is_taken_over_and_not_repeated(
    bench: Bench,
) -> None:
    bench.plan(dkg=["wait-sigterm-node0", "ok-node0"])
    await bench.create()
    bench.api.add(signed_cluster().raw())
    await bench.node.start()
    await bench.until(lambda status: status.ceremony is not None and bool(status.ceremony.peers))
    await bench.manager.close(stop_nodes=False)
    bench.over_again()
    await bench.manager.open()
    await bench.until(lambda status: status.ceremony is not None and bool(status.ceremony.peers))
    assert len(bench.calls("dkg")) == 1


async def test_a_lock_that_is_gone_does_not_make_way_for_a_second_ceremony(bench: Bench) -> None:
    await bench.create()
    definition = signed_cluster().raw()
    bench.api.add(definition)
    bench.leave_keys()
    await bench.node.start(until=DvStage.STARTING)
    await bench.comes(lambda: bench.node.record.verified_lock)
    await bench.manager.close(stop_nodes=True)
    bench.node.folder.lock.unlink()
    bench.over_again()
    await bench.manager.open(start_wanted=False)
    await bench.node.start(until=DvStage.STARTING)
    status = await bench.stage(DvStage.FAILED)
    assert status.reason is not None and status.reason.code == "cluster-lock-lost"
    assert not bench.calls("dkg")
    assert (bench.node.folder.keystores / "keystore-0.json").exists()


async def test_killed_in_the_archive_nothing_is_lost_and_the_rest_follows(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.create()
    folder = bench.node.folder
    folder.keystores.mkdir()
    (folder.keystores / "keystore-0.json").write_text("{}")
    (folder.charon / "deposit-data.json").write_text("[]")
    whole = Path.rename
    moved: list[Path] = []

    def killed_after_the_first(path: Path, target: Path) -> Path:
        if moved:
            raise KeyboardInterrupt
        moved.append(path)
        return whole(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", killed_after_the_first)
        with pytest.raises(KeyboardInterrupt):
            artefacts.archive_leftovers(folder)
    assert (folder.charon / "deposit-data.json").exists()
    bench.api.add(signed_cluster().raw())
    await bench.node.start(until=DvStage.STARTING)
    await bench.comes(lambda: bench.node.record.verified_lock)
    archived = {path.name for path in folder.archive.rglob("*") if path.is_file()}
    assert archived == {"keystore-0.json", "deposit-data.json"}
    assert (folder.charon / KEY_FILE).read_text() == KEYS[0].hex()


async def test_a_ceremony_that_was_published_meanwhile_is_not_begun_after_a_restart(
    bench: Bench,
) -> None:
    await bench.create(backup=False)
    raw = signed_cluster().raw()
    bench.api.add(raw)
    await bench.node.start()
    await bench.stage(DvStage.BACKUP)
    bench.api.locks[raw["config_hash"]] = {"lock_hash": "0x00"}
    await killed(bench)
    status = await bench.stage(DvStage.FAILED)
    assert status.reason is not None and status.reason.code == "cluster-lock-exists"
    assert not bench.calls("dkg")
