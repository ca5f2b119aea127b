# SPDX-License-Identifier: Apache-2.0
"""The start of the window, each in a process of its own because imports are the matter."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


def printed(code: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_qt_leaves_python_its_own_import(tmp_path: Path) -> None:
    code = """
import builtins
plain = builtins.__import__
from desktop.quick_start import begin_quickly
begin_quickly()
import PySide6.QtNetwork, PySide6.QtWidgets
import fractions, linecache
print(builtins.__import__ is plain, fractions.__file__ in linecache.cache)
"""

    assert printed(code, tmp_path).split() == ["True", "False"]


def test_what_is_left_out_of_shiboken_is_missed_by_nobody(tmp_path: Path) -> None:
    code = """
import builtins, sys
plain = builtins.compile
from desktop.quick_start import begin_quickly
begin_quickly()
from PySide6.QtCore import QObject, QSize
from PySide6.support.signature import get_signature
writer = sys.modules["shibokensupport.signature.lib.pyi_generator"]
print(builtins.compile is plain, hasattr(writer, "generate_pyi"))
print(get_signature(QSize.expandedTo))
try:
    QObject().setObjectName(1, 2)
except TypeError as error:
    print(str(error).splitlines()[0])
"""

    left, signature, refusal = printed(code, tmp_path).splitlines()

    assert left.split() == ["True", "False"]
    assert "QSize" in signature
    assert "setObjectName" in refusal


def test_the_first_picture_asks_for_no_class_of_qt_that_it_does_not_show(tmp_path: Path) -> None:
    code = """
import enum, sys
made = []
create = enum.EnumType._create_
def noted(cls, name, *rest, **named):
    made.append(str(named.get("qualname") or name))
    return create(cls, name, *rest, **named)
enum.EnumType._create_ = noted
from desktop import app
from desktop.launch import main
app._live = lambda *rest: 0
main(["--data", sys.argv[1], "window", "--say-when-shown"])
print(*made)
"""

    _said, made = printed(code, tmp_path).splitlines()

    # Qt's style alone has some six hundred words, each an object; a wizard is far away.
    assert {"PixelMetric", "StandardPixmap", "WizardButton"} & {
        name.rpartition(".")[2] for name in made.split()
    } == set()


def test_the_first_picture_waits_for_no_part_of_the_engine(tmp_path: Path) -> None:
    code = """
import sys
from desktop import app
from desktop.launch import main
app._live = lambda *rest: 0
main(["--data", sys.argv[1], "window", "--say-when-shown"])
print(*sys.modules)
"""

    said, modules = printed(code, tmp_path).splitlines()

    assert said == "shown"
    heavy = {"asyncio", "structlog", "aiohttp", "httpx", "pydantic", "bridge.engine", "numpy"}
    assert heavy & set(modules.split()) == set()
