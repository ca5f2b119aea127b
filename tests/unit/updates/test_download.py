# SPDX-License-Identifier: Apache-2.0
"""The file of a newer version comes whole and verified, or not at all; nothing runs it."""

from __future__ import annotations

import os

import pytest

from node_manager.downloads.progress import Progress
from node_manager.explanation import Explained
from node_manager.layout import Layout
from node_manager.updates.desk import UpdateDesk
from node_manager.updates.errors import NoFileForPlatform, NothingNewer
from tests.helpers.update_material import NOON, TARGET, document, release, source
from tests.unit.downloads.file_server import FileServer

NAME = "oneclick-validator-0.2.0-linux-amd64.tar.gz"


@pytest.fixture
async def desk(layout: Layout, server: FileServer, files: FileServer) -> UpdateDesk:
    file = release(files.url(f"/{NAME}"), files.content)
    server.content = document(files={TARGET: file})
    desk = UpdateDesk(
        layout, source(server.url()), version="0.1.0", target=TARGET, clock=NOON.timestamp
    )
    await desk.check()
    return desk


async def test_it_comes_with_progress_and_is_kept(
    desk: UpdateDesk, files: FileServer, layout: Layout
) -> None:
    seen: list[Progress] = []
    place = await desk.download(seen.append)
    assert place == layout.data / "updates" / NAME
    assert place.read_bytes() == files.content
    assert seen[-1].done == seen[-1].total == len(files.content)
    assert (await desk.standing()).downloaded == place
    assert not os.access(place, os.X_OK) or os.name == "nt", "it is not to be run from there"


async def test_what_is_there_is_not_fetched_again_by_the_next_start(
    desk: UpdateDesk, files: FileServer, layout: Layout, server: FileServer
) -> None:
    place = await desk.download()
    asked = len(files.asked)
    again = UpdateDesk(layout, source(server.url()), version="0.1.0", target=TARGET)
    assert (await again.standing()).downloaded == place
    assert await again.download() == place
    assert len(files.asked) == asked


async def test_a_file_that_was_changed_on_the_disk_is_not_offered(
    desk: UpdateDesk, files: FileServer
) -> None:
    place = await desk.download()
    place.write_bytes(bytes(len(files.content)))
    assert (await desk.standing()).downloaded is None
    await desk.download()
    assert place.read_bytes() == files.content


async def test_other_bytes_than_the_announced_ones_leave_no_file(
    desk: UpdateDesk, files: FileServer, layout: Layout
) -> None:
    files.content = bytes(len(files.content))
    with pytest.raises(Explained, match="nothing was installed") as caught:
        await desk.download()
    assert caught.value.explanation.code == "checksum-wrong"
    assert [*(layout.data / "updates").iterdir()] == []
    assert (await desk.standing()).downloaded is None


async def test_more_bytes_than_announced_are_not_taken(
    desk: UpdateDesk, files: FileServer, layout: Layout
) -> None:
    files.content += b"more"
    with pytest.raises(Explained) as caught:
        await desk.download()
    assert caught.value.explanation.code == "too-large"
    assert [*(layout.data / "updates").iterdir()] == []


async def test_the_file_before_it_is_dropped(desk: UpdateDesk, layout: Layout) -> None:
    old = layout.data / "updates" / "oneclick-validator-0.1.5-linux-amd64.tar.gz"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"old")
    await desk.download()
    assert [path.name for path in old.parent.iterdir()] == [NAME]


async def test_a_platform_without_a_file_is_told(layout: Layout, server: FileServer) -> None:
    desk = UpdateDesk(layout, source(server.url()), version="0.1.0", target=TARGET)
    standing = await desk.check()
    assert standing.newer is not None
    assert standing.file is None
    with pytest.raises(NoFileForPlatform, match="linux/amd64"):
        await desk.download()


async def test_without_a_newer_version_nothing_is_fetched(
    layout: Layout, server: FileServer
) -> None:
    desk = UpdateDesk(layout, source(server.url()), version="0.2.0", target=TARGET)
    await desk.check()
    with pytest.raises(NothingNewer):
        await desk.download()
