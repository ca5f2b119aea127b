# SPDX-License-Identifier: Apache-2.0
"""A key is at one place that runs, and no validator goes while something of it still signs."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from node_manager.explanation import Explanation, OneClickError
from node_manager.keys.protection import Passphrase
from node_manager.obol import running
from node_manager.obol.ceremony.artefacts import archive_leftovers
from node_manager.obol.errors import NoBackup
from node_manager.obol.folder import clusters
from node_manager.obol.keys.enr import make_enr
from node_manager.obol.keys.key_users import other_charon
from node_manager.obol.keys.keyfile import KEY_FILE, write_key
from node_manager.obol.keys.restoring import DvRestore
from node_manager.obol.manager import DvManager, DvPlan
from node_manager.obol.settings import read_settings
from node_manager.obol.status import DvStage, DvStatus
from node_manager.runtime.docker.errors import EngineAbsent
from tests.e2e.dv_cluster import PASSPHRASE
from tests.helpers.charon_relay import free_ports
from tests.helpers.dv_bench import KEYS, Bench

pytestmark = [
    pytest.mark.timeout(60),
    pytest.mark.skipif(sys.platform == "win32", reason="charon is for Linux"),
]


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def plan(bench: Bench, name: str = "Twin", **more: object) -> DvPlan:
    return DvPlan(name, read_settings(bench.settings), **more)  # type: ignore[arg-type]


async def made(bench: Bench, *plans: DvPlan) -> tuple[list[str], list[str]]:
    """The ids and the codes of what was refused, of making these at once."""
    ends = await asyncio.gather(*map(bench.manager.create, plans), return_exceptions=True)
    refused = [one.code for one in ends if isinstance(one, OneClickError)]
    return [one for one in ends if isinstance(one, str)], refused


async def test_two_of_one_name_made_at_once_have_a_key_each(bench: Bench) -> None:
    ids, refused = await made(bench, plan(bench), plan(bench))
    assert len(set(ids)) == 2 and not refused
    enrs = {bench.manager.node(one).record.enr for one in ids}
    assert len(enrs) == 2
    assert all(bench.manager.node(one).folder.key.exists() for one in ids)


async def test_one_key_taken_over_twice_at_once_is_taken_once(bench: Bench) -> None:
    (bench.root / "key").write_text(KEYS[0].hex())
    plans = [
        plan(
            bench,
            name,
            key_source=bench.root / "key",
            backup=bench.root / f"{name}.ocvbackup",
            backup_passphrase=Passphrase(PASSPHRASE),
        )
        for name in ("one", "two")
    ]
    ids, refused = await made(bench, *plans)
    assert len(ids) == 1 and refused == ["enr-in-use"]
    assert [file.parent.name for file in clusters(bench.layout).glob("*/cluster.json")] == ids


async def test_a_key_that_another_run_of_the_app_took_over_is_not_taken_again(
    bench: Bench,
) -> None:
    await bench.create()
    other = DvManager(bench.layout, bench.manager.broadcast)
    with pytest.raises(OneClickError) as refused:
        await other.create(plan(bench, key_source=bench.root / "key"))
    assert refused.value.code == "enr-in-use"


async def test_a_key_with_which_a_charon_runs_is_not_taken_over(bench: Bench) -> None:
    place = bench.root / ".charon"
    place.mkdir()
    (place / KEY_FILE).write_text(KEYS[0].hex())
    lock = place / f"{KEY_FILE}.lock"
    lock.write_text(json.dumps({"timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}))
    for source in (place, place / KEY_FILE):
        with pytest.raises(OneClickError) as refused:
            await bench.manager.create(plan(bench, key_source=source))
        assert refused.value.code == "enr-key-running"
    lock.write_text(json.dumps({"timestamp": "2024-01-01T00:00:00Z"}))
    assert await bench.manager.create(plan(bench, key_source=place))


class OtherCharon:
    """A charon that somebody starts by hand, without the lock of its key."""

    def __init__(self, bench: Bench, *flags: str, cwd: Path | None = None, **env: str) -> None:
        lock = bench.root / "other-lock.json"
        lock.write_text("{}")
        [port] = free_ports(1)
        told = (f"--lock-file={lock}", f"--monitoring-address=127.0.0.1:{port}")
        self.process = subprocess.Popen(
            [bench.program, "run", *flags, *told],
            cwd=cwd or bench.root, env={**os.environ, **env},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        while "run" not in psutil.Process(self.process.pid).cmdline():
            time.sleep(0.01)

    @property
    def pid(self) -> int:
        return self.process.pid

    def __enter__(self) -> OtherCharon:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait(10)


async def refused_for(bench: Bench) -> Explanation:
    status = await bench.until(
        lambda one: (
            one.stage is DvStage.BACKOFF
            and one.reason is not None
            and one.reason.code == "enr-key-other-charon"
        )
    )
    assert status.reason is not None
    return status.reason


WAYS = ["by its file", "by its folder in the environment", "by a copy", "by where it was started"]


@pytest.mark.parametrize("way", WAYS)
async def test_no_charon_starts_beside_one_with_its_key_and_it_starts_when_that_has_ended(
    bench: Bench, way: str
) -> None:
    await bench.create()
    bench.leave_keys()
    folder = bench.node.folder
    copy = bench.root / "copied" / ".charon"
    copy.mkdir(parents=True)
    (copy / KEY_FILE).write_text(f"0x{KEYS[0].hex()}\n")
    flags: list[str] = []
    env: dict[str, str] = {}
    match way:
        case "by its file":
            flags = ["--private-key-file", str(folder.key)]
        case "by its folder in the environment":
            env = {"CHARON_DATA_DIR": str(folder.charon)}
        case "by a copy":
            flags = [f"--private-key-file={copy / KEY_FILE}"]
    with OtherCharon(bench, *flags, cwd=copy.parent, **env) as other:
        await bench.node.start()
        reason = await refused_for(bench)
        assert str(other.pid) in str(reason)
        assert not [one for one in bench.calls("run") if "private-key-file-lock" in one["flags"]]
        assert "charon" not in bench.node.pids()
    await bench.stage(DvStage.RUNNING)


async def test_a_charon_with_another_key_is_nobodys_business(bench: Bench) -> None:
    other_key = bench.root / "other-key"
    other_key.write_text(KEYS[1].hex())
    with OtherCharon(bench, f"--private-key-file={other_key}"):
        await bench.run()


async def test_what_another_process_calls_its_key_cannot_hold_the_start_up(bench: Bench) -> None:
    pipe = bench.root / "pipe"
    os.mkfifo(pipe)
    words = [sys.executable, "-c", "import time; time.sleep(60)", "charon", "run"]
    for place in (pipe, Path("/dev/zero")):
        with subprocess.Popen([*words, "--private-key-file", str(place)]) as other:
            try:
                assert await asyncio.to_thread(other_charon, write_key(bench.root, KEYS[0])) is None
            finally:
                other.kill()
                (bench.root / KEY_FILE).unlink()


async def test_a_charon_started_beside_ours_is_called_out_until_it_ends(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "OTHERS_SECONDS", 0.0)
    await bench.run()
    ours = bench.node.pids()["charon"]

    def told(status: DvStatus) -> list[Explanation]:
        found = [one.explanation for one in status.alerts]
        return [one for one in found if one.code == "enr-key-other-charon"]

    with OtherCharon(bench, f"--private-key-file={bench.node.folder.key}") as other:
        status = await bench.until(lambda one: bool(told(one)))
        assert f"process {other.pid}." in str(told(status)[0])
        assert status.stage is DvStage.RUNNING
    await bench.comes(lambda: not told(bench.status))
    assert bench.node.pids()["charon"] == ours


async def test_a_key_is_not_taken_over_from_a_charon_that_runs_without_its_lock(
    bench: Bench,
) -> None:
    place = bench.root / ".charon"
    place.mkdir()
    (place / KEY_FILE).write_text(KEYS[0].hex())
    with OtherCharon(bench, f"--private-key-file={place / KEY_FILE}"):
        with pytest.raises(OneClickError) as refused:
            await bench.manager.create(plan(bench, key_source=place))
        assert refused.value.code == "enr-key-other-charon"
    assert await bench.manager.create(plan(bench, key_source=place))


async def left_by_an_earlier_run(bench: Bench) -> int:
    """The charon that went on when the app ended; the app is there again and does not want it."""
    await bench.run()
    left: int = bench.node.pids()["charon"]
    await bench.node._desk.remember(wanted=False)
    await bench.manager.close(stop_nodes=False)
    bench.over_again()
    await bench.manager.open()
    return left


async def test_what_an_earlier_run_left_running_ends_before_its_validator_is_removed(
    bench: Bench,
) -> None:
    left = await left_by_an_earlier_run(bench)
    assert bench.status.stage is DvStage.STOPPED and alive(left)
    await bench.manager.remove(bench.cluster_id, lose_keys=True)
    assert not alive(left)


async def test_what_an_earlier_run_left_running_ends_before_the_data_folder_goes_elsewhere(
    bench: Bench,
) -> None:
    left = await left_by_an_earlier_run(bench)
    assert alive(left)
    await bench.manager.vacate()
    assert not alive(left)
    assert bench.node.folder.lock.exists()


async def test_another_key_in_the_place_of_this_nodes_is_not_used(bench: Bench) -> None:
    """The backup is of the first one; the ceremony would be held with the other."""
    await bench.create()
    bench.node.folder.key.write_text(KEYS[1].hex())
    await bench.node.start()
    failed = await bench.stage(DvStage.FAILED)
    assert failed.reason is not None and failed.reason.code == "enr-key-other"
    assert bench.node.record.enr == make_enr(KEYS[0]).text


async def test_shares_of_a_ceremony_that_broke_off_here_are_not_lost_with_the_validator(
    bench: Bench,
) -> None:
    """The others may have come to its end, and nobody can make these shares again."""
    await bench.create()
    folder = bench.node.folder
    bench.leave_keys()
    folder.lock.unlink()
    archive_leftovers(folder)
    assert not folder.keystores.exists()
    with pytest.raises(NoBackup):
        await bench.manager.remove(bench.cluster_id)
    assert list(folder.archive.rglob("keystore-0.json"))


@pytest.fixture
async def restored(bench: Bench) -> Bench:
    """A whole node that came back from its backup, on a real network."""
    await bench.create()
    bench.leave_keys()
    file = bench.root / "all.ocvbackup"
    with Passphrase(PASSPHRASE) as words:
        await bench.node.back_up_files(file, words)
    await bench.manager.remove(bench.cluster_id)
    bench.settings["charon"]["simnetBeaconMock"] = False
    bench.history.clear()
    restore = DvRestore(file, Passphrase(PASSPHRASE), alone=True)
    bench.cluster_id = await bench.manager.create(plan(bench, restore=restore))
    return bench


async def test_restored_shares_sign_when_two_epochs_have_passed(restored: Bench) -> None:
    """Their signing record stayed on the computer before."""
    await restored.node.start()
    waiting = await restored.until(lambda status: status.next_try is not None)
    assert waiting.stage is DvStage.BACKOFF and waiting.reason is not None
    assert waiting.reason.code == "dv-restored-waits"
    assert waiting.next_try is not None and 700 < waiting.next_try - time.time() <= 768
    await restored.manager.close(stop_nodes=True)
    restored.over_again()
    await restored.manager.open()
    await restored.until(lambda status: status.stage is DvStage.BACKOFF)
    assert not restored.calls("run"), "a start of the app ends no wait"


async def test_after_the_wait_it_goes_on(restored: Bench) -> None:
    await restored.node._desk.remember(signs_from=time.time() + 0.2)
    await restored.node.start()
    await restored.until(
        lambda status: status.reason is not None and status.reason.code == "beacon-node-trouble"
    )


async def test_a_clock_that_was_wrong_at_the_restore_costs_no_more(restored: Bench) -> None:
    await restored.node._desk.remember(signs_from=time.time() + 1e6)
    await restored.node.start()
    waiting = await restored.until(lambda status: status.next_try is not None)
    assert waiting.next_try is not None and waiting.next_try - time.time() <= 768


async def test_a_node_that_another_run_looks_after_is_not_removed(bench: Bench) -> None:
    await bench.run()
    other = DvManager(bench.layout, bench.manager.broadcast)
    await other.open(start_wanted=False)
    with pytest.raises(OneClickError) as refused:
        await other.remove(bench.cluster_id, lose_keys=True)
    assert refused.value.code == "cluster-in-use"
    assert bench.node.folder.key.exists() and bench.node.folder.lock.exists()
    assert psutil.pid_exists(bench.node.pids()["charon"])
    await other.close(stop_nodes=False)


async def test_a_client_in_a_container_of_which_nobody_knows_keeps_the_files(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.create()
    folder = bench.node.folder
    folder.run.mkdir()
    told = {"name": "oneclick-vc-teku", "id": "12", "started_at": 1.0}
    (folder.run / "vc-teku-container.json").write_text(json.dumps(told))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{bench.root / 'absent.sock'}")
    with pytest.raises(EngineAbsent):
        await bench.manager.remove(bench.cluster_id)
    assert folder.key.exists()
    prysm = bench.node.settings.validator_client.model_copy(update={"kind": "prysm"})
    with pytest.raises(EngineAbsent):
        await bench.node.change_settings(
            bench.node.settings.model_copy(update={"validator_client": prysm})
        )
    assert bench.node.settings.validator_client.kind == "lighthouse"
