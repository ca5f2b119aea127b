# SPDX-License-Identifier: Apache-2.0
"""Four operators with a real charon; the program is brought by hand (`ONECLICK_CHARON`)."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.e2e.dv_cluster import DvCluster

PROGRAM = shutil.which(os.environ.get("ONECLICK_CHARON", "") or "no-charon-named")


@pytest.mark.timeout(400)
@pytest.mark.skipif(PROGRAM is None, reason="ONECLICK_CHARON does not name a charon")
async def test_four_operators_from_enr_to_duties_with_one_killed_and_back(tmp_path: Path) -> None:
    cluster = DvCluster(Path(str(PROGRAM)), tmp_path)
    await cluster.whole()
    assert cluster.figures["definition_to_dkg"] < 30
