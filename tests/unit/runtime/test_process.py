# SPDX-License-Identifier: Apache-2.0
"""A process outlives the app, is found again, ends in order or by force."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from node_manager.runtime import process as process_module
from node_manager.runtime.child import ProcessUsage
from node_manager.runtime.errors import (
    AlreadyRunning,
    LogNotWritable,
    ProgramForOtherPlatform,
    ProgramLoaderMissing,
    ProgramMissing,
    ProgramNotExecutable,
    RecordNotReadable,
    RecordNotWritable,
    WorkFolderMissing,
)
from node_manager.runtime.outcome import Outcome
from node_manager.runtime.platform.posix import PosixHost
from node_manager.runtime.process import Launch, ManagedProcess
from node_manager.runtime.record import ProcessRecord, read_record
from node_manager.runtime.spawning import MAX_STDIN
from tests.unit.runtime.conftest import DAEMONS, gone

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the daemons are POSIX scripts")

Make = Callable[..., Launch]
ROOT = Path(__file__).resolve().parents[3]


class HostWithoutPidfd(PosixHost):
    """macOS has no pidfd: the end is found by asking."""

    def exit_handle(self, pid: int) -> int | None:
        return None


HOSTS = [pytest.param(PosixHost(), id="pidfd"), pytest.param(HostWithoutPidfd(), id="polling")]


async def until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


def logged(launch: Launch) -> str:
    return launch.log.read_text() if launch.log.exists() else ""


@pytest.mark.parametrize("host", HOSTS)
async def test_exit_code_and_both_streams_are_kept(
    launch: Make, record: Path, host: PosixHost
) -> None:
    plan = launch("ends_with.sh", "7")
    process = await ManagedProcess.spawn(plan, record, host=host)
    assert await process.wait() == Outcome(7)
    assert not process.alive()
    assert logged(plan).split("\n") == ["to stdout", "to stderr", ""]
    assert not record.exists()


@pytest.mark.parametrize("host", HOSTS)
async def test_a_signal_is_told_from_an_exit(launch: Make, record: Path, host: PosixHost) -> None:
    process = await ManagedProcess.spawn(launch("waits.sh"), record, host=host)
    os.kill(process.pid, signal.SIGKILL)
    outcome = await process.wait()
    assert (outcome.code, outcome.signal, outcome.signal_name) == (None, 9, "SIGKILL")
    assert "memory" in str(outcome)


async def test_everybody_who_waits_hears_of_the_end(launch: Make, record: Path) -> None:
    process = await ManagedProcess.spawn(launch("ends_with.sh", "0"), record)
    outcomes = await asyncio.gather(process.wait(), process.wait(), process.wait())
    assert outcomes == [Outcome(0)] * 3
    assert await process.wait() == Outcome(0)


async def test_a_secret_goes_over_stdin_and_nowhere_else(launch: Make, record: Path) -> None:
    secret = bytearray(b"the secret of the validator")
    plan = launch(sys.executable, str(DAEMONS / "echo_stdin.py"), "shown", stdin=secret)
    process = await ManagedProcess.spawn(plan, record)
    await until(lambda: "argv: shown" in logged(plan))
    assert f"read: {secret.decode()}" in logged(plan)
    assert secret.decode() not in record.read_text()
    seen = psutil.Process(process.pid)
    assert secret.decode() not in " ".join([*seen.cmdline(), *seen.environ().values()])
    assert secret.decode() not in repr(plan)
    await process.stop(0)


async def test_a_child_that_does_not_read_its_stdin_is_no_error(launch: Make, record: Path) -> None:
    process = await ManagedProcess.spawn(
        launch("ends_with.sh", "3", stdin=b"x" * MAX_STDIN), record
    )
    assert (await process.wait()).code == 3


def test_a_launch_takes_no_more_stdin_than_a_pipe_holds(launch: Make) -> None:
    with pytest.raises(ValueError, match="stdin"):
        launch("waits.sh", stdin=b"x" * (MAX_STDIN + 1))


async def test_log_and_record_are_for_their_owner_only(launch: Make, record: Path) -> None:
    plan = launch("waits.sh")
    process = await ManagedProcess.spawn(plan, record)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (plan.log, record)]
    folders = [stat.S_IMODE(path.parent.stat().st_mode) for path in (plan.log, record)]
    assert modes == [0o600, 0o600]
    assert folders == [0o700, 0o700]
    await process.stop(0)


async def test_the_log_of_the_last_run_is_kept(launch: Make, record: Path) -> None:
    for _ in range(2):
        await (await ManagedProcess.spawn(launch("ends_with.sh", "0"), record)).wait()
    assert logged(launch("x")).count("to stdout") == 2


async def test_a_child_leads_a_session_of_its_own(launch: Make, record: Path) -> None:
    process = await ManagedProcess.spawn(launch("waits.sh"), record)
    assert os.getsid(process.pid) == process.pid != os.getsid(0)
    await process.stop(0)


@pytest.mark.parametrize("host", HOSTS)
async def test_stop_lets_a_program_end_in_order(
    launch: Make, record: Path, host: PosixHost
) -> None:
    plan = launch("orderly.sh")
    process = await ManagedProcess.spawn(plan, record, host=host)
    await until(lambda: "ready" in logged(plan))
    assert await process.stop(10) == Outcome(0, wanted=True)
    assert "asked to end" in logged(plan)


async def test_stop_kills_a_deaf_program_and_its_own_children(launch: Make, record: Path) -> None:
    plan = launch("deaf.sh")
    process = await ManagedProcess.spawn(plan, record)
    await until(lambda: "child" in logged(plan))
    child = int(logged(plan).split()[1])
    outcome = await process.stop(0.1)
    assert outcome.forced
    assert outcome.signal == signal.SIGKILL
    await until(lambda: gone(child))


async def test_a_halted_program_hears_the_request_to_end(launch: Make, record: Path) -> None:
    process = await ManagedProcess.spawn(launch("waits.sh"), record)
    os.kill(process.pid, signal.SIGSTOP)
    assert (await process.stop(10)).signal == signal.SIGTERM


async def test_a_second_stop_shortens_the_grace(launch: Make, record: Path) -> None:
    plan = launch("deaf.sh")
    process = await ManagedProcess.spawn(plan, record)
    await until(lambda: "child" in logged(plan))
    patient = asyncio.create_task(process.stop(60))
    await asyncio.sleep(0.05)
    assert (await process.stop(0.05)).forced
    assert (await patient).forced


async def test_what_a_crashed_program_leaves_behind_is_ended(launch: Make, record: Path) -> None:
    plan = launch("deaf.sh")
    process = await ManagedProcess.spawn(plan, record)
    await until(lambda: "child" in logged(plan))
    child = int(logged(plan).split()[1])
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()
    await until(lambda: gone(child))


async def test_usage_is_read_from_the_system(launch: Make, record: Path) -> None:
    plan = launch(sys.executable, str(DAEMONS / "chatty.py"))
    process = await ManagedProcess.spawn(plan, record)
    await until(lambda: logged(plan))
    first = process.usage()
    assert first is not None
    assert first.cpu is None, "a share of time needs two readings"
    readings: list[ProcessUsage] = []

    def busy() -> bool:
        # on a machine at its limit the program may get no tick for a while
        usage = process.usage()
        assert usage is not None and usage.cpu is not None
        readings.append(usage)
        return usage.cpu > 0.01

    await until(busy)
    assert readings[-1].memory > 1_000_000
    await process.stop(0)
    assert process.usage() is None


# --- found again -----------------------------------------------------------------------------


@pytest.mark.parametrize("host", HOSTS)
async def test_the_child_survives_the_killed_app_and_is_adopted(
    tmp_path: Path, record: Path, host: PosixHost
) -> None:
    app = subprocess.Popen(
        [sys.executable, str(DAEMONS / "app.py"), str(tmp_path)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert app.stdout is not None
    pid = int(await asyncio.to_thread(app.stdout.readline))
    app.kill()
    app.wait()
    app.stdout.close()
    adopted = await ManagedProcess.adopt(record, host=host)
    assert adopted is not None
    assert (adopted.pid, adopted.adopted, adopted.alive()) == (pid, True, True)
    assert adopted.started_at == pytest.approx(time.time(), abs=60)
    waiting = asyncio.create_task(adopted.wait())
    outcome = await adopted.stop(10)
    assert outcome == Outcome(None, adopted=True, wanted=True)
    assert await waiting == outcome
    assert gone(pid)
    assert not record.exists()


async def test_a_process_left_running_is_adopted(launch: Make, record: Path) -> None:
    process = await ManagedProcess.spawn(launch("waits.sh"), record)
    waiting = asyncio.create_task(process.wait())
    await asyncio.sleep(0)
    process.leave()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    again = await ManagedProcess.adopt(record)
    assert again is not None
    assert again.pid == process.pid
    await again.stop(0)


async def test_nothing_is_adopted_without_a_record(record: Path) -> None:
    assert await ManagedProcess.adopt(record) is None


async def test_the_record_of_a_dead_process_is_removed(launch: Make, record: Path) -> None:
    process = await ManagedProcess.spawn(launch("ends_with.sh", "0"), record)
    content = record.read_bytes()
    await process.wait()
    record.write_bytes(content)
    assert await ManagedProcess.adopt(record) is None
    assert not record.exists()


@pytest.mark.parametrize(
    "changed",
    [
        {"identity": "another boot:1"},
        {"identity": ""},
        {"executable": "/usr/bin/another", "launch_id": "0" * 32},
    ],
)
async def test_another_process_with_that_pid_is_not_adopted(
    launch: Make, record: Path, changed: dict[str, str]
) -> None:
    process = await ManagedProcess.spawn(launch("waits.sh"), record)
    written = json.loads(record.read_text())
    record.write_text(json.dumps({**written, **changed}))
    assert await ManagedProcess.adopt(record) is None
    assert process.alive(), "a stranger is left alone"
    await process.stop(0)


async def test_a_wrapper_that_became_the_real_program_is_adopted(
    launch: Make, record: Path
) -> None:
    process = await ManagedProcess.spawn(launch("waits.sh"), record)
    await until(lambda: "sleep" in psutil.Process(process.pid).name())
    written = read_record(record)
    assert written is not None
    assert await ManagedProcess.adopt(record) is not None
    await process.stop(0)


async def test_a_child_that_hides_itself_from_its_own_user_is_adopted(
    launch: Make, record: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The signer closes itself to debuggers; its executable and environment are root's then."""
    process = await ManagedProcess.spawn(launch("waits.sh"), record)

    def closed(hidden: psutil.Process) -> dict[str, str]:
        raise psutil.AccessDenied(hidden.pid)

    monkeypatch.setattr(psutil.Process, "environ", closed)
    monkeypatch.setattr(psutil.Process, "exe", lambda _hidden: "waits.sh")
    again = await ManagedProcess.adopt(record)
    assert again is not None
    assert again.pid == process.pid
    await again.stop(0)


