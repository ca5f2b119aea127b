# SPDX-License-Identifier: Apache-2.0
"""A fetched file is complete and checked, or absent, and the next try goes on."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from node_manager.downloads.checksum import Checksum
from node_manager.downloads.errors import (
    AccessRefused,
    ChecksumWrong,
    ConnectionFailed,
    FileUnreadable,
    NoSpace,
    NotPublished,
    ServerTrouble,
    Stalled,
    TooLarge,
    Truncated,
    UrlRefused,
)
from node_manager.downloads.fetch import FetchedFile, fetch_file
from node_manager.downloads.progress import Progress
from tests.unit.downloads.file_server import FileServer

HALF = 512 * 1024


class Place:
    """Where a test's file goes."""

    def __init__(self, folder: Path, server: FileServer) -> None:
        self.file = folder / "place" / "program"
        self.partials = folder / "partials"
        self.server = server
        self.progress: list[Progress] = []

    async def fetch(
        self,
        url: str | None = None,
        *,
        checksum: str | None = "right",
        attempts: int = 1,
        stall_seconds: float = 5.0,
        limit_bytes: int | None = None,
    ) -> FetchedFile:
        wanted = self.server.sha256 if checksum == "right" else checksum
        return await fetch_file(
            url or self.server.url(),
            self.file,
            Checksum.parse(wanted) if wanted else None,
            partial_folder=self.partials,
            on_progress=self.progress.append,
            limit_bytes=limit_bytes,
            stall_seconds=stall_seconds,
            attempts=attempts,
        )

    def left(self) -> int:
        """Bytes that an interrupted try left."""
        return sum(path.stat().st_size for path in self.partials.glob("*.part"))


@pytest.fixture
def place(tmp_path: Path, server: FileServer) -> Place:
    return Place(tmp_path, server)


async def test_the_file_arrives_whole_and_nothing_else_stays(place: Place) -> None:
    fetched = await place.fetch()
    assert place.file.read_bytes() == place.server.content
    assert (fetched.size, fetched.resumed_from) == (len(place.server.content), 0)
    assert fetched.checksum.digest == place.server.sha256
    assert list(place.partials.iterdir()) == []


async def test_sha512_is_as_good_as_sha256(place: Place) -> None:
    import hashlib

    digest = hashlib.sha512(place.server.content).hexdigest()
    fetched = await place.fetch(checksum=f"sha512:{digest}")
    assert fetched.checksum.algorithm == "sha512"


async def test_a_checksum_in_the_url_counts_and_is_not_sent(place: Place) -> None:
    await place.fetch(place.server.url() + f"?checksum=sha256:{place.server.sha256}", checksum=None)
    with pytest.raises(ChecksumWrong):
        await place.fetch(place.server.url() + f"?checksum=sha256:{'0' * 64}", checksum=None)


async def test_without_a_checksum_the_found_one_is_told(place: Place) -> None:
    fetched = await place.fetch(checksum=None)
    assert fetched.checksum == Checksum("sha256", place.server.sha256)


async def test_progress_ends_at_the_total(place: Place) -> None:
    await place.fetch()
    assert place.progress[-1].done == place.progress[-1].total == len(place.server.content)
    assert {step.phase for step in place.progress} == {"download"}


async def test_wrong_bytes_are_deleted_and_leave_the_old_file(place: Place) -> None:
    place.file.parent.mkdir()
    place.file.write_text("old")
    with pytest.raises(ChecksumWrong, match="expected is " + "0" * 64):
        await place.fetch(checksum="0" * 64)
    assert place.file.read_text() == "old"
    assert place.left() == 0


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, NotPublished),
        (410, NotPublished),
        (403, AccessRefused),
        (500, ServerTrouble),
        (206, ServerTrouble),
    ],
)
async def test_an_answer_without_a_file_is_named(
    place: Place, status: int, error: type[Exception]
) -> None:
    place.server.status = status
    with pytest.raises(error):
        await place.fetch()
    assert not place.file.exists()


async def test_a_server_in_trouble_is_asked_again(place: Place) -> None:
    place.server.failures = 1
    await place.fetch(attempts=2)
    assert place.file.read_bytes() == place.server.content


async def test_a_missing_file_is_not_asked_for_again(place: Place) -> None:
    place.server.status = 404
    with pytest.raises(NotPublished):
        await place.fetch(attempts=3)
    assert len(place.server.asked) == 1


