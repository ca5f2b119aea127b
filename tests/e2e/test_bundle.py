# SPDX-License-Identifier: Apache-2.0
"""The built program runs outside the checkout, on what it brought along."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil
import pytest

from node_manager.version import VERSION

ROOT = Path(__file__).resolve().parents[2]
LARGEST = 320_000_000
"""Bytes: twice what the first bundle weighed (170 MB); more means that unused parts came along."""

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh bundle, or the one that ONECLICK_BUNDLE names, in a folder of its own."""
    place = tmp_path_factory.mktemp("bundle")
    if built := os.environ.get("ONECLICK_BUNDLE"):
        moved = place / "One-Click Validator"
        shutil.copytree(built, moved, symlinks=True)
        return moved
    command = [sys.executable, "packaging/build.py", f"--dist={place}", f"--work={place / 'work'}"]
    subprocess.run(command, cwd=ROOT, check=True)
    shutil.rmtree(place / "work")
    # a bundle must not depend on where it was built, and a blank must not matter
    return (place / "oneclick-validator").rename(place / "One-Click Validator")


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """The environment of a person without Python, Qt or a checkout."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
        "ONECLICK_DATA": str(tmp_path / "data"),
        "ONECLICK_CACHE": str(tmp_path / "cache"),
        "QT_QPA_PLATFORM": "offscreen",
    }


def run(
    bundle: Path, environment: Mapping[str, str], *words: str, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(bundle / "oneclick-validator"), *words],
        env=environment,
        cwd=environment["HOME"],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_it_says_its_version(bundle: Path, bare: dict[str, str]) -> None:
    said = run(bundle, bare, "--version")
    assert (said.returncode, said.stdout.strip()) == (0, f"oneclick-validator {VERSION}")
    assert said.stderr == ""


def test_status_without_a_running_app_is_a_truthful_answer(
    bundle: Path, bare: dict[str, str]
) -> None:
    said = run(bundle, bare, "status", "--json")
    assert json.loads(said.stdout) == {"running": False, "nodes": []}
    assert not Path(bare["ONECLICK_DATA"]).exists(), "asking creates nothing"


def test_the_networks_came_along(bundle: Path, bare: dict[str, str]) -> None:
    said = run(bundle, bare, "networks", "list")
    assert said.returncode == 0, said.stderr
    assert "localnet" in said.stdout
    assert "omniphi-testnet-1" in said.stdout


def test_headless_it_names_what_is_missing(bundle: Path, bare: dict[str, str]) -> None:
    said = run(bundle, bare, "up", "--headless", "--network", "no-such-network")
    assert said.returncode == 1
    assert "no-such-network" in said.stderr
    assert "Traceback" not in said.stderr + said.stdout


@pytest.fixture
def window(bundle: Path, bare: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    shown = subprocess.Popen(
        [str(bundle / "oneclick-validator"), "window", "--exit-after", "6"],
        env=bare,
        cwd=bare["HOME"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield shown
    shown.kill()
    shown.communicate()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_window_opens_on_the_libraries_of_the_bundle(
    bundle: Path, bare: dict[str, str], window: subprocess.Popen[str]
) -> None:
    loaded: set[str] = set()
    deadline = time.monotonic() + 30
    answers = []
    while window.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(psutil.Error):
            loaded |= {entry.path for entry in psutil.Process(window.pid).memory_maps()}
        answers.append(json.loads(run(bundle, bare, "status", "--json").stdout))
    said, complaints = window.communicate(timeout=60)
    assert {"running": True, "nodes": []} in answers, "the engine behind the window answers"
    assert window.returncode == 0, complaints
    assert "Traceback" not in said + complaints
    assert "ModuleNotFoundError" not in said + complaints
    ours = [path for path in loaded if "Qt6" in path or "libpython" in path]
    assert any("libqoffscreen" in path for path in loaded)
    assert ours
    assert [path for path in ours if not path.startswith(str(bundle))] == []


def test_the_signer_refuses_to_run_without_a_plan(bundle: Path, bare: dict[str, str]) -> None:
    said = run(bundle, bare, "signer")
    assert said.returncode != 0
    assert "ModuleNotFoundError" not in said.stderr


def test_the_orchestrator_finds_its_migrations(bundle: Path, bare: dict[str, str]) -> None:
    scripts = list((bundle / "_internal").rglob("migrations/versions/*.py"))
    assert scripts
    said = run(bundle, bare, "orchestrator", "migrate")
    assert said.returncode == 0, said.stderr
    assert "The tables are at revision" in said.stdout


def test_unused_parts_stay_out(bundle: Path) -> None:
    files = [path for path in bundle.rglob("*") if path.is_file() and not path.is_symlink()]
    names = {path.name for path in files}
    unwanted = ("Qt6Qml", "Qt6Quick", "Qt6Pdf", "Qt6WebEngine", "QtDesigner", "libgtk-3")
    assert [name for name in names if name.removeprefix("lib").startswith(unwanted)] == []
    assert sum(path.stat().st_size for path in files) < LARGEST
