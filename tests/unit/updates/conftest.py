# SPDX-License-Identifier: Apache-2.0
"""A source of updates and a server of files, both real and on this computer."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator

import pytest

from tests.helpers.update_material import document
from tests.unit.downloads.file_server import FileServer


@pytest.fixture
async def server() -> AsyncIterator[FileServer]:
    """Announces 0.2.0 at `server.url()`, without any file."""
    served = FileServer(document())
    await served.start()
    yield served
    await served.stop()


@pytest.fixture
async def files() -> AsyncIterator[FileServer]:
    """A file that nothing shortens, under every name."""
    served = FileServer(random.Random(3).randbytes(700_000))
    await served.start()
    yield served
    await served.stop()
