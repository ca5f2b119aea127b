# SPDX-License-Identifier: Apache-2.0
"""An operator on a bench whose stand-in for charon does not dawdle."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.helpers.dv_bench import Bench, dv_bench


@pytest.fixture
async def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    async with dv_bench(tmp_path, monkeypatch, speed=1000) as one:
        yield one
