# SPDX-License-Identifier: Apache-2.0
"""The app runs itself, built or not, and hands its children a clean environment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from node_manager.runtime.own_command import NO_SESSION_BUS, child_environment, own_command


@pytest.fixture
def bundle(monkeypatch: pytest.MonkeyPatch) -> Path:
    inside = Path("/opt/oneclick/_internal")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "_MEIPASS", str(inside), raising=False)
    monkeypatch.setattr(sys, "executable", "/opt/oneclick/oneclick-validator")
    return inside


def test_from_a_checkout_it_is_this_python(tmp_path: Path) -> None:
    (tmp_path / "desktop.py").write_text("raise SystemExit('a stranger')")
    said = subprocess.run(
        own_command("--help"),
        cwd=tmp_path,
        env=child_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "a stranger" not in said.stderr
    assert own_command("signer")[-2:] == ["desktop.launch", "signer"]


def test_the_bundle_runs_itself(bundle: Path) -> None:
    assert own_command("signer", "x") == ["/opt/oneclick/oneclick-validator", "signer", "x"]


def test_children_of_the_bundle_get_the_users_own_library_path(bundle: Path) -> None:
    given = {
        "LD_LIBRARY_PATH": str(bundle),
        "LD_LIBRARY_PATH_ORIG": "/usr/local/lib",
        "DYLD_LIBRARY_PATH": str(bundle),
        "_MEIPASS2": str(bundle),
        "_PYI_ARCHIVE_FILE": "/opt/oneclick/oneclick-validator",
        "QT_PLUGIN_PATH": str(bundle / "PySide6/Qt/plugins"),
        "PATH": os.pathsep.join(["/usr/bin", str(bundle / "bin"), "/bin"]),
        "HOME": "/home/person",
        "EMPTY": "",
        "DBUS_SESSION_BUS_ADDRESS": "unix:path=/run/user/1000/bus",
    }
    assert child_environment(given) == {
        "LD_LIBRARY_PATH": "/usr/local/lib",
        "PATH": os.pathsep.join(["/usr/bin", "/bin"]),
        "HOME": "/home/person",
        "EMPTY": "",
        "DBUS_SESSION_BUS_ADDRESS": "unix:path=/run/user/1000/bus",
    }


@pytest.mark.skipif(sys.platform != "linux", reason="D-Bus is Linux'")
@pytest.mark.parametrize("given", [{}, {"DBUS_SESSION_BUS_ADDRESS": ""}])
def test_without_a_desktop_session_the_children_start_none(given: dict[str, str]) -> None:
    assert child_environment(given)["DBUS_SESSION_BUS_ADDRESS"] == NO_SESSION_BUS


def test_from_a_checkout_children_find_the_same_code() -> None:
    root = str(Path(__file__).resolve().parents[3])
    given = child_environment({"PYTHONPATH": "/other", "HOME": "/h"})
    assert given["PYTHONPATH"] == os.pathsep.join([root, "/other"])
    assert given["HOME"] == "/h"
    assert child_environment(given) == given
