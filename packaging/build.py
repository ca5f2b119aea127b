#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Build the bundle: `dist/oneclick-validator/`, which runs without Python or Qt installed."""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import announce
import environment

NAME = "oneclick-validator"
SPEC = Path(__file__).resolve().parent / f"{NAME}.spec"
CHECKOUT = environment.CHECKOUT
SHOWN_PARTS = 12

NEEDED_PACKAGES = (*environment.QT_LIBRARIES, *environment.XCB_LIBRARIES, "binutils")
"""What the bundle takes from the system: libraries of Qt's xcb platform, and objdump."""

NOT_STRIPPED = ("PySide6/", "shiboken6/", ".libs/")
"""Libraries that come stripped, or whose layout was rewritten so that strip breaks them."""


def main() -> int:
    """Build, look whether it starts, and print what it weighs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dist", type=Path, default=CHECKOUT / "dist", help="where it is put")
    parser.add_argument("--work", type=Path, default=CHECKOUT / "build", help="for what is between")
    parser.add_argument("--updates-url", help="where the build asks for newer versions of itself")
    parser.add_argument("--updates-key", help="whose word it takes: the public half of --key")
    parser.add_argument("--archive", action="store_true", help="pack the bundle into one file")
    announce.add_signing(
        parser.add_argument_group("announcement of the archive, in announcement.json beside it"),
        needed=False,
    )
    chosen = parser.parse_args()
    if importlib.util.find_spec("PyInstaller") is None:
        python = environment.prepare("test")
        os.execv(str(python), [str(python), *sys.argv])
    missing = environment.install_system_packages(NEEDED_PACKAGES)
    if missing:
        print(f"Without these system packages the bundle lacks parts: {' '.join(missing)}")
    try:
        source = source_of(chosen)
        bundle = build(chosen.dist.absolute(), chosen.work.absolute())
        if source:
            (bundle / "_internal" / "resources" / "updates.json").write_text(source)
        return finish(bundle, chosen)
    except announce.Refused as error:
        print(error, file=sys.stderr)
        return 1


def source_of(chosen: argparse.Namespace) -> str:
    """The source of updates that the build carries; empty for none.

    Raises:
        Refused: it is none, or the build would not believe its own announcement.
    """
    named = (chosen.updates_key or "").lower()
    if chosen.key and not chosen.download_url:
        raise announce.Refused("--key needs --download-url, where the archive will lie.")
    signing = announce.public_of(announce.read_key(chosen.key)) if chosen.key else ""
    if named and signing and named != signing:
        raise announce.Refused("--key is not the private half of --updates-key.")
    if chosen.updates_url and not (named or signing):
        raise announce.Refused("--updates-url needs --updates-key, or --key.")
    return announce.source_text(chosen.updates_url, named or signing) if chosen.updates_url else ""


def finish(bundle: Path, chosen: argparse.Namespace) -> int:
    """Try the bundle, tell what it weighs, and pack and announce it where that is wanted.

    Raises:
        Refused: no build would believe the announcement.
    """
    drop_debug_symbols(bundle)
    program = bundle / (f"{NAME}.exe" if sys.platform == "win32" else NAME)
    said = subprocess.run(
        [str(program), "--version"], check=False, capture_output=True, text=True, timeout=120
    )
    if said.returncode:
        print(f"The bundle is built and does not start:\n{said.stderr}", file=sys.stderr)
        return 1
    print(said.stdout.strip())
    print(*weight(bundle), sep="\n")
    if chosen.archive or chosen.key:
        archive = announce.pack(bundle, bundle.parent)
        print(archive)
        if chosen.key:
            announce.announce(archive, bundle.parent / "announcement.json", chosen)
    return 0


def build(dist: Path, work: Path) -> Path:
    """Build the bundle below `dist` and return its folder.

    Raises:
        subprocess.CalledProcessError: PyInstaller failed; its output says why.
    """
    command = [sys.executable, "-m", "PyInstaller", str(SPEC), "--noconfirm", "--log-level=WARN"]
    subprocess.run([*command, f"--distpath={dist}", f"--workpath={work}"], check=True, cwd=CHECKOUT)
    return dist / NAME


def drop_debug_symbols(bundle: Path) -> None:
    """Take the debug symbols out of Python's own library and of extension modules (Linux)."""
    if sys.platform != "linux" or shutil.which("strip") is None:
        return
    inside = bundle / "_internal"
    libraries = [
        str(path)
        for path in [*inside.rglob("*.cpython-*.so"), *inside.glob("libpython*.so*")]
        if not any(part in f"{path.relative_to(inside)}" for part in NOT_STRIPPED)
    ]
    subprocess.run(["strip", "--strip-debug", *libraries], check=True)


def weight(bundle: Path) -> Iterator[str]:
    """The size of the bundle and of its heaviest parts, in lines for a person."""
    files = [path for path in bundle.rglob("*") if path.is_file() and not path.is_symlink()]
    total = sum(path.stat().st_size for path in files)
    yield f"{bundle}: {total / 1e6:.0f} MB in {len(files)} files"
    parts: dict[str, int] = {}
    for path in files:
        inside = path.relative_to(bundle).parts
        part = "/".join(inside[: 2 if inside[0] == "_internal" else 1])
        parts[part] = parts.get(part, 0) + path.stat().st_size
    for part, size in sorted(parts.items(), key=lambda item: -item[1])[:SHOWN_PARTS]:
        yield f"{size / 1e6:8.1f} MB  {part}"


if __name__ == "__main__":
    sys.exit(main())
