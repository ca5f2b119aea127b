# SPDX-License-Identifier: Apache-2.0
"""How this program runs itself, and what its children may inherit."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

ENTRY = "desktop.launch"

_LIBRARY_PATHS = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LIBPATH")
SESSION_BUS = "DBUS_SESSION_BUS_ADDRESS"
NO_SESSION_BUS = "disabled:"
"""Of no transport that D-Bus knows: who asks for the bus is refused at once."""

_BOOTLOADER_MARKS = ("_MEIPASS", "_PYI_")


def frozen() -> bool:
    """Whether this is the built bundle (PyInstaller sets `sys.frozen`)."""
    return bool(getattr(sys, "frozen", False))


def own_command(*args: str) -> list[str]:
    """The argv that runs this same program with `args`."""
    if frozen():
        return [sys.executable, *args]
    # -P: a file in the child's folder must not stand in for a module
    return [sys.executable, "-P", "-m", ENTRY, *args]


def child_environment(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment for children: ours (or `environment`) without what only we need.

    A frozen app runs with library paths that point into its bundle; another program that
    inherits them loads the wrong libraries. The bootloader keeps the user's own value under
    `<NAME>_ORIG` (PyInstaller manual, "LD_LIBRARY_PATH / LIBPATH considerations").
    From a checkout, the children that are this same program find it by PYTHONPATH.

    Without a desktop session, a Cosmos node program asks D-Bus for one at every start (the init
    functions of github.com/99designs/keyring do), and D-Bus starts a bus and a keyring daemon
    that nobody ends: the children are told that there is none.
    """
    inherited = dict(os.environ if environment is None else environment)
    if sys.platform == "linux" and not inherited.get(SESSION_BUS):
        inherited[SESSION_BUS] = NO_SESSION_BUS
    if not frozen():
        return _with_checkout(inherited)
    for name in _LIBRARY_PATHS:
        original = inherited.pop(f"{name}_ORIG", None)
        inherited.pop(name, None)
        if original:
            inherited[name] = original
    bundle = Path(getattr(sys, "_MEIPASS", Path(sys.executable).parent))
    return {
        name: kept
        for name, value in inherited.items()
        if not name.startswith(_BOOTLOADER_MARKS)
        and ((kept := _outside(bundle, value)) or not value)
    }


def _outside(bundle: Path, value: str) -> str:
    """`value` without the entries of a path list that lie inside `bundle`."""
    if str(bundle) not in value:
        return value
    return os.pathsep.join(
        entry for entry in value.split(os.pathsep) if not Path(entry).is_relative_to(bundle)
    )


def _with_checkout(environment: dict[str, str]) -> dict[str, str]:
    root = Path(__file__).resolve().parents[2]
    if not (root / "pyproject.toml").is_file():
        return environment
    paths = [path for path in environment.get("PYTHONPATH", "").split(os.pathsep) if path]
    if str(root) not in paths:
        environment["PYTHONPATH"] = os.pathsep.join([str(root), *paths])
    return environment