async def test_a_launch_whose_pid_never_reached_the_disk_is_found(
    launch: Make, record: Path
) -> None:
    """The app died between the birth of the child and its record."""
    process = await ManagedProcess.spawn(launch("deaf.sh"), record)
    await until(lambda: psutil.Process(process.pid).children())
    plan = process.record.model_copy(update={"pid": None, "identity": "", "create_time": 0.0})
    plan.write(record)
    adopted = await ManagedProcess.adopt(record)
    assert adopted is not None
    assert adopted.pid == process.pid
    await adopted.stop(0)


async def test_a_planned_launch_that_never_happened_is_forgotten(record: Path) -> None:
    record.parent.mkdir()
    ProcessRecord(
        name="node", launch_id="f" * 32, executable="/bin/x", argv=[], started_at=0.0
    ).write(record)
    assert await ManagedProcess.adopt(record) is None
    assert not record.exists()


@pytest.mark.parametrize("pid", [0, 1, -1])
@pytest.mark.logs("not a process record")
async def test_a_record_that_names_no_child_is_not_used(record: Path, pid: int) -> None:
    record.parent.mkdir()
    plan = ProcessRecord(name="n", launch_id="f" * 32, executable="x", argv=[], started_at=0.0)
    record.write_text(plan.model_copy(update={"pid": pid}).model_dump_json())
    assert await ManagedProcess.adopt(record) is None


