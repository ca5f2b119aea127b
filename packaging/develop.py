#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""From a fresh clone to the running app (`run`) or to the test results (`test`).

Needs only Python 3.11 and pip; everything else is installed, once, outside the checkout.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

import environment

CHECKOUT = environment.CHECKOUT


def main() -> int:
    """Run the command that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    # No option is theirs: up to Python 3.12 argparse would keep the first one for itself.
    foreign = {"prefix_chars": "\0", "add_help": False}
    app = commands.add_parser("run", help="run the app on the localnet", **foreign)
    app.add_argument("arguments", nargs=argparse.REMAINDER)
    commands.add_parser("test", help="run every test").add_argument("layers", nargs="*")
    shell = commands.add_parser(
        "exec", help="run a command of the app or of Python in it", **foreign
    )
    shell.add_argument("arguments", nargs=argparse.REMAINDER)
    commands.add_parser("lock", help="resolve and lock the dependencies anew")
    chosen = parser.parse_args()
    if chosen.command == "run":
        return run(chosen.arguments)
    if chosen.command == "test":
        return test(chosen.layers)
    if chosen.command == "exec":
        python = environment.prepare("test")
        return subprocess.call([str(python), *chosen.arguments], cwd=CHECKOUT)
    return lock()


def run(arguments: list[str]) -> int:
    """Set up and run the app on the localnet; headless where there is no display."""
    python = environment.prepare("app")
    display = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    if display:
        missing = environment.install_system_packages(
            environment.QT_LIBRARIES + environment.XCB_LIBRARIES
        )
        if missing:
            print(f"The window may need these system packages: {' '.join(missing)}")
    else:
        print("There is no display here: the app goes on headless.", flush=True)
        arguments = ["--headless", *arguments]
    command = [str(python), "-m", "desktop.launch", "demo", *arguments]
    os.chdir(CHECKOUT)
    os.execv(command[0], command)  # one process: Ctrl+C and signals reach the app itself


def test(layers: list[str]) -> int:
    """Install what tests need, then run static checks and every layer of tests."""
    missing = environment.install_system_packages(
        environment.QT_LIBRARIES + environment.XCB_LIBRARIES + environment.TEST_PROGRAMS
    )
    if missing:
        print(f"Not installed, their tests say that they were skipped: {' '.join(missing)}")
    python = environment.prepare("test")
    command = [str(python), "-m", "tests.run", *layers]
    path = os.environ.get("PATH", "")
    checker = environment.unpack_system_package(environment.CHECKER_OF_ALERT_RULES)
    if checker is not None:
        path = f"{path}{os.pathsep}{checker}"
    return subprocess.call(command, cwd=CHECKOUT, env={**os.environ, "PATH": path})


def lock() -> int:
    """Write the lock files: hashes, no index address, every platform."""
    tools = environment.cache() / "uv"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(tools)]
    subprocess.run([*pip, "--upgrade", "uv"], check=True)
    compile_ = [str(tools / "bin" / "uv"), "pip", "compile", "--quiet", "--universal"]
    compile_ += ["--python-version", "3.11", "--generate-hashes", "--no-header", "--no-annotate"]
    compile_ += ["--no-emit-index-url", "--emit-build-options"]
    folder = Path(environment.LOCKS)
    folder.mkdir(exist_ok=True)
    for name, extras in (("app", []), ("test", ["--extra", "test"])):
        output = ["--output-file", str(folder / f"{name}.lock")]
        subprocess.run([*compile_, *extras, "pyproject.toml", *output], check=True, cwd=CHECKOUT)
    source = folder / "virtualenv.in"
    output = ["--output-file", str(folder / "virtualenv.lock")]
    subprocess.run([*compile_, str(source), *output], check=True, cwd=CHECKOUT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
