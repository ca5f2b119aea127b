# SPDX-License-Identifier: Apache-2.0
"""A real Secret Service (GNOME Keyring) on a D-Bus session of its own keeps and gives the key.

Everything runs as children of one `dbus-run-session`, with folders of its own, and nothing is
left when it ends.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

CHILD = Path(__file__).with_name("secret_service_child.py")
ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.skipif(
    not (shutil.which("gnome-keyring-daemon") and shutil.which("dbus-run-session")),
    reason="gnome-keyring and dbus-daemon are not installed",
)


def test_a_key_is_locked_and_opened_by_a_real_keyring(tmp_path: Path) -> None:
    told = _in_session(tmp_path)
    assert told["backend"] in {"keyring.backends.SecretService", "keyring.backends.libsecret"}
    assert told["protection_of"] == "keyring"
    assert told["opened"] is True
    assert told["after_change"] == "passphrase"
    assert told["entry_gone"] is True
    assert told["missing"] == "KeyringEntryMissing"


def _in_session(tmp_path: Path) -> dict[str, object]:
    home = tmp_path / "home"
    runtime = tmp_path / "runtime"
    for folder in (home, runtime):
        folder.mkdir(mode=0o700)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(runtime),
        "XDG_DATA_HOME": str(home / "data"),
        "PYTHONPATH": str(ROOT),
        "GSETTINGS_BACKEND": "memory",
        "LD_LIBRARY_PATH": os.environ.get("LD_LIBRARY_PATH", ""),
    }
    script = (
        "echo -n test-login | gnome-keyring-daemon --foreground --unlock --components=secrets &"
        ' daemon=$!; "$1" "$2" "$3"; code=$?; kill $daemon; wait $daemon 2>/dev/null; exit $code'
    )
    run = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", script, "sh", sys.executable, CHILD, tmp_path],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert _left_behind(str(tmp_path)) == []
    return json.loads(run.stdout.splitlines()[-1])


def _left_behind(marker: str) -> list[str]:
    """Processes that still have our folder in their environment."""
    left = []
    for process in psutil.process_iter(["name"]):
        try:
            if any(marker in value for value in process.environ().values()):
                left.append(str(process.info["name"]))
        except psutil.Error:
            continue
    return left
