# SPDX-License-Identifier: Apache-2.0
"""What is said where a node cannot be prepared, and at which step."""

from __future__ import annotations

from pathlib import Path

import pytest

from node_manager.downloads.checksum import Checksum
from node_manager.downloads.errors import ChecksumWrong
from node_manager.errors import LocalNetworkNotStarted
from node_manager.layout import Layout
from node_manager.networks.catalogue import Catalogue
from node_manager.networks.profile import Binary, Release
from node_manager.networks.targets import this_target
from node_manager.node.preparation import Preparation
from node_manager.node.steps import Steps
from node_manager.state import Step, StepState
from tests.unit.downloads.file_server import FileServer


async def test_a_local_network_that_never_ran_is_no_profile_to_complete(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONECLICK_LOCALNET", str(tmp_path / "never"))
    folder = layout.node("localnet")
    preparation = Preparation(layout, folder, folder.home, Steps(lambda: None))
    with pytest.raises(LocalNetworkNotStarted, match="oneclick-validator localnet up"):
        await preparation.program(Catalogue(layout).get("localnet"), None, this_target())


async def test_a_wrong_file_came_whole_and_failed_at_its_check(layout: Layout) -> None:
    server = FileServer(b"not what was published")
    await server.start()
    binary = Binary(this_target(), server.url(), Checksum("sha256", "00" * 32))
    release = Release("v2", "2.0.0", None, {this_target(): binary})
    folder, steps = layout.node("omniphi-testnet-2"), Steps(lambda: None)
    preparation = Preparation(layout, folder, folder.home, steps)
    profile = Catalogue(layout).get("omniphi-testnet-2")
    try:
        with pytest.raises(ChecksumWrong) as refused:
            await preparation.program(profile, release, this_target())
    finally:
        await server.stop()
    rows = {row.step: row for row in steps.rows()}
    assert rows[Step.DOWNLOAD].state is StepState.DONE
    assert rows[Step.VERIFY].state is StepState.FAILED
    assert rows[Step.VERIFY].reason == refused.value.explanation
