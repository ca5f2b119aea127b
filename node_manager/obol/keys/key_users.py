# SPDX-License-Identifier: Apache-2.0
"""Other charons on this computer that have a key, also those that do not take charon's lock of it.

`charon run` takes the lock only with `--private-key-file-lock`. Each flag may also stand in the
environment, as CHARON_ and its name.
"""

from __future__ import annotations

import stat
import sys
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from node_manager.obol.errors import EnrKeyRunning, ObolError
from node_manager.obol.keys.enr import Enr, make_enr
from node_manager.obol.keys.key_lock import seconds_to_wait
from node_manager.obol.keys.keyfile import KEY_FILE, read_key, write_key

_COMMANDS = frozenset({"run", "dkg"})
_PROGRAM_WORDS = 3
"""The program stands among these, also behind an interpreter."""
_FILE, _FOLDER = "private-key-file", "data-dir"
_USUAL_FOLDER = ".charon"
_KEY_BYTES = 128
"""No key file is larger; another process may name anything as its key."""
_NO_KEY = (OSError, ObolError)


class OtherCharon(ObolError):
    """A charon that is not this validator's has its key."""

    code = "enr-key-other-charon"
    what = "Another charon on this computer has the ENR key of this validator: process {pid}."
    why = (
        "{program} uses {path}, and this app did not start it. Two charons with one key sign"
        " against each other."
    )
    todo = "End that process for good. This validator goes on by itself, or try again then."


@dataclass(frozen=True, slots=True)
class KeyUser:
    """A charon that has the key; `path` is where it reads it."""

    pid: int
    program: str
    path: Path

    @property
    def trouble(self) -> OtherCharon:
        """It in words."""
        return OtherCharon(pid=self.pid, program=self.program, path=self.path)


def other_charon(key: Path, ours: Collection[int] = ()) -> KeyUser | None:
    """A charon with the key of the file `key` whose pid is not of `ours`; blocks for the system.

    A process of another user may hide where its key is: it is not noticed.
    """
    with suppress(*_NO_KEY):
        secret = read_key(key)
        for process in processes():
            if process.pid not in ours and (found := _user(process, key, secret)) is not None:
                return found
    return None


def require_alone(key: Path) -> None:
    """Refuse where another charon has the key; blocks for the system.

    Raises:
        OtherCharon: with its process.
    """
    if (other := other_charon(key)) is not None:
        raise other.trouble


def take_over(source: Path, folder: Path) -> Enr:
    """Copy an existing key file (or that of a charon data folder) into `folder`.

    Raises:
        EnrKeyMissing, EnrKeyDamaged: there is no usable key at `source`.
        EnrKeyRunning, OtherCharon: a charon runs with it.
        EnrKeyExists: `folder` has one already.
    """
    file = source / KEY_FILE if source.is_dir() else source
    if seconds_to_wait(file.with_name(f"{file.name}.lock")):
        raise EnrKeyRunning(path=file)
    key = read_key(file)
    require_alone(file)
    write_key(folder, key)
    return make_enr(key)


def processes() -> Iterable[psutil.Process]:
    """What runs on this computer."""
    return psutil.process_iter()


def _user(process: psutil.Process, key: Path, secret: bytes) -> KeyUser | None:
    with suppress(psutil.Error):
        words = process.cmdline()
        if _COMMANDS.isdisjoint(words[1:]):
            return None
        for path in _key_files(process, words):
            with suppress(*_NO_KEY):
                if _has_key(process, path, key, secret):
                    return KeyUser(process.pid, process.name(), path)
    return None


def _key_files(process: psutil.Process, words: list[str]) -> Iterator[Path]:
    """Where a charon with this command line reads its key."""
    flags = dict(_flags(words))
    environment: dict[str, str] = {}
    with suppress(psutil.Error):
        environment = process.environ()
    file, folder = (
        flags.get(name) or environment.get(f"CHARON_{name.replace('-', '_').upper()}", "")
        for name in (_FILE, _FOLDER)
    )
    if not file and not folder:
        if not any(Path(word).name.startswith("charon") for word in words[:_PROGRAM_WORDS]):
            return
        folder = _USUAL_FOLDER
    for named in (file, folder and str(Path(folder) / KEY_FILE)):
        if named:
            path = Path(named)
            yield path if path.is_absolute() else Path(process.cwd()) / path


def _flags(words: list[str]) -> Iterator[tuple[str, str]]:
    for word, after in zip(words, [*words[1:], ""], strict=True):
        if word.startswith("--"):
            name, given, value = word[2:].partition("=")
            yield name, value if given else after


def _has_key(process: psutil.Process, path: Path, key: Path, secret: bytes) -> bool:
    seen = path
    if sys.platform == "linux":
        # A container has files of its own.
        seen = Path(f"/proc/{process.pid}/root", *path.parts[1:])
    try:
        found = seen.stat()
    except PermissionError:
        if path.resolve() == key.resolve():
            return True
        seen, found = path, path.stat()
    usable = stat.S_ISREG(found.st_mode) and found.st_size <= _KEY_BYTES
    return usable and read_key(seen) == secret
