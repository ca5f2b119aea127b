# SPDX-License-Identifier: Apache-2.0
"""A program that runs in its own session, outlives the app and is found again by its record."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
from pathlib import Path
from typing import Self

import psutil
import structlog

from node_manager.runtime.child import ProcessUsage
from node_manager.runtime.errors import ProcessDoesNotEnd
from node_manager.runtime.exit_watch import ExitWatch
from node_manager.runtime.finding import find_running
from node_manager.runtime.outcome import Outcome
from node_manager.runtime.platform.host import Host, this_host
from node_manager.runtime.record import ProcessRecord
from node_manager.runtime.spawning import Launch, spawn

__all__ = ["Launch", "ManagedProcess", "Outcome", "ProcessUsage", "still_lives"]

log = structlog.get_logger(__name__)

FORCE_SECONDS = 30.0
"""How long a killed process may take to go before it counts as stuck in the system."""


class ManagedProcess:
    """One child, spawned by this run of the app or adopted from an earlier one."""

    def __init__(
        self,
        record: ProcessRecord,
        record_path: Path,
        host: Host,
        popen: subprocess.Popen[bytes] | None = None,
    ) -> None:
        """Take over a running process; use `spawn` or `adopt`."""
        if record.pid is None:
            raise ValueError("the record names no process")
        self.record = record
        self.pid = record.pid
        self._record_path = record_path
        self._host = host
        self._popen = popen
        self._outcome: Outcome | None = None
        self._exit: asyncio.Future[Outcome] | None = None
        self._watch: ExitWatch | None = None
        self._wanted = self._forced = False
        self._psutil: psutil.Process | None = None

    @classmethod
    async def spawn(cls, launch: Launch, record: Path, *, host: Host | None = None) -> Self:
        """Start `launch`; its record is durable at `record` before it reads its stdin.

        Raises:
            RuntimeTrouble: what kept it from running; nothing runs then.
        """
        host = host or this_host()
        # shielded: a spawn that was cancelled half-way could leave a child without a record
        spawned = asyncio.ensure_future(asyncio.to_thread(spawn, launch, record, host))
        popen, written = await asyncio.shield(spawned)
        process = cls(written, record, host, popen)
        log.info("process started", program=launch.name, pid=process.pid)
        return process

    @classmethod
    async def adopt(cls, record: Path, *, host: Host | None = None) -> Self | None:
        """The process of the record at `record` if it still runs, else None.

        It is the same process when pid, birth and executable agree. A record whose process
        is gone is removed.

        Raises:
            RecordNotReadable: whether it runs is unknown.
        """
        host = host or this_host()
        found = await asyncio.to_thread(find_running, record, host)
        if found is None:
            return None
        process = cls(found, record, host)
        log.info("process adopted", program=found.name, pid=process.pid)
        return process

    @property
    def name(self) -> str:
        """What its launch called it."""
        return self.record.name

    @property
    def create_time(self) -> float:
        """Unix time of its birth, as the system tells it."""
        return self.record.create_time

    @property
    def started_at(self) -> float:
        """Unix time at which the app started it."""
        return self.record.started_at

    @property
    def adopted(self) -> bool:
        """Whether an earlier run of the app started it."""
        return self._popen is None

    def alive(self) -> bool:
        """Whether it runs, asked of the system now."""
        return self._outcome is None and self._host.running(self.pid, self.record.identity)

    async def wait(self) -> Outcome:
        """Wait until it ends; any number of callers may wait. Its record is removed then."""
        if self._outcome is not None:
            return self._outcome
        if self._exit is None:
            self._exit = asyncio.get_running_loop().create_future()
            self._watch = ExitWatch(self._host.exit_handle(self.pid), self._gone, self._ended)
        return await asyncio.shield(self._exit)

    async def stop(self, grace_seconds: float) -> Outcome:
        """Ask it to end; kill it and its group when it has not within `grace_seconds`.

        A second call with a shorter grace shortens the first one.

        Raises:
            ProcessDoesNotEnd: not even killing it helped.
        """
        if self._outcome is None and self.alive():
            self._wanted = True
            await asyncio.to_thread(self._host.ask_to_end, self.pid)
            with contextlib.suppress(TimeoutError):
                return await asyncio.wait_for(self.wait(), grace_seconds)
            log.info("process did not end in time", program=self.name, pid=self.pid)
            if self.alive():
                self._forced = True
                await asyncio.to_thread(self._host.end_by_force, self.pid)
        try:
            return await asyncio.wait_for(self.wait(), FORCE_SECONDS)
        except TimeoutError:
            raise ProcessDoesNotEnd(name=self.name, pid=self.pid) from None

    def leave(self) -> None:
        """Let it run on without this app: its record stays for the next start."""
        if self._watch is not None:
            self._watch.close()
        if self._exit is not None and not self._exit.done():
            self._exit.cancel()

    def usage(self) -> ProcessUsage | None:
        """What it takes of the computer; None when it is gone."""
        try:
            if self._psutil is None:
                self._psutil = psutil.Process(self.pid)
                self._psutil.cpu_percent()
                cpu = None
            else:
                cpu = self._psutil.cpu_percent() / 100
            memory = self._psutil.memory_info().rss
        except psutil.Error:
            return None
        return ProcessUsage(cpu, memory) if self.alive() else None

    def _gone(self) -> bool:
        return not self._host.running(self.pid, self.record.identity)

    def _ended(self) -> None:
        code = signal = None
        if self._popen is not None:
            # before it is reaped: until then no other process can have its pid
            self._host.end_leftovers(self.pid)
            status = self._popen.wait()
            code, signal = (status, None) if status >= 0 else (None, -status)
        elif self._wanted:
            self._host.end_leftovers(self.pid)
        outcome = Outcome(code, signal, self.adopted, self._wanted, self._forced)
        with contextlib.suppress(OSError):
            self._record_path.unlink(missing_ok=True)
        log.info("process ended", program=self.name, pid=self.pid, outcome=str(outcome))
        self._outcome = outcome
        if self._exit is not None and not self._exit.done():
            self._exit.set_result(outcome)


async def still_lives(record: Path) -> bool:
    """Whether the process of the record at `record` runs; it is left as it is.

    Raises:
        RecordNotReadable: whether it runs is unknown.
    """
    found = await ManagedProcess.adopt(record)
    if found is None:
        return False
    found.leave()
    return True
