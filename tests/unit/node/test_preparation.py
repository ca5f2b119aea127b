# SPDX-License-Identifier: Apache-2.0
"""What is said where a node cannot be prepared for want of facts."""

from __future__ import annotations

from pathlib import Path

import pytest

from node_manager.errors import LocalNetworkNotStarted
from node_manager.layout import Layout
from node_manager.networks.catalogue import Catalogue
from node_manager.networks.targets import this_target
from node_manager.node.preparation import Preparation
from node_manager.node.steps import Steps


async def test_a_local_network_that_never_ran_is_no_profile_to_complete(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONECLICK_LOCALNET", str(tmp_path / "never"))
    folder = layout.node("localnet")
    preparation = Preparation(layout, folder, folder.home, Steps(lambda: None))
    with pytest.raises(LocalNetworkNotStarted, match="oneclick-validator localnet up"):
        await preparation.program(Catalogue(layout).get("localnet"), None, this_target())