async def test_an_unreadable_record_stops_everything(launch: Make, record: Path) -> None:
    record.mkdir(parents=True)  # reading a folder fails also for root
    with pytest.raises(RecordNotReadable):
        await ManagedProcess.adopt(record)
    with pytest.raises(RecordNotReadable):
        await ManagedProcess.spawn(launch("waits.sh"), record)


async def test_the_same_launch_does_not_run_twice(launch: Make, record: Path) -> None:
    process = await ManagedProcess.spawn(launch("waits.sh"), record)
    with pytest.raises(AlreadyRunning, match=str(process.pid)):
        await ManagedProcess.spawn(launch("waits.sh"), record)
    assert process.alive()
    await process.stop(0)


async def test_a_cancelled_start_leaves_a_child_that_is_found(launch: Make, record: Path) -> None:
    starting = asyncio.create_task(ManagedProcess.spawn(launch("waits.sh"), record))
    await asyncio.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting

    def written() -> bool:
        found = read_record(record)
        return found is not None and found.pid is not None

    await until(written)
    adopted = await ManagedProcess.adopt(record)
    assert adopted is not None
    await adopted.stop(0)


# --- what does not start ---------------------------------------------------------------------


async def test_a_missing_program_is_named(launch: Make, record: Path, tmp_path: Path) -> None:
    with pytest.raises(ProgramMissing, match="absent/posd"):
        await ManagedProcess.spawn(launch(str(tmp_path / "absent" / "posd")), record)
    with pytest.raises(ProgramMissing, match="no-such-program"):
        await ManagedProcess.spawn(launch("no-such-program"), record)
    assert not record.exists()


