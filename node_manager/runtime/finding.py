# SPDX-License-Identifier: Apache-2.0
"""Finding the process that a record names, and telling it from others with the same pid."""

from __future__ import annotations

import contextlib
from pathlib import Path

import psutil
import structlog

from node_manager.runtime.platform.host import Host
from node_manager.runtime.record import LAUNCH_VARIABLE, ProcessRecord, read_record

log = structlog.get_logger(__name__)


def find_running(path: Path, host: Host) -> ProcessRecord | None:
    """The record at `path` if its process runs; a record without one is removed.

    Raises:
        RecordNotReadable: whether it runs is unknown.
    """
    record = read_record(path)
    if record is not None:
        if record.pid is None:
            record = _search(record, host)
        elif not _is_same(record, record.pid, host):
            log.info("process record is stale", program=record.name, pid=record.pid)
            record = None
        if record is not None:
            return record
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
    return None


def _is_same(record: ProcessRecord, pid: int, host: Host) -> bool:
    if not record.identity or not host.running(pid, record.identity):
        return False
    process = psutil.Process(pid)
    with contextlib.suppress(psutil.Error):
        # Linux marks the file of a running program that an update has replaced
        if process.exe().removesuffix(" (deleted)") == record.executable:
            return True
    # a wrapper may have replaced itself by the real program (exec) after the record was written
    try:
        return process.environ().get(LAUNCH_VARIABLE) == record.launch_id
    except psutil.AccessDenied:
        # A child that closed itself to debuggers hides both from its own user (prctl(2),
        # PR_SET_DUMPABLE); the signer is one. Pid and birth agree, and no two processes share them.
        return True
    except psutil.Error:
        return False


def _search(record: ProcessRecord, host: Host) -> ProcessRecord | None:
    """The process of a launch whose pid never reached the disk, found by its launch id."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            leads = process.pid > 1 and _leads_its_launch(process, record)
            if leads and (identity := host.identity(process.pid)) is not None:
                found = {
                    "pid": process.pid,
                    "identity": identity,
                    "create_time": process.create_time(),
                    "executable": process.exe(),
                }
                return record.model_copy(update=found)
    return None


def _leads_its_launch(process: psutil.Process, record: ProcessRecord) -> bool:
    if _launch_id(process) != record.launch_id:
        return False
    parent = process.parent()  # the child's own children inherit the launch id
    return parent is None or _launch_id(parent) != record.launch_id


def _launch_id(process: psutil.Process) -> str | None:
    with contextlib.suppress(psutil.Error):
        return process.environ().get(LAUNCH_VARIABLE)
    return None
