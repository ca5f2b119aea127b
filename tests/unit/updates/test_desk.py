# SPDX-License-Identifier: Apache-2.0
"""What is believed of a source that answers, lies, repeats itself or is silent."""

from __future__ import annotations

import json
import socket
import ssl
from datetime import timedelta
from pathlib import Path

import pytest

from node_manager.layout import Layout
from node_manager.updates import fetch as fetching
from node_manager.updates.desk import UpdateDesk
from node_manager.updates.errors import SourceNotReached
from node_manager.updates.fetch import MAX_BYTES, fetch_answer
from tests.helpers.certificates import certificate
from tests.helpers.update_material import NOON, OTHER_KEY, TARGET, document, source
from tests.unit.downloads.file_server import FileServer

DAY = 86_400.0


class Scene:
    """A desk of version 0.1.0 with a clock of its own; `anew` is the next start of the app."""

    def __init__(self, layout: Layout, url: str) -> None:
        self.layout, self.source = layout, source(url)
        self.now = NOON.timestamp()
        self.desk = self.anew()

    def anew(self, version: str = "0.1.0") -> UpdateDesk:
        self.desk = UpdateDesk(
            self.layout, self.source, version=version, target=TARGET, clock=lambda: self.now
        )
        return self.desk

    async def trouble(self) -> str:
        """The code of what went wrong with a question."""
        standing = await self.desk.check()
        return standing.trouble.code if standing.trouble else ""


@pytest.fixture
def scene(layout: Layout, server: FileServer) -> Scene:
    return Scene(layout, server.url())


async def test_nothing_is_known_before_the_first_answer(scene: Scene, server: FileServer) -> None:
    standing = await scene.desk.standing()
    assert standing.is_newest(scene.now) is None
    assert server.asked == []
    assert not scene.layout.data.exists(), "asking nobody creates nothing"


async def test_a_newer_version_is_told_with_its_date_and_what_changed(scene: Scene) -> None:
    standing = await scene.desk.check()
    assert standing.newer is not None
    assert standing.newer.version == "0.2.0"
    assert standing.newer.date == NOON
    assert standing.newer.changes_in("de") == "Diagramme behalten einen Monat."
    assert standing.newer.changes_in("fr") == "Charts keep a month."
    assert standing.newest.age(scene.now + 180) == 180
    assert standing.is_newest(scene.now) is False
    assert not standing.unsafe


@pytest.mark.parametrize("announced", ["0.1.0", "0.0.9"])
async def test_the_same_or_an_older_version_is_not_offered(
    scene: Scene, server: FileServer, announced: str
) -> None:
    server.content = document(announced)
    standing = await scene.desk.check()
    assert standing.newer is None
    assert standing.is_newest(scene.now) is True


async def test_versions_are_compared_as_numbers(scene: Scene, server: FileServer) -> None:
    server.content = document("0.10.0")
    scene.anew("0.9.0")
    assert (await scene.desk.check()).newer is not None


async def test_a_version_that_is_no_longer_safe_is_told_so(
    scene: Scene, server: FileServer
) -> None:
    server.content = document(minimum="0.1.1")
    assert (await scene.desk.check()).unsafe


async def test_another_keys_announcement_changes_nothing(scene: Scene, server: FileServer) -> None:
    await scene.desk.check()
    server.content = document("0.3.0", key=OTHER_KEY)
    standing = await scene.desk.check()
    assert standing.trouble is not None
    assert str(standing.trouble).startswith(
        "The announcement is not signed by the key of this build. Nothing was downloaded."
    )
    assert standing.newer is not None
    assert standing.newer.version == "0.2.0"


async def test_an_altered_byte_is_refused(scene: Scene, server: FileServer) -> None:
    server.content = server.content.replace(b"0.2.0", b"9.2.0")
    assert await scene.trouble() == "update-not-signed"
    assert (await scene.desk.standing()).newest.value is None


async def test_there_is_no_way_back_to_an_older_version(scene: Scene, server: FileServer) -> None:
    older = server.content
    server.content = document("0.3.0", date=NOON + timedelta(days=1))
    await scene.desk.check()
    server.content = older
    assert await scene.trouble() == "update-announcement-older"
    scene.anew()
    assert await scene.trouble() == "update-announcement-older"
    standing = await scene.desk.standing()
    assert standing.newer is not None
    assert standing.newer.version == "0.3.0"


async def test_an_older_version_with_a_later_date_is_no_way_back_either(
    scene: Scene, server: FileServer
) -> None:
    await scene.desk.check()
    server.content = document("0.1.5", date=NOON + timedelta(days=9))
    assert await scene.trouble() == "update-announcement-older"


async def test_an_older_announcement_of_the_same_version_is_a_repetition(
    scene: Scene, server: FileServer
) -> None:
    first = server.content
    server.content = document(date=NOON + timedelta(days=40), minimum="0.2.0")
    assert await scene.trouble() == ""
    server.content = first
    assert await scene.trouble() == "update-announcement-older"
    assert (await scene.desk.standing()).unsafe, "what was said later stands"


