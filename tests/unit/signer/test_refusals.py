# SPDX-License-Identifier: Apache-2.0
"""The refusals of a signer, read back from what it wrote."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from node_manager.signer.refusals import read_refusals

WRITER = """
from node_manager.signer.signlog import REFUSED, say
say("info", "connected to the node", node="unix")
for height in range(5):
    say("warning", REFUSED, code="DOUBLE_SIGN", why=f"Height {height} is signed already.")
"""


def test_the_newest_come_first_and_nothing_else_comes(tmp_path: Path) -> None:
    log = tmp_path / "signer.log"
    with log.open("wb") as file:
        file.write(b'{"event": "refused to sign", "timestamp": 7}\nrefused to sign\n')
        file.flush()
        subprocess.run([sys.executable, "-c", WRITER], stderr=file, check=True)
    found = read_refusals(log, most=3)
    assert [one.why for one in found] == [
        f"Height {height} is signed already." for height in (4, 3, 2)
    ]
    assert found[0].at >= found[1].at
    assert len(read_refusals(log)) == 5


def test_without_a_log_there_are_none(tmp_path: Path) -> None:
    assert read_refusals(tmp_path / "signer.log") == []
