# SPDX-License-Identifier: Apache-2.0
"""A server with a file, for every test of downloads."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator

import pytest

from tests.unit.downloads.file_server import FileServer


@pytest.fixture
async def server() -> AsyncIterator[FileServer]:
    """One megabyte that no compression shortens, at `server.url()`."""
    served = FileServer(random.Random(7).randbytes(1024 * 1024))
    await served.start()
    yield served
    await served.stop()