async def test_a_source_that_repeats_itself_for_ever_is_told_as_old(scene: Scene) -> None:
    """Frozen: every answer is genuine, and none is new."""
    scene.anew("0.2.0")
    assert (await scene.desk.check()).is_newest(scene.now) is True
    scene.now += 91 * DAY
    standing = await scene.desk.check()
    assert standing.trouble is None
    assert standing.is_newest(scene.now) is None


async def test_an_old_answer_grows_stale_and_then_unknown(scene: Scene) -> None:
    scene.anew("0.2.0")
    standing = await scene.desk.check()
    assert standing.is_newest(scene.now + 4 * DAY) is True
    assert standing.newest.stale(scene.now + 4 * DAY)
    assert standing.is_newest(scene.now + 11 * DAY) is None
    assert standing.newest.age(scene.now + 40 * DAY) == 40 * DAY


async def test_a_newer_version_does_not_go_by_being_offline(scene: Scene) -> None:
    await scene.desk.check()
    scene.now += 40 * DAY
    standing = await scene.anew().standing()
    assert standing.newer is not None
    assert standing.newest.age(scene.now) == 40 * DAY


async def test_an_answer_larger_than_an_announcement_is_not_read_to_its_end(
    scene: Scene, server: FileServer
) -> None:
    server.content = b" " * (50 * 1024 * 1024)
    assert await scene.trouble() == "update-answer-too-large"
    assert server.sent < 100 * MAX_BYTES


async def test_offline_is_told_and_asked_again_within_the_hour(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "ATTEMPTS", 1)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    scene = Scene(layout, f"http://127.0.0.1:{port}/a.json")
    assert await scene.trouble() == "update-source-not-reached"
    assert not await scene.desk.is_due()
    scene.now += 3601
    assert await scene.desk.is_due()


async def test_a_server_without_an_announcement_is_told(scene: Scene, server: FileServer) -> None:
    server.status = 404
    standing = await scene.desk.check()
    assert standing.trouble is not None
    assert "The server answers 404." in str(standing.trouble)


async def test_an_answer_that_drips_is_given_up(server: FileServer) -> None:
    server.stall_after = 0
    with pytest.raises(SourceNotReached, match="takes too long"):
        await fetch_answer(server.url(), whole_seconds=0.3)


async def test_a_redirect_off_https_is_not_followed(
    server: FileServer, layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    public, private = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(public))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    secure = FileServer(document())
    await secure.start(context)
    try:
        scene = Scene(layout, secure.url())
        assert await scene.trouble() == ""
        secure.redirects = {"/file": server.url()}
        standing = await scene.desk.check()
    finally:
        await secure.stop()
    assert standing.trouble is not None
    assert "from https to unprotected http" in str(standing.trouble)
    assert server.asked == []


async def test_a_redirect_on_this_computer_does_not_lead_outside_unprotected(
    scene: Scene, server: FileServer
) -> None:
    server.redirects = {"/file": "http://192.0.2.1/a.json"}
    standing = await scene.desk.check()
    assert standing.trouble is not None
    assert "unprotected http" in str(standing.trouble)


async def test_a_redirect_in_a_circle_ends(scene: Scene, server: FileServer) -> None:
    server.redirects = {"/file": "/file"}
    assert await scene.trouble() == "update-source-not-reached"


async def test_it_is_asked_once_a_day_and_a_clock_set_back_does_not_stop_that(
    scene: Scene,
) -> None:
    assert await scene.desk.is_due()
    await scene.desk.check()
    assert not await scene.desk.is_due()
    scene.now += DAY - 1
    assert not await scene.anew().is_due()
    scene.now += 2
    assert await scene.desk.is_due()
    await scene.desk.check()
    scene.now -= 400 * DAY
    assert await scene.desk.is_due()


async def test_a_refused_answer_counts_for_the_day(scene: Scene, server: FileServer) -> None:
    server.content = document(key=OTHER_KEY)
    await scene.trouble()
    scene.now += 3601
    assert not await scene.desk.is_due()


async def test_another_builds_key_begins_anew(scene: Scene, server: FileServer) -> None:
    server.content = document("99.0.0")
    await scene.desk.check()
    scene.source = source(server.url(), OTHER_KEY)
    scene.anew()
    assert (await scene.desk.standing()).newest.value is None
    server.content = document("0.2.0", key=OTHER_KEY)
    assert await scene.trouble() == ""


async def test_the_own_record_is_believed_no_more_than_the_network(scene: Scene) -> None:
    await scene.desk.check()
    file = scene.layout.data / "updates.json"
    told = json.loads(file.read_text())
    told["newest"] = document("9.0.0", key=OTHER_KEY).decode()
    file.write_text(json.dumps(told))
    assert (await scene.desk.standing()).newest.value is None


@pytest.mark.logs("what was announced before cannot be read")
async def test_a_damaged_record_is_begun_anew(scene: Scene) -> None:
    await scene.desk.check()
    (scene.layout.data / "updates.json").write_text("{")
    assert (await scene.desk.standing()).newest.value is None
    assert await scene.trouble() == ""


async def test_a_build_without_a_source_asks_nobody(layout: Layout) -> None:
    desk = UpdateDesk.of_this_build(layout)
    standing = await desk.check()
    assert (standing.source, standing.is_newest(0.0)) == ("", None)
    assert not await desk.is_due()
    assert not layout.data.exists()
