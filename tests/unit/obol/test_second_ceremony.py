# SPDX-License-Identifier: Apache-2.0
"""A lock that exists ends every thought of a ceremony, also where one is about to begin."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from node_manager.obol.ceremony.dkg import Ceremony
from node_manager.obol.charon.program import CharonProgram
from node_manager.obol.cluster.documents import read_lock
from node_manager.obol.errors import LockExists
from node_manager.obol.folder import ClusterFolder
from node_manager.obol.settings import read_settings
from tests.unit.obol.recorded import CHARON


class NothingRuns:
    """Where a ceremony would be started."""

    def __init__(self) -> None:
        self.started: list[object] = []

    async def adopt(self, _record: Path) -> None:
        return None

    async def spawn(self, launch: object, _record: Path) -> None:
        self.started.append(launch)
        raise AssertionError("a second ceremony was started")


async def test_no_ceremony_begins_beside_a_lock_and_the_lock_stays(tmp_path: Path) -> None:
    shutil.copytree(CHARON / "cluster" / "node1", tmp_path / "charon")
    folder = ClusterFolder(tmp_path)
    shutil.copy(CHARON / "cluster" / "cluster-lock.json", folder.lock)
    before = {path: path.read_bytes() for path in folder.charon.rglob("*") if path.is_file()}
    runner: Any = NothingRuns()
    ceremony = Ceremony(
        folder,
        read_settings({"charon": {"operatorAddress": "0x" + "12" * 20}}),
        CharonProgram(Path("/charon"), "v1.10.3", lambda _log: runner),
        agreed=read_lock(folder.lock).definition,
        on_change=lambda _view: None,
        on_pause=lambda _pause: None,
    )
    with pytest.raises(LockExists):
        await ceremony.hold()
    assert not runner.started
    assert {path: path.read_bytes() for path in before} == before
