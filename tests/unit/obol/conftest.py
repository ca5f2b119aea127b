# SPDX-License-Identifier: Apache-2.0
"""An operator on a bench whose stand-in for charon does not dawdle."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.helpers.dv_bench import KEYS, Bench, dv_bench, signed_cluster
from tests.helpers.dv_locks import MadeLock, make_lock


@pytest.fixture(scope="session")
def made() -> MadeLock:
    return make_lock(signed_cluster().raw(), KEYS)


@pytest.fixture
async def bench(
    tmp_path: Path, made: MadeLock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Bench]:
    async with dv_bench(tmp_path, made, monkeypatch, speed=1000) as one:
        yield one