async def test_after_a_truncation_the_next_try_goes_on(place: Place) -> None:
    place.server.cut_after = HALF
    with pytest.raises(Truncated):
        await place.fetch()
    left = place.left()
    assert 0 < left <= HALF
    place.server.cut_after = None
    fetched = await place.fetch()
    assert fetched.resumed_from == left
    assert place.server.asked[-1]["Range"] == f"bytes={left}-"
    assert place.server.asked[-1]["If-Range"] == '"one"'
    assert place.file.read_bytes() == place.server.content


async def test_the_rest_is_fetched_within_one_call_when_tries_are_left(place: Place) -> None:
    place.server.cut_after = 700 * 1024
    fetched = await place.fetch(attempts=2)
    assert fetched.resumed_from > 0
    assert place.file.read_bytes() == place.server.content


async def test_a_body_shorter_than_declared_is_truncated(place: Place) -> None:
    place.server.declared = len(place.server.content) + 10
    with pytest.raises(Truncated):
        await place.fetch()


async def test_a_stall_is_named_and_keeps_what_came(place: Place) -> None:
    place.server.stall_after = HALF
    with pytest.raises(Stalled, match=r"since 0\.3 s"):
        await place.fetch(stall_seconds=0.3)
    assert place.left() == HALF
    place.server.stall_after = None
    place.server.release.set()
    assert (await place.fetch()).resumed_from == HALF


async def test_a_changed_file_is_fetched_anew(place: Place) -> None:
    place.server.cut_after = HALF
    checksum = place.server.sha256
    with pytest.raises(Truncated):
        await place.fetch(checksum=None)
    place.server.cut_after = None
    place.server.etag = '"two"'
    place.server.content = place.server.content[::-1]
    fetched = await place.fetch(checksum=None)
    assert fetched.resumed_from == 0
    assert fetched.checksum.digest == place.server.sha256 != checksum


async def test_a_weak_etag_vouches_for_nothing(place: Place) -> None:
    place.server.etag = 'W/"one"'
    place.server.cut_after = HALF
    with pytest.raises(Truncated):
        await place.fetch(checksum=None)
    place.server.cut_after = None
    assert (await place.fetch(checksum=None)).resumed_from == 0
    assert "Range" not in place.server.asked[-1]


async def test_the_date_vouches_where_there_is_no_etag(place: Place) -> None:
    place.server.etag, place.server.last_modified = "", "Wed, 21 Oct 2026 07:28:00 GMT"
    place.server.cut_after = HALF
    with pytest.raises(Truncated):
        await place.fetch(checksum=None)
    place.server.cut_after = None
    assert (await place.fetch(checksum=None)).resumed_from > 0
    assert place.server.asked[-1]["If-Range"] == place.server.last_modified


async def test_a_server_without_ranges_sends_all_again(place: Place) -> None:
    place.server.cut_after = HALF
    with pytest.raises(Truncated):
        await place.fetch()
    place.server.cut_after, place.server.ranges = None, False
    fetched = await place.fetch()
    assert fetched.resumed_from == 0
    assert place.file.read_bytes() == place.server.content


async def test_damaged_resumed_bytes_are_noticed_and_fetched_anew(place: Place) -> None:
    place.server.cut_after = HALF
    with pytest.raises(Truncated):
        await place.fetch()
    (partial,) = place.partials.glob("*.part")
    partial.write_bytes(bytes(partial.stat().st_size))
    place.server.cut_after = None
    fetched = await place.fetch()
    assert fetched.resumed_from == 0
    assert place.file.read_bytes() == place.server.content


async def test_bytes_of_another_promise_are_not_used(place: Place) -> None:
    place.server.cut_after = HALF
    with pytest.raises(Truncated):
        await place.fetch(checksum="0" * 64)
    place.server.cut_after = None
    assert (await place.fetch()).resumed_from == 0


async def test_a_partial_longer_than_the_file_is_given_up(place: Place) -> None:
    place.server.cut_after = HALF
    with pytest.raises(Truncated):
        await place.fetch()
    (partial,) = place.partials.glob("*.part")
    with partial.open("ab") as file:
        file.write(place.server.content * 2)
    place.server.cut_after = None
    await place.fetch()
    assert place.file.read_bytes() == place.server.content


async def test_complete_bytes_that_were_not_checked_yet_need_no_network(place: Place) -> None:
    place.server.cut_after = HALF
    with pytest.raises(Truncated):
        await place.fetch()
    (partial,) = place.partials.glob("*.part")
    partial.write_bytes(place.server.content)
    asked = len(place.server.asked)
    await place.fetch()
    assert len(place.server.asked) == asked
    assert place.file.read_bytes() == place.server.content


