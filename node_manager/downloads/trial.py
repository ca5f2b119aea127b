# SPDX-License-Identifier: Apache-2.0
"""The first run of a program: it tells its version, in a folder that is thrown away."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import tempfile
from collections.abc import Sequence
from pathlib import Path

from node_manager.downloads.errors import TrialFailed, WrongPlatform
from node_manager.runtime.executable import describe_program
from node_manager.runtime.own_command import child_environment
from node_manager.runtime.platform.host import this_host

TRIAL_SECONDS = 20.0
"""A node program answers in 0.2 s; a cold disk and a virus scanner take longer."""

END_SECONDS = 5.0

MAX_OUTPUT = 64 * 1024

_WRONG_FORMAT = {errno.ENOEXEC, 86}  # 86: EBADARCH, macOS
_WRONG_FORMAT_WINDOWS = {193, 216}
_BUSY_TRIES = 5


async def read_version(
    program: Path,
    arguments: Sequence[str],
    *,
    target: str,
    seconds: float = TRIAL_SECONDS,
) -> str:
    """Run `program` with `arguments` and return what it writes to standard output.

    Node programs write files into their home even for `version`, so home is a throwaway
    folder. Standard error is noise there and read only to explain a failure.

    Raises:
        WrongPlatform: the system cannot run such a program.
        TrialFailed: it ends with an error, does not end, or says nothing.
    """
    with tempfile.TemporaryDirectory(prefix="oneclick-trial-", ignore_cleanup_errors=True) as home:
        process = await _start(program, arguments, Path(home), target)
        try:
            async with asyncio.timeout(seconds):
                # Both are read to their end, or a program with much to say would stand still.
                output, noise = await asyncio.gather(_read(process.stdout), _read(process.stderr))
                code = await process.wait()
        except TimeoutError as error:
            raise _failed(program, f"It does not answer within {seconds:g} s.") from error
        finally:
            if process.returncode is None:
                await _end(process)
    version = output.decode(errors="replace").strip()
    if code != 0:
        raise _failed(program, _ending(code, noise))
    if not version:
        raise _failed(program, "It says nothing on standard output.")
    return version


async def _start(
    program: Path, arguments: Sequence[str], home: Path, target: str
) -> asyncio.subprocess.Process:
    environment = child_environment() | {"HOME": str(home), "USERPROFILE": str(home)}
    options = this_host().spawn_options()
    for tries_left in reversed(range(_BUSY_TRIES)):
        try:
            return await asyncio.create_subprocess_exec(
                program,
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                cwd=home,
                env=environment,
                start_new_session=options.start_new_session,
                creationflags=options.creationflags,
            )
        except OSError as error:
            # Another thread's child may hold the file, just written, for a moment: fork(2).
            if error.errno != errno.ETXTBSY or not tries_left:
                raise _not_started(program, target, error) from error
            await asyncio.sleep(0.1)
    raise AssertionError("the last try returns or raises")


async def _end(process: asyncio.subprocess.Process) -> None:
    """End the program and what it started; its pipes must be read out before it counts as gone."""
    this_host().end_by_force(process.pid)
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(END_SECONDS):
            await asyncio.gather(_read(process.stdout), _read(process.stderr), process.wait())


async def _read(stream: asyncio.StreamReader | None) -> bytes:
    """The first bytes of the stream; the rest is read and forgotten."""
    kept = b""
    while stream is not None and (data := await stream.read(MAX_OUTPUT)):
        kept += data[: MAX_OUTPUT - len(kept)]
    return kept


def _not_started(program: Path, target: str, error: OSError) -> WrongPlatform | TrialFailed:
    if error.errno in _WRONG_FORMAT or getattr(error, "winerror", 0) in _WRONG_FORMAT_WINDOWS:
        kind = describe_program(program)
        return WrongPlatform(program=program.name, target=target, reason=f"The file is {kind}.")
    if error.errno == errno.ENOENT and program.is_file():
        return WrongPlatform(
            program=program.name,
            target=target,
            reason="It names a loader or interpreter that this computer does not have.",
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return _failed(program, "This disk or its permissions do not let programs run.")
    return _failed(program, f"{error.strerror or error}.")


def _ending(code: int, noise: bytes) -> str:
    """Why it failed: an SDK program's error is its last line, after the whole usage text."""
    lines = noise.decode(errors="replace").split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    how = f"It is ended by signal {-code}" if code < 0 else f"It ends with code {code}"
    return f"{how}: {last[:300]}" if last else f"{how}."


def _failed(program: Path, reason: str) -> TrialFailed:
    return TrialFailed(program=program.name, reason=reason)
