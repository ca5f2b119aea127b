# SPDX-License-Identifier: Apache-2.0
"""A process killed in the middle of a download loses nothing: the next one goes on."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from node_manager.downloads.checksum import Checksum
from node_manager.downloads.fetch import fetch_file
from tests.unit.downloads.file_server import FileServer

MEGABYTE = 1024 * 1024

PROGRAM = """
import asyncio, sys
from pathlib import Path
from node_manager.downloads.checksum import Checksum
from node_manager.downloads.fetch import fetch_file

url, folder, digest = sys.argv[1:]
asyncio.run(fetch_file(url, Path(folder, "file"), Checksum("sha256", digest),
                       partial_folder=Path(folder, "partials")))
"""


async def test_the_next_process_goes_on_after_kill_9(server: FileServer, tmp_path: Path) -> None:
    server.content = server.content * 24
    server.pause = 0.005
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, server.url(), str(tmp_path), server.sha256
    )
    while server.sent < 16 * MEGABYTE:
        assert child.returncode is None
        await asyncio.sleep(0.01)
    child.kill()
    await child.wait()
    assert not (tmp_path / "file").exists()
    (partial,) = (tmp_path / "partials").glob("*.part")
    left = partial.stat().st_size
    assert left >= 4 * MEGABYTE

    await asyncio.sleep(0.2)  # the server notices that nobody reads
    server.sent, server.pause = 0, 0
    fetched = await fetch_file(
        server.url(),
        tmp_path / "file",
        Checksum("sha256", server.sha256),
        partial_folder=tmp_path / "partials",
    )
    assert fetched.resumed_from == left
    assert server.sent == len(server.content) - left
    assert (tmp_path / "file").read_bytes() == server.content
