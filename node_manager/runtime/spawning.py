# SPDX-License-Identifier: Apache-2.0
"""Giving birth to a process that outlives the app, with its record on disk before it may work."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from node_manager.durable import make_private_folder
from node_manager.runtime.errors import (
    AlreadyRunning,
    LogNotWritable,
    RecordNotWritable,
    WorkFolderMissing,
)
from node_manager.runtime.executable import resolve_executable, why_not_started
from node_manager.runtime.finding import find_running
from node_manager.runtime.own_command import child_environment
from node_manager.runtime.platform.host import Host
from node_manager.runtime.record import LAUNCH_VARIABLE, ProcessRecord

MAX_STDIN = 16 * 1024
"""Bytes of a launch's stdin: what every system's pipe takes before anybody reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """What is to be run.

    Attributes:
        name: for people and logs: "posd", "signer".
        argv: program and arguments; never a secret.
        cwd: folder in which it runs.
        env: variables on top of `child_environment()`; never a secret.
        log: file to which its stdout and stderr are appended.
        stdin: bytes it reads, after which its stdin ends; the way for secrets. The caller
            wipes them. At most 16 KiB, so that they fit into the pipe unread.
    """

    name: str
    argv: tuple[str, ...] | list[str]
    cwd: Path
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    stdin: bytes | bytearray | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not self.argv:
            raise ValueError("a launch needs a program")
        if self.stdin is not None and len(self.stdin) > MAX_STDIN:
            raise ValueError(f"stdin of a launch holds at most {MAX_STDIN} bytes")


def spawn(
    launch: Launch, record_path: Path, host: Host
) -> tuple[subprocess.Popen[bytes], ProcessRecord]:
    """Start `launch` and write its record. Blocks for the disk: not for the event loop.

    The child reads its stdin only after its record is durable; a child whose record cannot be
    written is killed.

    Raises:
        RuntimeTrouble: what kept it from running; nothing runs then.
    """
    if (running := find_running(record_path, host)) is not None:
        raise AlreadyRunning(name=launch.name, pid=running.pid)
    environment = {**child_environment(), **launch.env}
    executable = resolve_executable(launch.name, launch.argv[0], environment)
    plan = ProcessRecord(
        name=launch.name,
        launch_id=uuid.uuid4().hex,
        executable=str(executable),
        argv=[str(executable), *launch.argv[1:]],
        started_at=time.time(),
    )
    environment[LAUNCH_VARIABLE] = plan.launch_id
    _write_record(plan, record_path)
    try:
        process = _popen(launch, plan, environment, host)
    except BaseException:
        with contextlib.suppress(OSError):
            record_path.unlink(missing_ok=True)
        raise
    try:
        record = _observed(plan, process.pid, host)
        _write_record(record, record_path)
        _feed(process, launch.stdin)
    except BaseException:
        host.end_by_force(process.pid)
        process.wait()
        with contextlib.suppress(OSError):
            record_path.unlink(missing_ok=True)
        raise
    return process, record


def _popen(
    launch: Launch, plan: ProcessRecord, environment: dict[str, str], host: Host
) -> subprocess.Popen[bytes]:
    if not launch.cwd.is_dir():
        raise WorkFolderMissing(name=launch.name, path=launch.cwd, error="it is not there")
    options = host.spawn_options()
    log_handle = _open_log(launch, host)
    try:
        return subprocess.Popen(
            plan.argv,
            cwd=launch.cwd,
            env=environment,
            stdin=subprocess.DEVNULL if launch.stdin is None else subprocess.PIPE,
            stdout=log_handle,
            stderr=log_handle,
            bufsize=0,
            start_new_session=options.start_new_session,
            creationflags=options.creationflags,
        )
    except OSError as error:
        if error.filename is not None and Path(error.filename) == launch.cwd:
            raise WorkFolderMissing(
                name=launch.name, path=launch.cwd, error=error.strerror
            ) from error
        raise why_not_started(launch.name, Path(plan.executable), error) from error
    finally:
        os.close(log_handle)


def _open_log(launch: Launch, host: Host) -> int:
    try:
        make_private_folder(launch.log.parent)
        return host.open_log(launch.log)
    except OSError as error:
        raise LogNotWritable(
            name=launch.name, path=launch.log, error=error.strerror or error
        ) from error


def _write_record(record: ProcessRecord, path: Path) -> None:
    try:
        make_private_folder(path.parent)
        record.write(path)
    except OSError as error:
        raise RecordNotWritable(
            name=record.name, path=path, error=error.strerror or error
        ) from error


def _observed(plan: ProcessRecord, pid: int, host: Host) -> ProcessRecord:
    facts: dict[str, object] = {"pid": pid, "identity": host.identity(pid) or ""}
    with contextlib.suppress(psutil.Error):  # it may have ended already
        process = psutil.Process(pid)
        facts["create_time"] = process.create_time()
        facts["executable"] = process.exe() or plan.executable
    return plan.model_copy(update=facts)


def _feed(process: subprocess.Popen[bytes], content: bytes | bytearray | None) -> None:
    if process.stdin is None or content is None:
        return
    # the descriptor itself: a file object would keep a copy of a secret in its buffer
    with contextlib.suppress(BrokenPipeError), memoryview(content) as rest:
        sent = 0
        while sent < len(rest):
            sent += os.write(process.stdin.fileno(), rest[sent:])
    process.stdin.close()
