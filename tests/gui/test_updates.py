# SPDX-License-Identifier: Apache-2.0
"""The card of updates as a person uses it; nothing is downloaded or installed by itself."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from bridge.engine import EngineOptions
from desktop.context import Context
from desktop.engine.adapter import EngineAdapter
from desktop.engine.link import EngineLink
from desktop.look.glyphs import Glyph
from desktop.preferences.updates import UpdatesCard
from node_manager.alerts.alert import Alert, AlertKind
from node_manager.downloads.errors import ConnectionFailed
from node_manager.downloads.progress import Progress
from node_manager.explanation import Explanation
from node_manager.layout import Layout
from node_manager.networks.targets import this_target
from node_manager.updates import source as source_of_build
from node_manager.updates.standing import Standing
from node_manager.updates.watch import UpdatesChanged
from tests.gui.conftest import Opened
from tests.helpers import samples, update_samples
from tests.helpers.fake_engine import FakeEngine
from tests.helpers.update_material import OTHER_KEY, document, release, source


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine([samples.signing()], samples.doors())


def card_of(engine: FakeEngine, open_window: Opened, qtbot: QtBot, standing: Standing) -> Any:
    engine.known_updates = standing
    window = open_window(engine)
    window.open_page("settings")
    page: Any = window.page("settings")
    qtbot.waitUntil(lambda: page.updates.standing is standing)
    return page.updates


def press(qtbot: QtBot, widget: QWidget) -> None:
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def note(card: Any) -> str:
    return str(card._version_line.note.text())


def newer_note(card: Any) -> str:
    return str(card._newer_line.note.text())


def test_a_build_without_a_source_says_so_and_offers_nothing(
    engine: FakeEngine, open_window: Opened, qtbot: QtBot
) -> None:
    card = card_of(engine, open_window, qtbot, Standing("0.1.0"))
    assert card.state.text() == "unknown"
    assert "names no source of updates" in note(card)
    for part in (card.check_button, card.daily, card.download):
        assert not part.isVisible()


SEEN = [
    (update_samples.unasked, Glyph.UNKNOWN, "unknown", "was not asked yet"),
    (update_samples.newest, Glyph.GOOD, "the newest that is announced", "Checked 3 min ago, sign"),
    (update_samples.newer, Glyph.WARN, "0.2.0 is out", "signed by the key of this build"),
    (update_samples.unsafe, Glyph.BAD, "not held for safe any more", "Checked 3 min ago"),
    (update_samples.offline, Glyph.UNKNOWN, "unknown", "The server answers 503."),
    (
        update_samples.forged,
        Glyph.BAD,
        "unknown",
        "The announcement is not signed by the key of this build. Nothing was downloaded.",
    ),
    (update_samples.frozen, Glyph.UNKNOWN, "unknown", "which holds no longer"),
    (update_samples.long_ago, Glyph.UNKNOWN, "unknown", "The last answer came 40 d"),
]


@pytest.mark.parametrize(
    ("standing", "glyph", "words", "part"), SEEN, ids=[one[0].__name__ for one in SEEN]
)
def test_each_standing_is_told_with_its_source_and_age_or_the_reason(
    engine: FakeEngine, open_window: Opened, qtbot: QtBot,
    standing: Any, glyph: Glyph, words: str, part: str,
) -> None:  # fmt: skip
    card = card_of(engine, open_window, qtbot, standing())
    assert (card.glyph.glyph, card.state.text()) == (glyph, words)
    assert part in note(card)
    assert card.check_button.isVisible()


def test_stale_is_never_said_with_a_good_glyph(
    engine: FakeEngine, open_window: Opened, qtbot: QtBot
) -> None:
    card = card_of(engine, open_window, qtbot, update_samples.of("0.1.0", 4 * 86_400.0, days=5))
    assert card.glyph.glyph is Glyph.WARN
    assert "stale, 4 d" in note(card)


def test_checking_asks_once_and_shows_the_answer(
    engine: FakeEngine, open_window: Opened, qtbot: QtBot
) -> None:
    card = card_of(engine, open_window, qtbot, update_samples.unasked())
    engine.answer_to_check = update_samples.newer()
    press(qtbot, card.check_button)
    assert card.state.text() == "asking"
    assert not card.check_button.isEnabled()
    qtbot.waitUntil(lambda: card.state.text() == "0.2.0 is out")
    assert card.check_button.isEnabled()
    assert engine.asked.count(("check updates",)) == 1
    assert "Charts keep a month." in newer_note(card)
    assert ("download update",) not in engine.asked


def test_what_the_app_finds_by_itself_is_shown(
    engine: FakeEngine, open_window: Opened, qtbot: QtBot
) -> None:
    card = card_of(engine, open_window, qtbot, update_samples.newest())
    engine.known_updates = update_samples.newer()
    engine.publish(UpdatesChanged())
    qtbot.waitUntil(lambda: card.state.text() == "0.2.0 is out")


def test_a_download_shows_its_progress_and_then_the_way_to_the_file(
    engine: FakeEngine, open_window: Opened, qtbot: QtBot, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    card = card_of(engine, open_window, qtbot, update_samples.newer())
    assert "172 MB to download" in newer_note(card)
    press(qtbot, card.download)
    assert "Connecting." in newer_note(card)
    engine.report_download(Progress("download", 43_000_000, 172_000_000, 8_600_000.0, 15.0))
    qtbot.waitUntil(lambda: card.bar.share == 0.25)
    assert "43.0 MB of 172 MB, 8.6 MB/s, about 15 s left" in newer_note(card)
    assert not card.download.isVisible()
    engine.known_updates = update_samples.downloaded(tmp_path)
    assert engine.downloading is not None
    engine.downloading.set_result(tmp_path)
    qtbot.waitUntil(card.folder.isVisible)
    assert "verified, not installed" in newer_note(card)
    assert not card.bar.isVisible()
    press(qtbot, card.folder)
    assert opened == [QUrl.fromLocalFile(str(tmp_path))], "the folder; the file is never opened"


def test_a_download_that_fails_says_why_and_can_be_tried_again(
    engine: FakeEngine, open_window: Opened, qtbot: QtBot
) -> None:
    card = card_of(engine, open_window, qtbot, update_samples.newer())
    engine.failures["download_update"] = ConnectionFailed(url="u", reason="Nobody answers.")
    press(qtbot, card.download)
    qtbot.waitUntil(lambda: "Nobody answers." in newer_note(card))
    del engine.failures["download_update"]
    press(qtbot, card.download)
    assert "Connecting." in newer_note(card)


def test_a_download_is_stopped(engine: FakeEngine, open_window: Opened, qtbot: QtBot) -> None:
    card = card_of(engine, open_window, qtbot, update_samples.newer())
    press(qtbot, card.download)
    future = engine.downloading
    press(qtbot, card.stop)
    assert future is not None
    assert future.cancelled()
    assert card.download.isVisible()
    assert not card.stop.isVisible()


def test_a_platform_without_a_file_has_no_button(
    engine: FakeEngine, open_window: Opened, qtbot: QtBot
) -> None:
    card = card_of(engine, open_window, qtbot, update_samples.of("0.2.0"))
    assert not card.download.isVisible()
    assert "not published for this platform" in newer_note(card)


def test_the_daily_question_can_be_switched_off(
    engine: FakeEngine, open_window: Opened, qtbot: QtBot
) -> None:
    card = card_of(engine, open_window, qtbot, update_samples.newest())
    qtbot.waitUntil(card.daily.isChecked)
    assert "updates.example.org is asked" in card._daily_line.note.text()
    press(qtbot, card.daily)
    qtbot.waitUntil(lambda: not engine.current_settings.updates.check)


def test_the_alert_leads_to_the_card(engine: FakeEngine, open_window: Opened, qtbot: QtBot) -> None:
    out = Explanation("alert-newer-version", "Version 0.2.0 of the app is out.")
    engine.standing_alerts = [Alert(AlertKind.NEWER_VERSION, "", "", out, 1e9)]
    engine.known_updates = update_samples.newer()
    window = open_window(engine)
    window.open_page("alerts")
    alerts: Any = window.page("alerts")
    qtbot.waitUntil(lambda: len(alerts.standing.rows) == 1)
    press(qtbot, alerts.standing.rows[0].way)
    page: Any = window.page("settings")
    qtbot.waitUntil(lambda: not page.updates.download.visibleRegion().isEmpty())


# From here on the engine, the server, the signatures and the file are real.

CONTENT = bytes(range(256)) * 4000


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder that is served, and its address."""
    folder = tmp_path / "site"
    folder.mkdir()

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_words: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture
def card(
    site: tuple[Path, str], layout: Layout, look: None, qtbot: QtBot, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[UpdatesCard]:  # fmt: skip
    """The card of a build that names the site, on an engine that is open."""
    folder, url = site
    (folder / "app.tar.gz").write_bytes(CONTENT)
    file = release(f"{url}/app.tar.gz", CONTENT)
    (folder / "a.json").write_bytes(document("99.0.0", files={this_target(): file}))
    named = tmp_path / "updates.json"
    named.write_text(source(f"{url}/a.json").model_dump_json())
    monkeypatch.setattr(source_of_build, "source_file", lambda: named)
    context = Context(EngineAdapter(), layout, "0.1.0")
    link = EngineLink(layout, EngineOptions(layout, doors=False))
    with qtbot.waitSignal(context.adapter.opened, timeout=30_000):
        context.adapter.attach(link)
    made = UpdatesCard(context)
    qtbot.addWidget(made)
    made.resize(900, 300)
    made.show()
    made.read()
    qtbot.waitUntil(made.check_button.isVisible, timeout=30_000)
    yield made
    link.quit(stop_nodes=True).result(60)


def test_a_real_update_is_found_fetched_and_left_for_the_person(
    card: UpdatesCard, qtbot: QtBot, layout: Layout
) -> None:
    press(qtbot, card.check_button)
    qtbot.waitUntil(lambda: card.state.text() == "99.0.0 is out", timeout=30_000)
    assert not (layout.data / "updates").exists(), "nothing comes by itself"
    press(qtbot, card.download)
    qtbot.waitUntil(card.folder.isVisible, timeout=30_000)
    (kept,) = (layout.data / "updates").iterdir()
    assert hashlib.sha256(kept.read_bytes()).digest() == hashlib.sha256(CONTENT).digest()


def test_a_really_forged_announcement_is_told_and_fetches_nothing(
    card: UpdatesCard, qtbot: QtBot, layout: Layout, site: tuple[Path, str]
) -> None:
    (site[0] / "a.json").write_bytes(document("99.0.0", key=OTHER_KEY))
    press(qtbot, card.check_button)
    said = "The announcement is not signed by the key of this build. Nothing was downloaded."
    qtbot.waitUntil(lambda: said in note(card), timeout=30_000)
    assert not card.download.isVisible()
    remembered = json.loads((layout.data / "updates.json").read_text())
    assert remembered["newest"] == ""


def test_a_file_that_was_replaced_is_refused_and_told(
    card: UpdatesCard, qtbot: QtBot, layout: Layout, site: tuple[Path, str]
) -> None:
    (site[0] / "app.tar.gz").write_bytes(CONTENT[::-1])
    press(qtbot, card.check_button)
    qtbot.waitUntil(card.download.isVisible, timeout=30_000)
    press(qtbot, card.download)
    qtbot.waitUntil(lambda: "nothing was installed" in newer_note(card), timeout=30_000)
    assert [*(layout.data / "updates").iterdir()] == []