async def test_a_declared_size_beyond_the_limit_is_refused_before_a_byte(place: Place) -> None:
    with pytest.raises(TooLarge):
        await place.fetch(limit_bytes=1000)
    assert place.left() == 0


async def test_an_undeclared_size_beyond_the_limit_is_refused_on_the_way(place: Place) -> None:
    place.server.chunked = True
    with pytest.raises(TooLarge):
        await place.fetch(limit_bytes=HALF)
    assert place.left() == 0
    assert not place.file.exists()


async def test_space_is_asked_for_first(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(10**9, 10**9 - 1000, 1000))
    with pytest.raises(NoSpace, match="has 1000"):
        await place.fetch()
    assert place.left() == 0


async def test_a_disk_that_fills_up_keeps_what_fitted(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, written = os.write, 0

    def filling(handle: int, data: bytes) -> int:
        nonlocal written
        if written == HALF:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        count = write(handle, data[: HALF - written])
        written += count
        return count

    with monkeypatch.context() as patch:
        patch.setattr("node_manager.downloads.partial.os.write", filling)
        with pytest.raises(NoSpace):
            await place.fetch()
    left = place.left()
    assert left == HALF
    assert (await place.fetch()).resumed_from == left


async def test_a_cancelled_fetch_goes_on_later(place: Place) -> None:
    place.server.pause = 0.02
    task = asyncio.create_task(place.fetch())
    while place.server.sent < HALF:
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    place.server.pause = 0
    assert (await place.fetch()).resumed_from > 0
    assert place.file.read_bytes() == place.server.content


async def test_nobody_there_is_named(place: Place, unused_tcp_port: int) -> None:
    with pytest.raises(ConnectionFailed):
        await place.fetch(f"http://127.0.0.1:{unused_tcp_port}/file")


async def test_a_proxy_is_not_asked_for_this_computers_own_files(
    place: Place, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{unused_tcp_port}")
    monkeypatch.delenv("no_proxy", raising=False)
    await place.fetch()
    assert place.file.read_bytes() == place.server.content


async def test_redirects_are_followed_and_told(place: Place) -> None:
    place.server.redirects = {"/a": "/b", "/b": place.server.url()}
    fetched = await place.fetch(place.server.url("/a"))
    assert fetched.url == place.server.url()


async def test_a_circle_of_redirects_ends(place: Place) -> None:
    place.server.redirects = {"/a": "/a"}
    with pytest.raises(UrlRefused, match="more than 5 times"):
        await place.fetch(place.server.url("/a"))


async def test_a_redirect_to_a_local_file_is_refused(place: Place) -> None:
    place.server.redirects = {"/a": "file:///etc/passwd"}
    with pytest.raises(UrlRefused, match="file address"):
        await place.fetch(place.server.url("/a"))


@pytest.mark.parametrize("url", ["ftp://example.org/a", "/etc/passwd", "http://"])
async def test_what_is_no_address_is_refused(place: Place, url: str) -> None:
    with pytest.raises(UrlRefused):
        await place.fetch(url)


async def test_a_file_address_is_fetched_like_any_other(place: Place, tmp_path: Path) -> None:
    source = tmp_path / "a source with spaces"
    source.write_bytes(place.server.content)
    await place.fetch(source.as_uri())
    assert place.file.read_bytes() == place.server.content
    assert source.exists()
    with pytest.raises(ChecksumWrong):
        await place.fetch(source.as_uri(), checksum="0" * 64)


async def test_a_file_address_without_a_file_is_named(place: Place, tmp_path: Path) -> None:
    with pytest.raises(NotPublished):
        await place.fetch((tmp_path / "nothing").as_uri())
    with pytest.raises(FileUnreadable):
        await place.fetch(tmp_path.as_uri())


async def test_an_empty_file_is_a_file(place: Place) -> None:
    place.server.content = b""
    assert (await place.fetch()).size == 0
    assert place.file.read_bytes() == b""


async def test_errors_do_not_show_credentials(place: Place) -> None:
    place.server.status = 404
    url = place.server.url().replace("http://", "http://user:hidden@") + "?key=hidden"
    with pytest.raises(NotPublished) as caught:
        await place.fetch(url)
    assert "hidden" not in str(caught.value)
