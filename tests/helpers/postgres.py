# SPDX-License-Identifier: Apache-2.0
"""A real PostgreSQL (Debian's package), started for the tests in a folder of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

USER = "postgres"


class NoPostgres(Exception):
    """This machine cannot run one; the text says why."""


def _program(name: str) -> str:
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / name).exists():
            return str(folder / name)
    found = shutil.which(name)
    if found is None:
        raise NoPostgres(f"{name} is not installed (Debian package postgresql)")
    return found


def _as_user(command: list[str]) -> list[str]:
    if os.name != "posix":
        raise NoPostgres("PostgreSQL is started by these tests on POSIX systems only")
    if os.getuid() != 0:
        return command
    return ["runuser", "-u", USER, "--", *command]


def _run(command: list[str]) -> None:
    done = subprocess.run(_as_user(command), capture_output=True, text=True, cwd="/")
    if done.returncode != 0:
        raise NoPostgres(f"{command[0]}: {done.stderr.strip() or done.stdout.strip()}")


@contextmanager
def postgres_or_skip() -> Iterator[str]:
    """The same as `running_postgres` for a test, which is skipped where there is none."""
    try:
        with running_postgres() as address:
            yield address
    except NoPostgres as reason:
        pytest.skip(f"no PostgreSQL on this machine: {reason}")


@contextmanager
def running_postgres() -> Iterator[str]:
    """Start a cluster; yields "postgresql://postgres@127.0.0.1:PORT".

    Raises:
        NoPostgres: it cannot be started here.
    """
    initdb, pg_ctl = _program("initdb"), _program("pg_ctl")
    with tempfile.TemporaryDirectory(prefix="oneclick-postgres-") as name:
        folder = Path(name)
        if os.getuid() == 0:
            shutil.chown(folder, USER)
        data = folder / "data"
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        _run([initdb, "-D", str(data), "-U", USER, "--auth=trust", "-E", "UTF8", "--no-sync"])
        options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} -c max_connections=200"
        log = str(folder / "log")
        _run([pg_ctl, "-D", str(data), "-l", log, "-w", "-t", "30", "-o", options, "start"])
        try:
            yield f"postgresql://{USER}@127.0.0.1:{port}"
        finally:
            _run([pg_ctl, "-D", str(data), "-m", "immediate", "-w", "stop"])
