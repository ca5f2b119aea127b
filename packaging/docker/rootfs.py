# SPDX-License-Identifier: Apache-2.0
"""The file system of our images, put together from this machine's Python: nothing is pulled.

The base is Python, the packages the engine needs and the system libraries they link to; it only
changes with the lock file. `app/` is this checkout's own code. No shell, no Qt, no compiler.
"""

from __future__ import annotations

import compileall
import hashlib
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
USER = 10001
"""User and group of every process in our images."""

WINDOW_ONLY = {"pyside6-essentials", "qasync", "pyqtgraph"}
LEFT_OUT_OF_PYTHON = shutil.ignore_patterns(
    *("test", "tests", "idlelib", "tkinter", "turtledemo", "ensurepip", "lib2to3", "config-*"),
    *("site-packages", "dist-packages", "__pycache__", "*.a", "*.exe", "_test*"),
)
_LIBRARY = re.compile(r"(?:=>\s+)?(/\S+)\s+\(0x")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def base_key() -> str:
    """Changes with whatever `make_base` takes in."""
    told = "\n".join(f"{name} {found.version}" for name, found in sorted(packages().items()))
    parts = (sys.version, sysconfig.get_platform(), told, Path(__file__).read_text())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def packages() -> dict[str, importlib.metadata.Distribution]:
    """Every package the app needs without its window, by name, as installed here."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    found: dict[str, importlib.metadata.Distribution] = {}
    wanted = [line for line in project["dependencies"] if _plain(line) not in WINDOW_ONLY]
    while wanted:
        line = wanted.pop()
        name = _plain(line)
        if name in found or not _applies(line):
            continue
        try:
            found[name] = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # a marker of another platform, or an extra nobody asked for
        wanted.extend(found[name].requires or ())
    return found


def _plain(line: str) -> str:
    match = _NAME.match(line)
    return re.sub(r"[-_.]+", "-", match.group() if match else line).lower()


def _applies(line: str) -> bool:
    """Extras are left out; other markers are answered by what is installed."""
    return "extra ==" not in line.partition(";")[2]


def make_base(folder: Path) -> None:
    """Write Python, packages and system libraries below `folder`."""
    local = folder / "usr" / "local"
    stdlib = Path(sysconfig.get_path("stdlib", vars=_base()))
    library = local / "lib" / PYTHON
    shutil.copytree(stdlib, library, ignore=LEFT_OUT_OF_PYTHON, symlinks=False)
    (local / "bin").mkdir()
    program = local / "bin" / PYTHON
    shutil.copy2(Path(sys.executable).resolve(), program)
    (local / "bin" / "python").symlink_to(PYTHON)
    bundled = folder / "app" / "packages"
    for distribution in packages().values():
        _copy_package(distribution, bundled)
    _copy_libraries(folder, Path(sys.executable).resolve())
    _write_system_files(folder, bundled)
    _strip(folder)
    for code in (library, bundled):
        compileall.compile_dir(code, quiet=2, workers=os.cpu_count() or 1, stripdir=str(folder))


def _base() -> dict[str, str]:
    return {"installed_base": sys.base_prefix, "base": sys.base_prefix}


def _copy_package(distribution: importlib.metadata.Distribution, to: Path) -> None:
    for file in distribution.files or ():
        if ".." in file.parts or "__pycache__" in file.parts or file.suffix == ".pyi":
            continue
        source = Path(str(distribution.locate_file(file)))
        if source.is_file():
            target = to / Path(*file.parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)


def _copy_libraries(folder: Path, program: Path) -> None:
    """The libraries that what was copied links to, where the loader looks for them."""
    inside = [path for path in folder.rglob("*.so*") if path.is_file()]
    found: dict[str, Path] = {}
    for path in [program, *inside]:
        for library in _linked(path):
            if not library.is_relative_to(folder):
                found.setdefault(library.name, library)
    usual = next(path.parent for name, path in found.items() if name.startswith("libc.so"))
    for path in found.values():
        standard = path.name.startswith("ld-") or path.parent == usual
        # what lies in a place of its own on this machine goes to where the loader looks anyway
        target = folder / (path if standard else usual / path.name).relative_to("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path.resolve(), target)


def _linked(path: Path) -> Iterator[Path]:
    told = subprocess.run(["ldd", str(path)], check=False, capture_output=True, text=True)
    for line in told.stdout.splitlines():
        match = _LIBRARY.search(line)
        if match:
            yield Path(match.group(1))


def _write_system_files(folder: Path, bundled: Path) -> None:
    etc = folder / "etc"
    (etc / "ssl" / "certs").mkdir(parents=True)
    shutil.copy2(bundled / "certifi" / "cacert.pem", etc / "ssl" / "certs" / "ca-certificates.crt")
    (etc / "passwd").write_text(f"oneclick:x:{USER}:{USER}::/data:/nonexistent\n")
    (etc / "group").write_text(f"oneclick:x:{USER}:\n")
    (etc / "nsswitch.conf").write_text("passwd: files\ngroup: files\nhosts: files dns\n")
    (folder / "tmp").mkdir()


def _strip(folder: Path) -> None:
    """Take the debug symbols out of Python's own library, where the tool for it is here."""
    libraries = [str(path) for path in folder.rglob("libpython*.so*") if not path.is_symlink()]
    if libraries and shutil.which("strip"):
        subprocess.run(["strip", "--strip-debug", *libraries], check=True)


def pack(folder: Path, archive: Path) -> None:
    """Write what is below `folder` as a tar file that belongs to root."""
    with tarfile.open(archive, "w") as packed:
        packed.add(folder, ".", filter=_of_root)


def _of_root(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


def make_app(folder: Path) -> None:
    """Write this checkout's own code below `folder`, without its window."""
    for name in ("bridge", "node_manager", "resources/networks", "resources/portal"):
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(CHECKOUT / name, folder / name, ignore=ignore)
    (folder / "desktop").mkdir()
    for name in ("__init__.py", "launch.py"):
        shutil.copy2(CHECKOUT / "desktop" / name, folder / "desktop" / name)
    compileall.compile_dir(folder, quiet=2, stripdir=str(folder), prependdir="/app")


def app_key(folder: Path) -> str:
    """Hash of the names and contents of the code below `folder`."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.*")):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