async def test_a_file_without_the_permission_is_named(
    launch: Make, record: Path, tmp_path: Path
) -> None:
    program = tmp_path / "posd"
    program.write_bytes(b"#!/bin/sh\n")
    with pytest.raises(ProgramNotExecutable):
        await ManagedProcess.spawn(launch(str(program)), record)


ARM64_MAC = b"\xcf\xfa\xed\xfe\x0c\x00\x00\x01" + bytes(64)
ARM64_LINUX = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\xb7\x00" + bytes(64)
WINDOWS = b"MZ" + bytes(58) + b"\x40\0\0\0" + b"PE\0\0\x64\x86" + bytes(64)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (ARM64_MAC, "macOS arm64"),
        (ARM64_LINUX, "Linux arm64"),
        (WINDOWS, "Windows amd64"),
        (b"<!DOCTYPE html><p>Not found", "web page"),
        (b"\x1f\x8b\x08" + bytes(20), "archive"),
        (b"", "empty"),
    ],
)
async def test_a_program_for_another_computer_is_told_by_its_kind(
    launch: Make, record: Path, tmp_path: Path, content: bytes, kind: str
) -> None:
    program = tmp_path / "posd"
    program.write_bytes(content)
    program.chmod(0o755)
    with pytest.raises(ProgramForOtherPlatform, match=kind):
        await ManagedProcess.spawn(launch(str(program)), record)
    assert not record.exists()


async def test_a_missing_loader_is_told_from_a_missing_program(
    launch: Make, record: Path, tmp_path: Path
) -> None:
    program = tmp_path / "posd"
    program.write_bytes(b"#!/lib/ld-musl-absent.so.1\n")
    program.chmod(0o755)
    with pytest.raises(ProgramLoaderMissing):
        await ManagedProcess.spawn(launch(str(program)), record)


async def test_a_missing_work_folder_is_named(record: Path, tmp_path: Path) -> None:
    plan = Launch(name="n", argv=["sh"], cwd=tmp_path / "gone", log=tmp_path / "n.log")
    with pytest.raises(WorkFolderMissing):
        await ManagedProcess.spawn(plan, record)


async def test_a_log_that_cannot_be_written_is_named(record: Path, tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file where the folder should be")
    plan = Launch(name="n", argv=["sh"], cwd=tmp_path, log=tmp_path / "logs" / "n.log")
    with pytest.raises(LogNotWritable):
        await ManagedProcess.spawn(plan, record)
    assert not record.exists()


async def test_a_log_that_is_a_link_is_refused(launch: Make, record: Path, tmp_path: Path) -> None:
    plan = launch("ends_with.sh", "0")
    plan.log.parent.mkdir()
    plan.log.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(LogNotWritable):
        await ManagedProcess.spawn(plan, record)
    assert not (tmp_path / "elsewhere").exists()


async def test_a_child_whose_record_cannot_be_written_does_not_work(
    launch: Make, record: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk fills up between the birth of the child and its record."""
    pids = []
    write = ProcessRecord.write

    def full(self: ProcessRecord, path: Path) -> None:
        if self.pid is not None:
            pids.append(self.pid)
            raise OSError(28, "No space left on device")
        write(self, path)

    monkeypatch.setattr(ProcessRecord, "write", full)
    plan = launch(sys.executable, str(DAEMONS / "echo_stdin.py"), stdin=b"secret")
    with pytest.raises(RecordNotWritable, match="No space left"):
        await ManagedProcess.spawn(plan, record)
    assert gone(pids[0])
    assert "secret" not in logged(plan)
    assert not record.exists()


async def test_a_process_that_nothing_ends_is_reported(
    launch: Make, record: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Powerless(PosixHost):
        def ask_to_end(self, pid: int) -> None: ...
        def end_by_force(self, pid: int) -> None: ...

    monkeypatch.setattr(process_module, "FORCE_SECONDS", 0.05)
    process = await ManagedProcess.spawn(launch("waits.sh"), record, host=Powerless())
    with pytest.raises(process_module.ProcessDoesNotEnd, match=str(process.pid)):
        await process.stop(0.01)
    assert process.alive()
    os.killpg(process.pid, signal.SIGKILL)
    assert (await process.wait()).wanted
