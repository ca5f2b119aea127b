# SPDX-License-Identifier: Apache-2.0
"""A lost computer's node comes back from its backup, on one computer only, and never half."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from node_manager.explanation import OneClickError
from node_manager.keys.errors import BackupBesideKey
from node_manager.keys.protection import Passphrase
from node_manager.layout import Layout
from node_manager.obol.folder import clusters
from node_manager.obol.keys import cluster_backup, enr_backup
from node_manager.obol.keys.enr import make_enr
from node_manager.obol.keys.keyfile import KEY_FILE
from node_manager.obol.keys.restoring import DvRestore
from node_manager.obol.manager import DvManager, DvPlan
from node_manager.obol.settings import read_settings
from node_manager.obol.status import DvStage
from tests.e2e.dv_cluster import PASSPHRASE
from tests.helpers.dv_bench import KEYS, Bench, bench_lock

pytestmark = [
    pytest.mark.timeout(60),
    pytest.mark.skipif(sys.platform == "win32", reason="charon is for Linux"),
]


@pytest.fixture
async def saved(bench: Bench) -> Path:
    """The backup of a whole node; its computer is gone."""
    await bench.create()
    bench.leave_keys()
    file = bench.root / "all.ocvbackup"
    with Passphrase(PASSPHRASE) as words:
        await bench.node.back_up_files(file, words)
    await bench.manager.close(stop_nodes=True)
    bench.layout = Layout(data=bench.root / "elsewhere", cache=bench.root / "cache")
    bench.manager = DvManager(bench.layout, bench.manager.broadcast)
    return file


def plan(bench: Bench, file: Path, *, alone: bool = True, words: str = PASSPHRASE) -> DvPlan:
    other = {**bench.settings, "network": "mainnet"}
    other["charon"] = {**other["charon"], "operatorAddress": "0x" + "77" * 20}
    wanted = DvRestore(file, Passphrase(words), alone=alone)
    return DvPlan("Back again", read_settings(other), restore=wanted, ask_addresses=True)


@pytest.mark.parametrize("everything", [False, True])
async def test_no_backup_goes_where_removing_the_validator_would_take_it_too(
    bench: Bench, everything: bool
) -> None:
    await bench.create(backup=False)
    inside = bench.node.folder.root / "mine.ocvbackup"
    make = bench.node.back_up_files if everything else bench.node.back_up_key
    with Passphrase(PASSPHRASE) as words, pytest.raises(BackupBesideKey):
        await make(inside, words)
    assert not inside.exists()
    assert bench.status.enr_backup_at is None


async def test_it_runs_again_with_the_lock_and_shares_it_had(bench: Bench, saved: Path) -> None:
    bench.cluster_id = await bench.manager.create(plan(bench, saved))
    record = bench.node.record
    ours = bench_lock().raw["cluster_definition"]["operators"][0]
    assert (record.settings.network, record.settings.charon.operator_address) == (
        "hoodi",
        ours["address"],
    )
    assert record.enr == make_enr(KEYS[0]).text
    assert record.enr_backup_at and record.artefacts_backup_at
    await bench.node.start()
    await bench.stage(DvStage.RUNNING)
    assert not bench.calls("dkg")


async def test_it_is_not_restored_while_the_other_computer_may_run(
    bench: Bench, saved: Path
) -> None:
    with pytest.raises(OneClickError) as refused:
        await bench.manager.create(plan(bench, saved, alone=False))
    assert refused.value.code == "cluster-restore-not-vouched"
    assert not list(clusters(bench.layout).glob("*"))


async def test_a_wrong_passphrase_leaves_nothing_behind(bench: Bench, saved: Path) -> None:
    with pytest.raises(OneClickError):
        await bench.manager.create(plan(bench, saved, words=PASSPHRASE + "x"))
    assert not list(clusters(bench.layout).glob("*"))
    assert not bench.manager.nodes()


async def test_it_is_not_restored_beside_itself(bench: Bench, saved: Path) -> None:
    first = await bench.manager.create(plan(bench, saved))
    with pytest.raises(OneClickError) as refused:
        await bench.manager.create(plan(bench, saved))
    assert refused.value.code == "enr-in-use"
    assert [node.record.id for node in bench.manager.nodes()] == [first]
    assert [file.parent.name for file in clusters(bench.layout).glob("*/cluster.json")] == [first]


async def test_a_backup_of_the_key_alone_brings_the_identity_back(bench: Bench) -> None:
    await bench.create()
    file = bench.root / "enr.ocvbackup"
    with Passphrase(PASSPHRASE) as words:
        enr_backup.back_up_key(bench.node.folder.charon, file, words)
    await bench.manager.remove(bench.cluster_id)
    bench.cluster_id = await bench.manager.create(plan(bench, file))
    assert enr_backup.read_header(file).enr == bench.node.record.enr == make_enr(KEYS[0]).text
    assert bench.node.record.enr_backup_at and bench.node.record.artefacts_backup_at is None
    assert (bench.node.folder.charon / KEY_FILE).stat().st_mode & 0o777 == 0o600


async def test_the_key_comes_last_so_that_half_a_restore_is_no_node(
    bench: Bench, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    whole = cluster_backup.write_durably

    def note(path: Path, content: bytes, *, mode: int) -> None:
        written.append(path.name)
        whole(path, content, mode=mode)

    monkeypatch.setattr(cluster_backup, "write_durably", note)
    await bench.manager.create(plan(bench, saved))
    assert written[-1] == KEY_FILE and "cluster-lock.json" in written
