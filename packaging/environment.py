# SPDX-License-Identifier: Apache-2.0
"""The Python environment and the system packages that a checkout needs; standard library only."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
LOCKS = Path(__file__).resolve().parent / "lock"

QT_LIBRARIES = (
    "libegl1",
    "libgl1",
    "libglib2.0-0",
    "libfontconfig1",
    "libdbus-1-3",
    "libxkbcommon0",
    "fonts-inter",
    "fonts-jetbrains-mono",
)
XCB_LIBRARIES = (
    "libxkbcommon-x11-0",
    "libxcb-cursor0",
    "libxcb-icccm4",
    "libxcb-keysyms1",
    "libxcb-image0",
    "libxcb-render-util0",
    "libxcb-shape0",
    "libxcb-randr0",
)
CHECKER_OF_ALERT_RULES = "prometheus"
"""For promtool alone: its service would take a port that a chain's node wants."""

TEST_PROGRAMS = (
    "xvfb",
    "xauth",
    "chromium",
    "gnome-keyring",
    "dbus",
    "dbus-x11",
    "postgresql",
    "docker.io",
    "iptables",
    "binutils",
    "curl",
    "git",
)


def cache() -> Path:
    """Where what is built outlives the checkout."""
    chosen = os.environ.get("ONECLICK_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(chosen) if chosen else Path(base) / "oneclick-validator"


def prepare(kind: str) -> Path:
    """Make the environment `kind` ("app" or "test") if it is not there; return its python."""
    lock = LOCKS / f"{kind}.lock"
    named = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()[:16]
    folder = cache() / f"env-{kind}-{named}"
    python = folder / "bin" / "python"
    done = folder / "complete"
    with one_at_a_time(folder):
        if done.exists():
            return python
        print(f"Setting up Python packages in {folder} (once).", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        _make_environment(folder)
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        subprocess.run([*pip, "--require-hashes", "-r", str(lock)], check=True)
        done.touch()
    return python


@contextlib.contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Hold the lock beside `folder`, so that only one process makes it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _make_environment(folder: Path) -> None:
    """By `venv` where it is whole, else (Debian without python3-venv) by virtualenv through pip."""
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(folder)], check=False, capture_output=True, text=True
    )
    if made.returncode == 0:
        return
    shutil.rmtree(folder, ignore_errors=True)
    tools = cache() / "virtualenv"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(tools)]
    lock = str(LOCKS / "virtualenv.lock")
    subprocess.run([*pip, "--upgrade", "--require-hashes", "-r", lock], check=True)
    subprocess.run(
        [sys.executable, "-m", "virtualenv", "--quiet", str(folder)],
        check=True,
        env={**os.environ, "PYTHONPATH": str(tools)},
    )


def install_system_packages(names: tuple[str, ...]) -> list[str]:
    """Install what is missing of `names` on Debian as root; return what is still missing."""
    if shutil.which("dpkg-query") is None:
        return []
    missing = [name for name in names if not _installed(name)]
    if not missing:
        return []
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return missing
    print(f"Installing system packages: {' '.join(missing)}", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-q", "-y", "-o", "Dpkg::Use-Pty=0", "-o", "DPkg::Lock::Timeout=300"]
    log = cache() / "apt.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        subprocess.run([*apt, "update"], check=False, env=quiet, stdout=out, stderr=out)
        together = subprocess.run(
            [*apt, "install", "--no-install-recommends", *missing],
            check=False, env=quiet, stdout=out, stderr=out,
        )  # fmt: skip
        if together.returncode:
            for name in missing:
                subprocess.run(
                    [*apt, "install", "--no-install-recommends", name],
                    check=False, env=quiet, stdout=out, stderr=out,
                )  # fmt: skip
    return [name for name in names if not _installed(name)]


def unpack_system_package(name: str) -> Path | None:
    """The programs of a Debian package without its service: unpacked, not installed.

    None where it cannot be had.
    """
    folder = cache() / f"unpacked-{name}"
    programs = folder / "usr" / "bin"
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        return None
    with one_at_a_time(folder), (cache() / "apt.log").open("ab") as out:
        if not programs.is_dir():
            folder.mkdir(exist_ok=True)
            fetch = ["apt-get", "-q", "download", name]
            subprocess.run(fetch, check=False, cwd=folder, stdout=out, stderr=out)
            for file in folder.glob("*.deb"):
                unpack = ["dpkg-deb", "-x", str(file), str(folder)]
                subprocess.run(unpack, check=False, stdout=out, stderr=out)
                file.unlink()
    return programs if programs.is_dir() else None


def _installed(name: str) -> bool:
    query = ["dpkg-query", "-W", "-f", "${Status}", name]
    answer = subprocess.run(query, check=False, capture_output=True, text=True)
    return answer.stdout == "install ok installed"
